//! Login, Logout and Delegated Login (KMIP 2.1 sections 6.1.12, 6.1.30, 6.1.31): tickets, and what they are good for.

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{UsageLimits, kinds};
use claviger_plugin_sdk::kmip::message::{Authentication, Credential, RequestBatchItem, RequestMessage};
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::payloads::{
    CreateRequest, DelegatedLoginRequest, DelegatedLoginResponse, GetRequest, LocateRequest, LoginRequest,
    LoginResponse, LogoutRequest, ObjectGroups, Objects, Operations, Right, Rights, Ticket, TicketLease,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AsynchronousIndicator, BatchErrorContinuationOption, CredentialType, EncodingOption, TicketType,
    UsageLimitsUnit,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore as _};

use crate::keys::{EVERY_USE, aes, plainly};
use crate::server::{START, Server};
use crate::wrapping::specification;

const NOBODY: ResultReason = ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;
const LOGIN: LoginRequest = LoginRequest { lease_time: None, request_count: None, usage_limits: None };

fn objects(total: i64) -> Option<UsageLimits> {
    Some(UsageLimits { total, count: None, unit: UsageLimitsUnit::OBJECT })
}

fn right(operations: &[OperationCode]) -> Right {
    let operations = Some(Operations { operation: operations.to_vec() });
    Right { usage_limits: None, operations, objects: None, object_groups: None }
}

fn on(ids: &[&str], right: Right) -> Right {
    let unique_identifier = ids.iter().map(|id| (*id).into()).collect();
    Right { objects: Some(Objects { unique_identifier }), ..right }
}

fn get(id: &str) -> RequestBatchItem {
    let request = GetRequest { unique_identifier: Some(id.into()), ..plainly() };
    RequestBatchItem::new(OperationCode::GET, request.into_value())
}

fn locate() -> RequestBatchItem {
    let nothing = Value::Structure(Vec::new());
    let request = LocateRequest::from_value(Tag::REQUEST_PAYLOAD, nothing.clone())
        .map_or(nothing, TtlvValue::into_value);
    RequestBatchItem::new(OperationCode::LOCATE, request)
}

fn message(ticket: &Ticket, items: Vec<RequestBatchItem>) -> RequestMessage {
    let first = items.first().unwrap();
    let mut message =
        RequestMessage::of_one(ProtocolVersion::V2_1, first.operation, first.request_payload.clone());
    message.request_header.batch_count = i32::try_from(items.len()).unwrap();
    message.batch_item = items;
    let value = Ttlv::new(Tag::TICKET, ticket.clone().into_value());
    message.request_header.authentication = Some(Authentication {
        credential: vec![Credential {
            credential_type: CredentialType::TICKET,
            credential_value: Value::Structure(vec![value]),
        }],
    });
    message
}

impl Server {
    async fn login(&self, request: LoginRequest) -> Result<Ticket> {
        self.run::<_, LoginResponse>(OperationCode::LOGIN, request).await.map(|response| response.ticket)
    }

    async fn delegate(&self, right: Vec<Right>) -> Ticket {
        self.try_delegate(right).await.unwrap()
    }

    async fn try_delegate(&self, right: Vec<Right>) -> Result<Ticket> {
        let request = DelegatedLoginRequest {
            lease_time: None,
            request_count: None,
            usage_limits: None,
            rights: Rights { right },
        };
        let response: Result<DelegatedLoginResponse> =
            self.run(OperationCode::DELEGATED_LOGIN, request).await;
        response.map(|response| response.ticket)
    }

    async fn logout(&self, user: &str, ticket: &Ticket) -> Result<Empty> {
        self.run_as(user, OperationCode::LOGOUT, LogoutRequest { ticket: ticket.clone() }).await
    }

    /// What bob gets for items with a ticket.
    async fn show(&self, ticket: &Ticket, items: Vec<RequestBatchItem>) -> Result<Vec<Result<Value>>> {
        self.send(message(ticket, items)).await
    }

    async fn send(&self, message: RequestMessage) -> Result<Vec<Result<Value>>> {
        let outcomes = self.engine.handle_in(&self.caller("bob").await, &Standard, message).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.result.map(Payload::into_value)).collect())
    }

    /// Why one item with a ticket fails, if it does.
    async fn shown(&self, ticket: &Ticket, item: RequestBatchItem) -> Option<ResultReason> {
        match self.show(ticket, vec![item]).await {
            Ok(mut results) => results.remove(0).err().map(|error| error.reason()),
            Err(error) => Some(error.reason()),
        }
    }

    async fn key(&self) -> String {
        self.create(aes(EVERY_USE)).await
    }
}

