//! Randomness, given by the engine so that tests can seed it.

use claviger_kmip::ByteString;

/// A source of random bytes fit for keys.
pub trait RandomSource: Send + Sync {
    /// Fills the buffer.
    fn fill(&mut self, buffer: &mut [u8]);

    /// Takes data of a client into account for what it gives from now on, which is no less random for it, and says how
    /// many bytes of the data it used: none, unless it knows how to.
    fn seed(&mut self, _data: &[u8]) -> usize {
        0
    }

    /// A fresh byte string of this length.
    fn bytes(&mut self, length: usize) -> ByteString {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes);
        bytes.into()
    }
}
