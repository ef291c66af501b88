//! Notify and Put: clients are told what becomes of their objects (KMIP 2.1 section 6.2).

use std::sync::Arc;
use std::time::Duration;

use claviger_engine::{ConfiguredClient, Dialer, Endpoint, EndpointRoles};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::kmip::Ttlv;
use claviger_plugin_sdk::kmip::attributes::{AttributeReference, NewAttribute, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::message::{
    RequestMessage, ResponseBatchItem, ResponseHeader, ResponseMessage,
};
use claviger_plugin_sdk::kmip::payloads::access::{CHANGE_OWNER, ChangeOwnerRequest, ChangeOwnerResponse};
use claviger_plugin_sdk::kmip::payloads::{
    DeleteAttributeRequest, DeleteAttributeResponse, DestroyRequest, DestroyResponse,
    DiscoverVersionsRequest, DiscoverVersionsResponse, NotifyRequest, PutRequest, QueryRequest,
    SetAttributeRequest, SetAttributeResponse, SetEndpointRoleRequest, SetEndpointRoleResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AsynchronousIndicator, BatchErrorContinuationOption, EndpointRole, LinkType, PutFunction, QueryFunction,
    ResultStatus,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::keys::{EVERY_USE, aes, bytes};
use crate::re_key::re_key;
use crate::server::{START, Server};

const NOTIFY: OperationCode = OperationCode::NOTIFY;
const PUT: OperationCode = OperationCode::PUT;

/// What a client was asked.
#[derive(Debug)]
struct Asked {
    version: ProtocolVersion,
    operation: OperationCode,
    payload: Value,
}

impl Asked {
    fn notify(self) -> NotifyRequest {
        assert_eq!(self.operation, NOTIFY);
        NotifyRequest::from_value(Tag::REQUEST_PAYLOAD, self.payload).unwrap()
    }

    fn put(self) -> PutRequest {
        assert_eq!(self.operation, PUT);
        PutRequest::from_value(Tag::REQUEST_PAYLOAD, self.payload).unwrap()
    }
}

/// A client that answers.
#[derive(Clone)]
struct Client {
    versions: Vec<ProtocolVersion>,
    /// What it supports; it does not know the question if absent.
    operations: Option<Vec<OperationCode>>,
    /// What breaks the connection.
    breaks: Option<OperationCode>,
    fails: Option<OperationCode>,
    asked: mpsc::UnboundedSender<Asked>,
    proven: bool,
}

impl Client {
    fn new() -> (Self, mpsc::UnboundedReceiver<Asked>) {
        let (asked, told) = mpsc::unbounded_channel();
        let versions = vec![ProtocolVersion::V2_1, ProtocolVersion::V1_2];
        let operations = Some(vec![NOTIFY, PUT]);
        (Self { versions, operations, breaks: None, fails: None, asked, proven: true }, told)
    }

    fn answer(&self, request: Ttlv) -> Result<Ttlv> {
        assert_eq!(request.tag, Tag::REQUEST_MESSAGE);
        let mut request = RequestMessage::from_value(request.tag, request.value).unwrap();
        let version = request.request_header.protocol_version;
        let item = request.batch_item.pop().unwrap();
        let (operation, payload) = (item.operation, item.request_payload.into_value());
        let response = self.payload(operation, &payload);
        self.asked.send(Asked { version, operation, payload }).unwrap();
        if self.breaks == Some(operation) {
            return Err(Error::server("broken"));
        }
        let response = response.filter(|_| self.fails != Some(operation));
        let status = if response.is_some() { ResultStatus::SUCCESS } else { ResultStatus::OPERATION_FAILED };
        let item = ResponseBatchItem {
            operation: Some(operation),
            unique_batch_item_id: None,
            result_status: status,
            result_reason: response.is_none().then_some(ResultReason::OPERATION_NOT_SUPPORTED),
            result_message: None,
            asynchronous_correlation_value: None,
            response_payload: response.map(Into::into),
            message_extension: Vec::new(),
        };
        let header = ResponseHeader {
            protocol_version: self.versions[0],
            time_stamp: DateTime(START),
            nonce: None,
            server_hashed_password: None,
            attestation_type: Vec::new(),
            client_correlation_value: None,
            server_correlation_value: None,
            batch_count: 1,
        };
        let message = ResponseMessage { response_header: header, batch_item: vec![item] };
        Ok(Ttlv::new(Tag::RESPONSE_MESSAGE, message.into_value()))
    }

    fn payload(&self, operation: OperationCode, request: &Value) -> Option<Value> {
        Some(match operation {
            OperationCode::DISCOVER_VERSIONS => {
                let asked =
                    DiscoverVersionsRequest::from_value(Tag::REQUEST_PAYLOAD, request.clone()).unwrap();
                assert_eq!(asked.protocol_version, ProtocolVersion::SUPPORTED);
                DiscoverVersionsResponse { protocol_version: self.versions.clone() }.into_value()
            }
            OperationCode::QUERY => {
                let asked = QueryRequest::from_value(Tag::REQUEST_PAYLOAD, request.clone()).unwrap();
                assert_eq!(asked.query_function, [QueryFunction::QUERY_OPERATIONS]);
                let operations = self.operations.clone()?.into_iter();
                Value::Structure(
                    operations.map(|code| Ttlv::new(Tag::OPERATION, code.into_value())).collect(),
                )
            }
            OperationCode::SET_ENDPOINT_ROLE => request.clone(),
            _ => Value::Structure(Vec::new()),
        })
    }
}

impl Endpoint for Client {
    fn ask(&mut self, request: Ttlv) -> BoxFuture<'_, Result<Ttlv>> {
        Box::pin(async { self.answer(request) })
    }

    fn gone(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }

    fn is_proven(&mut self) -> BoxFuture<'_, bool> {
        Box::pin(async { self.proven })
    }
}

