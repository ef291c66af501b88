//! The Claviger key-management server.

/// Requests are many small allocations that live as long as the request; the system's allocator spends a quarter of the
/// processor time of a batch of encryptions on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    claviger_server::run(std::env::args_os())
}
