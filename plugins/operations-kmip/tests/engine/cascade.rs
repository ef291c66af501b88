//! Revoke and Destroy where a family of clients has them go on to the keys that name one as their parent.

use claviger_plugin_sdk::dialect::{Dialect, ErrorAnswer, Standard};
use claviger_plugin_sdk::kmip::attributes::{RevocationReason, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payloads::{DestroyRequest, DestroyResponse, RevokeRequest, RevokeResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, RevocationReasonCode};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;

use crate::related_keys::{attributes, made_from};
use crate::server::{START, Server};

/// The standard, but for links along which Revoke and Destroy go on.
struct Reaching;

impl Dialect for Reaching {
    fn name(&self) -> &'static str {
        "reaching"
    }

    fn expand(&self, operation: OperationCode, _: &KeyFacts<'_>) -> &'static [LinkType] {
        match operation {
            OperationCode::REVOKE | OperationCode::DESTROY => {
                &[LinkType::PUBLIC_KEY_LINK, LinkType::CHILD_LINK]
            }
            _ => &[],
        }
    }

    fn error(&self, operation: Option<OperationCode>, error: &Error) -> ErrorAnswer {
        Standard.error(operation, error)
    }
}

/// A parent with its public key, and keys that name it: one that is Active, one that will be in 100 seconds, and one that was
/// revoked by itself.
struct Family {
    server: Server,
    private: String,
    public: String,
    active: String,
    waiting: String,
    revoked: String,
}

impl Family {
    async fn new() -> Self {
        let server = Server::new();
        let (private, public) = server.family(attributes()).await;
        let active = server.issue("alice", made_from(&private)).await.unwrap();
        let mut later = made_from(&private);
        later.put::<kinds::ActivationDate>(DateTime(START + 100));
        let waiting = server.issue("alice", later).await.unwrap();
        let revoked = server.issue("alice", made_from(&private)).await.unwrap();
        server.revoke(&revoked, RevocationReasonCode::SUPERSEDED).await.unwrap();
        server.clock.advance(10);
        Self { server, private, public, active, waiting, revoked }
    }

    /// What alice's operation on the parent comes to.
    async fn reach(&self, operation: OperationCode, request: Value) -> Result<()> {
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, request);
        let caller = self.server.caller("alice").await;
        let outcomes = self.server.engine.handle_in(&caller, &Reaching, message).await?;
        outcomes.into_iter().next().unwrap().result.map(drop)
    }

    async fn revoke(&self, code: RevocationReasonCode) {
        let request = RevokeRequest {
            unique_identifier: Some(self.private.as_str().into()),
            revocation_reason: RevocationReason { code, message: None },
            compromise_occurrence_date: None,
        };
        self.reach(OperationCode::REVOKE, request.into_value()).await.unwrap();
    }

    async fn destroy(&self, remove: Option<bool>) -> Result<()> {
        let unique_identifier = Some(self.private.as_str().into());
        let request = DestroyRequest { unique_identifier, remove };
        self.reach(OperationCode::DESTROY, request.into_value()).await
    }

    async fn dates(&self, id: &str) -> (State, Option<DateTime>, Option<DateTime>) {
        let attributes = self.server.attributes(id).await;
        let activation = attributes.one::<kinds::ActivationDate>();
        (self.server.state(id).await, activation, attributes.one::<kinds::DeactivationDate>())
    }
}

#[tokio::test]
async fn a_key_that_is_not_active_yet_is_deactivated_with_its_parent_for_good() {
    let family = Family::new().await;
    family.revoke(RevocationReasonCode::CESSATION_OF_OPERATION).await;
    let now = Some(DateTime(START + 10));
    let ended = |activation| (State::DEACTIVATED, Some(DateTime(activation)), now);
    for id in [&family.private, &family.public, &family.active] {
        assert_eq!(family.dates(id).await, ended(START), "{id}");
    }
    assert_eq!(family.dates(&family.waiting).await, ended(START + 10));
    assert_eq!(family.dates(&family.revoked).await.2, Some(DateTime(START)));
    family.server.clock.advance(1_000);
    assert_eq!(family.server.state(&family.waiting).await, State::DEACTIVATED);
}