#[tokio::test]
async fn a_ticket_acts_as_the_user_who_asked_for_it() {
    let server = Server::new();
    let id = server.key().await;
    let ticket = server.login(LOGIN).await.unwrap();
    assert_eq!(ticket.ticket_type, TicketType::LOGIN);
    assert!(ticket.ticket_value.len() >= 32);
    assert_eq!(server.shown(&ticket, get(&id)).await, None);
    // Another server on the storage knows it, too.
    assert_eq!(server.another().shown(&ticket, get(&id)).await, None);
    assert_ne!(server.login(LOGIN).await.unwrap(), ticket);
}

#[tokio::test]
async fn the_storage_does_not_tell_a_ticket() {
    let server = Server::new();
    let ticket = server.login(LOGIN).await.unwrap();
    let secret = &ticket.ticket_value[16..];
    let documents = server.store.documents("ticket", &DocumentPage::first(10)).await.unwrap();
    assert_eq!(documents.len(), 1);
    for (name, document) in documents {
        let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!name.contains(&hexadecimal));
        assert!(!document.body.windows(secret.len()).any(|part| part == secret));
    }
}

#[tokio::test]
async fn another_value_or_type_is_no_ticket() {
    let server = Server::new();
    let id = server.key().await;
    let ticket = server.login(LOGIN).await.unwrap();
    for place in 0..ticket.ticket_value.len() {
        let mut value = ticket.ticket_value.to_vec();
        value[place] ^= 1;
        let other = Ticket { ticket_value: value.into(), ..ticket.clone() };
        assert_eq!(server.shown(&other, get(&id)).await, Some(NOBODY));
    }
    for value in [vec![], ticket.ticket_value[1..].to_vec(), [&ticket.ticket_value[..], &[0]].concat()] {
        let other = Ticket { ticket_value: value.into(), ..ticket.clone() };
        assert_eq!(server.shown(&other, get(&id)).await, Some(NOBODY));
        assert_eq!(server.logout("bob", &other).await.unwrap_err().reason(), ResultReason::INVALID_TICKET);
    }
    let other = Ticket { ticket_type: TicketType(0x8000_0001), ..ticket };
    assert_eq!(server.shown(&other, get(&id)).await, Some(NOBODY));
}

#[tokio::test]
async fn logout_ends_a_ticket_for_everybody() {
    let server = Server::new();
    let id = server.key().await;
    let ticket = server.login(LOGIN).await.unwrap();
    server.logout("alice", &ticket).await.unwrap();
    assert_eq!(server.another().shown(&ticket, get(&id)).await, Some(NOBODY));
    assert_eq!(server.logout("alice", &ticket).await.unwrap_err().reason(), ResultReason::INVALID_TICKET);
    // A ticket can be given back by itself, whatever it is good for.
    let ticket = server.delegate(vec![right(&[OperationCode::GET])]).await;
    let back = LogoutRequest { ticket: ticket.clone() }.into_value();
    let back = RequestBatchItem::new(OperationCode::LOGOUT, back);
    assert_eq!(server.shown(&ticket, back).await, None);
    assert_eq!(server.shown(&ticket, get(&id)).await, Some(NOBODY));
}

