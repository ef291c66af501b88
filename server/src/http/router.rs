//! Which path means what.

use std::sync::atomic::Ordering::Relaxed;

use http::{Method, Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, JSON, TEXT, empty, method_not_allowed, ok, with_status};
use super::{Http, access_control, kmip, new_database, plugin_routes, rest, status};
use crate::connection::Connection;

const VERSION: &str = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");

/// Answers a request.
pub(super) async fn answer(http: &Http, connection: &Connection, request: Request<Incoming>) -> Answer {
    http.metrics.http_requests.fetch_add(1, Relaxed);
    let origin = http.allowed_origins.allowed(request.headers());
    let mut answer = match http.allowed_origins.preflight(request.method(), request.headers()) {
        Some(answer) => answer,
        None if http.allowed_origins.forbids(request.method(), request.headers()) => with_status(
            StatusCode::FORBIDDEN,
            TEXT,
            "pages of this origin may not call; the operator lists those that may in --cors-origin",
        ),
        None => route(http, connection, request).await,
    };
    if let Some(origin) = origin {
        access_control::allow(origin, &mut answer);
    }
    tracing::debug!(peer = ?connection.facts().peer, status = answer.status().as_u16(), "request answered");
    answer
}

async fn route(http: &Http, connection: &Connection, request: Request<Incoming>) -> Answer {
    match request.uri().path() {
        // The futures of requests that do something are large: boxed, they cost nothing to the others.
        "/kmip_2_1" | "/kmip/2_1" => match (http.rest, request.method()) {
            (None, _) => empty(StatusCode::NOT_FOUND),
            (Some(dialect), &Method::POST) => {
                Box::pin(rest::answer(http, dialect, connection, request)).await
            }
            (Some(_), _) => method_not_allowed("POST"),
        },
        "/kmip" => match *request.method() {
            Method::POST => Box::pin(kmip::answer(http, connection, request)).await,
            _ => method_not_allowed("POST"),
        },
        "/new_database" if http.engine.has_databases() => match *request.method() {
            Method::POST => Box::pin(new_database::answer(http, connection, request.headers())).await,
            _ => method_not_allowed("POST"),
        },
        "/version" => when_read(&request, || ok(JSON, VERSION)),
        "/health/live" => when_read(&request, status::live),
        "/health/ready" => match *request.method() {
            Method::GET | Method::HEAD => Box::pin(status::ready(http)).await,
            _ => method_not_allowed("GET, HEAD"),
        },
        "/metrics" => when_read(&request, || status::metrics(http)),
        _ => Box::pin(plugin_routes::answer(http, connection, request)).await,
    }
}

/// The answer to GET, and to HEAD, whose body the HTTP layer leaves out.
fn when_read(request: &Request<Incoming>, answer: impl FnOnce() -> Answer) -> Answer {
    match *request.method() {
        Method::GET | Method::HEAD => answer(),
        _ => method_not_allowed("GET, HEAD"),
    }
}
