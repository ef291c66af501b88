//! Certificates that Re-Provision replaced (KMIP 2.1 section 6.1.48).

use claviger_plugin_sdk::authentication::{Authentication, Principal};
use claviger_plugin_sdk::client_certificates::{REPLACED, document_name};
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialVerifier};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use sha2::{Digest as _, Sha256};

/// Refuses each message on a connection with such a certificate, whatever else the message brings. It is asked for with
/// every message, since another server on the storage may have replaced the certificate a moment ago.
pub(crate) struct Replaced;

impl CredentialVerifier for Replaced {
    fn credential<'a>(
        &'a self,
        _: &'a mut CredentialContext<'_>,
        _: &'a Credential,
    ) -> BoxFuture<'a, Result<Authentication>> {
        Box::pin(async { Ok(Authentication::NotMine) })
    }

    fn suffices<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        _: &'a Principal,
        _: &'a [CredentialType],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(name) =
                cx.facts().certificates.first().map(|own| document_name(Sha256::digest(own).into()))
            else {
                return Ok(());
            };
            match cx.document(REPLACED, &name).await? {
                None => Ok(()),
                Some(_) => {
                    Err(Error::unproven().because("the client certificate was replaced by Re-Provision"))
                }
            }
        })
    }
}
