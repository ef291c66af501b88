//! X.509 certificates (RFC 5280): reading, making and judging them.

mod chain;
mod description;
mod draft;
#[cfg(test)]
pub(crate) mod examples;
mod extension;
mod extension_text;
mod key_identifiers;
mod name;
mod oids;
mod reading;
mod revocation;
mod settings;
mod signature;
mod structure;

use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::kmip::objects::KeyBlock;
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateRequestType, CertificateType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{
    CertificateDescription, CertificateDraft, CertificatePlan, CertificateScheme, ChainQuestion,
    RequestDescription, RevocationList, Scheme, SchemeEntry, Verdict,
};

pub(crate) use reading::{bundle, bundled};
pub(crate) use structure::elements;

/// X.509.
struct X509;

register_scheme!(SchemeEntry {
    name: "X.509",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Certificates(CertificateType::X_509, &X509),
});

impl CertificateScheme for X509 {
    fn read(&self, encoded: &[u8]) -> Result<Vec<CertificateDescription>> {
        reading::certificates(encoded)
    }

    fn read_request(&self, kind: CertificateRequestType, encoded: &[u8]) -> Result<RequestDescription> {
        reading::request(kind, encoded)
    }

    fn read_revocation_list(&self, encoded: &[u8]) -> Option<RevocationList> {
        reading::revocation_list(encoded)
    }

    fn key_identifier(&self, public_key: &KeyBlock) -> Result<ByteString> {
        description::identifier_of(description::public_key(public_key)?)
    }

    fn draft(&self, plan: &CertificatePlan<'_>) -> Result<CertificateDraft> {
        draft::draft(plan)
    }

    fn finish(&self, draft: &CertificateDraft, signature: &[u8]) -> Result<ByteString> {
        draft::finish(draft, signature)
    }

    fn judge(&self, question: &ChainQuestion<'_>) -> Result<Verdict> {
        chain::judge(question)
    }
}

#[cfg(test)]
mod tests;
