//! Who may do what, over HTTP: real tokens and certificates, the `/access` routes, and what is explained beforehand.

mod audit_search;
mod explain;
mod matrix;
#[path = "../../../../plugins/operations-kmip/tests/admission_matrix/requests.rs"]
mod requests;
mod routes;
#[path = "../../../../plugins/operations-kmip/tests/admission_matrix/table.rs"]
mod table;
pub(crate) mod tokens;
