//! Chains of certificates: whether they are valid at a time (RFC 5280 section 6).
//!
//! OpenSSL builds and checks the path: signatures, dates, basic constraints, key usage, name constraints, critical
//! extensions. Revocation lists are consulted along the path that it found.

use std::collections::BTreeMap;

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CertificateDescription, ChainQuestion, Verdict};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509StoreContext};

use super::description::describe;
use super::revocation::Lists;

/// Certificates from the one in question to the root, at most. Nobody's chain is as long.
const LONGEST: i32 = 32;

/// Signatures that are weaker than 80 bits, such as those with MD5 or SHA-1, prove nothing.
const SECURITY_LEVEL: i32 = 1;

/// Whether the certificates are valid together.
///
/// # Errors
/// Invalid Field: there is none, or one is malformed.
pub(super) fn judge(question: &ChainQuestion<'_>) -> Result<Verdict> {
    let chain: Vec<CertificateDescription> =
        question.chain.iter().map(|one| describe(one)).collect::<Result<_>>()?;
    if chain.is_empty() {
        return Err(Error::certificate("there is no certificate to validate"));
    }
    if let Some(verdict) = out_of_date(&chain, question.at) {
        return Ok(verdict);
    }
    let known: Vec<CertificateDescription> =
        question.known.iter().map(|one| describe(one)).collect::<Result<_>>()?;
    judge_read(&chain, &known, question)
        .map_err(|error| Error::server("certificates cannot be compared").because(error))
}

fn judge_read(
    chain: &[CertificateDescription],
    known: &[CertificateDescription],
    question: &ChainQuestion<'_>,
) -> Result<Verdict, ErrorStack> {
    let lists = Lists::of(question.revocation_lists)?;
    let all: Vec<&CertificateDescription> = chain.iter().chain(known).collect();
    let in_time: Vec<&CertificateDescription> =
        chain.iter().chain(known.iter().filter(|one| is_in_time(one, question.at))).collect();
    let mut whole = false;
    for end in ends(chain) {
        let path = match World::around(end, &in_time)?.path(end)? {
            Ok(path) => path,
            // An issuer whose time has passed is not taken for one that is not known.
            Err(Verdict::Unknown(why)) => {
                return Ok(match World::around(end, &all)?.path(end)? {
                    Ok(_) => Verdict::Invalid(
                        "the certificate of an issuer has expired, or is not yet valid".into(),
                    ),
                    Err(_) => Verdict::Unknown(why),
                });
            }
            Err(verdict) => return Ok(verdict),
        };
        let verdict = lists.judge(&path, question.at)?;
        if verdict != Verdict::Valid {
            return Ok(verdict);
        }
        whole |= holds_all(&path, chain)?;
    }
    Ok(if whole { Verdict::Valid } else { Verdict::Invalid("the certificates are of several chains".into()) })
}

/// Whether all certificates are in the path.
fn holds_all(path: &[X509], chain: &[CertificateDescription]) -> Result<bool, ErrorStack> {
    let path: Vec<Vec<u8>> = path.iter().map(|one| one.to_der()).collect::<Result<_, _>>()?;
    Ok(chain.iter().all(|one| path.iter().any(|in_path| **in_path == *one.value)))
}

fn is_in_time(one: &CertificateDescription, at: DateTime) -> bool {
    one.not_before <= at && at <= one.not_after
}

/// The first certificate whose time has passed or not come.
fn out_of_date(chain: &[CertificateDescription], at: DateTime) -> Option<Verdict> {
    chain.iter().find_map(|one| {
        let why = if at < one.not_before {
            "is not yet valid"
        } else if one.not_after < at {
            "has expired"
        } else {
            return None;
        };
        Some(Verdict::Invalid(format!("a certificate of the chain {why}")))
    })
}

/// The certificates that issued no other of the chain. A chain that goes round has none, and is taken from its first.
fn ends(chain: &[CertificateDescription]) -> Vec<&CertificateDescription> {
    let issued_another = |one: &CertificateDescription| {
        chain.iter().any(|other| {
            other.value != one.value
                && other.issuer == one.subject
                && !other.is_self_issued()
                && other.issuer_key_identifier.as_ref().is_none_or(|issuer| *issuer == one.key_identifier)
        })
    };
    let ends: Vec<_> = distinct(chain.iter()).into_iter().filter(|one| !issued_another(one)).collect();
    if ends.is_empty() { chain.iter().take(1).collect() } else { ends }
}

