//! `/kmip_2_1`: the JSON of the REST family of clients.
//!
//! A bare operation is answered by its bare response, or by status and text; a message by a message, with status 200
//! whatever became of its items.

use bytes::Bytes;
use claviger_engine::{Caller, Engine};
use claviger_kmip::codec::error::{CodecError, CodecErrorKind};
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::rest_json::{self, KeyMaterialForm, RestBody};
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::{ByteString, Tag, Ttlv};
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::{Error, ErrorClass, Result};
use http::{Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, JSON, TEXT, ok, with_status};
use super::exchange::Exchange;
use super::{Asked, Http, one_item};
use crate::undecodable;

/// Answers a request. Its content type is not looked at: clients of the family send any.
pub(super) async fn answer(
    http: &Http,
    dialect: &'static dyn Dialect,
    exchange: &Exchange<'_>,
    request: Request<Incoming>,
) -> Answer {
    let (head, body) = request.into_parts();
    let caller = match http.caller(exchange, &head.headers).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let Asked { caller, body, turn } = match http.read(exchange, caller, body).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let (engine, limits, length) = (http.engine.clone(), http.limits, body.len());
    // Boxed where it is made: it is large, and would be moved with every future around it.
    let work = Box::pin(async move { respond(&engine, &caller, dialect, &body, &limits).await });
    match http.work(&turn, length, work).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refused)) => http.refused(&refused, &head.headers),
        Err(answer) => answer,
    }
}

/// The answer.
///
/// # Errors
/// Authentication Not Successful: what proves the caller is good no longer, or the message brings a wrong proof.
async fn respond(
    engine: &Engine,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    body: &[u8],
    limits: &Limits,
) -> Result<Answer> {
    let vocabulary = engine.registry().vocabulary();
    let (operation, answered) = match rest_json::decode(body, limits, vocabulary) {
        Err(error) => {
            let error = unreadable(&error);
            engine.unreadable(caller, &error);
            (None, Err(error))
        }
        Ok(RestBody::Message(message)) => (None, run_message(engine, caller, dialect, message).await),
        Ok(RestBody::Operation { payload: Ttlv { tag: Tag::RESPONSE_PAYLOAD, .. }, operation }) => {
            let error = no_request(engine, operation);
            engine.unreadable(caller, &error);
            (None, Err(error))
        }
        Ok(RestBody::Operation { operation, payload }) => {
            (Some(operation), run_operation(engine, caller, dialect, operation, payload).await)
        }
    };
    match answered {
        // The dialect has given key material the form that the client knows.
        Ok(body) => {
            let body = ByteString::from(rest_json::encode(&body, KeyMaterialForm::Bare, vocabulary));
            // It may have keys, and is erased when it has been sent.
            Ok(ok(JSON, Bytes::from_owner(body)))
        }
        Err(error) if error.is_unproven() => Err(error),
        Err(error) => Ok(failed(dialect, operation, &error)),
    }
}

/// What the family's older servers say to every body that is no TTLV in JSON: they take it for an encrypted one.
const NO_JWE: &str = "this server doesn't support JWE encryption";

/// The error for a body that cannot be decoded.
fn unreadable(error: &CodecError) -> Error {
    let is_ttlv = match error.kind() {
        CodecErrorKind::Syntax { .. } => false,
        // An object of JSON that is something else.
        CodecErrorKind::Missing { .. } => !error.path().is_empty(),
        _ => true,
    };
    if is_ttlv {
        return undecodable::error(error);
    }
    let why = format!("{NO_JWE}, and the body is no TTLV in JSON: {error}");
    Error::new(ResultReason::CODEC_ERROR, ErrorClass::Unsupported, why)
}

/// The error for a body that is what a server answers to an operation: it asks for nothing.
fn no_request(engine: &Engine, operation: OperationCode) -> Error {
    let vocabulary = engine.registry().vocabulary();
    let name = vocabulary.enumeration_name(Tag::OPERATION, operation.0).unwrap_or_default();
    let reason = ResultReason::OPERATION_NOT_SUPPORTED;
    Error::new(reason, ErrorClass::Unsupported, format!("{name}Response"))
}

/// The family's status and text for an error.
pub(super) fn failed(
    dialect: &'static dyn Dialect,
    operation: Option<OperationCode>,
    error: &Error,
) -> Answer {
    let answer = dialect.error(operation, error);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    with_status(status, TEXT, answer.text)
}

async fn run_operation(
    engine: &Engine,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    operation: OperationCode,
    payload: Ttlv,
) -> Result<RestBody> {
    let payload = one_item::run(engine, caller, dialect, operation, payload.value).await?;
    Ok(RestBody::Operation { operation, payload: Ttlv::new(Tag::RESPONSE_PAYLOAD, payload) })
}

async fn run_message(
    engine: &Engine,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    message: Ttlv,
) -> Result<RestBody> {
    let message = RequestMessage::from_value(message.tag, message.value).map_err(Error::from);
    let message = message.inspect_err(|error| engine.unreadable(caller, error))?;
    let outcomes = engine.handle_in(caller, dialect, message).await?;
    Ok(RestBody::Message(engine.response(dialect, outcomes)))
}

#[cfg(test)]
mod tests {
    use claviger_kmip::vocabulary::Vocabulary;

    use super::*;

    fn refused(body: &str) -> Error {
        let decoded = rest_json::decode(body.as_bytes(), &Limits::default(), Vocabulary::standard());
        unreadable(&decoded.unwrap_err())
    }

    #[test]
    fn a_body_that_is_no_ttlv_in_json_is_taken_for_an_encrypted_one() {
        for body in ["eyJhbGciOiJFQ0RILUVTIn0..aXY.dGV4dA.dGFn", "{", "{}", r#"{"value":[]}"#, r#""Get""#] {
            let error = refused(body);
            assert_eq!((error.reason(), error.class()), (ResultReason::CODEC_ERROR, ErrorClass::Unsupported));
            assert!(error.message().starts_with(NO_JWE), "{body}: {error}");
        }
    }

    #[test]
    fn what_is_wrong_with_ttlv_is_told_as_it_is() {
        for (value_type, value) in
            [("Structure", "7"), ("Octets", "[]"), ("Structure", r#"[{"tag":"Data","type":"Integer"}]"#)]
        {
            let body = format!(r#"{{"tag":"Get","type":"{value_type}","value":{value}}}"#);
            let error = refused(&body);
            assert_eq!(error.class(), ErrorClass::Malformed, "{body}: {error}");
        }
    }
}
