//! Credentials in the header of a message: who checks them, and what a check can reach (KMIP 2.1 sections 9.3, 9.4, 9.11
//! and 9.14).

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};

use claviger_kmip::ByteString;
use claviger_kmip::credentials::Nonce;
use claviger_kmip::message::Credential;
use claviger_kmip::tables::enumerations::{AttestationType, CredentialType};

use crate::BoxFuture;
use crate::authentication::{Authentication, ConnectionFacts, Principal};
use crate::context::HeavyWork;
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::store::{Document, DocumentPut};

/// Checks the credentials of a message.
///
/// Each credential that a message brings must be accepted by one verifier, or the message is refused: none is overlooked.
pub trait CredentialVerifier: Send + Sync {
    /// Looks at one credential. A verifier that reads its type says whether it is good, and tells nobody by its answer, or
    /// by the time that it takes, whether a user exists.
    ///
    /// # Errors
    /// The check could not be made: the store fails, too much work waits; Attestation Failed.
    fn credential<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Authentication>>;

    /// Whether the credentials that the message brought suffice for the principal, once all of them are checked. A verifier
    /// that does not say otherwise asks for no further ones.
    ///
    /// # Errors
    /// Authentication Not Successful: there should have been others. Attestation Required, Permission Denied: there should
    /// have been an attestation, which the client can make, or cannot.
    fn suffices<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        principal: &'a Principal,
        brought: &'a [CredentialType],
    ) -> BoxFuture<'a, Result<()>> {
        let _ = (cx, principal, brought);
        Box::pin(ready(Ok(())))
    }

    /// The attestations that it can check; none unless it says so.
    fn attestation_types(&self) -> Vec<AttestationType> {
        Vec::new()
    }
}

/// What the check of a credential can reach.
pub struct CredentialContext<'h> {
    host: &'h mut dyn CredentialHost,
}

impl<'h> CredentialContext<'h> {
    /// Wraps what the engine (or the testkit) offers.
    pub fn new(host: &'h mut dyn CredentialHost) -> Self {
        Self { host }
    }

    /// What is known of the connection.
    pub fn facts(&self) -> &ConnectionFacts {
        self.host.facts()
    }

    /// Whom the connection proved, if anybody.
    pub fn proven(&self) -> Option<&Principal> {
        self.host.proven()
    }

    /// Milliseconds since 1970.
    pub fn now_millis(&self) -> i64 {
        self.host.now_millis()
    }

    /// Random bytes.
    pub fn rng(&mut self) -> &mut dyn RandomSource {
        self.host.rng()
    }

    /// Whether the client says that it can attest.
    pub fn can_attest(&self) -> bool {
        self.host.can_attest()
    }

    /// A document that the verifiers of all servers on a storage share.
    ///
    /// # Errors
    /// The store fails.
    pub async fn document(&mut self, kind: &str, id: &str) -> Result<Option<Document>> {
        self.host.document(kind, id).await
    }

    /// Writes or removes a document at once, whatever becomes of the message; false if another writer was faster.
    ///
    /// # Errors
    /// The store fails.
    pub async fn write_document(&mut self, put: DocumentPut) -> Result<bool> {
        self.host.write_document(put).await
    }

    /// Runs heavy work, such as hashing a password, on the bounded pool, fair between peers.
    ///
    /// # Errors
    /// What the work returns; Server Limit Exceeded when too much waits.
    pub async fn compute<T, F>(&mut self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn RandomSource) -> Result<T> + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let out = slot.clone();
        let heavy: HeavyWork = Box::new(move |rng| {
            let result = work(rng);
            *out.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        self.host.heavy(heavy).await?;
        let result = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.unwrap_or_else(|| Err(Error::server("a credential was not checked to the end")))
    }

    /// Has the response answer a Hashed Password credential, so that the client knows the server by it, too.
    pub fn answer_hashed_password(&mut self, hash: ByteString) {
        self.host.answer_hashed_password(hash);
    }

    /// Has the response ask for an attestation of one of the types over a nonce.
    pub fn ask_for_attestation(&mut self, nonce: Nonce, types: Vec<AttestationType>) {
        self.host.ask_for_attestation(nonce, types);
    }
}

/// The engine's side of [`CredentialContext`].
#[allow(missing_docs)] // each method is documented on `CredentialContext`
pub trait CredentialHost: Send {
    fn facts(&self) -> &ConnectionFacts;
    fn proven(&self) -> Option<&Principal>;
    fn now_millis(&self) -> i64;
    fn rng(&mut self) -> &mut dyn RandomSource;
    fn can_attest(&self) -> bool;
    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>>;
    fn write_document(&mut self, put: DocumentPut) -> BoxFuture<'_, Result<bool>>;
    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>>;
    fn answer_hashed_password(&mut self, hash: ByteString);
    fn ask_for_attestation(&mut self, nonce: Nonce, types: Vec<AttestationType>);
}
