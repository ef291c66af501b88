//! Randomness for the engine.

use claviger_plugin_sdk::random::RandomSource;

/// The generator of the library that also does TLS: a DRBG a thread (NIST SP 800-90A), seeded by the operating system.
/// It costs a tenth of asking the operating system for each nonce.
pub(crate) struct LibraryRandom;

impl RandomSource for LibraryRandom {
    #[allow(clippy::expect_used)] // without randomness a key server must stop: a key made without it is worse
    fn fill(&mut self, buffer: &mut [u8]) {
        aws_lc_rs::rand::fill(buffer).expect("the generator gives random bytes");
    }
}