/// A connection that a client has turned round.
struct Connection {
    asked: mpsc::UnboundedReceiver<Asked>,
    server: JoinHandle<bool>,
}

impl Connection {
    /// The next thing that the client is told, once it was greeted.
    async fn told(&mut self) -> Asked {
        loop {
            let asked =
                tokio::time::timeout(Duration::from_secs(30), self.asked.recv()).await.unwrap().unwrap();
            if ![OperationCode::DISCOVER_VERSIONS, OperationCode::QUERY].contains(&asked.operation) {
                return asked;
            }
        }
    }

    /// Ends the connection in the middle.
    async fn cut(self) {
        self.server.abort();
        assert!(self.server.await.unwrap_err().is_cancelled());
    }
}

impl Server {
    async fn turned_by(
        &self,
        user: &str,
        (client, asked): (Client, mpsc::UnboundedReceiver<Asked>),
    ) -> Connection {
        let (engine, caller) = (self.engine.clone(), self.caller(user).await);
        let mut client = client;
        let server = tokio::spawn(async move { engine.act_as_client(&caller, &mut client).await });
        let mut connection = Connection { asked, server };
        let first = connection.asked.recv().await.unwrap();
        assert_eq!(first.operation, OperationCode::DISCOVER_VERSIONS);
        connection
    }

    async fn turned(&self) -> Connection {
        self.turned_by("alice", Client::new()).await
    }

    async fn comment(&self, user: &str, id: &str, text: &str) {
        let request = SetAttributeRequest {
            unique_identifier: Some(id.into()),
            new_attribute: NewAttribute { tag: Tag::COMMENT, value: Value::TextString(text.into()) },
        };
        let answer: Result<SetAttributeResponse> =
            self.run_as(user, OperationCode::SET_ATTRIBUTE, request).await;
        answer.unwrap();
    }

