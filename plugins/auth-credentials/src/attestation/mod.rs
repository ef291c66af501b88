//! Attestation (KMIP 2.1 sections 9.3, 9.11 and 9.14): a client proves what state its machine is in, over a nonce that the
//! server gave it.
//!
//! Of the types that KMIP names, TPM Quote is verified; TCG Integrity Report and SAML Assertion are not supported. A nonce
//! is for one user, good once, and for a short while.

mod quote;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use claviger_plugin_sdk::authentication::Authentication;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::kmip::credentials::{Attestation, Nonce};
use claviger_plugin_sdk::kmip::tables::enumerations::{AttestationType, ResultReason};
use claviger_plugin_sdk::store::DocumentPut;
use claviger_plugin_sdk::{Error, ErrorClass, Result};

use crate::directory::Directory;
use crate::hexadecimal;

pub(crate) use quote::ExpectedQuote;

/// The attestations that can be verified.
pub(crate) const TYPES: [AttestationType; 1] = [AttestationType::TPM_QUOTE];

/// The kind of the documents of nonces.
const KIND: &str = "attestation-nonce";
/// Seconds for which a nonce is good: a TPM may take some to sign.
const GOOD_FOR: i64 = 120;
/// Bytes of the identifier and of the value of a nonce.
const ID: usize = 16;
const VALUE: usize = 32;

/// Says whether an attestation is good, and for whom.
///
/// # Errors
/// Attestation Failed: it does not validate. Feature Not Supported: it is of another type. The store fails.
pub(crate) async fn verify(
    cx: &mut CredentialContext<'_>,
    directory: &Directory,
    presented: &Attestation,
) -> Result<Authentication> {
    if !TYPES.contains(&presented.attestation_type) {
        return Err(Error::unsupported("of the types of attestation, TPM Quote is supported"));
    }
    let Some(measurement) = &presented.attestation_measurement else {
        return Err(failed("a TPM quote is an Attestation Measurement"));
    };
    let user = take_nonce(cx, &presented.nonce).await?;
    let quotes = directory.attestations(&user);
    let nonce = &presented.nonce.nonce_value;
    match quotes.iter().any(|quote| quote.is_shown_by(measurement, nonce)) {
        true => Ok(Authentication::Confirms(user.into())),
        false => Err(failed("the quote does not validate")),
    }
}

/// Gives a nonce for the attestation of a user.
///
/// # Errors
/// The store fails.
pub(crate) async fn ask(cx: &mut CredentialContext<'_>, user: &str) -> Result<()> {
    let nonce = Nonce { nonce_id: cx.rng().bytes(ID), nonce_value: cx.rng().bytes(VALUE) };
    let body = [&nonce.nonce_value[..], user.as_bytes()].concat();
    let expires = cx.now_millis().div_euclid(1000).saturating_add(GOOD_FOR);
    let put = DocumentPut {
        kind: KIND.to_owned(),
        id: hexadecimal::encode(&nonce.nonce_id),
        expected: None,
        content: Some((body.into(), Some(expires))),
    };
    if !cx.write_document(put).await? {
        return Err(Error::server("a nonce was made twice"));
    }
    cx.ask_for_attestation(nonce, TYPES.to_vec());
    Ok(())
}

/// Uses a nonce up, and tells for whom it was.
async fn take_nonce(cx: &mut CredentialContext<'_>, nonce: &Nonce) -> Result<String> {
    let unknown = || failed("the nonce is not known, or was used");
    if nonce.nonce_id.len() != ID {
        return Err(unknown());
    }
    let id = hexadecimal::encode(&nonce.nonce_id);
    let document = cx.document(KIND, &id).await?.ok_or_else(unknown)?;
    let expected = Some(document.revision);
    if !cx.write_document(DocumentPut { kind: KIND.to_owned(), id, expected, content: None }).await? {
        return Err(unknown());
    }
    let (value, user) = document.body.split_at_checked(VALUE).ok_or_else(unknown)?;
    verify_slices_are_equal(value, &nonce.nonce_value).map_err(|_| unknown())?;
    String::from_utf8(user.to_vec()).map_err(|_| unknown())
}

fn failed(why: &'static str) -> Error {
    Error::new(ResultReason::ATTESTATION_FAILED, ErrorClass::Denied, why)
}
