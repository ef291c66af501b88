//! A server, two users with connections to it, and what they find.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::TcpStream;

use claviger_kmip::codec::{binary, json, limits::Limits};
use claviger_kmip::field::{Structure, TtlvValue};
use claviger_kmip::message::{RequestBatchItem, RequestHeader, RequestMessage, ResponseMessage};
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{
    AsynchronousIndicator, ObjectType, OperationCode as Op, ResultReason, ResultStatus,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{ByteString, Tag, Ttlv, Value};
use rustls::{ClientConnection, StreamOwned};
use xtask::certificates::Certificates;

use crate::certificates::connect;
use crate::client::Client;
use crate::kmip_forms::message;
use crate::re_provision;
use crate::server_process::ServerProcess;
use crate::tokens;
use crate::ttlv_socket;

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum User {
    /// The owner of all objects, and an operator.
    Alice,
    /// Somebody else.
    Bob,
}

impl User {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Alice => "alice",
            Self::Bob => "bob",
        }
    }
}

/// A server and two users.
pub(super) struct Scene {
    _folder: tempfile::TempDir,
    server: ServerProcess,
    pub(super) certificates: Certificates,
    sockets: HashMap<&'static str, StreamOwned<ClientConnection, TcpStream>>,
    clients: HashMap<&'static str, Client>,
    sent: usize,
    /// The other key of a pair, both ways; for a certificate its private key.
    pub(super) partners: HashMap<String, String>,
    /// Keys that take time to make and that no operation changes, by what they are.
    pub(super) kept: HashMap<String, String>,
    place: String,
    wrong: Vec<String>,
}

/// The fields of a payload as a value.
pub(super) fn payload(request: impl Structure) -> Value {
    request.into_value()
}

/// A response payload that is well-formed.
pub(super) fn read<A: TtlvValue>(answer: Value) -> A {
    A::from_value(Tag::RESPONSE_PAYLOAD, answer).unwrap()
}

impl Scene {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("root.key").display().to_string();
        tokens::command(&["keygen", &key]);
        let tokens = ["--biscuit-root-key-file", &key, "--auth-require", "any"];
        let settings = [&["--operators", "alice"][..], &tokens, &re_provision::SETTINGS].concat();
        let (server, certificates) = ttlv_socket::start_with(folder.path(), &settings);
        Self {
            _folder: folder,
            server,
            certificates,
            sockets: HashMap::new(),
            clients: HashMap::new(),
            sent: 0,
            partners: HashMap::new(),
            kept: HashMap::new(),
            place: String::new(),
            wrong: Vec::new(),
        }
    }

    /// Names what is tried next.
    pub(super) fn begin(&mut self, operation: Op) {
        self.place = format!("{operation:?}");
    }

    pub(super) fn of_type(&mut self, object_type: ObjectType) {
        let operation = self.place.split(" on ").next().unwrap_or_default();
        self.place = format!("{operation} on {object_type:?}");
    }

    /// Sends a request of alice's that is to work; nothing if it does not, which is noted.
    pub(super) fn works(&mut self, operation: Op, request: Value) -> Option<Value> {
        match self.send(User::Alice, operation, request) {
            Ok(answer) => Some(answer),
            Err((reason, text)) => {
                self.wrong.push(format!("{}: {reason:?} ({text})", self.place));
                None
            }
        }
    }

    /// Sends a request that is to be refused.
    pub(super) fn refused(
        &mut self,
        user: User,
        operation: Op,
        request: Value,
        reason: ResultReason,
        why: &str,
    ) {
        match self.send(user, operation, request) {
            Err((found, _)) if found == reason => {}
            Err((found, text)) => {
                let line = format!("{}, {why}: {found:?} ({text}), not {reason:?}", self.place);
                self.wrong.push(line);
            }
            Ok(_) => self.wrong.push(format!("{}, {why}: success, not {reason:?}", self.place)),
        }
    }

    /// Notes what is not as it should be.
    pub(super) fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.wrong.push(format!("{}: {what}", self.place));
        }
    }

    /// Sends a request that helps to set something up and cannot fail.
    pub(super) fn good(&mut self, operation: Op, request: Value) -> Value {
        self.send(User::Alice, operation, request)
            .unwrap_or_else(|refused| panic!("{}: {operation:?}: {refused:?}", self.place))
    }

    /// Sends a request over the TTLV socket, or each third time as JSON over HTTPS.
    pub(super) fn send(
        &mut self,
        user: User,
        operation: Op,
        request: Value,
    ) -> Result<Value, (ResultReason, String)> {
        let Value::Structure(fields) = request else { panic!("a payload is a structure") };
        let request = message(vec![(operation, fields)]);
        self.sent += 1;
        // Names of a vendor's own are in no standard vocabulary, and a connection turns round on a socket only.
        let in_json =
            self.sent.is_multiple_of(3) && operation.0 < 0x8000_0000 && operation != Op::SET_ENDPOINT_ROLE;
        let response = if in_json { self.in_json(user, &request) } else { self.in_ttlv(user, &request) };
        if operation == Op::SET_ENDPOINT_ROLE {
            self.sockets.remove(user.name());
        }
        let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
        let item = response.batch_item.into_iter().next().unwrap();
        match item.result_status {
            ResultStatus::SUCCESS => Ok(item.response_payload.unwrap_or_else(Payload::empty).into_value()),
            _ => Err((item.result_reason.unwrap(), item.result_message.unwrap_or_default())),
        }
    }

    /// Has an operation of alice's processed later.
    pub(super) fn submit(&mut self, operation: Op, request: Value) -> ByteString {
        let mut header = RequestHeader::new(ProtocolVersion::V2_1, 1);
        header.asynchronous_indicator = Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
        let batch_item = vec![RequestBatchItem::new(operation, request)];
        let message = RequestMessage { request_header: header, batch_item };
        let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
        let response = self.in_ttlv(User::Alice, &message);
        let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
        let item = response.batch_item.into_iter().next().unwrap();
        assert_eq!(item.result_status, ResultStatus::OPERATION_PENDING, "{item:?}");
        item.asynchronous_correlation_value.unwrap()
    }

    fn in_ttlv(&mut self, user: User, request: &Ttlv) -> Ttlv {
        let (address, certificates) = (self.server.ttlv.unwrap(), &self.certificates);
        let socket = self
            .sockets
            .entry(user.name())
            .or_insert_with(|| connect(address, certificates, Some(user.name()), &[]));
        socket.write_all(&binary::encode(request)).unwrap();
        socket.flush().unwrap();
        ttlv_socket::read(socket).unwrap_or_else(|| panic!("{}: the connection ended", self.place))
    }

    fn in_json(&mut self, user: User, request: &Ttlv) -> Ttlv {
        let (address, certificates) = (self.server.http, &self.certificates);
        let client = self.clients.entry(user.name()).or_insert_with(|| {
            Client::over(connect(address, certificates, Some(user.name()), &["http/1.1"]))
        });
        let header = "content-type: application/json";
        let answer = client.send("POST", "/kmip", &[header], &json::encode(request));
        assert_eq!(answer.status, 200, "{}", answer.text());
        json::decode(&answer.body, &Limits::default(), Vocabulary::standard()).unwrap()
    }

    /// Fails if anything was not as it should be.
    pub(super) fn finish(self) {
        assert!(
            self.wrong.is_empty(),
            "{} of {} requests:\n{}",
            self.wrong.len(),
            self.sent,
            self.wrong.join("\n")
        );
        assert!(!self.server.log().contains("panicked"), "{}", self.server.log());
    }
}
