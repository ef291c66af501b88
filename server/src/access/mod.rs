//! `claviger-server access …`: who may do what, from the database, beside the server.

mod explain;
mod one_object;

pub(crate) use explain::{Asked, command, perform, read};
