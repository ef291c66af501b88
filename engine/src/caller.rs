//! Who is calling: the authenticators, asked in order.

use std::sync::Arc;

use claviger_kmip::tables::enumerations::{AttestationType, OperationCode};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, Bearer, ConnectionFacts, Principal, Restriction,
};
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::store::Subject;

use crate::notices::EndpointRoles;
use crate::request_names::RequestId;

/// Someone whose connection and headers were looked at. Cheap to clone; good for all requests of a connection whose
/// headers do not change.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(crate) facts: Arc<ConnectionFacts>,
    /// Whom the connection proves; nobody if that is left to the messages on it.
    pub(crate) proven: Option<Arc<Principal>>,
    /// As whom that one acts.
    pub(crate) principal: Option<Arc<Principal>>,
    /// What the messages on it have to prove.
    pub(crate) due: Due,
    /// The roles of the connection that proves the principal, if they can change.
    pub(crate) roles: Option<Arc<EndpointRoles>>,
    /// What the transport calls the request.
    pub(crate) request: Option<RequestId>,
    /// What the request has of the server.
    pub(crate) share: Option<Arc<dyn RequestShare>>,
}

/// What a request has of the server while it is worked on. The engine lets go of it when all is done: a message that
/// writes goes on when its client has left, and its transport no longer waits for it.
pub trait RequestShare: std::fmt::Debug + Send + Sync {
    /// The answer has so many bytes by now, in binary TTLV. Says whether there is memory for them.
    fn answer_has(&self, bytes: usize) -> bool;
}

/// Which authenticators, by their places, messages must bring a credential for.
#[derive(Clone, Debug)]
pub(crate) enum Due {
    /// For none, and nobody is asked whether that suffices: the server itself asks for somebody.
    Settled,
    /// For none.
    Nothing,
    /// For one at least, whichever it is.
    Any,
    /// For each of them.
    Each(Arc<[usize]>),
}

impl Caller {
    /// Somebody for whom the server itself asks.
    pub(crate) fn internal(facts: Arc<ConnectionFacts>, principal: Arc<Principal>) -> Self {
        let proven = Some(principal.clone());
        Self {
            facts,
            proven,
            principal: Some(principal),
            due: Due::Settled,
            roles: None,
            request: None,
            share: None,
        }
    }

    /// The same caller on a connection on which the roles of client and server can change. The transport asks
    /// [`EndpointRoles::take_turned`] after each answer, and then calls [`Engine::act_as_client`](crate::Engine::act_as_client).
    #[must_use]
    pub fn on(self, roles: &Arc<EndpointRoles>) -> Self {
        Self { roles: Some(roles.clone()), ..self }
    }

    /// The same caller with a request that has a name by now, which audit and the response have, too. A caller without one
    /// gets one for each message.
    #[must_use]
    pub fn asking(self, request: RequestId) -> Self {
        Self { request: Some(request), ..self }
    }

    /// The same caller with a request that has this of the server until all is done.
    #[must_use]
    pub fn taking(self, share: Arc<dyn RequestShare>) -> Self {
        Self { share: Some(share), ..self }
    }

    /// The user who acts; nobody if the connection proves none and its messages have to.
    pub fn user(&self) -> Option<&str> {
        self.principal.as_deref().map(|principal| &*principal.user)
    }

    /// The user who acts, for requests that have no room for credentials.
    ///
    /// # Errors
    /// Authentication Not Successful: the connection proves none, and its messages have to.
    pub fn require_user(&self) -> Result<&str> {
        self.user().ok_or_else(no_room)
    }

    /// The user whom the connection proves; nobody if that is left to its messages, or nothing has to be proven.
    pub fn proven_user(&self) -> Option<&Arc<str>> {
        self.proven.as_deref().filter(|proven| proven.proven_by.is_some()).map(|proven| &proven.user)
    }

    /// That the connection alone proves who acts, and that the proof narrows nothing.
    ///
    /// # Errors
    /// Authentication Not Successful: messages have to bring a proof. Permission Denied: what proves it narrows.
    pub fn check_unrestricted(&self) -> Result<()> {
        let settled = matches!(self.due, Due::Settled | Due::Nothing);
        match self.principal.as_deref().filter(|_| settled) {
            None => Err(no_room()),
            Some(principal) if principal.restriction.is_some() => {
                Err(Error::denied("credentials that narrow what you may do are not good for this"))
            }
            Some(_) => Ok(()),
        }
    }

