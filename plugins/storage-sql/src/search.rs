//! From a filter to SQL that any of the databases runs on its indexes.
//!
//! A search is driven by the condition that leaves the fewest objects (see [`plan`]); the others are tested on each
//! object that it gives, newest first, until the page is full. So a search costs what it finds, not what is stored.

mod conditions;
mod plan;
mod statement;

pub(crate) use conditions::{OWN_VALUE, TAGS, read_subject, stored_subject};
pub(crate) use plan::{Driver, candidates};
pub(crate) use statement::{Parameter, Statement, count, probe, select};