#[tokio::test]
async fn a_ticket_is_good_as_long_as_its_lease() {
    let server = Server::new();
    let id = server.key().await;
    let lease = |lease_time| server.login(LoginRequest { lease_time: Some(lease_time), ..LOGIN });
    let minute = lease(TicketLease::For(Interval(60))).await.unwrap();
    let until = lease(TicketLease::Until(DateTime(START + 60))).await.unwrap();
    let usual = server.login(LOGIN).await.unwrap();
    server.clock.advance(59);
    for ticket in [&minute, &until, &usual] {
        assert_eq!(server.shown(ticket, get(&id)).await, None);
    }
    server.clock.advance(1);
    for ticket in [&minute, &until] {
        assert_eq!(server.shown(ticket, get(&id)).await, Some(NOBODY));
    }
    assert_eq!(server.shown(&usual, get(&id)).await, None);
    server.clock.advance(3_600);
    assert_eq!(server.shown(&usual, get(&id)).await, Some(NOBODY));
    for wrong in [
        TicketLease::For(Interval(0)),
        TicketLease::For(Interval(86_401)),
        TicketLease::Until(DateTime(START)),
    ] {
        assert_eq!(lease(wrong).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_exactly_whichever_servers_they_come_to() {
    let server = Server::new();
    let id = server.key().await;
    let ticket = server.login(LoginRequest { request_count: Some(10), ..LOGIN }).await.unwrap();
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let (server, ticket, id) = (server.another(), ticket.clone(), id.clone());
            tokio::spawn(async move { server.shown(&ticket, get(&id)).await.is_none() })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        good += usize::from(task.await.unwrap());
    }
    assert_eq!(good, 10);
    for wrong in [0, -1] {
        let refused = server.login(LoginRequest { request_count: Some(wrong), ..LOGIN }).await;
        assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_counted_exactly_and_those_that_fail_are_not() {
    let server = Server::new();
    let id = server.key().await;
    let ticket = server.login(LoginRequest { usage_limits: objects(12), ..LOGIN }).await.unwrap();
    assert_eq!(server.shown(&ticket, get("absent")).await, Some(ResultReason::OBJECT_NOT_FOUND));
    // All of an Undo batch together, or none.
    let mut undo = message(&ticket, vec![get(&id), get("absent")]);
    undo.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    undo.batch_item.insert(1, locate());
    undo.request_header.batch_count = 3;
    let answers = server.send(undo.clone()).await.unwrap();
    assert!(answers[2].is_err());
    for uncounted in &answers[..2] {
        assert_eq!(uncounted.as_ref().unwrap(), &Value::Structure(Vec::new()));
    }
    undo.batch_item.remove(1);
    undo.request_header.batch_count = 2;
    undo.batch_item.pop();
    undo.batch_item.push(get(&id));
    assert!(server.send(undo).await.unwrap().iter().all(Result::is_ok));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let (server, ticket, id) = (server.another(), ticket.clone(), id.clone());
            tokio::spawn(async move { server.shown(&ticket, get(&id)).await })
        })
        .collect();
    let mut good = 0;
    for task in tasks {
        match task.await.unwrap() {
            None => good += 1,
            Some(reason) => assert_eq!(reason, ResultReason::USAGE_LIMIT_EXCEEDED),
        }
    }
    assert_eq!(good, 10);
}

#[tokio::test]
async fn bytes_are_counted_where_keys_work_on_data() {
    let server = Server::new();
    let id = server.active().await;
    let bytes = Some(UsageLimits { total: 40, count: None, unit: UsageLimitsUnit::BYTE });
    let ticket = server.login(LoginRequest { usage_limits: bytes, ..LOGIN }).await.unwrap();
    let encrypt = |length: usize| {
        let fields = vec![
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.clone())),
            Ttlv::new(Tag::DATA, Value::ByteString(vec![0; length].into())),
        ];
        RequestBatchItem::new(OperationCode::ENCRYPT, Value::Structure(fields))
    };
    assert_eq!(server.shown(&ticket, encrypt(32)).await, None);
    assert_eq!(server.shown(&ticket, encrypt(16)).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    assert_eq!(server.shown(&ticket, get(&id)).await, None);
    assert_eq!(server.shown(&ticket, encrypt(8)).await, None);
}

#[tokio::test]
async fn bytes_of_a_key_that_is_wrapped_count_though_the_wrapping_key_has_no_limits() {
    let server = Server::new();
    let (kek, id) = (server.active().await, server.key().await);
    let bytes = Some(UsageLimits { total: 40, count: None, unit: UsageLimitsUnit::BYTE });
    let ticket = server.login(LoginRequest { usage_limits: bytes, ..LOGIN }).await.unwrap();
    let wrapped = || {
        let by = specification(&kek, Some(EncodingOption::NO_ENCODING));
        let request = GetRequest {
            unique_identifier: Some(id.as_str().into()),
            key_wrapping_specification: Some(by),
            ..plainly()
        };
        RequestBatchItem::new(OperationCode::GET, request.into_value())
    };
    // An AES-256 key is 32 bytes.
    assert_eq!(server.shown(&ticket, wrapped()).await, None);
    assert_eq!(server.shown(&ticket, wrapped()).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
}

#[tokio::test]
async fn a_ticket_that_is_counted_is_not_good_for_an_operation_in_parts() {
    let server = Server::new();
    let id = server.active().await;
    let first_part = || {
        let fields = vec![
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.clone())),
            Ttlv::new(Tag::DATA, Value::ByteString(vec![0; 16].into())),
            Ttlv::new(Tag::INIT_INDICATOR, Value::Boolean(true)),
        ];
        RequestBatchItem::new(OperationCode::ENCRYPT, Value::Structure(fields))
    };
    let unlimited = server.login(LOGIN).await.unwrap();
    assert_eq!(server.shown(&unlimited, first_part()).await, None);
    let metered = server.login(LoginRequest { usage_limits: objects(9), ..LOGIN }).await.unwrap();
    assert_eq!(server.shown(&metered, first_part()).await, Some(ResultReason::PERMISSION_DENIED));
}

