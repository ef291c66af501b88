//! The Claviger server.

// The allocator. Requests are many small allocations that live as long as the request, on which the system's allocator
// spends a quarter of the processor time of a batch of encryptions.
//
// It takes the place of the C library's `malloc`, which Rust's default allocator asks. As Rust's own global allocator it
// would be told an alignment each time, and takes a long way for most sizes then; and SQLite and the cryptographic
// libraries would go on without it.
use mimalloc as _;

fn main() -> std::process::ExitCode {
    claviger_server::run(std::env::args_os())
}
