//! `/kmip`: whole KMIP messages in the forms of the OASIS HTTPS profiles, answered in kind.

use bytes::Bytes;
use claviger_engine::{Caller, Engine, HeldOff, Received};
use claviger_kmip::codec::binary::{self, Checked};
use claviger_kmip::codec::error::CodecError;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::{json, xml};
use claviger_kmip::{ByteString, Ttlv};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, JSON, TEXT, ok, retry_after, with_status};
use super::exchange::Exchange;
use super::{Asked, Http};
use crate::seat::Seat;
use crate::undecodable;

/// What a client is told that sends another type.
const FORMS: &str = "send application/octet-stream (TTLV), application/json or text/xml";

/// Answers a message. Whenever there is a KMIP answer the status is 200, whatever became of the operations.
pub(super) async fn answer(http: &Http, exchange: &Exchange<'_>, request: Request<Incoming>) -> Answer {
    let Some(form) = Form::of(request.headers()) else {
        return with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, TEXT, FORMS);
    };
    let caller = match http.caller(exchange, request.headers()).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let Asked { caller, body, turn } = match http.read(exchange, caller, request.into_body()).await {
        Err(answer) => return answer,
        Ok(asked) => asked,
    };
    let (engine, limits, length) = (http.engine.clone(), http.limits, body.len());
    let seat = exchange.connection.seat().clone();
    // Boxed where it is made: it is large, and would be moved with every future around it.
    let work = Box::pin(async move { respond(&engine, &caller, form, body, &limits, &seat).await });
    match http.work(&turn, length, work).await {
        Ok((response, held_off)) => {
            // It may have keys, and is erased when it has been sent.
            let mut answer = ok(form.content_type(), Bytes::from_owner(response));
            if let Some(HeldOff { wait }) = held_off {
                retry_after(wait, &mut answer);
            }
            answer
        }
        Err(answer) => answer,
    }
}

/// The response, and how long its sender has to wait.
async fn respond(
    engine: &Engine,
    caller: &Caller,
    form: Form,
    body: Bytes,
    limits: &Limits,
    seat: &Seat,
) -> (ByteString, Option<HeldOff>) {
    let response = match form.decode(body, limits, engine) {
        Ok(message) => engine.answer(caller, message).await,
        Err(error) => return (form.encode(&engine.malformed(caller, &undecodable::error(&error))), None),
    };
    let held_off = response.held_off();
    if response.is_accepted() {
        seat.is_known();
    }
    let bytes = match form {
        Form::Binary => response.into_binary(),
        Form::Json | Form::Xml => form.encode(&response.into_tree()),
    };
    (bytes, held_off)
}

/// How a message is written.
#[derive(Clone, Copy)]
enum Form {
    Binary,
    Json,
    Xml,
}

impl Form {
    /// The form that the content type names, whatever its parameters.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value.split(';').next().unwrap_or_default().trim();
        [Self::Binary, Self::Json, Self::Xml]
            .into_iter()
            .find(|form| media_type.eq_ignore_ascii_case(form.content_type()))
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Binary => "application/octet-stream",
            Self::Json => JSON,
            Self::Xml => "text/xml",
        }
    }

    fn decode(self, body: Bytes, limits: &Limits, engine: &Engine) -> Result<Received, CodecError> {
        let vocabulary = engine.registry().vocabulary();
        match self {
            Self::Binary => Checked::new(body, limits).map(Received::Binary),
            Self::Json => json::decode(&body, limits, vocabulary).map(Received::Tree),
            Self::Xml => xml::decode(&body, limits, vocabulary).map(Received::Tree),
        }
    }

    fn encode(self, message: &Ttlv) -> ByteString {
        let bytes = match self {
            Self::Binary => binary::encode(message),
            Self::Json => json::encode(message),
            Self::Xml => xml::encode(message),
        };
        bytes.into()
    }
}
