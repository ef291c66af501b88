//! Rules that every new object has to meet.

use crate::BoxFuture;
use crate::context::{Context, NewObject};
use crate::error::Result;

/// A rule for new objects, whichever operation makes them and whoever brought that operation. The engine asks every
/// registered one before it records an object.
pub trait NewObjectRule: Send + Sync {
    /// Its name, for reports and the configuration.
    fn name(&self) -> &'static str;

    /// Looks at an object that is about to be recorded, with all of its attributes but those that the engine gives.
    ///
    /// # Errors
    /// The object breaks the rule; the item fails.
    fn check<'a>(&'a self, cx: &'a mut Context<'_>, object: &'a NewObject) -> BoxFuture<'a, Result<()>>;
}

/// Registers a rule for new objects at link time.
#[macro_export]
macro_rules! register_new_object_rule {
    ($rule:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::NewObjectRule(&$rule),
            )
        }
    };
}
