//! The routes that plugins add. Each is a translation into an operation and back.

use std::collections::BTreeSet;

use claviger_engine::registry::Registry;
use claviger_engine::{Caller, Engine};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::dialect::{Dialect, Standard};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::routes::{Route, RouteAnswer, RouteRequest};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;

use super::answer::{Answer, empty, method_not_allowed, with_status};
use super::exchange::Exchange;
use super::{Asked, Http, one_item, rest};
use crate::failure::Failure;
use crate::refusal;

/// The last segment that matches anything.
const ANYTHING: &str = "/{}";

/// All routes of plugins.
pub(crate) struct PluginRoutes {
    routes: Vec<(&'static dyn Dialect, &'static Route)>,
}

impl PluginRoutes {
    /// The routes of a registry.
    ///
    /// # Errors
    /// A route names a dialect that is not there, a method that is neither GET nor POST, or what another one claims.
    pub(crate) fn of(registry: &Registry) -> Result<Self, Failure> {
        let mut routes = Vec::new();
        let mut claimed = BTreeSet::new();
        for family in registry.routes() {
            let standard =
                Some(&Standard as &dyn Dialect).filter(|standard| standard.name() == family.dialect());
            let dialect = registry.dialect(family.dialect()).or(standard).ok_or_else(|| {
                Failure::new(format!("routes need the dialect `{}`, which is not enabled", family.dialect()))
            })?;
            for route in family.routes() {
                let (method, path) = (route.method, route.path);
                if !matches!(method, "GET" | "POST") {
                    return Err(Failure::new(format!(
                        "the route {path} has the method {method}: GET or POST"
                    )));
                }
                if !claimed.insert((method, path)) {
                    return Err(Failure::new(format!("two plugins claim the route {method} {path}")));
                }
                routes.push((dialect, route));
            }
        }
        Ok(Self { routes })
    }

    fn find(&self, method: &str, path: &str) -> Found {
        let mut allowed = None;
        for (dialect, route) in &self.routes {
            let Some(segment) = segment(route.path, path) else { continue };
            if route.method == method {
                return Found::Route(*dialect, route, percent_decoded(segment));
            }
            allowed = Some(route.method);
        }
        allowed.map_or(Found::Nothing, Found::OtherMethod)
    }
}

enum Found {
    Route(&'static dyn Dialect, &'static Route, Option<String>),
    OtherMethod(&'static str),
    Nothing,
}

/// Answers a request that is for no route of the server itself.
pub(super) async fn answer(http: &Http, exchange: &Exchange<'_>, request: Request<Incoming>) -> Answer {
    let (dialect, route, segment) =
        match http.plugin_routes.find(request.method().as_str(), request.uri().path()) {
            Found::Nothing => return empty(StatusCode::NOT_FOUND),
            Found::OtherMethod(method) => return method_not_allowed(method),
            Found::Route(_, _, None) => return empty(StatusCode::BAD_REQUEST),
            Found::Route(dialect, route, Some(segment)) => (dialect, route, segment),
        };
    let caller = match http.caller(exchange, request.headers()).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    // What a route makes of a request has no credentials, which could prove who it is.
    let user = match caller.require_user() {
        Ok(user) => user.to_owned(),
        Err(error) => {
            http.engine.unreadable(&caller, &error);
            refusal::note(&exchange.id, exchange.connection.facts(), &error, &http.metrics);
            return http.unauthorized(request.headers());
        }
    };
    let (head, body) = request.into_parts();
    let Asked { caller, body, turn } = match http.read(exchange, caller, body).await {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type =
        content_type.and_then(|value| value.split(';').next()).map(|value| value.trim().to_owned());
    let (engine, length) = (http.engine.clone(), body.len());
    let work = async move {
        let content_type = content_type.as_deref();
        let request = RouteRequest { segment: &segment, body: &body, content_type, user: &user };
        respond(&engine, &caller, dialect, route, &request).await
    };
    match http.work(&turn, length, work).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refused)) => http.refused(&refused, &head.headers),
        Err(answer) => answer,
    }
}

/// The answer.
///
/// # Errors
/// Authentication Not Successful: what proves the caller is good no longer.
async fn respond(
    engine: &Engine,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    route: &Route,
    request: &RouteRequest<'_>,
) -> Result<Answer> {
    let routed = match (route.request)(request) {
        Ok(routed) => routed,
        Err(answer) => {
            engine.unreadable(caller, &refused_by_the_route());
            return Ok(translated(answer));
        }
    };
    let operation = routed.operation;
    let outcome = one_item::run(engine, caller, dialect, operation, routed.payload).await;
    match outcome.and_then(|payload| (route.response)(request, payload)) {
        Ok(answer) => Ok(translated(answer)),
        Err(error) if error.is_unproven() => Err(error),
        Err(error) => Ok(match route.failure.and_then(|failure| failure(request, &error)) {
            Some(answer) => translated(answer),
            None => rest::failed(dialect, Some(operation), &error),
        }),
    }
}

/// The route has told the client what is wrong; this is for audit alone.
fn refused_by_the_route() -> Error {
    Error::new(ResultReason::INVALID_MESSAGE, ErrorClass::Malformed, "the route cannot read the request")
}

fn translated(answer: RouteAnswer) -> Answer {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = with_status(status, answer.content_type, answer.body);
    // They tell who may do what, or are as good as a password themselves (RFC 6749 section 5.1).
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// What stands at the last segment of the pattern, if the path matches; empty if the pattern has no such segment.
fn segment<'p>(pattern: &str, path: &'p str) -> Option<&'p str> {
    match pattern.strip_suffix(ANYTHING) {
        None => (pattern == path).then_some(""),
        Some(front) => {
            let segment = path.strip_prefix(front)?.strip_prefix('/')?;
            (!segment.is_empty() && !segment.contains('/')).then_some(segment)
        }
    }
}

/// The text of a segment; `None` if an escape is broken or the text is no UTF-8.
fn percent_decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_its_path_or_one_more_segment() {
        assert_eq!(segment("/access/owned", "/access/owned"), Some(""));
        assert_eq!(segment("/access/owned", "/access/owned/"), None);
        assert_eq!(segment("/access/list/{}", "/access/list/a%20b"), Some("a%20b"));
        assert_eq!(segment("/access/list/{}", "/access/list/"), None);
        assert_eq!(segment("/access/list/{}", "/access/list/a/b"), None);
    }

    #[test]
    fn escapes_are_decoded_as_rfc_3986_says() {
        assert_eq!(percent_decoded("a%20b%C3%a9").as_deref(), Some("a b\u{e9}"));
        assert_eq!(percent_decoded("100%"), None);
        assert_eq!(percent_decoded("%zz"), None);
        assert_eq!(percent_decoded("%ff"), None);
    }
}
