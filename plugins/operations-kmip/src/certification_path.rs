//! Paths from a certificate to a root: the certificates and revocation lists that the caller has, and whether all is valid.

use std::collections::BTreeSet;

use claviger_plugin_sdk::certificate_attributes::{ISSUING_NAME_DIGEST, WHOLE_CHAIN_NEEDED};
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::ManagedObject;
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{
    CertificateDescription, CertificateScheme, ChainQuestion, Cost, RevocationList, Verdict,
};
use sha2::{Digest as _, Sha256};

use crate::{certificate, client_certificate};

/// Certificates of one name, or revocation lists of one issuer, that are looked at.
const OF_ONE_NAME: u64 = 32;
/// Issuers on the way to a root that are looked for.
const NAMES: usize = 32;

/// What is known beside the certificates in question.
#[derive(Default)]
pub(crate) struct Known {
    /// Certificates that may have issued others.
    certificates: Vec<ByteString>,
    /// Revocation lists.
    revocation_lists: Vec<ByteString>,
    /// Whether one that may have issued others was revoked on this server.
    has_revoked_issuer: bool,
}

impl Known {
    /// With the certificate of an issuer.
    pub(crate) fn with_issuer(issuer: &CertificateDescription) -> Self {
        Self { certificates: vec![issuer.value.clone()], ..Self::default() }
    }

    /// With revocation lists that the caller hands over.
    pub(crate) fn with_lists(lists: Vec<RevocationList>) -> Self {
        Self { revocation_lists: lists.into_iter().map(|list| list.value).collect(), ..Self::default() }
    }