    async fn uncomment(&self, id: &str) {
        let request = DeleteAttributeRequest {
            unique_identifier: Some(id.into()),
            current_attribute: None,
            attribute_reference: Some(AttributeReference::Tagged(Tag::COMMENT)),
        };
        let answer: Result<DeleteAttributeResponse> =
            self.run(OperationCode::DELETE_ATTRIBUTE, request).await;
        answer.unwrap();
    }

    async fn notices(&self) -> usize {
        self.store.documents("notice", &DocumentPage::first(99)).await.unwrap().len()
    }
}

#[tokio::test]
async fn a_client_is_told_what_was_set_changed_and_deleted() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.comment("alice", &id, "first").await;
    let mut connection = server.turned().await;
    server.clock.advance(5);
    server.activate(&id).await;
    let told = connection.told().await.notify();
    let attributes = told.attributes.unwrap();
    assert_eq!((told.unique_identifier, told.attribute_reference), (id.clone(), vec![]));
    assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
    assert_eq!(attributes.one::<kinds::ActivationDate>(), Some(DateTime(START + 5)));
    assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(DateTime(START + 5)));
    assert_eq!(attributes.len(), 3);
    server.comment("alice", &id, "second").await;
    let attributes = connection.told().await.notify().attributes.unwrap();
    assert_eq!(attributes.one::<kinds::Comment>().as_deref(), Some("second"));
    assert_eq!(attributes.len(), 2);
    server.uncomment(&id).await;
    let told = connection.told().await.notify();
    assert_eq!(told.attribute_reference, [AttributeReference::Tagged(Tag::COMMENT)]);
    assert_eq!(told.attributes.unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_is_told_of_its_users_objects_alone_and_not_of_what_it_creates() {
    let server = Server::new();
    let [one, other] = [server.create(aes(EVERY_USE)).await, server.create(aes(EVERY_USE)).await];
    let request =
        ChangeOwnerRequest { unique_identifier: Some(other.as_str().into()), username: "bob".into() };
    let _: ChangeOwnerResponse = server.run(CHANGE_OWNER, request).await.unwrap();
    let mut connection = server.turned().await;
    server.comment("bob", &other, "unheard").await;
    server.create(aes(EVERY_USE)).await;
    assert_eq!(server.notices().await, 0);
    server.comment("alice", &one, "heard").await;
    assert_eq!(connection.told().await.notify().unique_identifier, one);
}

#[tokio::test]
async fn what_replaces_an_object_is_put_in_its_place() {
    let server = Server::new();
    let old = server.active().await;
    let mut connection = server.turned().await;
    let new = server.re_key(re_key(&old)).await.unwrap();
    let [first, second] = [connection.told().await, connection.told().await];
    let (put, notify) = if first.operation == PUT { (first, second) } else { (second, first) };
    let put = put.put();
    assert_eq!((put.unique_identifier, put.put_function), (new.clone(), PutFunction::REPLACE));
    assert_eq!(put.replaced_unique_identifier.as_deref(), Some(&*old));
    assert_eq!(bytes(&put.object), bytes(&server.get(&new).await.unwrap()));
    assert_eq!(put.attributes.unwrap().one::<kinds::RotateLatest>(), Some(true));
    let notify = notify.notify();
    assert_eq!(notify.unique_identifier, old);
    let link = notify.attributes.unwrap().one::<kinds::Link>().unwrap();
    assert_eq!(link.link_type, LinkType::REPLACEMENT_OBJECT_LINK);
    assert_eq!(link.linked_object_identifier.as_text(), Some(&*new));
}

#[tokio::test]
async fn a_client_that_takes_no_objects_is_told_that_they_are_there() {
    let server = Server::new();
    for operations in [Some(vec![NOTIFY]), None] {
        let old = server.active().await;
        let (client, asked) = Client::new();
        let mut connection = server.turned_by("alice", (Client { operations, ..client }, asked)).await;
        let new = server.re_key(re_key(&old)).await.unwrap();
        let attributes = loop {
            let told = connection.told().await.notify();
            if told.unique_identifier == new {
                break told.attributes.unwrap();
            }
        };
        assert_eq!(attributes.one::<kinds::RotateGeneration>(), Some(1));
        assert!(attributes.contains(Tag::INITIAL_DATE));
        connection.cut().await;
    }
}

#[tokio::test]
async fn what_somebody_else_gives_is_put_as_new() {
    let server = Server::new();
    let id = server.active().await;
    let mut connection = server.turned_by("bob", Client::new()).await;
    let request = ChangeOwnerRequest { unique_identifier: Some(id.as_str().into()), username: "bob".into() };
    let _: ChangeOwnerResponse = server.run(CHANGE_OWNER, request).await.unwrap();
    let put = connection.told().await.put();
    assert_eq!((put.unique_identifier, put.put_function), (id, PutFunction::NEW));
    assert_eq!(put.replaced_unique_identifier, None);
}

#[tokio::test]
async fn what_happens_between_two_connections_is_told_on_the_second() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.comment("alice", &id, "before anybody listened").await;
    assert_eq!(server.notices().await, 0);
    server.turned().await.cut().await;
    for text in ["one", "two"] {
        server.comment("alice", &id, text).await;
    }
    server.activate(&id).await;
    assert_eq!(server.notices().await, 1);
    let attributes = server.turned().await.told().await.notify().attributes.unwrap();
    assert_eq!(attributes.one::<kinds::Comment>().as_deref(), Some("two"));
    assert_eq!(attributes.one::<kinds::State>(), Some(State::ACTIVE));
}

