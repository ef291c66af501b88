//! What the server does by itself, one timer a file.

mod purge;
mod rotation;

pub(crate) use purge::PURGE_DESTROYED_AFTER;
