//! One request on a connection.

use std::sync::{Arc, OnceLock};

use claviger_engine::{Engine, RequestId};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::answer::Answer;
use crate::connection::Connection;
use crate::seat::Working;
use crate::shares::{Share, Shares};
use crate::turn::Turn;
use crate::who::Who;

/// What a client or a proxy calls a request, and what its answer is called.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Letters that a name from outside may have.
const LONGEST: usize = 128;

/// A request, where it came from and what it is called.
pub(crate) struct Exchange<'c> {
    /// The connection that it came on.
    pub(super) connection: &'c Connection,
    /// What it is called, in its answer, the logs and audit.
    pub(super) id: RequestId,
    share: OnceLock<Arc<Share>>,
    /// Since its body was read.
    working: OnceLock<Working>,
    turn: OnceLock<Arc<Turn>>,
}

impl<'c> Exchange<'c> {
    /// A request with these header fields.
    pub(super) fn new(connection: &'c Connection, headers: &HeaderMap, engine: &Engine) -> Self {
        let id = engine.new_request(given(headers));
        Self { connection, id, share: OnceLock::new(), working: OnceLock::new(), turn: OnceLock::new() }
    }

    /// Says whose share of the server it takes.
    pub(super) fn is_of(&self, share: Arc<Share>) {
        // It is said once.
        let _ = self.share.set(share);
    }

    /// Whose share it takes: of a caller of whom nothing is known, that of nobody in particular.
    pub(super) fn share(&self, shares: &Shares) -> Arc<Share> {
        self.share.get_or_init(|| shares.of(Who::Others)).clone()
    }

    /// The request was read: its connection is at work until the answer is made.
    pub(super) fn is_read(&self) {
        // It is read once.
        let _ = self.working.set(self.connection.seat().work());
    }

    /// It is its turn to be worked on.
    pub(super) fn has(&self, turn: Arc<Turn>) {
        // It is once.
        let _ = self.turn.set(turn);
    }

    /// It is answered. What is left of it is its turn, until the answer is taken.
    pub(super) fn into_turn(self) -> Option<Arc<Turn>> {
        self.turn.into_inner()
    }

    /// Names the answer: as the request was named, or else by the server's own name.
    pub(super) fn name(&self, answer: &mut Answer) {
        let name = self.id.given.as_ref().unwrap_or(&self.id.name);
        if let Ok(name) = HeaderValue::from_str(name) {
            answer.headers_mut().insert(X_REQUEST_ID, name);
        }
    }
}

/// The name that a request came with, if it has one that is fit for logs.
fn given(headers: &HeaderMap) -> Option<Arc<str>> {
    let mut all = headers.get_all(X_REQUEST_ID).iter();
    let name = all.next()?.to_str().ok()?;
    // Of two it is not known which one the logs of others have.
    let fit = all.next().is_none() && (1..=LONGEST).contains(&name.len()) && name.bytes().all(is_plain);
    fit.then(|| name.into())
}

/// Letters of UUIDs, ULIDs, trace identifiers, Base64 and host names.
fn is_plain(letter: u8) -> bool {
    letter.is_ascii_alphanumeric() || b"-_.:/+=@~".contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Option<String> {
        let fields = names.iter().map(|name| (X_REQUEST_ID, HeaderValue::from_str(name).unwrap()));
        given(&fields.collect()).map(|name| name.to_string())
    }

    #[test]
    fn a_name_from_outside_is_taken_if_logs_can_bear_it() {
        let uuid = "0b7c2a34-6f8e-4f0e-9a55-7d0f3f4f7b11";
        assert_eq!(named(&[uuid]).as_deref(), Some(uuid));
        assert_eq!(named(&["Root=1-67891233:abc/def+g=="]).as_deref(), Some("Root=1-67891233:abc/def+g=="));
        assert_eq!(named(&[&"a".repeat(128)]).map(|name| name.len()), Some(128));
        for bad in ["", "a b", "a\"b", "a\tb", "{a}", &"a".repeat(129)] {
            assert_eq!(named(&[bad]), None, "{bad}");
        }
        assert_eq!(named(&[]), None);
        assert_eq!(named(&["one", "two"]), None);
    }
}