#[tokio::test]
async fn what_nobody_asks_for_is_forgotten_and_so_is_who_does_not_come_back() {
    const DAY: i64 = 24 * 60 * 60;
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.turned().await.cut().await;
    server.comment("alice", &id, "kept for a day").await;
    server.clock.advance(DAY + 1);
    assert_eq!(server.notices().await, 0);
    server.engine.look_for_endpoints().await;
    server.comment("alice", &id, "not noted").await;
    assert_eq!(server.notices().await, 0);
}

#[tokio::test]
async fn what_was_told_when_the_connection_broke_is_told_again() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let (client, asked) = Client::new();
    let mut connection = server.turned_by("alice", (Client { breaks: Some(NOTIFY), ..client }, asked)).await;
    server.comment("alice", &id, "told twice").await;
    connection.told().await.notify();
    assert!(!connection.server.await.unwrap());
    // One that refuses was told.
    let (client, asked) = Client::new();
    let mut connection = server.turned_by("alice", (Client { fails: Some(NOTIFY), ..client }, asked)).await;
    assert_eq!(connection.told().await.notify().unique_identifier, id);
    server.comment("alice", &id, "next").await;
    let attributes = connection.told().await.notify().attributes.unwrap();
    assert_eq!(attributes.one::<kinds::Comment>().as_deref(), Some("next"));
}

#[tokio::test]
async fn the_last_connection_is_told_and_the_one_before_has_its_role_back() {
    let one = Server::new();
    let id = one.create(aes(EVERY_USE)).await;
    let mut first = one.turned().await;
    one.comment("alice", &id, "for the first").await;
    first.told().await.notify();
    // On another server that shares the storage.
    let other = one.another();
    let mut second = other.turned().await;
    one.comment("alice", &id, "for the second").await;
    other.comment("alice", &id, "again").await;
    let asked = first.told().await;
    assert_eq!(asked.operation, OperationCode::SET_ENDPOINT_ROLE);
    let asked = SetEndpointRoleRequest::from_value(Tag::REQUEST_PAYLOAD, asked.payload).unwrap();
    assert_eq!(asked.endpoint_role, EndpointRole::CLIENT);
    assert!(first.server.await.unwrap());
    assert_eq!(second.told().await.notify().unique_identifier, id);
}