#[tokio::test]
async fn a_delegated_ticket_is_good_for_its_rights_alone() {
    let server = Server::new();
    let (ours, other) = (server.key().await, server.key().await);
    let ticket = server.delegate(vec![on(&[&ours], right(&[OperationCode::GET]))]).await;
    assert_eq!(server.shown(&ticket, get(&ours)).await, None);
    assert_eq!(server.shown(&ticket, get(&other)).await, Some(ResultReason::PERMISSION_DENIED));
    for refused in [
        RequestBatchItem::new(OperationCode::LOGIN, LOGIN.into_value()),
        RequestBatchItem::new(OperationCode::RNG_RETRIEVE, Value::Structure(Vec::new())),
        locate(),
    ] {
        assert_eq!(server.shown(&ticket, refused).await, Some(ResultReason::PERMISSION_DENIED));
    }
    // What the one who delegates cannot do, the ticket cannot either.
    let theirs: String = {
        let request = CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes: aes(EVERY_USE),
            protection_storage_masks: None,
        };
        let response: claviger_plugin_sdk::kmip::payloads::CreateResponse =
            server.run_as("carol", OperationCode::CREATE, request).await.unwrap();
        response.unique_identifier
    };
    let ticket = server.delegate(vec![right(&[OperationCode::GET])]).await;
    assert_eq!(server.shown(&ticket, get(&ours)).await, None);
    assert_eq!(server.shown(&ticket, get(&theirs)).await, Some(ResultReason::OBJECT_NOT_FOUND));
    assert_eq!(server.try_delegate(vec![]).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn a_right_for_groups_is_good_for_what_is_and_comes_to_be_in_them() {
    let server = Server::new();
    let in_group = |group: &str| {
        let mut attributes = aes(EVERY_USE);
        attributes.push::<kinds::ObjectGroup>(group.into());
        attributes
    };
    let ours = server.create(in_group("backup")).await;
    let other = server.create(in_group("web")).await;
    let groups = Some(ObjectGroups { object_group: vec!["backup".into()] });
    let for_group = right(&[OperationCode::GET, OperationCode::CREATE, OperationCode::LOCATE]);
    let ticket = server.delegate(vec![Right { object_groups: groups, ..for_group }]).await;
    assert_eq!(server.shown(&ticket, get(&ours)).await, None);
    assert_eq!(server.shown(&ticket, get(&other)).await, Some(ResultReason::PERMISSION_DENIED));
    let create = |group| {
        let request = CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes: in_group(group),
            protection_storage_masks: None,
        };
        RequestBatchItem::new(OperationCode::CREATE, request.into_value())
    };
    assert_eq!(server.shown(&ticket, create("backup")).await, None);
    assert_eq!(server.shown(&ticket, create("web")).await, Some(ResultReason::PERMISSION_DENIED));
    // Two are seen by now.
    let located = server.show(&ticket, vec![locate()]).await.unwrap().remove(0).unwrap();
    let Value::Structure(fields) = located else { panic!("{located:?}") };
    assert_eq!(fields.iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER).count(), 2);
}

#[tokio::test]
async fn each_right_has_limits_of_its_own_and_another_one_takes_over() {
    let server = Server::new();
    let (first, second) = (server.key().await, server.key().await);
    let limited =
        |ids: &[&str], total| Right { usage_limits: objects(total), ..on(ids, right(&[OperationCode::GET])) };
    let ticket = server.delegate(vec![limited(&[&first], 1), limited(&[&first, &second], 2)]).await;
    assert_eq!(server.shown(&ticket, get(&first)).await, None);
    assert_eq!(server.shown(&ticket, get(&first)).await, None);
    assert_eq!(server.shown(&ticket, get(&second)).await, None);
    for id in [&first, &second] {
        assert_eq!(server.shown(&ticket, get(id)).await, Some(ResultReason::USAGE_LIMIT_EXCEEDED));
    }
}

#[tokio::test]
async fn a_ticket_gets_no_other_ticket_and_no_job_that_nobody_counts() {
    let server = Server::new();
    let id = server.key().await;
    let unlimited = server.login(LOGIN).await.unwrap();
    let login = RequestBatchItem::new(OperationCode::LOGIN, LOGIN.into_value());
    assert_eq!(server.shown(&unlimited, login).await, Some(ResultReason::PERMISSION_DENIED));
    let metered = server.login(LoginRequest { usage_limits: objects(1), ..LOGIN }).await.unwrap();
    let mut later = message(&metered, vec![get(&id)]);
    later.request_header.asynchronous_indicator =
        Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
    let refused = server.send(later).await.unwrap().remove(0).unwrap_err();
    assert_eq!(refused.reason(), ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn a_user_has_so_many_tickets_and_others_have_theirs() {
    let server = Server::new();
    let mut tickets = Vec::new();
    for _ in 0..256 {
        tickets.push(server.login(LOGIN).await.unwrap());
    }
    assert_eq!(server.login(LOGIN).await.unwrap_err().reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    let others: Result<LoginResponse> = server.run_as("carol", OperationCode::LOGIN, LOGIN).await;
    assert!(others.is_ok());
    server.logout("alice", &tickets[0]).await.unwrap();
    assert!(server.login(LOGIN).await.is_ok());
}