fn distinct<'c>(all: impl Iterator<Item = &'c CertificateDescription>) -> Vec<&'c CertificateDescription> {
    all.map(|one| (&*one.value, one)).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// The certificates that may be in the path of one certificate: itself, those that issued it, those that issued them and
/// so on. Of several with the name of an issuer, those whose key did not sign are no issuers; OpenSSL would try one alone.
fn around<'c>(
    end: &'c CertificateDescription,
    all: &[&'c CertificateDescription],
) -> Result<Vec<&'c CertificateDescription>, ErrorStack> {
    let mut found = vec![end];
    let mut next = 0;
    while let Some(one) = found.get(next).copied() {
        next += 1;
        for issuer in issuers(one, all)? {
            if !found.iter().any(|known| known.value == issuer.value) {
                found.push(issuer);
            }
        }
    }
    Ok(found)
}

/// The certificates that issued one; all with the name of its issuer, if no key of theirs signed it. One that its own key
/// signed has no other: one for the same key, such as that which it renews, did not issue it.
fn issuers<'c>(
    one: &CertificateDescription,
    all: &[&'c CertificateDescription],
) -> Result<Vec<&'c CertificateDescription>, ErrorStack> {
    let certificate = X509::from_der(&one.value)?;
    let is_signed_by = |key: Result<PKey<Public>, ErrorStack>| key.and_then(|key| certificate.verify(&key));
    if one.is_self_issued() && is_signed_by(certificate.public_key()).unwrap_or(false) {
        return Ok(Vec::new());
    }
    let mut named = Vec::new();
    for other in all {
        // Names are compared as RFC 5280 section 7.1 has it, whatever their case and encoding.
        if X509::from_der(&other.value)?.subject_name().try_cmp(certificate.issuer_name())?.is_eq() {
            named.push(*other);
        }
    }
    let mut signers = Vec::new();
    for issuer in &named {
        // A key that OpenSSL cannot judge stays; what it cannot judge is told when the path is.
        if is_signed_by(X509::from_der(&issuer.value)?.public_key()).unwrap_or(true) {
            signers.push(*issuer);
        }
    }
    Ok(if signers.is_empty() { named } else { signers })
}

/// All certificates that may be in a path. Their dates are not looked at: OpenSSL counts the last second of a validity as
/// past, against RFC 5280 section 4.1.2.5.
struct World {
    store: X509Store,
    others: Stack<X509>,
}

impl World {
    fn around(end: &CertificateDescription, all: &[&CertificateDescription]) -> Result<Self, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        let mut others = Stack::new()?;
        for one in distinct(around(end, all)?.into_iter()) {
            let certificate = X509::from_der(&one.value)?;
            if one.is_self_issued() {
                store.add_cert(certificate)?;
            } else {
                others.push(certificate)?;
            }
        }
        let mut parameters = X509VerifyParam::new()?;
        parameters.set_depth(LONGEST);
        parameters.set_auth_level(SECURITY_LEVEL);
        parameters.set_flags(X509VerifyFlags::CHECK_SS_SIGNATURE | X509VerifyFlags::NO_CHECK_TIME)?;
        store.set_param(&parameters)?;
        Ok(Self { store: store.build(), others })
    }

    /// The path from this certificate to a root, or why there is none.
    fn path(&self, end: &CertificateDescription) -> Result<Result<Vec<X509>, Verdict>, ErrorStack> {
        let certificate = X509::from_der(&end.value)?;
        let mut context = X509StoreContext::new()?;
        let (ok, result, path) = context.init(&self.store, &certificate, &self.others, |context| {
            let ok = context.verify_cert()?;
            let path = context.chain().map(|path| path.iter().map(|one| one.to_owned()).collect());
            Ok((ok, context.error(), path.unwrap_or_default()))
        })?;
        if ok {
            return Ok(Ok(path));
        }
        let why = result.error_string().to_owned();
        let undecided = UNDECIDED.contains(&result.as_raw());
        Ok(Err(if undecided { Verdict::Unknown(why) } else { Verdict::Invalid(why) }))
    }
}

/// OpenSSL's errors that mean that something is not known (X509_STORE_CTX_get_error(3)): the issuer, or the algorithm of
/// its key.
const UNDECIDED: &[i32] = &[
    2,  // unable to get issuer certificate
    6,  // unable to decode issuer public key
    20, // unable to get local issuer certificate
    21, // unable to verify the first certificate
];
