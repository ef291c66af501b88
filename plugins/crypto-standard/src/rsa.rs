//! RSA (RFC 8017): keys, their encodings and what is done with them.

mod components;
mod keys;
mod pairs;
