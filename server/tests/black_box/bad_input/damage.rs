//! Seeded damage to good requests.

/// Seeded randomness: xorshift64*.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// One of the samples, changed in one to four places.
    pub(super) fn damaged(&mut self, samples: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = samples[self.below(samples.len())].clone();
        for _ in 0..=self.below(4) {
            self.damage(&mut bytes);
        }
        bytes
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let place = self.below(bytes.len());
        let end = (place + self.below(16)).min(bytes.len());
        match self.below(7) {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[place] = self.below(256) as u8,
            2 => bytes.truncate(place),
            3 => drop(bytes.drain(place..end)),
            4 => {
                let piece = bytes[place..end].to_vec();
                let target = self.below(bytes.len() + 1);
                bytes.splice(target..target, piece);
            }
            5 => bytes.insert(place.min(bytes.len()), b"\"{}[]<>&\\0x,:"[self.below(13)]),
            _ => {
                let number = [0, 1, 0x7F, 0x80, 0xFF][self.below(5)];
                bytes[place..end].fill(number);
            }
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }
}
