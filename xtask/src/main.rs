//! Every developer command of Claviger.
fn main() {}
