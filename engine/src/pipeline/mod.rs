//! The straight path of a request, top to bottom:
//!
//! 1. [`received`] and [`message`]: version, size, count, credentials, store;
//! 2. [`batch`]: items in order, what follows a failure;
//! 3. [`item`]: dialect request → operation → [`templates`] of 1.x → decode → resolve → admission → run → check
//!    effects → commit → dialect response;
//! 4. [`resolve`] and [`admission`]: which objects, and whether this caller may;
//! 5. [`host`]: what the handler reaches;
//! 6. [`commit`]: writing what it recorded;
//! 7. [`response`]: the answers as a message.

pub(crate) mod absent;
pub(crate) mod account;
pub(crate) mod admission;
pub(crate) mod batch;
pub(crate) mod commit;
pub(crate) mod data_reference;
pub(crate) mod dependents;
mod effects;
pub(crate) mod explain;
pub(crate) mod host;
pub(crate) mod item;
pub(crate) mod message;
pub(crate) mod new_object;
pub(crate) mod notes;
pub(crate) mod pace;
pub(crate) mod parents;
pub(crate) mod received;
pub(crate) mod records;
pub(crate) mod repetition;
pub(crate) mod request_attributes;
pub(crate) mod resolve;
pub(crate) mod response;
pub(crate) mod response_room;
pub(crate) mod stored_wrapped;
pub(crate) mod templates;
