//! A server without sockets: REST JSON in, status and text out.

use std::sync::Arc;

use claviger_crypto_standard as _;
use claviger_dialect_rest as _;
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, Limits, RequiredAudit,
    SystemRandom,
};
use claviger_operations_kmip as _;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::kmip::codec::limits::Limits as CodecLimits;
use claviger_plugin_sdk::kmip::codec::rest_json::{self, KeyMaterialForm, RestBody};
use claviger_plugin_sdk::kmip::field::TtlvValue as _;
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::kmip::version::ProtocolVersion;
use claviger_plugin_sdk::kmip::{Tag, Ttlv, Value as Kmip};
use claviger_plugin_sdk::routes::{Route, RouteRequest};
use claviger_plugin_sdk::testkit::{Believing, FakeClock, MemoryStore};
use claviger_tags_standard as _;
use serde_json::Value;

/// The server. Its clock stands still.
pub(crate) struct Server {
    engine: Engine,
}

/// A status, and JSON or a text.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// The JSON of a success.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        let registry = Registry::from_linked(&RegistryOptions::default()).unwrap();
        let clock = Arc::new(FakeClock::at(1_700_000_000));
        let options = EngineOptions {
            authenticators: Authenticators {
                configured: vec![("header".into(), Arc::new(Believing))],
                require_all: true,
                default_user: "admin".into(),
                force_default_user: false,
                operators: Vec::new(),
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: clock.clone(),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            required_audit: RequiredAudit::Nothing,
            observer: None,
        };
        let store = Arc::new(MemoryStore::with_clock(clock));
        Self { engine: Engine::new(Arc::new(registry), store, options) }
    }

    /// What `POST /kmip/2_1` answers a user.
    pub(crate) async fn post(&self, user: &str, request: &Value) -> Answer {
        let registry = self.engine.registry();
        let decoded =
            rest_json::decode(request.to_string().as_bytes(), &CodecLimits::default(), registry.vocabulary());
        let (operation, answered) = match decoded.unwrap() {
            RestBody::Message(message) => (None, self.run_message(user, message).await),
            RestBody::Operation { operation, payload } => {
                let answered = self.run(user, operation, payload.value).await;
                let answered = answered.map(|payload| RestBody::Operation {
                    operation,
                    payload: Ttlv::new(Tag::RESPONSE_PAYLOAD, payload),
                });
                (Some(operation), answered)
            }
        };
        match answered {
            Ok(body) => {
                let body = rest_json::encode(&body, KeyMaterialForm::Bare, registry.vocabulary());
                Answer { status: 200, body: String::from_utf8(body).unwrap() }
            }
            Err(error) => {
                let answer = self.dialect().error(operation, &error);
                Answer { status: answer.status, body: answer.text }
            }
        }
    }

    async fn run_message(&self, user: &str, message: Ttlv) -> claviger_plugin_sdk::Result<RestBody> {
        let message = RequestMessage::from_value(message.tag, message.value)?;
        let outcomes = self.engine.handle_in(&self.caller(user).await, self.dialect(), message).await?;
        Ok(RestBody::Message(self.engine.response(self.dialect(), outcomes)))
    }

    /// What a route beside it answers a user.
    pub(crate) async fn access(
        &self,
        user: &str,
        method: &str,
        path: &str,
        segment: &str,
        body: &Value,
    ) -> Answer {
        let route = self.route(method, path);
        let body = body.to_string();
        let request =
            RouteRequest { segment, body: body.as_bytes(), content_type: Some("application/json"), user };
        let answered = match (route.request)(&request) {
            Err(refusal) => refusal,
            Ok(routed) => match self.run(user, routed.operation, routed.payload).await {
                Ok(payload) => (route.response)(&request, payload).unwrap(),
                Err(error) => match route.failure.and_then(|failure| failure(&request, &error)) {
                    Some(answer) => answer,
                    None => {
                        let answer = self.dialect().error(Some(routed.operation), &error);
                        return Answer { status: answer.status, body: answer.text };
                    }
                },
            },
        };
        Answer { status: answered.status, body: String::from_utf8(answered.body).unwrap() }
    }

    /// What an OASIS client gets who sends one operation.
    pub(crate) async fn oasis(&self, user: &str, operation: OperationCode, payload: Kmip) -> Ttlv {
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, payload).into_value();
        self.engine.handle(&self.caller(user).await, Ttlv::new(Tag::REQUEST_MESSAGE, message)).await
    }

    fn dialect(&self) -> &'static dyn Dialect {
        self.engine.registry().dialect("rest").unwrap()
    }

    fn route(&self, method: &str, path: &str) -> &'static Route {
        let routes = self.engine.registry().routes().iter().flat_map(|family| family.routes());
        routes.into_iter().find(|route| route.method == method && route.path == path).unwrap()
    }

    async fn caller(&self, user: &str) -> Caller {
        let headers = vec![("user".to_owned(), user.to_owned())];
        self.engine
            .authenticate(Arc::new(ConnectionFacts { headers, ..ConnectionFacts::internal() }))
            .await
            .unwrap()
    }

    async fn run(
        &self,
        user: &str,
        operation: OperationCode,
        payload: Kmip,
    ) -> claviger_plugin_sdk::Result<Kmip> {
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, payload);
        let outcomes = self.engine.handle_in(&self.caller(user).await, self.dialect(), message).await?;
        outcomes.into_iter().next().unwrap().result.map(Payload::into_value)
    }
}