#[tokio::test]
async fn a_key_that_is_not_active_yet_is_compromised_with_its_parent() {
    let family = Family::new().await;
    family.revoke(RevocationReasonCode::KEY_COMPROMISE).await;
    for id in [&family.private, &family.public, &family.active, &family.waiting, &family.revoked] {
        assert_eq!(family.server.state(id).await, State::COMPROMISED, "{id}");
    }
}

#[tokio::test]
async fn active_keys_are_destroyed_with_a_parent_that_was_deactivated_alone() {
    let family = Family::new().await;
    let refused = family.destroy(None).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    assert_eq!(family.server.state(&family.active).await, State::ACTIVE);
    family.server.revoke(&family.private, RevocationReasonCode::SUPERSEDED).await.unwrap();
    assert_eq!(family.server.state(&family.active).await, State::ACTIVE);
    family.server.clock.advance(10);
    family.destroy(None).await.unwrap();
    for id in [&family.private, &family.public, &family.active, &family.waiting, &family.revoked] {
        assert_eq!(family.server.state(id).await, State::DESTROYED, "{id}");
    }
    // It was deactivated before: then, and not by the destruction.
    assert_eq!(family.dates(&family.private).await.2, Some(DateTime(START + 10)));
    for id in [&family.public, &family.active] {
        assert_eq!(family.dates(id).await.2, Some(DateTime(START + 20)), "{id}");
    }
    assert_eq!(family.dates(&family.waiting).await.2, None);
}

#[tokio::test]
async fn active_keys_are_removed_with_a_parent_that_is_removed() {
    let family = Family::new().await;
    family.server.revoke(&family.private, RevocationReasonCode::SUPERSEDED).await.unwrap();
    family.destroy(Some(true)).await.unwrap();
    for id in [&family.private, &family.public, &family.active, &family.waiting, &family.revoked] {
        assert_eq!(family.server.get(id).await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND, "{id}");
    }
}

/// The parent's owner may destroy what belongs to others, but what is known of it is theirs.
#[tokio::test]
async fn keys_of_others_are_destroyed_with_a_parent_that_is_removed_and_what_is_known_of_them_stays() {
    let family = Family::new().await;
    let server = &family.server;
    server.grant(&family.private, "bob", OperationCode::GET).await;
    let his = server.issue("bob", made_from(&family.private)).await.unwrap();
    let gone = server.issue("bob", made_from(&family.private)).await.unwrap();
    for id in [&his, &gone] {
        server.grant_as("bob", id, "alice", OperationCode::GET_ATTRIBUTES).await.unwrap();
    }
    server.revoke(&family.private, RevocationReasonCode::SUPERSEDED).await.unwrap();
    for id in [&his, &gone] {
        assert_eq!(server.state(id).await, State::ACTIVE);
    }
    let request = RevokeRequest {
        unique_identifier: Some(gone.as_str().into()),
        revocation_reason: RevocationReason { code: RevocationReasonCode::SUPERSEDED, message: None },
        compromise_occurrence_date: None,
    };
    let _: RevokeResponse = server.run_as("bob", OperationCode::REVOKE, request).await.unwrap();
    let request = DestroyRequest { unique_identifier: Some(gone.as_str().into()), remove: None };
    let _: DestroyResponse = server.run_as("bob", OperationCode::DESTROY, request).await.unwrap();
    let destroyed_at = server.attributes(&gone).await.one::<kinds::DestroyDate>();
    server.clock.advance(10);
    family.destroy(Some(true)).await.unwrap();
    for id in [&family.private, &family.public, &family.active, &family.waiting, &family.revoked] {
        assert_eq!(server.get(id).await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND, "{id}");
    }
    for id in [&his, &gone] {
        assert_eq!(server.state(id).await, State::DESTROYED);
    }
    assert_eq!(family.dates(&his).await.2, Some(DateTime(START + 20)));
    assert_eq!(server.attributes(&gone).await.one::<kinds::DestroyDate>(), destroyed_at);
}