#[tokio::test]
async fn a_change_by_another_server_is_told_too() {
    let one = Server::new();
    let other = one.another();
    let id = other.create(aes(EVERY_USE)).await;
    let mut connection = one.turned().await;
    other.engine.look_for_endpoints().await;
    other.comment("alice", &id, "elsewhere").await;
    assert_eq!(one.notices().await, 1);
    let attributes = connection.told().await.notify().attributes.unwrap();
    assert_eq!(attributes.one::<kinds::Comment>().as_deref(), Some("elsewhere"));
}

#[tokio::test]
async fn a_client_of_an_older_version_is_asked_in_its_own() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    for (versions, operations, text) in [
        (vec![ProtocolVersion::V1_2, ProtocolVersion::V1_0], Some(vec![NOTIFY]), "one"),
        (vec![ProtocolVersion::V1_2], None, "two"),
    ] {
        let (client, asked) = Client::new();
        let mut connection =
            server.turned_by("alice", (Client { versions, operations, ..client }, asked)).await;
        server.comment("alice", &id, text).await;
        let told = connection.told().await;
        assert_eq!((told.version, told.operation), (ProtocolVersion::V1_2, NOTIFY));
        let Value::Structure(fields) = told.payload else { panic!("no structure") };
        let tags: Vec<_> = fields.iter().map(|field| field.tag).collect();
        // Comment is an attribute since 1.4, so there is the Last Change Date alone.
        assert_eq!(tags, [Tag::UNIQUE_IDENTIFIER, Tag::ATTRIBUTE]);
        connection.cut().await;
    }
}

#[tokio::test]
async fn a_client_without_a_common_version_or_without_notify_is_not_told() {
    let server = Server::new();
    let (client, _asked) = Client::new();
    let alone = [
        Client { versions: vec![ProtocolVersion { major: 3, minor: 0 }], ..client.clone() },
        Client { operations: Some(vec![OperationCode::QUERY]), ..client.clone() },
        Client { proven: false, ..client },
    ];
    for mut client in alone {
        assert!(!server.engine.act_as_client(&server.caller("alice").await, &mut client).await);
    }
}

#[tokio::test]
async fn a_destroyed_object_is_told_of_and_a_purged_one_is_not() {
    let server = Server::new();
    let [gone, id] = [server.create(aes(EVERY_USE)).await, server.create(aes(EVERY_USE)).await];
    server.turned().await.cut().await;
    for (id, remove) in [(&gone, Some(true)), (&id, None)] {
        server.comment("alice", id, "soon gone").await;
        let request = DestroyRequest { unique_identifier: Some(id.as_str().into()), remove };
        let _: DestroyResponse = server.run(OperationCode::DESTROY, request).await.unwrap();
    }
    let mut connection = server.turned().await;
    let told = connection.told().await.notify();
    assert_eq!(told.unique_identifier, id);
    assert_eq!(told.attributes.unwrap().one::<kinds::State>(), Some(State::DESTROYED));
    connection.cut().await;
    assert_eq!(server.notices().await, 0);
}

/// Reaches a client, or not.
struct Reaches(Option<Client>);

impl Dialer for Reaches {
    fn dial(&self) -> BoxFuture<'_, Result<Box<dyn Endpoint>>> {
        Box::pin(async {
            let client = self.0.clone().ok_or_else(|| Error::server("nobody listens"))?;
            Ok(Box::new(client) as Box<dyn Endpoint>)
        })
    }
}

impl Server {
    fn configure(&self, client: Option<Client>) {
        let client = ConfiguredClient { user: "alice".into(), dialer: Arc::new(Reaches(client)) };
        self.engine.configure_clients(vec![client]).unwrap();
    }
}

