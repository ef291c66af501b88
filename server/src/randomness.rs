//! Randomness for the engine.

use std::cell::RefCell;

use claviger_engine::SystemRandom;
use claviger_plugin_sdk::random::RandomSource;
use zeroize::Zeroize;

/// The generator of the library that also does TLS: a DRBG a thread (NIST SP 800-90A), seeded by the operating system.
///
/// Small requests, such as nonces, are served from bytes that were drawn before: the generator's cost is one of calls,
/// not of bytes. What is given out is erased from the stock.
pub(crate) struct LibraryRandom;

/// Bytes that are drawn at once.
const STOCK: usize = 512;

thread_local! {
    static DRAWN: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK], used: STOCK }) };
}

struct Stock {
    bytes: [u8; STOCK],
    used: usize,
}

impl RandomSource for LibraryRandom {
    fn fill(&mut self, buffer: &mut [u8]) {
        if buffer.len() > STOCK / 8 {
            return draw(buffer);
        }
        DRAWN.with_borrow_mut(|stock| {
            if STOCK - stock.used < buffer.len() {
                draw(&mut stock.bytes);
                stock.used = 0;
            }
            let end = stock.used + buffer.len();
            if let Some(fresh) = stock.bytes.get_mut(stock.used..end) {
                buffer.copy_from_slice(fresh);
                fresh.zeroize();
            }
            stock.used = end;
        });
    }

    /// The library draws fresh seeds from the operating system, which takes this one.
    fn seed(&mut self, data: &[u8]) -> usize {
        SystemRandom.seed(data)
    }
}

#[allow(clippy::expect_used)] // without randomness a key server must stop: a key made without it is worse
fn draw(buffer: &mut [u8]) {
    aws_lc_rs::rand::fill(buffer).expect("the generator gives random bytes");
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_out_twice() {
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let mut nonce = [0; 12];
            LibraryRandom.fill(&mut nonce);
            assert!(seen.insert(nonce), "12 bytes came twice");
        }
    }

    #[test]
    fn requests_of_every_length_are_filled() {
        for length in 1..=2 * STOCK {
            let mut buffer = vec![0; length + 8];
            LibraryRandom.fill(&mut buffer[..]);
            assert!(buffer.iter().any(|byte| *byte != 0), "{length} bytes stayed empty");
        }
    }
}
