//! Whatever clients send to Covercrypt is answered, in every generation: structures, access policies, actions, keys, headers.
#![no_main]

#[path = "../../plugins/crypto-covercrypt/tests/outside/tried.rs"]
mod tried;

use std::sync::Once;

static QUIET: Once = Once::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The hook of libFuzzer ends the process at panics that the plugin catches from its libraries. Others end it still.
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    tried::tried(bytes);
});
