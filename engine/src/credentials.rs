//! The credentials of a message: each is checked, and together they tell who sends it.
//!
//! The user whom credentials prove takes the place of the one whom the connection proves. What narrows that one narrows
//! this one, too, so a credential never lifts a restriction. All credentials of a message are about one user.

use std::sync::{Arc, Mutex, PoisonError};

use claviger_kmip::ByteString;
use claviger_kmip::credentials::{CredentialValue, Nonce};
use claviger_kmip::message::{Credential, RequestBatchItem, RequestHeader};
use claviger_kmip::payloads::Ticket;
use claviger_kmip::tables::enumerations::{AttestationType, CredentialType, ResultReason};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{Authentication, ConnectionFacts, Principal};
use claviger_plugin_sdk::context::HeavyWork;
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialHost, CredentialVerifier};
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::operation::Access;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::store::{Document, DocumentPut, ObjectStore};

use crate::caller::{Authenticators, Caller, Due, check_name, lacking, narrowed, refused};
use crate::pipeline::message::Message;
use crate::refusals::{HeldOff, Shown};
use crate::tickets::{self, ShownTicket};
use crate::{Core, document};

/// Ticket Types from here on are vendors' (KMIP 2.1 section 11.57).
const FIRST_OF_VENDORS: u32 = 0x8000_0000;

/// Credentials that one message may bring; each may cost as much as a password.
const MOST: usize = 8;

/// What the check of credentials leaves for the header of the response.
#[derive(Debug, Default)]
pub(crate) struct HeaderFields {
    pub(crate) nonce: Option<Nonce>,
    pub(crate) server_hashed_password: Option<ByteString>,
    pub(crate) attestation_type: Vec<AttestationType>,
}

/// Header fields that are on their way to the response, if there is somebody who could set any. Clones are handles of the
/// same ones.
#[derive(Clone)]
pub(crate) struct AuthenticationFields(Option<Arc<Mutex<HeaderFields>>>);

impl AuthenticationFields {
    /// Fields that those who check credentials may set.
    pub(crate) fn new(authenticators: &Authenticators) -> Self {
        Self(has_verifiers(authenticators).then(Arc::default))
    }

    /// The fields; none are left.
    pub(crate) fn take(&self) -> HeaderFields {
        self.change(std::mem::take).unwrap_or_default()
    }

