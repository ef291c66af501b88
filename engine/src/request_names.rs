//! Names for requests: what the logs call a request, and the Server Correlation Value of its response (KMIP 2.1 section
//! 9.10).

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_plugin_sdk::random::RandomSource;

/// What a request is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId {
    /// The server's name for it, which no other request has.
    pub name: Arc<str>,
    /// The name that it came with, such as the `X-Request-Id` of a proxy. The transport has seen to it that it is short and
    /// has nothing in it that logs would not bear.
    pub given: Option<Arc<str>>,
}

/// Gives every request a name that no request of this or another server has: random bytes, and a number.
pub(crate) struct RequestNames {
    server: String,
    given: AtomicU64,
}

impl RequestNames {
    /// Names for a server that starts.
    pub(crate) fn new(random: &mut dyn RandomSource) -> Self {
        let mut server = String::new();
        for byte in random.bytes(8).iter() {
            // Writing to a String cannot fail.
            let _ = write!(server, "{byte:02x}");
        }
        Self { server, given: AtomicU64::new(0) }
    }

    /// The name of the next request.
    pub(crate) fn next(&self) -> Arc<str> {
        let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        // One of these is made for every request: joining costs a fifth of formatting.
        [&*self.server, "-", &number.to_string()].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;

    #[test]
    fn names_differ_from_one_another_and_from_those_of_another_start() {
        let (one, other) = [1, 2].map(|seed| RequestNames::new(&mut SeededRandom::new(seed))).into();
        let names = [one.next(), one.next(), other.next(), other.next()];
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        assert!(names[0].ends_with("-1") && names[1].ends_with("-2"));
    }
}
