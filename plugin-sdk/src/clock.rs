//! Time, given from outside so that tests can set it.

/// A clock.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC.
    fn now_millis(&self) -> i64;
}
