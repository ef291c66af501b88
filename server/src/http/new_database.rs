//! `POST /new_database`: an empty database for a group of users, in a storage that has one for each.
//!
//! The answer is the token, as a JSON string, which clients bring from then on. Whoever proves who he is gets one, and
//! everybody where nothing has to be proven; so often an hour.

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::Error;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::Http;
use super::answer::{Answer, JSON, TEXT, ok, with_status};
use super::exchange::Exchange;
use crate::rate::Rate;
use crate::refusal;
use crate::who::Who;

/// How often somebody may have a database made.
pub(crate) type NewDatabases = Rate<Who>;

/// Answers a request. It has no body; one that comes is not looked at.
pub(super) async fn answer(http: &Http, exchange: &Exchange<'_>, headers: &HeaderMap) -> Answer {
    let caller = match http.caller(exchange, headers).await {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    // Whoever is refused in any case takes none of what others with the same user or address may have made.
    if caller.check_unrestricted().is_ok()
        && let Err(wait) = http.new_databases.take(Who::of(&caller))
    {
        return wait.map_or_else(switched_off, |seconds| too_often(seconds.as_secs()));
    }
    match http.engine.new_database(&caller).await {
        Ok(token) => given(&token),
        Err(error) => refused(http, exchange, headers, &error),
    }
}

fn given(token: &[u8]) -> Answer {
    let mut answer = ok(JSON, [b"\"", token, b"\""].concat());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn refused(http: &Http, exchange: &Exchange<'_>, headers: &HeaderMap, error: &Error) -> Answer {
    match error.reason() {
        ResultReason::AUTHENTICATION_NOT_SUCCESSFUL => {
            refusal::note(&exchange.id, exchange.connection.facts(), error, &http.metrics);
            http.refused(error, headers)
        }
        ResultReason::PERMISSION_DENIED => {
            with_status(StatusCode::UNAUTHORIZED, TEXT, format!("Access denied: {}", error.message()))
        }
        _ => {
            tracing::error!(request = %exchange.id.name, ?error, "a database was not made");
            let text = format!("Database Error: {}", error.message());
            with_status(StatusCode::INTERNAL_SERVER_ERROR, TEXT, text)
        }
    }
}

fn too_often(seconds: u64) -> Answer {
    let text = "you have had too many databases made; try again later";
    let mut answer = with_status(StatusCode::TOO_MANY_REQUESTS, TEXT, text);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

fn switched_off() -> Answer {
    with_status(StatusCode::FORBIDDEN, TEXT, "the operator has switched off that databases are made here")
}
