//! The Claviger key-management server.

fn main() -> std::process::ExitCode {
    claviger_server::run(std::env::args_os())
}
