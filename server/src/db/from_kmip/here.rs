//! This side: an engine over the database, which imports as it would for any client.

use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_engine::{Caller, Engine};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::tables::enumerations::{KeyWrapType, OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::settings::Settings;

use super::fetched::Fetched;
use super::source::{message, payload_of, text};
use crate::failure::Failure;
use crate::start;

/// This side, acting for the owner of the copies.
pub(super) struct Here {
    engine: Engine,
    caller: Caller,
    /// How the objects came; nothing for KMIP messages.
    dialect: Option<&'static dyn Dialect>,
}

impl Here {
    /// Opens the database as a server does.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) async fn open(
        settings: &Settings,
        registry: Arc<Registry>,
        owner: &str,
        dialect: Option<&'static dyn Dialect>,
    ) -> Result<Self, Failure> {
        let engine = start::engine_for(settings, registry, owner).await?;
        let caller = engine.authenticate(Arc::new(ConnectionFacts::internal())).await;
        let caller = caller.map_err(|error| Failure::from_error("--owner", &error))?;
        Ok(Self { engine, caller, dialect })
    }

    /// The object of this identifier, in the form of another one; nothing if there is none. Its key is wrapped as that of
    /// the other was for the way, so that both can be compared, and a Sensitive one is handed out; where that cannot be
    /// done here, there are the Digests.
    ///
    /// # Errors
    /// Why it is not handed out.
    pub(super) async fn fetch(&self, id: &str, like: &Fetched) -> Result<Option<Fetched>, String> {
        if let Some(wrapping) = like.wrapping()
            && let Ok(Some(found)) = self.export(id, Some(wrapping), like).await
        {
            return Ok(Some(found));
        }
        self.export(id, None, like).await
    }

    async fn export(
        &self,
        id: &str,
        wrapping: Option<&Ttlv>,
        like: &Fetched,
    ) -> Result<Option<Fetched>, String> {
        let mut request = vec![text(Tag::UNIQUE_IDENTIFIER, id)];
        request.extend(wrapping.cloned());
        match self.call(OperationCode::EXPORT, request, like).await {
            Ok(found) => Ok(Some(Fetched::of_export(found))),
            Err(refusal) if refusal.is_absent => Ok(None),
            Err(refusal) => Err(refusal.why),
        }
    }

    /// Imports an object under an identifier. A key that was wrapped for the way is unwrapped; one that is kept wrapped
    /// stays so.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn import(&self, id: &str, fetched: &Fetched) -> Result<(), String> {
        let unwrap =
            fetched.wrapping().map(|_| Ttlv::new(Tag::KEY_WRAP_TYPE, KeyWrapType::NOT_WRAPPED.into_value()));
        let payload = fetched.import(id, unwrap);
        self.call(OperationCode::IMPORT, payload, fetched).await.map(drop).map_err(|refusal| refusal.why)
    }

    async fn call(
        &self,
        operation: OperationCode,
        payload: Vec<Ttlv>,
        like: &Fetched,
    ) -> Result<Vec<Ttlv>, Refusal> {
        if let Some(dialect) = self.dialect {
            return self.call_in(dialect, operation, payload).await;
        }
        let version = match like.is_of_1_x() {
            true => ProtocolVersion { major: 1, minor: 4 },
            false => ProtocolVersion::V2_1,
        };
        let answer = self.engine.handle(&self.caller, message(version, operation, payload)).await;
        payload_of(&answer).map_err(|why| Refusal { is_absent: says_absent(&why), why })
    }

    async fn call_in(
        &self,
        dialect: &'static dyn Dialect,
        operation: OperationCode,
        payload: Vec<Ttlv>,
    ) -> Result<Vec<Ttlv>, Refusal> {
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, Value::Structure(payload));
        let outcome = match self.engine.handle_in(&self.caller, dialect, message).await {
            Ok(outcomes) => {
                outcomes.into_iter().next().map(|outcome| outcome.result.map(TtlvValue::into_value))
            }
            Err(error) => Some(Err(error)),
        };
        match outcome {
            Some(Ok(Value::Structure(items))) => Ok(items),
            Some(Err(error)) => Err(Refusal {
                is_absent: is_absent(error.reason()),
                why: format!("{:?}: {}", error.reason(), error.message()),
            }),
            _ => Err(Refusal { is_absent: false, why: "there is no answer".to_owned() }),
        }
    }
}

/// Why something is not done.
struct Refusal {
    is_absent: bool,
    why: String,
}

/// Reasons that an object is absent.
const ABSENT: [ResultReason; 2] = [ResultReason::ITEM_NOT_FOUND, ResultReason::OBJECT_NOT_FOUND];

fn is_absent(reason: ResultReason) -> bool {
    ABSENT.contains(&reason)
}

/// Whether a refusal begins with such a reason.
fn says_absent(why: &str) -> bool {
    ABSENT.iter().any(|reason| why.starts_with(&format!("{reason:?}")))
}
