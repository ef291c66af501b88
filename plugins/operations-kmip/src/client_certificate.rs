//! The certificate by which a caller proves himself, and those that were replaced (KMIP 2.1 section 6.1.48).

use claviger_plugin_sdk::client_certificates::{self, REPLACED, document_name};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::CertificateDescription;
use claviger_plugin_sdk::settings::{Setting, SettingKind};
use sha2::{Digest as _, Sha256};

/// Who issues the certificates of clients.
pub(crate) const ISSUER: Setting = Setting {
    flag: client_certificates::ISSUER,
    variable: "KMS_CLIENT_ISSUER",
    variable_aliases: &[],
    section: "auth",
    kind: SettingKind::Text,
    default: None,
    help: "Unique Identifier of the private key, or of its certificate, in this server that issues the certificates of \
           clients, by Re-Provision for those who hold a grant for it. All servers of a storage need the same",
};

/// The identifier of whoever issues the certificates of clients.
///
/// # Errors
/// Feature Not Supported: nobody does.
pub(crate) fn issuer(cx: &Context<'_>) -> Result<String> {
    cx.catalogue().settings().text(client_certificates::ISSUER).map(str::to_owned).ok_or_else(|| {
        Error::unsupported(
            "this server does not replace the certificates of clients: --client-issuer names nobody who issues them",
        )
    })
}

/// The certificate in DER by which the connection proves the caller.
///
/// # Errors
/// Permission Denied: something else proves him.
pub(crate) fn of_caller(cx: &Context<'_>) -> Result<ByteString> {
    cx.principal().client_certificate().map(ByteString::from).ok_or_else(|| {
        Error::denied(
            "the certificate of the connection does not prove this user, so there is none to replace; an asynchronous \
             request has no connection",
        )
    })
}

/// Whether a certificate in DER was replaced by then.
///
/// # Errors
/// The store fails.
pub(crate) async fn is_replaced(cx: &mut Context<'_>, certificate: &[u8], at: DateTime) -> Result<bool> {
    if issuer(cx).is_err() {
        return Ok(false);
    }
    let document = cx.document(REPLACED, &name(certificate)).await?;
    let since = document.and_then(|document| std::str::from_utf8(&document.body).ok()?.parse::<i64>().ok());
    Ok(since.is_some_and(|since| since <= at.0))
}

/// Records that a certificate is good for nothing any more.
///
/// # Errors
/// As [`Context::put_document`].
pub(crate) fn retire(cx: &mut Context<'_>, certificate: &CertificateDescription) -> Result<()> {
    let (since, until) = (cx.now().0.to_string(), certificate.not_after.0.saturating_add(1));
    cx.put_document(REPLACED, &name(&certificate.value), None, since.into_bytes(), Some(until))
}

fn name(certificate: &[u8]) -> String {
    document_name(Sha256::digest(certificate).into())
}
