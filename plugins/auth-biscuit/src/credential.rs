//! Tokens as credentials in the header of a message (KMIP 2.1 section 9.11): as a ticket of a type of ours, or as the
//! password of their user, for clients of versions without tickets.

use claviger_plugin_sdk::authentication::Authentication;
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialVerifier};
use claviger_plugin_sdk::kmip::credentials::{CredentialValue, SecretText};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
use claviger_plugin_sdk::{BoxFuture, Result};

use crate::operations::TICKET_TYPE;
use crate::{Biscuits, form};

impl Biscuits {
    fn shown(&self, credential: &Credential) -> Result<Authentication> {
        let is_read = matches!(
            credential.credential_type,
            CredentialType::TICKET | CredentialType::USERNAME_AND_PASSWORD
        );
        if !is_read {
            return Ok(Authentication::NotMine);
        }
        let shown = match CredentialValue::read(credential.clone())? {
            Some(CredentialValue::Ticket(shown)) if shown.ticket.ticket_type == TICKET_TYPE => {
                self.principal(&shown.ticket.ticket_value)
            }
            Some(CredentialValue::UsernameAndPassword(shown)) => {
                let password = shown.password.as_ref().map_or("", SecretText::expose);
                if !password.starts_with(form::PREFIX) {
                    return Ok(Authentication::NotMine);
                }
                self.principal_of_text(password).and_then(|principal| match &*shown.username {
                    "" => Ok(principal),
                    user if *user == *principal.user => Ok(principal),
                    _ => Err("it is of another user than the one beside it".to_owned()),
                })
            }
            _ => return Ok(Authentication::NotMine),
        };
        Ok(match shown {
            Ok(principal) => Authentication::Accepted(principal),
            Err(why) => Authentication::Rejected(format!("token: {why}")),
        })
    }
}

impl CredentialVerifier for Biscuits {
    fn credential<'a>(
        &'a self,
        _: &'a mut CredentialContext<'_>,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Authentication>> {
        Box::pin(async { self.shown(credential) })
    }
}
