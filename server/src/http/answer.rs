//! Answers and their headers.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use crate::shares::Busy;

/// An HTTP answer with a body that is known as a whole.
pub(super) type Answer = Response<Full<Bytes>>;

/// `application/json`
pub(super) const JSON: &str = "application/json";
/// The type of the texts of errors.
pub(super) const TEXT: &str = "text/html; charset=utf-8";

/// Content Security Policy level 3, sections 6.1.3 and 6.3.2.
const RUN_NOTHING: &str = "default-src 'none'; sandbox";

/// Success, with a body of this type.
pub(super) fn ok(content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    with_status(StatusCode::OK, content_type, body)
}

/// A body of this type with a status.
pub(super) fn with_status(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if content_type == TEXT {
        // Clients know these texts as HTML, and they repeat what was asked for: a browser must run none of it.
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(RUN_NOTHING));
    }
    answer
}

/// There is no room for the request now: 429 if it is the caller's own requests that take it, 503 otherwise.
pub(super) fn busy(busy: Busy) -> Answer {
    let status = match busy {
        Busy::NoMemory => StatusCode::SERVICE_UNAVAILABLE,
        Busy::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
    };
    let mut answer = with_status(status, TEXT, busy.text());
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer
}

/// A status without a body.
pub(super) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

/// Too much was asked for or got wrong: when to come again stands in `Retry-After`. There is no body.
pub(super) fn too_many_requests(wait: Duration) -> Answer {
    let mut answer = empty(StatusCode::TOO_MANY_REQUESTS);
    retry_after(wait, &mut answer);
    answer
}

/// Tells when to come again, in whole seconds.
pub(super) fn retry_after(wait: Duration, answer: &mut Answer) {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    let seconds = HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX));
    answer.headers_mut().insert(RETRY_AFTER, seconds);
}

/// The path is known, and not with this method.
pub(super) fn method_not_allowed(allowed: &'static str) -> Answer {
    let mut answer = empty(StatusCode::METHOD_NOT_ALLOWED);
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    answer
}
