//! `POST /token` and `POST /token/revoke`: JSON in front of the operations on tokens.

use claviger_plugin_sdk::kmip::field::TtlvValue as _;
use claviger_plugin_sdk::kmip::payloads::Ticket;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::routes::{Route, RouteAnswer, RouteRequest, RoutedOperation, Routes};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::operations::{
    MINT_TOKEN, MintTokenRequest, MintTokenResponse, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER,
    RevokeTokenIdentifierRequest, RevokeTokenRequest, TICKET_TYPE,
};
use crate::{form, moment, token, vocabulary};

/// The routes.
pub(crate) struct TokenRoutes;

impl Routes for TokenRoutes {
    fn dialect(&self) -> &'static str {
        "kmip"
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }
}

const ROUTES: &[Route] = &[
    Route { method: "POST", path: "/token", request: ask_mint, response: tell_minted, failure: Some(refuse) },
    Route {
        method: "POST",
        path: "/token/revoke",
        request: ask_revoke,
        response: tell_revoked,
        failure: Some(refuse),
    },
];

/// What `/token` is sent.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MintBody {
    lifetime: Option<u32>,
    operations: Vec<String>,
    objects: Vec<String>,
    tags: Vec<String>,
    types: Vec<String>,
    uses: Option<i64>,
}

fn ask_mint(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    let body: MintBody = if request.body.is_empty() { MintBody::default() } else { read(request)? };
    let operation = |name: String| vocabulary::operation(&name).ok_or_else(|| unknown("operation", &name));
    let object_type = |name: String| {
        let known = vocabulary::types().find(|(_, known)| *known == name);
        known.map(|(object_type, _)| object_type).ok_or_else(|| unknown("object type", &name))
    };
    let payload = MintTokenRequest {
        lifetime: body.lifetime.map(Interval),
        operation: body.operations.into_iter().map(operation).collect::<Result<_, _>>()?,
        object: body.objects,
        tag: body.tags,
        object_type: body.types.into_iter().map(object_type).collect::<Result<_, _>>()?,
        uses: body.uses,
    };
    Ok(RoutedOperation { operation: MINT_TOKEN, payload: payload.into_value() })
}

fn tell_minted(_: &RouteRequest<'_>, payload: Value) -> Result<RouteAnswer> {
    let minted = MintTokenResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let bytes = &minted.ticket.ticket_value;
    let damaged = |why: String| Error::server("the token was not made").because(why);
    let ids = token::parsed(bytes).map_err(damaged)?.revocation_identifiers();
    let body = json!({
        "token": form::encode(bytes),
        "expires": moment::text(minted.until.0),
        "revocation_id": ids.last().map(hex::encode),
    });
    Ok(answer(200, &body))
}

/// What `/token/revoke` is sent: one of both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    token: Option<String>,
    revocation_id: Option<String>,
}

fn ask_revoke(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    match read(request)? {
        RevokeBody { token: Some(text), revocation_id: None } => {
            let value = form::decode(text.trim()).map_err(|why| refusal(400, &format!("token: {why}")))?;
            let ticket = Ticket { ticket_type: TICKET_TYPE, ticket_value: value.into() };
            let payload = RevokeTokenRequest { ticket }.into_value();
            Ok(RoutedOperation { operation: REVOKE_TOKEN, payload })
        }
        RevokeBody { token: None, revocation_id: Some(id) } => {
            let id = hex::decode(id).map_err(|_| refusal(400, "revocation_id is written in hexadecimal"))?;
            let payload = RevokeTokenIdentifierRequest { identifier: id.into() }.into_value();
            Ok(RoutedOperation { operation: REVOKE_TOKEN_IDENTIFIER, payload })
        }
        _ => Err(refusal(400, "send either token or revocation_id")),
    }
}

fn tell_revoked(_: &RouteRequest<'_>, _: Value) -> Result<RouteAnswer> {
    Ok(answer(200, &json!({ "revoked": true })))
}

fn refuse(_: &RouteRequest<'_>, error: &Error) -> Option<RouteAnswer> {
    let status = match error.class() {
        ErrorClass::Denied => 403,
        ErrorClass::Unsupported => 501,
        ErrorClass::Conflict => 409,
        ErrorClass::Server | ErrorClass::Storage => 500,
        _ => 400,
    };
    Some(refusal(status, error.message()))
}

fn read<T: DeserializeOwned>(request: &RouteRequest<'_>) -> Result<T, RouteAnswer> {
    if request.content_type != Some("application/json") {
        return Err(refusal(415, "send application/json"));
    }
    // An array would be read as the fields in their order.
    let read = serde_json::from_slice::<serde_json::Map<_, _>>(request.body);
    let read = read.and_then(|fields| serde_json::from_value(fields.into()));
    read.map_err(|error| refusal(400, &error.to_string()))
}

fn unknown(what: &str, name: &str) -> RouteAnswer {
    refusal(400, &format!("{name:?} is no {what}"))
}

fn refusal(status: u16, why: &str) -> RouteAnswer {
    answer(status, &json!({ "error": why }))
}

fn answer(status: u16, body: &serde_json::Value) -> RouteAnswer {
    RouteAnswer { status, content_type: "application/json", body: body.to_string().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> RouteRequest<'_> {
        RouteRequest {
            segment: "",
            body: body.as_bytes(),
            content_type: Some("application/json"),
            user: "ann",
        }
    }

    #[test]
    fn a_body_says_what_the_token_is_narrowed_to() {
        let body = r#"{"lifetime":60,"operations":["Get"],"objects":["k"],"tags":["t"],"types":["SymmetricKey"],"uses":2}"#;
        let routed = ask_mint(&request(body)).unwrap();
        let payload = MintTokenRequest::from_value(Tag::REQUEST_PAYLOAD, routed.payload).unwrap();
        assert_eq!(payload.lifetime, Some(Interval(60)));
        assert_eq!(payload.operation, [OperationCode::GET]);
        assert_eq!(payload.object_type, [ObjectType::SYMMETRIC_KEY]);
        assert_eq!(
            (payload.object, payload.tag, payload.uses),
            (vec!["k".into()], vec!["t".into()], Some(2))
        );
        assert!(ask_mint(&request("")).is_ok());
    }

    #[test]
    fn what_a_body_cannot_mean_is_refused() {
        for wrong in [
            "{",
            "[]",
            r#"{"operation":["Get"]}"#,
            r#"{"operations":["get"]}"#,
            r#"{"types":["Key"]}"#,
            r#"{"lifetime":-1}"#,
        ] {
            assert_eq!(ask_mint(&request(wrong)).unwrap_err().status, 400, "{wrong}");
        }
        for wrong in
            ["{}", r#"{"token":"a","revocation_id":"00"}"#, r#"{"revocation_id":"x"}"#, r#"{"token":"a b"}"#]
        {
            assert_eq!(ask_revoke(&request(wrong)).unwrap_err().status, 400, "{wrong}");
        }
        let plain = RouteRequest { content_type: Some("text/plain"), ..request("{}") };
        assert_eq!(ask_mint(&plain).unwrap_err().status, 415);
    }
}
