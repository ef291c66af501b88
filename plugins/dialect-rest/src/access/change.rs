//! `POST /access/grant` and `POST /access/revoke`.

use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::payloads::access::{self, GrantRequest, RevokeRightRequest};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::routes::{RouteAnswer, RouteRequest, RoutedOperation};
use serde::Deserialize;

use super::{json, refusal, rights};
use crate::request::NO_PLACEHOLDER;

/// What both routes are sent. Older clients name one operation, newer ones a list; a body may do either.
#[derive(Deserialize)]
struct Change {
    unique_identifier: Option<String>,
    user_id: String,
    operation_type: Option<String>,
    operation_types: Option<Vec<String>>,
}

pub(super) fn ask_grant(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    let (unique_identifier, username, operation) = read(request)?;
    let payload = GrantRequest { unique_identifier, username, operation }.into_value();
    Ok(RoutedOperation { operation: access::GRANT, payload })
}

pub(super) fn ask_revoke(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    let (unique_identifier, username, operation) = read(request)?;
    let payload = RevokeRightRequest { unique_identifier, username, operation }.into_value();
    Ok(RoutedOperation { operation: access::REVOKE_RIGHT, payload })
}

pub(super) fn tell_granted(request: &RouteRequest<'_>, _: Value) -> Result<RouteAnswer> {
    Ok(success(request, "added"))
}

pub(super) fn tell_revoked(request: &RouteRequest<'_>, _: Value) -> Result<RouteAnswer> {
    Ok(success(request, "deleted"))
}

/// A caller who does not own the object reads the same as when there is none.
pub(super) fn refuse(request: &RouteRequest<'_>, error: &Error) -> Option<RouteAnswer> {
    // Whose database it is, the request itself has to prove.
    let is_unproven = error.reason() == ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;
    if is_unproven || !matches!(error.class(), ErrorClass::NotFound | ErrorClass::Denied) {
        return None;
    }
    let change = serde_json::from_slice::<Change>(request.body).ok();
    let id = change.and_then(|change| change.unique_identifier).unwrap_or_else(|| request.segment.to_owned());
    Some(refusal(
        401,
        format!("Access denied: Object with uid `{id}` is not owned by owner `{}`", request.user),
    ))
}

fn success(request: &RouteRequest<'_>, done: &str) -> RouteAnswer {
    let user =
        serde_json::from_slice::<Change>(request.body).map(|change| change.user_id).unwrap_or_default();
    json(&serde_json::json!({ "success": format!("Access for {user} successfully {done}") }))
}

type Read = (Option<UniqueIdentifier>, String, Vec<OperationCode>);

fn read(request: &RouteRequest<'_>) -> Result<Read, RouteAnswer> {
    if request.content_type.is_none_or(|sent| sent != "application/json") {
        return Err(refusal(400, "Content type error: send application/json"));
    }
    let change: Change = serde_json::from_slice(request.body)
        .map_err(|error| refusal(400, format!("Json deserialize error: {error}")))?;
    if change.unique_identifier.is_none() {
        return Err(refusal(422, NO_PLACEHOLDER));
    }
    if change.user_id == request.user {
        return Err(refusal(401, "Access denied: you cannot grant or revoke rights to yourself"));
    }
    let names = change.operation_type.into_iter().chain(change.operation_types.unwrap_or_default());
    let mut operations: Vec<OperationCode> = Vec::new();
    for name in names {
        let known = rights::operations(&name).ok_or_else(|| {
            refusal(400, format!("Json deserialize error: {name:?} is none of: {}", rights::known()))
        })?;
        operations.extend(
            known.iter().filter(|operation| !operations.contains(operation)).copied().collect::<Vec<_>>(),
        );
    }
    if operations.is_empty() {
        return Err(refusal(
            400,
            "Json deserialize error: name a right in operation_type or some in operation_types",
        ));
    }
    Ok((change.unique_identifier.map(UniqueIdentifier::Text), change.user_id, operations))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(body: &str) -> Result<GrantRequest, RouteAnswer> {
        let request = RouteRequest {
            segment: "",
            body: body.as_bytes(),
            content_type: Some("application/json"),
            user: "ann",
        };
        let routed = ask_grant(&request)?;
        assert_eq!(routed.operation, access::GRANT);
        Ok(GrantRequest::from_value(Tag::REQUEST_PAYLOAD, routed.payload).unwrap())
    }

    #[test]
    fn both_generations_of_bodies_are_read() {
        let older = ask(r#"{"unique_identifier":"k","user_id":"bob","operation_type":"decrypt"}"#).unwrap();
        let newer =
            ask(r#"{"unique_identifier":"k","user_id":"bob","operation_types":["decrypt"]}"#).unwrap();
        assert_eq!(older, newer);
        assert_eq!(older.operation, [OperationCode::DECRYPT]);
    }

    #[test]
    fn what_the_contract_refuses_is_refused() {
        let status = |body| ask(body).unwrap_err().status;
        assert_eq!(status(r#"{"user_id":"bob","operation_type":"get"}"#), 422);
        assert_eq!(status(r#"{"unique_identifier":"k","user_id":"ann","operation_type":"get"}"#), 401);
        assert_eq!(status(r#"{"unique_identifier":"k","user_id":"bob","operation_type":"read"}"#), 400);
        assert_eq!(status("{"), 400);
    }

    #[test]
    fn somebody_else_s_object_and_no_object_read_the_same() {
        let body = br#"{"unique_identifier":"k","user_id":"bob","operation_type":"get"}"#;
        let request = RouteRequest { segment: "", body, content_type: Some("application/json"), user: "ann" };
        let answer = refuse(&request, &Error::not_found("k")).unwrap();
        // As recorded, but for the names.
        assert_eq!(answer.status, 401);
        assert_eq!(answer.body, b"Access denied: Object with uid `k` is not owned by owner `ann`");
        assert!(refuse(&request, &Error::server("why")).is_none());
    }
}
