//! Whom a failure about an absent object speaks to.
//!
//! Clients of one dialect may send the same request for an object that is not there and expect different answers, by
//! their generation. The newest object of the caller tells which it is, as the objects of a request do elsewhere.

use claviger_plugin_sdk::dialect::{Dialect as _, Standard};
use claviger_plugin_sdk::error::{Error, ErrorClass};
use claviger_plugin_sdk::filter::{Filter, Page};

use super::message::Message;

/// The same failure, told as one about the newest object that the caller owns; unchanged if it is about an object
/// already, if the caller owns none, or for clients of KMIP itself.
pub(crate) async fn told(message: &Message<'_>, error: Error) -> Error {
    let is_settled = error.class() != ErrorClass::NotFound || error.subject().is_some();
    if is_settled || message.dialect.name() == Standard.name() {
        return error;
    }
    let principal = message.principal();
    let owned = Filter::Owner(principal.user.clone());
    let found = message.store.find(&owned, &Page::first(1), principal.subjects()).await;
    let newest = found.ok().and_then(|found| found.records.into_iter().next());
    let newest = newest.and_then(|stored| message.engine.objects.take_found(&*message.store, stored).ok());
    match newest {
        Some(newest) => error.about(&newest.entry.record.attributes),
        None => error,
    }
}
