//! From a filter to SQL that any of the databases runs on its indexes.
//!
//! A search is driven by the condition that leaves the fewest objects (see [`plan`]); the others are tested on each
//! object that it gives, newest first, until the page is full. So a search costs what it finds, not what is stored,
//! as long as something selective drives it: see [`scalars`] for what has an index, and [`dialect`] for what the
//! databases say in their own way.

mod conditions;
mod dialect;
pub(crate) mod faults;
mod plan;
pub(crate) mod scalars;
mod statement;

pub(crate) use conditions::{Comparison, permitted, read_subject, stored_subject};
pub(crate) use dialect::{Dialect, rest_of_name, stored_name, stored_value};
pub(crate) use plan::{Driver, candidates};
pub(crate) use statement::{Argument, Parameter, Statement, Wanted, count, probe, select};
