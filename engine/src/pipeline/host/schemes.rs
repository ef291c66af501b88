//! Which scheme works on a key, as far as the operator's policy for algorithms allows it.

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::record::{KeyFacts, Material, Record};
use claviger_plugin_sdk::scheme::{Capability, PreparedKey, Scheme, SchemeEntry};
use claviger_plugin_sdk::target::Purpose;

use super::ItemHost;
use crate::object_cache::Entry;

impl ItemHost<'_, '_> {
    /// The scheme that claims the key of an entry.
    pub(crate) fn scheme_of(
        &self,
        entry: &Entry,
        capability: Capability,
        parameters: &CryptographicParameters,
        purpose: Purpose,
    ) -> Result<&'static SchemeEntry> {
        self.scheme_for(capability, &entry.record.key_facts(), parameters, purpose)
    }

    /// The scheme that claims a key of which these facts are known.
    pub(super) fn scheme_for(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
        purpose: Purpose,
    ) -> Result<&'static SchemeEntry> {
        let claimed = self.message.engine.registry.scheme_entry(capability, facts, parameters);
        let entry = claimed.ok_or_else(|| {
            Error::new(
                ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
                ErrorClass::Unsupported,
                match facts.algorithm {
                    Some(algorithm) => {
                        format!("this server cannot {capability} with {algorithm:?} and these cryptographic parameters")
                    }
                    None => format!("this server cannot {capability} with these cryptographic parameters"),
                },
            )
        })?;
        let policy = &self.message.engine.options.algorithm_policy;
        if policy.limits_parameters() {
            policy.check_parameters(&(entry.effective)(facts, parameters), capability, purpose)?;
        }
        Ok(entry)
    }
}

/// Parses a key for a scheme.
pub(crate) fn parse(scheme: &SchemeEntry, record: &Record, material: &Material) -> Result<PreparedKey> {
    let facts = &record.key_facts();
    match scheme.scheme {
        Scheme::Cipher(cipher) => cipher.prepare(facts, material).map(PreparedKey::Cipher),
        Scheme::Wrap(wrap) => wrap.prepare(facts, material).map(PreparedKey::Wrap),
        Scheme::Mac(mac) => mac.prepare(facts, material).map(PreparedKey::Mac),
        Scheme::Sign(sign) => sign.prepare(facts, material).map(PreparedKey::Sign),
        Scheme::Encapsulate(kem) => kem.prepare(facts, material).map(PreparedKey::Encapsulate),
        Scheme::Generate(_)
        | Scheme::GeneratePair(_)
        | Scheme::GenerateFrom(_)
        | Scheme::Rekey(_)
        | Scheme::Digest(_)
        | Scheme::Derive(..)
        | Scheme::Split(..)
        | Scheme::Formats(_)
        | Scheme::Certificates(..)
        | Scheme::Container(_)
        | Scheme::Purpose(_) => Err(Error::server(format!("{} prepares no keys", scheme.name))),
    }
}
