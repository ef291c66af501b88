//! Tag policies: which tags an object has beside those of its user.

use claviger_kmip::attributes::Attributes;

use crate::error::Result;
use crate::record::KeyFacts;

/// Decides tags. Policies are an ordered list; each is asked.
pub trait TagPolicy: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The user tags that attributes carry; `None` when they carry none in this policy's form.
    ///
    /// # Errors
    /// They carry some and they cannot be read.
    fn user_tags(&self, attributes: &Attributes) -> Result<Option<Vec<String>>>;

    /// Checks a tag that a user wants to give.
    ///
    /// # Errors
    /// The policy forbids it.
    fn check_user_tag(&self, tag: &str) -> Result<()>;

    /// The system tags of an object; `None` leaves the decision to the next policy.
    fn system_tags(&self, facts: &KeyFacts<'_>) -> Option<Vec<String>>;
}

/// Registers a tag policy at link time.
#[macro_export]
macro_rules! register_tag_policy {
    ($policy:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::TagPolicy(&$policy),
            )
        }
    };
}