    /// Finds what the caller has of the issuers of these certificates, and of theirs.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn find(
        &mut self,
        cx: &mut Context<'_>,
        scheme: &dyn CertificateScheme,
        chain: &[CertificateDescription],
        at: DateTime,
    ) -> Result<()> {
        let mut open: Vec<ByteString> = chain.iter().map(|one| one.issuer.clone()).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if seen.len() >= NAMES || !seen.insert(name.to_vec()) {
                continue;
            }
            for object in named(cx, &name, &[ObjectType::CERTIFICATE, ObjectType::OPAQUE_OBJECT]).await? {
                match object.without_material().object {
                    ManagedObject::Certificate(certificate) => {
                        // Others keep what they cannot read; it is no issuer then.
                        let Ok(mut read) = scheme.read(&certificate.certificate_value) else { continue };
                        let Some(description) = read.pop() else { continue };
                        if is_revoked(&object, at) {
                            self.has_revoked_issuer = true;
                        } else {
                            open.push(description.issuer.clone());
                            self.certificates.push(description.value);
                        }
                    }
                    ManagedObject::OpaqueObject(_) => self.add_list(cx, scheme, &object).await?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn add_list(
        &mut self,
        cx: &mut Context<'_>,
        scheme: &dyn CertificateScheme,
        found: &Authorized,
    ) -> Result<()> {
        // A list cannot be used in a state that the client's dialect does not allow; a certificate is only looked at.
        if !cx.limits().visible_states.contains(found.state()) {
            return Ok(());
        }
        let target = Target::subject(Some(found.id().as_str().into()), OperationCode::VALIDATE);
        let target = Target { right: Right::Any, ..target }.cardinality(Cardinality::One);
        for object in cx.load(target).await? {
            if let Value::ByteString(list) = cx.material(&object).await?.value() {
                self.revocation_lists.extend(scheme.read_revocation_list(list).map(|list| list.value));
            }
        }
        Ok(())
    }

    /// Whether certificates are valid together with what is known.
    ///
    /// # Errors
    /// Invalid Field: one is malformed.
    pub(crate) async fn judge(
        self,
        cx: &mut Context<'_>,
        scheme: &'static dyn CertificateScheme,
        chain: &[CertificateDescription],
        at: DateTime,
    ) -> Result<Verdict> {
        let chain: Vec<ByteString> = chain.iter().map(|one| one.value.clone()).collect();
        let Self { certificates, revocation_lists, has_revoked_issuer } = self;
        // A signature is verified for each certificate and each list.
        let judge = move || {
            scheme.judge(&ChainQuestion {
                chain: &chain,
                known: &certificates,
                revocation_lists: &revocation_lists,
                at,
            })
        };
        Ok(match cx.compute(Cost::Heavy, move |_| judge()).await? {
            Verdict::Unknown(_) if has_revoked_issuer => {
                Verdict::Invalid("the certificate of an issuer was revoked".into())
            }
            verdict => verdict,
        })
    }
}

/// The objects of a name that the caller may see.
async fn named(cx: &mut Context<'_>, name: &[u8], types: &[ObjectType]) -> Result<Vec<Authorized>> {
    let digest = IndexValue::Bytes(certificate::name_digest(name).to_vec());
    let test = FieldTest { field: None, compare: Compare::Equal(digest) };
    let filter = Filter::Type(types.to_vec())
        .and(Filter::Attribute { tag: ISSUING_NAME_DIGEST, tests: vec![test] })
        .and(Filter::State { any_of: StateSet::NOT_DESTROYED, at: cx.now() });
    Ok(cx.search(filter, Page::first(OF_ONE_NAME)).await?.objects)
}

/// Whether the caller has one of these certificates here and it was revoked by then, or Re-Provision has made it invalid.
/// What is handed over by value is the same certificate.
///
/// # Errors
/// The store fails.
pub(crate) async fn has_revoked(
    cx: &mut Context<'_>,
    chain: &[CertificateDescription],
    at: DateTime,
) -> Result<bool> {
    for one in chain {
        if client_certificate::is_replaced(cx, &one.value, at).await? {
            return Ok(true);
        }
        let digest = IndexValue::Bytes(Sha256::digest(&*one.value).to_vec());
        let test = FieldTest { field: Some(Tag::DIGEST_VALUE), compare: Compare::Equal(digest) };
        let filter = Filter::Type(vec![ObjectType::CERTIFICATE])
            .and(Filter::Attribute { tag: Tag::DIGEST, tests: vec![test] });
        let held = cx.search(filter, Page::first(OF_ONE_NAME)).await?.objects;
        if held.iter().any(|certificate| is_revoked(certificate, at)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a certificate was revoked on this server by then: not by its dates, but for a reason.
pub(crate) fn is_revoked(target: &Authorized, at: DateTime) -> bool {
    let attributes = target.attributes();
    let since = attributes
        .one::<kinds::CompromiseOccurrenceDate>()
        .or_else(|| attributes.one::<kinds::CompromiseDate>())
        .or_else(|| attributes.one::<kinds::DeactivationDate>());
    attributes.contains(Tag::REVOCATION_REASON) && since.is_none_or(|since| since <= at)
}

/// Checks a certificate before its key protects something: it has to be valid now, and so has all that is known of its
/// issuers.
///
/// # Errors
/// Invalid Field: it is not. Object Not Found: an issuer is not known, where the whole chain is needed.
pub(crate) async fn check_before_use(cx: &mut Context<'_>, target: &Authorized) -> Result<()> {
    if target.object_type() != ObjectType::CERTIFICATE {
        return Ok(());
    }
    let certificate_type =
        target.attributes().one::<kinds::CertificateType>().unwrap_or(CertificateType::X_509);
    let scheme = certificate::known_scheme(cx.catalogue(), certificate_type)?;
    let chain = [certificate::describe(cx.catalogue(), target)?];
    let now = cx.now();
    let mut known = Known::default();
    known.find(cx, scheme, &chain, now).await?;
    let needs_all = target.attributes().get(WHOLE_CHAIN_NEEDED) == Some(&Value::Boolean(true));
    match known.judge(cx, scheme, &chain, now).await? {
        Verdict::Valid => Ok(()),
        Verdict::Unknown(_) if !needs_all => Ok(()),
        Verdict::Unknown(_) => Err(Error::not_found(&format!("the issuer of {}", target.id()))),
        Verdict::Invalid(why) => Err(Error::certificate(format!("the certificate is not valid: {why}"))),
    }
}