    /// A panic while the lock is held cannot leave a field half written.
    fn change<T>(&self, change: impl FnOnce(&mut HeaderFields) -> T) -> Option<T> {
        let fields = self.0.as_ref()?;
        Some(change(&mut fields.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Who sends a message.
pub(crate) struct Proof {
    pub(crate) caller: Caller,
    pub(crate) principal: Arc<Principal>,
    /// The ticket that proves it.
    pub(crate) ticket: Option<Arc<ShownTicket>>,
    /// Why more should have been proven, if it is that which every item is to be answered with.
    pub(crate) sufficient: Result<()>,
}

/// Checks the credentials of a message.
///
/// # Errors
/// Authentication Not Successful: a credential is wrong, or of a type that nobody checks; they are about several users;
/// there should have been others. What a verifier says when it cannot check one.
pub(crate) async fn prove(
    engine: &Core,
    store: &Arc<dyn ObjectStore>,
    caller: Caller,
    header: &RequestHeader,
    items: usize,
    fields: &AuthenticationFields,
) -> Result<Proof> {
    let authenticators = &engine.options.authenticators;
    let credentials = header.authentication.as_ref().map_or(&[][..], |brought| &brought.credential[..]);
    let is_settled = match caller.due {
        Due::Settled => true,
        // Nothing was brought, and there is nobody to ask for more.
        Due::Nothing => credentials.is_empty() && !has_verifiers(authenticators),
        Due::Any | Due::Each(_) => false,
    };
    if let (true, Some(principal)) = (is_settled, caller.principal.clone()) {
        return Ok(Proof { caller, principal, ticket: None, sufficient: Ok(()) });
    }
    if credentials.len() > MOST {
        return Err(refused("the engine", "a message with too many credentials"));
    }
    let mut desk = Desk {
        engine,
        store,
        caller: &caller,
        can_attest: header.attestation_capable_indicator == Some(true),
        fields,
        random: (engine.options.random)(),
    };
    let facts = &*caller.facts;
    if !credentials.is_empty() {
        engine.check_refusals(facts, Shown::Credentials(credentials)).map_err(HeldOff::into_error)?;
    }
    let found = Found::of(authenticators, &mut desk, credentials).await;
    if !credentials.is_empty() {
        engine.note_refusal(facts, Shown::Credentials(credentials), found.as_ref().map(|_| ()));
    }
    let mut found = found?;
    let ticket = found.ticket.take();
    let proven = found.principal.clone().map(Arc::new).or_else(|| caller.proven.clone());
    let (caller, principal) = found.settle(authenticators, caller.clone(), ticket.is_some())?;
    // A ticket of the engine was got by what its user must bring. Those of verifiers are not.
    let counts = |kind: &CredentialType| *kind != CredentialType::TICKET || ticket.is_some();
    let brought: Vec<CredentialType> =
        credentials.iter().map(|each| each.credential_type).filter(counts).collect();
    // What is asked of a user is asked of him, as whomever he acts.
    let proven = proven.as_deref().unwrap_or(&principal);
    let sufficient = suffices(authenticators, &mut desk, proven, &brought).await?;
    if let Some(restriction) = &principal.restriction {
        restriction.begin(&mut CredentialContext::new(&mut desk), items).await?;
    }
    Ok(Proof { caller, principal, ticket, sufficient })
}

/// Takes what the proof of a message counts for so many operations more than it has items.
///
/// # Errors
/// As those of [`Restriction::begin`](claviger_plugin_sdk::authentication::Restriction::begin).
pub(crate) async fn take_further(message: &Message<'_>, further: usize) -> Result<()> {
    let Some(restriction) = &message.principal.restriction else { return Ok(()) };
    let mut desk = Desk {
        engine: message.engine,
        store: &message.store,
        caller: &message.caller,
        can_attest: false,
        fields: &AuthenticationFields(None),
        random: (message.engine.options.random)(),
    };
    restriction.begin(&mut CredentialContext::new(&mut desk), further).await
}

/// Whether anyone may call all of these, also without what else is asked for.
pub(crate) fn is_for_anyone(engine: &Core, items: &[RequestBatchItem]) -> bool {
    items.iter().all(|item| {
        let operation = engine.registry.operation(item.operation);
        operation.is_some_and(|operation| operation.spec().access == Access::Anyone)
    })
}

/// What the credentials so far have shown.
#[derive(Default)]
struct Found {
    /// Whom they prove.
    principal: Option<Principal>,
    /// About whom they say something.
    confirmed: Vec<Arc<str>>,
    /// The places of the authenticators that have accepted one.
    accepted_by: Vec<usize>,
    /// The ticket among them.
    ticket: Option<Arc<ShownTicket>>,
}

impl Found {
    async fn of(
        authenticators: &Authenticators,
        desk: &mut Desk<'_>,
        credentials: &[Credential],
    ) -> Result<Self> {
        let mut found = Self::default();
        for credential in credentials {
            found.check(authenticators, desk, credential).await?;
        }
        Ok(found)
    }

    async fn check(
        &mut self,
        authenticators: &Authenticators,
        desk: &mut Desk<'_>,
        credential: &Credential,
    ) -> Result<()> {
        if let Some(shown) = own_ticket(credential)? {
            return self.redeem(desk, &shown).await;
        }
        for (place, name, verifier) in verifiers(authenticators) {
            match verifier.credential(&mut CredentialContext::new(desk), credential).await? {
                Authentication::Accepted(principal) => {
                    check_name(name, &principal)?;
                    self.accepted_by.push(place);
                    return self.accept(name, principal);
                }
                Authentication::Confirms(user) => {
                    self.confirmed.push(user);
                    return Ok(());
                }
                Authentication::NotMine => {}
                Authentication::Rejected(why) => return Err(refused(name, &why)),
            }
        }
        Err(lacking("every authenticator", "a credential of a type that it does not check"))
    }

    /// Tickets are the engine's own.
    async fn redeem(&mut self, desk: &Desk<'_>, shown: &Ticket) -> Result<()> {
        if self.ticket.is_some() {
            return Err(refused("the engine", "two tickets in one message"));
        }
        let (principal, ticket) = tickets::redeem(desk.engine, &**desk.store, shown).await?;
        self.ticket = Some(Arc::new(ticket));
        self.accept("the engine", principal)
    }

    /// The first tells who it is; others are about the same user, and may narrow further.
    fn accept(&mut self, by: &str, principal: Principal) -> Result<()> {
        self.principal = Some(match self.principal.take() {
            None => principal,
            Some(first) if first.user == principal.user => narrowed(first, &principal),
            Some(_) => return Err(refused(by, "credentials of several users in one message")),
        });
        Ok(())
    }

    fn settle(
        self,
        authenticators: &Authenticators,
        caller: Caller,
        has_ticket: bool,
    ) -> Result<(Caller, Arc<Principal>)> {
        let has_due = match &caller.due {
            // Whoever has a ticket has brought the others to get it.
            _ if has_ticket => true,
            Due::Settled | Due::Nothing => true,
            Due::Any => self.principal.is_some(),
            Due::Each(places) => places.iter().all(|place| self.accepted_by.contains(place)),
        };
        if !has_due {
            return Err(lacking("every authenticator", "no credential in the message"));
        }
        let user = self.principal.as_ref().map(|principal| principal.user.clone());
        let user = user.or_else(|| caller.proven.as_ref().map(|proven| proven.user.clone()));
        if self.confirmed.iter().any(|confirmed| Some(confirmed) != user.as_ref()) {
            return Err(refused("the engine", "a credential that confirms somebody else"));
        }
        let Some(mut principal) = self.principal else {
            return match caller.principal.clone() {
                Some(principal) => Ok((caller, principal)),
                None => Err(lacking("every authenticator", "nobody is proven")),
            };
        };
        if let Some(same) = caller.proven.as_ref().filter(|proven| proven.user == principal.user) {
            // The certificate of the connection proves him, too.
            principal.certificates = same.certificates.clone();
        }
        if let Some(proven) = &caller.proven {
            principal = narrowed(principal, proven);
        }
        let principal = authenticators.acting(principal);
        Ok((Caller::internal(caller.facts, principal.clone()), principal))
    }
}

/// The ticket of a credential, if it is of the engine's own type. Those of vendors' types are for verifiers.
fn own_ticket(credential: &Credential) -> Result<Option<Ticket>> {
    if credential.credential_type != CredentialType::TICKET {
        return Ok(None);
    }
    match CredentialValue::read(credential.clone())? {
        Some(CredentialValue::Ticket(shown)) => {
            Ok(Some(shown.ticket).filter(|ticket| ticket.ticket_type.0 < FIRST_OF_VENDORS))
        }
        _ => Err(refused("the engine", "a ticket that is none")),
    }
}

/// Asks every verifier whether what was brought suffices. What a client can act upon is for the items; anything else ends
/// the message.
async fn suffices(
    authenticators: &Authenticators,
    desk: &mut Desk<'_>,
    principal: &Principal,
    brought: &[CredentialType],
) -> Result<Result<()>> {
    for (_, _, verifier) in verifiers(authenticators) {
        if let Err(error) = verifier.suffices(&mut CredentialContext::new(desk), principal, brought).await {
            return match error.reason() {
                ResultReason::ATTESTATION_REQUIRED | ResultReason::PERMISSION_DENIED => Ok(Err(error)),
                _ => Err(error),
            };
        }
    }
    Ok(Ok(()))
}

fn has_verifiers(authenticators: &Authenticators) -> bool {
    verifiers(authenticators).next().is_some()
}

fn verifiers(
    authenticators: &Authenticators,
) -> impl Iterator<Item = (usize, &str, &dyn CredentialVerifier)> {
    let all = authenticators.configured.iter().enumerate();
    all.filter_map(|(place, (name, each))| Some((place, name.as_str(), each.verifier()?)))
}

/// Where credentials are checked: the engine's side of [`CredentialContext`].
struct Desk<'m> {
    engine: &'m Core,
    store: &'m Arc<dyn ObjectStore>,
    caller: &'m Caller,
    can_attest: bool,
    fields: &'m AuthenticationFields,
    random: Box<dyn RandomSource>,
}

impl Desk<'_> {
    /// For whom work waits: peers take turns, since who they are is not known yet.
    fn peer(&self) -> Arc<str> {
        match self.caller.facts.peer {
            Some(peer) => format!("peer {}", peer.ip()).into(),
            None => "peer".into(),
        }
    }
}

impl CredentialHost for Desk<'_> {
    fn facts(&self) -> &ConnectionFacts {
        &self.caller.facts
    }

    fn proven(&self) -> Option<&Principal> {
        self.caller.proven.as_deref()
    }

    fn now_millis(&self) -> i64 {
        self.engine.options.clock.now_millis()
    }

    fn rng(&mut self) -> &mut dyn RandomSource {
        &mut *self.random
    }

    fn can_attest(&self) -> bool {
        self.can_attest
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        self.store.document(kind, id)
    }

    fn write_document(&mut self, put: DocumentPut) -> BoxFuture<'_, Result<bool>> {
        Box::pin(document::write(&**self.store, vec![put]))
    }

    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>> {
        let mut random = (self.engine.options.random)();
        let peer = self.peer();
        Box::pin(async move { self.engine.heavy.run(&peer, move || work(&mut *random)).await })
    }

    fn answer_hashed_password(&mut self, hash: ByteString) {
        self.fields.change(|fields| fields.server_hashed_password = Some(hash));
    }

    fn ask_for_attestation(&mut self, nonce: Nonce, types: Vec<AttestationType>) {
        self.fields.change(|fields| {
            fields.nonce = Some(nonce);
            fields.attestation_type = types;
        });
    }
}
