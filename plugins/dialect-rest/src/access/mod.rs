//! The `/access` routes: plain JSON in front of the operations on access rights.

mod change;
mod explain;
mod listings;
mod rights;

use claviger_plugin_sdk::routes::{Route, RouteAnswer, Routes};

/// The routes of the family.
pub(crate) struct Access;

impl Routes for Access {
    fn dialect(&self) -> &'static str {
        "rest"
    }

    fn routes(&self) -> &'static [Route] {
        ROUTES
    }
}

const ROUTES: &[Route] = &[
    Route {
        method: "GET",
        path: "/access/owned",
        request: listings::ask_owned,
        response: listings::tell_owned,
        failure: None,
    },
    Route {
        method: "GET",
        path: "/access/obtained",
        request: listings::ask_obtained,
        response: listings::tell_obtained,
        failure: None,
    },
    Route {
        method: "GET",
        path: "/access/list/{}",
        request: listings::ask_rights,
        response: listings::tell_rights,
        failure: Some(change::refuse),
    },
    Route {
        method: "POST",
        path: "/access/grant",
        request: change::ask_grant,
        response: change::tell_granted,
        failure: Some(change::refuse),
    },
    Route {
        method: "POST",
        path: "/access/revoke",
        request: change::ask_revoke,
        response: change::tell_revoked,
        failure: Some(change::refuse),
    },
    Route {
        method: "POST",
        path: "/access/explain",
        request: explain::ask,
        response: explain::tell,
        failure: None,
    },
];

/// An answer of 200 with JSON.
fn json(body: &serde_json::Value) -> RouteAnswer {
    RouteAnswer { status: 200, content_type: "application/json", body: body.to_string().into_bytes() }
}

/// An error as the family has it: plain text under the type of a page.
fn refusal(status: u16, text: impl Into<String>) -> RouteAnswer {
    RouteAnswer { status, content_type: "text/html; charset=utf-8", body: text.into().into_bytes() }
}
