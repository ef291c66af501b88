//! Measures a running Claviger server.

fn main() {}
