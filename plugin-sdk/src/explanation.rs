//! Why somebody may do something with an object, or may not: what admission says when it is asked beforehand.

use std::sync::Arc;

use crate::error::Result;

/// About whom is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedAbout {
    /// The caller, with what narrows his credentials.
    Caller,
    /// Somebody else, of whom only this is known.
    User {
        /// The user.
        name: Arc<str>,
        /// The groups.
        groups: Vec<Arc<str>>,
    },
}

/// The rules that were asked, in order. All of them let the user go on but the last, which may have refused.
#[derive(Debug)]
pub struct Explanation(pub Vec<AskedRule>);

/// What one rule says.
#[derive(Debug)]
pub struct AskedRule {
    /// What it is called, such as `right`.
    pub rule: &'static str,
    /// Why it lets the user go on, or the error that he would get.
    pub verdict: Result<String>,
}

impl Explanation {
    /// Whether the user may do it.
    pub fn is_allowed(&self) -> bool {
        self.0.iter().all(|asked| asked.verdict.is_ok())
    }
}