#[tokio::test]
async fn a_configured_client_is_told_once_by_one_of_several_servers() {
    let one = Server::new();
    let other = one.another();
    let (client, mut asked) = Client::new();
    one.configure(Some(client.clone()));
    other.configure(Some(client));
    one.engine.tell_configured_clients().await;
    // Nothing to tell, so nobody calls.
    assert!(asked.try_recv().is_err());
    let id = one.create(aes(EVERY_USE)).await;
    other.activate(&id).await;
    one.engine.look_for_endpoints().await;
    one.comment("alice", &id, "told").await;
    tokio::join!(one.engine.tell_configured_clients(), other.engine.tell_configured_clients());
    let mut told = Vec::new();
    while let Ok(asked) = asked.try_recv() {
        told.push(asked.operation);
    }
    assert_eq!(told, [OperationCode::DISCOVER_VERSIONS, OperationCode::QUERY, NOTIFY]);
}

#[tokio::test]
async fn a_configured_client_that_is_not_reached_is_told_later() {
    let server = Server::new();
    server.configure(None);
    let id = server.create(aes(EVERY_USE)).await;
    server.activate(&id).await;
    server.engine.tell_configured_clients().await;
    assert_eq!(server.notices().await, 1);
    // Restarted, with a client that listens.
    let server = server.another();
    let (client, mut asked) = Client::new();
    server.configure(Some(client));
    server.engine.tell_configured_clients().await;
    let told = std::iter::from_fn(|| asked.try_recv().ok()).last().unwrap().notify();
    assert_eq!(told.attributes.unwrap().one::<kinds::State>(), Some(State::ACTIVE));
    assert_eq!(server.notices().await, 0);
}

fn role(role: EndpointRole) -> SetEndpointRoleRequest {
    SetEndpointRoleRequest { endpoint_role: role }
}

fn message(role: EndpointRole) -> RequestMessage {
    let payload = self::role(role).into_value();
    RequestMessage::of_one(ProtocolVersion::V2_1, OperationCode::SET_ENDPOINT_ROLE, payload)
}

impl Server {
    /// How a message is answered on a connection whose roles can change, and whether they do.
    async fn on_connection(&self, message: RequestMessage) -> (ResultStatus, Option<ResultReason>, bool) {
        let roles = Arc::new(EndpointRoles::default());
        let caller = self.caller("alice").await.on(&roles);
        let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
        let answer = self.engine.handle(&caller, message).await;
        let answer = ResponseMessage::from_value(answer.tag, answer.value).unwrap();
        let item = answer.batch_item.into_iter().next().unwrap();
        let turned = roles.take_turned();
        assert!(!roles.take_turned());
        (item.result_status, item.result_reason, turned)
    }
}

#[tokio::test]
async fn the_roles_change_when_a_client_has_the_server_take_its_own() {
    let server = Server::new();
    let (done, failed) = (ResultStatus::SUCCESS, ResultStatus::OPERATION_FAILED);
    assert_eq!(server.on_connection(message(EndpointRole::CLIENT)).await, (done, None, true));
    assert_eq!(server.on_connection(message(EndpointRole::SERVER)).await, (done, None, false));
    let unknown = (failed, Some(ResultReason::INVALID_FIELD), false);
    assert_eq!(server.on_connection(message(EndpointRole(3))).await, unknown);
}

#[tokio::test]
async fn the_roles_do_not_change_where_they_cannot() {
    let server = Server::new();
    let answer: Result<SetEndpointRoleResponse> =
        server.run(OperationCode::SET_ENDPOINT_ROLE, role(EndpointRole::CLIENT)).await;
    assert_eq!(answer.unwrap_err().reason(), ResultReason::FEATURE_NOT_SUPPORTED);

    let refused = (ResultStatus::OPERATION_FAILED, Some(ResultReason::FEATURE_NOT_SUPPORTED), false);
    let mut undo = message(EndpointRole::CLIENT);
    undo.batch_item = vec![undo.batch_item[0].clone(), undo.batch_item[0].clone()];
    undo.request_header.batch_count = 2;
    undo.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    assert_eq!(server.on_connection(undo).await, refused);
    let mut later = message(EndpointRole::CLIENT);
    let mandatory = AsynchronousIndicator::MANDATORY.into_value();
    later.request_header.asynchronous_indicator = Some(mandatory);
    assert_eq!(server.on_connection(later).await, refused);
}
