//! Which path means what.

use std::future::ready;
use std::sync::Arc;

use claviger_plugin_sdk::BoxFuture;
use http::header::ORIGIN;
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, JSON, TEXT, empty, method_not_allowed, ok, with_status};
use super::exchange::Exchange;
use super::{Http, access_control, audit, kmip, new_database, plugin_routes, rest, status};
use crate::connection::Connection;
use crate::turn::Turn;

const VERSION: &str = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");

/// The answer to a request that asks for what is known without waiting. What pages of an origin may do is left to
/// [`answer`].
pub(super) fn answer_at_once(
    http: &Http,
    connection: &Connection,
    request: &Request<Incoming>,
) -> Option<Answer> {
    if request.headers().contains_key(ORIGIN) {
        return None;
    }
    let mut answer = known(http, request)?;
    let exchange = Exchange::new(connection, request.headers(), &http.engine);
    exchange.name(&mut answer);
    note(&exchange, &answer);
    Some(answer)
}

/// Answers a request. What it has of the server comes with the answer.
pub(super) async fn answer(
    http: &Http,
    connection: &Connection,
    request: Request<Incoming>,
) -> (Answer, Option<Arc<Turn>>) {
    let exchange = Exchange::new(connection, request.headers(), &http.engine);
    let origin = http.allowed_origins.allowed(request.headers());
    let mut answer = match http.allowed_origins.preflight(request.method(), request.headers()) {
        Some(answer) => answer,
        None if http.allowed_origins.forbids(request.method(), request.headers()) => with_status(
            StatusCode::FORBIDDEN,
            TEXT,
            "pages of this origin may not call; the operator lists those that may in --cors-origin",
        ),
        None => route(http, &exchange, request).await,
    };
    if let Some(origin) = origin {
        access_control::allow(origin, &mut answer);
    }
    exchange.name(&mut answer);
    note(&exchange, &answer);
    (answer, exchange.into_turn())
}

/// Tells the log.
fn note(exchange: &Exchange<'_>, answer: &Answer) {
    tracing::debug!(
        request = %exchange.id.name,
        given = exchange.id.given.as_deref(),
        peer = ?exchange.connection.facts().peer,
        status = answer.status().as_u16(),
        "request answered"
    );
}

/// The answer that needs no waiting.
fn known(http: &Http, request: &Request<Incoming>) -> Option<Answer> {
    Some(match request.uri().path() {
        "/version" => when_read(request, || ok(JSON, VERSION)),
        "/health/live" => when_read(request, status::live),
        "/metrics" => when_read(request, || status::metrics(http)),
        _ => return None,
    })
}

/// The answer of the path. Each has a future of its own, so that none pays for another's size.
fn route<'r>(
    http: &'r Http,
    exchange: &'r Exchange<'r>,
    request: Request<Incoming>,
) -> BoxFuture<'r, Answer> {
    let at_once = |answer| -> BoxFuture<'r, Answer> { Box::pin(ready(answer)) };
    if let Some(answer) = known(http, &request) {
        return at_once(answer);
    }
    match request.uri().path() {
        "/kmip_2_1" | "/kmip/2_1" => match (http.rest, request.method()) {
            (None, _) => at_once(empty(StatusCode::NOT_FOUND)),
            (Some(dialect), &Method::POST) => Box::pin(rest::answer(http, dialect, exchange, request)),
            (Some(_), _) => at_once(method_not_allowed("POST")),
        },
        "/kmip" => match *request.method() {
            Method::POST => Box::pin(kmip::answer(http, exchange, request)),
            _ => at_once(method_not_allowed("POST")),
        },
        "/new_database" if http.engine.has_databases() => match *request.method() {
            Method::POST => {
                Box::pin(async move { new_database::answer(http, exchange, request.headers()).await })
            }
            _ => at_once(method_not_allowed("POST")),
        },
        "/audit/search" => match *request.method() {
            Method::POST => Box::pin(audit::answer(http, exchange, request)),
            _ => at_once(method_not_allowed("POST")),
        },
        "/health/ready" => match *request.method() {
            Method::GET | Method::HEAD => Box::pin(status::ready(http)),
            _ => at_once(method_not_allowed("GET, HEAD")),
        },
        _ => Box::pin(plugin_routes::answer(http, exchange, request)),
    }
}

/// The answer to GET, and to HEAD, whose body the HTTP layer leaves out.
fn when_read(request: &Request<Incoming>, answer: impl FnOnce() -> Answer) -> Answer {
    match *request.method() {
        Method::GET | Method::HEAD => answer(),
        _ => method_not_allowed("GET, HEAD"),
    }
}
