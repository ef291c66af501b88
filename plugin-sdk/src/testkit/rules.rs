//! How a suite becomes tests, and how a test proves that a rule finds what breaks it.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a rule against something that breaks it.
///
/// # Panics
/// The rule found nothing.
pub fn assert_broken(rule: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(rule)).is_err(), "the rule let through what breaks it");
}

/// One test a rule, in a module named after the suite.
#[doc(hidden)]
#[macro_export]
macro_rules! testkit_rules {
    ($suite:ident, $subject:expr, $($rule:ident,)*) => {
        mod $suite {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[test]
                fn $rule() {
                    $crate::testkit::$suite::$rule($subject);
                }
            )*
        }
    };
}
