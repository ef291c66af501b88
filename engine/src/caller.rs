//! Who is calling: the authenticators, asked in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::message::Credential;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::authentication::{Authentication, Authenticator, ConnectionFacts, Principal};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

/// Someone whose connection and headers were looked at. Cheap to clone; good for all requests of a connection whose
/// headers do not change.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) facts: Arc<ConnectionFacts>,
    pub(crate) principal: Arc<Principal>,
}

impl Caller {
    /// The user.
    pub fn user(&self) -> &str {
        &self.principal.user
    }

    /// What is known of the connection.
    pub fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }
}

/// The configured authenticators.
pub struct Authenticators {
    /// With their names, in the order in which they are asked.
    pub configured: Vec<(String, Arc<dyn Authenticator>)>,
    /// Whether all of them must accept; otherwise one suffices.
    pub require_all: bool,
    /// The user when no authenticator is configured.
    pub default_user: String,
    /// Whether everyone acts as the default user, once authenticated.
    pub force_default_user: bool,
}

impl Authenticators {
    /// Looks at a connection and its headers.
    pub(crate) async fn connection(&self, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        let mut accepted: Option<Principal> = None;
        for (name, authenticator) in &self.configured {
            match authenticator.connection(&facts).await {
                Authentication::Accepted(principal) => {
                    accepted.get_or_insert(principal);
                    if !self.require_all {
                        break;
                    }
                }
                Authentication::NotMine if self.require_all => {
                    return Err(refused(name, "no credential for it in the request"));
                }
                Authentication::NotMine => {}
                Authentication::Rejected(why) => return Err(refused(name, &why)),
            }
        }
        let principal = match accepted {
            Some(principal) if self.force_default_user => {
                self.default_principal(principal.proven_by.as_deref())
            }
            Some(principal) => principal,
            None if self.configured.is_empty() => self.default_principal(None),
            None => return Err(refused("every authenticator", "no credential that it knows")),
        };
        Ok(Caller { facts, principal: Arc::new(principal) })
    }

    /// Looks at a credential of a message; what it proves replaces what the connection proved.
    pub(crate) async fn credential(&self, caller: &Caller, credential: &Credential) -> Result<Caller> {
        for (name, authenticator) in &self.configured {
            match authenticator.credential(&caller.facts, credential).await {
                Authentication::Accepted(principal) => {
                    return Ok(Caller { facts: caller.facts.clone(), principal: Arc::new(principal) });
                }
                Authentication::NotMine => {}
                Authentication::Rejected(why) => return Err(refused(name, &why)),
            }
        }
        Err(refused("every authenticator", "a credential of a type that it does not read"))
    }

    fn default_principal(&self, proven_by: Option<&str>) -> Principal {
        Principal::user(&self.default_user, proven_by)
    }
}

/// The client is not told which part was wrong; the log is.
fn refused(by: &str, why: &str) -> Error {
    Error::new(
        ResultReason::AUTHENTICATION_NOT_SUCCESSFUL,
        ErrorClass::Denied,
        "authentication was not successful",
    )
    .because(format!("refused by {by}: {why}"))
}

/// Numbers requests, so that the lines of all logs about one request can be found.
pub(crate) fn next_request() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
