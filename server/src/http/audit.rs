//! `POST /audit/search`: what operators read of the audit log of the server that answers.

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::Error;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, JSON, TEXT, empty, ok, with_status};
use super::exchange::Exchange;
use super::{Asked, Http};
use crate::audit::Search;
use crate::bulk::LARGE;
use crate::refusal;

/// Answers a request, whose body says what is looked for.
pub(super) async fn answer(http: &Http, exchange: &Exchange<'_>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let caller = match http.caller(exchange, &head.headers).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    if let Err(error) = http.engine.may_read_audit(&caller) {
        return refused(http, exchange, &head.headers, &error);
    }
    let Asked { caller, body, turn } = match http.read(exchange, caller, body).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    if body.len() > LARGE {
        return empty(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let search = match Search::read(&body) {
        Ok(search) => search,
        Err(why) => return with_status(StatusCode::BAD_REQUEST, TEXT, why),
    };
    // Who reads what others did is told as well.
    if let Err(error) = http.engine.reads_audit(&caller, search.details()).await {
        return with_status(StatusCode::INTERNAL_SERVER_ERROR, TEXT, error.message().to_owned());
    }
    if let Err(busy) = turn.run_large().await {
        return super::answer::busy(busy);
    }
    let audit = http.audit.clone();
    match http.room.bulk.run(async move { audit.search(search).await }).await {
        Some(Ok(Some(found))) => {
            let mut answer = ok(JSON, found);
            answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            answer
        }
        Some(Ok(None)) => with_status(StatusCode::NOT_FOUND, TEXT, "this server keeps no audit log"),
        Some(Err(failure)) => {
            tracing::error!(request = %exchange.id.name, ?failure, "the audit log cannot be read");
            with_status(
                StatusCode::INTERNAL_SERVER_ERROR,
                TEXT,
                "the audit log cannot be read; the server's log says why",
            )
        }
        None => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn refused(http: &Http, exchange: &Exchange<'_>, headers: &HeaderMap, error: &Error) -> Answer {
    if error.reason() == ResultReason::AUTHENTICATION_NOT_SUCCESSFUL {
        refusal::note(&exchange.id, exchange.connection.facts(), error, &http.metrics);
        return http.refused(error, headers);
    }
    with_status(StatusCode::FORBIDDEN, TEXT, error.message().to_owned())
}