    /// That an operator calls; `what` is for operators.
    ///
    /// # Errors
    /// Permission Denied.
    pub(crate) fn check_operator(&self, what: &str) -> Result<()> {
        match self.principal.as_deref().is_some_and(|principal| principal.operator) {
            true => Ok(()),
            false => Err(Error::denied(format!("{what} is for operators"))),
        }
    }

    /// What is known of the connection.
    pub fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }
}

/// The configured authenticators.
pub struct Authenticators {
    /// With their names, in the order in which they are asked. The engine asks those that read `Authorization` before
    /// the others.
    pub configured: Vec<(String, Arc<dyn Authenticator>)>,
    /// Whether all of them must accept; otherwise one suffices.
    pub require_all: bool,
    /// The user when no authenticator is configured.
    pub default_user: String,
    /// Whether everyone acts as the default user, once authenticated.
    pub force_default_user: bool,
    /// Users and groups who are operators.
    pub operators: Vec<Subject>,
    /// Users and groups who may create objects; `None` is everyone.
    pub creators: Option<Vec<Subject>>,
}

impl Authenticators {
    /// Looks at a connection and its headers. What it does not prove is left to the messages on it, if somebody checks
    /// their credentials.
    pub(crate) async fn connection(&self, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        let mut accepted: Option<Principal> = None;
        let mut left = Vec::new();
        let reads_headers = |authenticator: &dyn Authenticator| authenticator.challenge().is_some();
        // Those that read headers come first. A bearer token that none of them reads is wrong, whatever else there is.
        let any_reads = self.configured.iter().any(|(_, each)| reads_headers(&**each));
        let mut is_unread = any_reads && facts.bearer() != Bearer::Absent;
        let unread = || refused("every authenticator", "a bearer token of a form that it does not read");
        for (place, (name, authenticator)) in self.configured.iter().enumerate() {
            if is_unread && !reads_headers(&**authenticator) {
                return Err(unread());
            }
            match authenticator.connection(&facts).await {
                Authentication::Accepted(principal) => {
                    check_name(name, &principal)?;
                    is_unread = false;
                    accepted = Some(match accepted {
                        None => principal,
                        Some(first) => together(first, principal),
                    });
                    if !self.require_all {
                        break;
                    }
                }
                Authentication::NotMine if authenticator.verifier().is_some() => left.push(place),
                Authentication::NotMine if self.require_all => {
                    let is_shown = is_unread && reads_headers(&**authenticator);
                    let lacks = || lacking(name, "no credential for it in the request");
                    return Err(if is_shown { unread() } else { lacks() });
                }
                Authentication::NotMine => {}
                Authentication::Confirms(_) => return Err(refused(name, "it confirms nobody here")),
                Authentication::Rejected(why) => return Err(refused(name, &why)),
            }
        }
        if is_unread {
            return Err(unread());
        }
        if accepted.is_none() && self.configured.is_empty() {
            accepted = Some(Principal::user(&self.default_user, None));
        }
        let due = match (&accepted, left.is_empty()) {
            (None, true) => return Err(lacking("every authenticator", "no credential that it knows")),
            (Some(_), true) => Due::Nothing,
            (_, false) if self.require_all => Due::Each(left.into()),
            (Some(_), false) => Due::Nothing,
            (None, false) => Due::Any,
        };
        let principal = accepted.clone().map(|proven| self.acting(proven));
        let proven = accepted.map(Arc::new);
        Ok(Caller { facts, proven, principal, due, roles: None, request: None, share: None })
    }

    /// The attestations that somebody checks.
    pub(crate) fn attestation_types(&self) -> Vec<AttestationType> {
        let verifiers = self.configured.iter().filter_map(|(_, authenticator)| authenticator.verifier());
        let mut types: Vec<AttestationType> = verifiers.flat_map(|each| each.attestation_types()).collect();
        types.sort_unstable();
        types.dedup();
        types
    }

    /// As whom an accepted principal acts.
    pub(crate) fn acting(&self, principal: Principal) -> Arc<Principal> {
        let principal = if self.force_default_user {
            let default = Principal::user(&self.default_user, principal.proven_by.as_deref());
            narrowed(default, &principal)
        } else {
            principal
        };
        Arc::new(self.with_roles(principal))
    }

