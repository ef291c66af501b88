//! HTTP routes beside the KMIP ones. A route translates into operations and back; it has no other way in.

use claviger_kmip::Value;
use claviger_kmip::tables::enumerations::OperationCode;

use crate::error::{Error, Result};

/// A family of extra HTTP routes.
pub trait Routes: Send + Sync {
    /// The dialect whose rules hold for the operations behind the routes; `kmip` is the standard without any.
    fn dialect(&self) -> &'static str;

    /// The routes.
    fn routes(&self) -> &'static [Route];
}

/// One route.
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path; a last segment `{}` matches anything and is given to `request`.
    pub path: &'static str,
    /// Translates the request into an operation.
    pub request: fn(&RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer>,
    /// Translates the response payload into an answer.
    pub response: fn(&RouteRequest<'_>, Value) -> Result<RouteAnswer>,
    /// Translates a failure; `None` leaves it to the dialect.
    pub failure: Option<fn(&RouteRequest<'_>, &Error) -> Option<RouteAnswer>>,
}

/// What a route is given.
#[derive(Clone, Copy, Debug)]
pub struct RouteRequest<'a> {
    /// What stands at `{}`, percent-decoded; empty if the path has none.
    pub segment: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The media type of the body, without parameters.
    pub content_type: Option<&'a str>,
    /// The name of the caller.
    pub user: &'a str,
}

/// The operation that a route means.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutedOperation {
    /// Its code.
    pub operation: OperationCode,
    /// Its request payload.
    pub payload: Value,
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteAnswer {
    /// The status code.
    pub status: u16,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// Registers routes at link time.
#[macro_export]
macro_rules! register_routes {
    ($routes:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Routes(&$routes),
            )
        }
    };
}