    /// The principal with what the configuration makes of the user and the groups.
    pub(crate) fn with_roles(&self, mut principal: Principal) -> Principal {
        principal.operator = self.is_operator(&principal);
        principal.creator = match &self.creators {
            None => true,
            Some(creators) => principal.subjects().iter().any(|subject| creators.contains(subject)),
        };
        principal
    }

    /// Whether the configuration makes the user or one of the groups an operator.
    pub(crate) fn is_operator(&self, principal: &Principal) -> bool {
        principal.subjects().iter().any(|subject| self.operators.contains(subject))
    }
}

/// Refuses whoever is called as no user can be: grants to everyone or to a group are not for him.
///
/// # Errors
/// Authentication Not Successful.
pub(crate) fn check_name(by: &str, principal: &Principal) -> Result<()> {
    match Subject::named(&principal.user) {
        Some(Subject::User(_)) => Ok(()),
        _ => Err(refused(by, "its name stands for a group or for everyone, or is none")),
    }
}

/// Who is proven twice: the first tells who it is.
fn together(mut first: Principal, second: Principal) -> Principal {
    if first.user == second.user && first.certificates.is_none() {
        first.certificates = second.certificates.clone();
    }
    narrowed(first, &second)
}

/// The principal under what narrows one more proof, too: whoever proves more may not do more.
pub(crate) fn narrowed(mut principal: Principal, by: &Principal) -> Principal {
    principal.bound |= by.bound;
    principal.restriction = match (principal.restriction.take(), by.restriction.clone()) {
        (Some(first), Some(second)) => Some(Arc::new(Both(first, second))),
        (first, second) => first.or(second),
    };
    principal
}

/// Two restrictions that hold together.
struct Both(Arc<dyn Restriction>, Arc<dyn Restriction>);

impl Restriction for Both {
    fn allows(&self, operation: OperationCode) -> bool {
        self.0.allows(operation) && self.1.allows(operation)
    }

    fn objects(&self, operation: OperationCode) -> Filter {
        self.0.objects(operation).and(self.1.objects(operation))
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        self.0.without_objects(operation) && self.1.without_objects(operation)
    }

    fn holds_until(&self, operation: OperationCode) -> Option<i64> {
        let both = [self.0.holds_until(operation), self.1.holds_until(operation)];
        both.into_iter().flatten().min()
    }

    fn begin<'a>(&'a self, cx: &'a mut CredentialContext<'_>, items: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.0.begin(cx, items).await?;
            self.1.begin(cx, items).await
        })
    }
}

/// Why nobody is accepted, for the log.
#[derive(Debug, thiserror::Error)]
#[error("refused by {by}: {why}")]
pub(crate) struct Refused {
    by: String,
    why: String,
    /// Whether something was shown that is wrong, and not only nothing.
    pub(crate) is_wrong: bool,
}

/// The error for something that was shown and is wrong. The client is not told which part; the log is.
pub(crate) fn refused(by: &str, why: &str) -> Error {
    not_successful(Refused { by: by.to_owned(), why: why.to_owned(), is_wrong: true })
}

/// The error for somebody who shows too little.
pub(crate) fn lacking(by: &str, why: &str) -> Error {
    not_successful(Refused { by: by.to_owned(), why: why.to_owned(), is_wrong: false })
}

/// Whether the error is about something wrong that was shown.
pub(crate) fn is_wrong(error: &Error) -> bool {
    let refused = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<Refused>());
    refused.is_some_and(|refused| refused.is_wrong)
}

fn no_room() -> Error {
    lacking("every authenticator", "no proof in a request that has no room for credentials")
}

fn not_successful(why: Refused) -> Error {
    Error::unproven().because(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_of_the_connection_counts_for_the_user_whom_both_prove() {
        for (certificate, counts) in [("alice", true), ("gateway", false)] {
            let mut by_certificate = Principal::user(certificate, Some("other"));
            by_certificate.certificates = Some(Arc::from([vec![0x30]]));
            let both = together(Principal::user("alice", Some("one")), by_certificate);
            assert_eq!(&*both.user, "alice");
            assert_eq!(both.certificates.is_some(), counts, "{certificate}");
        }
    }
}
