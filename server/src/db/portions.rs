//! How much of a database is read and written together: so many objects or documents at most, and about so many bytes,
//! since one of them may be of any length.

/// Objects or documents that are read and written together at most.
const MOST: usize = 100;
/// How many at first, when their lengths are not known.
const FIRST: usize = 8;
/// So many bytes are enough together.
const BYTES: usize = 8 << 20;

/// How many objects or documents to read next, by what those before them were like.
pub(super) struct Portions {
    next: usize,
}

impl Portions {
    /// Nothing is known yet.
    pub(super) fn new() -> Self {
        Self { next: FIRST }
    }

    /// How many to read next, at least one.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// The last ones had so many bytes.
    pub(super) fn had(&mut self, bytes: usize) {
        let next = match bytes {
            BYTES.. => self.next / 4,
            bytes if bytes < BYTES / 4 => self.next * 2,
            _ => self.next,
        };
        self.next = next.clamp(1, MOST);
    }
}

/// Whether so many, with so many bytes, are to be written before more are read.
pub(super) fn is_enough(count: usize, bytes: usize) -> bool {
    count >= MOST || bytes >= BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_read_together_after_long_ones_and_many_after_short_ones() {
        let mut portions = Portions::new();
        assert_eq!(portions.next(), FIRST);
        for _ in 0..10 {
            portions.had(1000);
        }
        assert_eq!(portions.next(), MOST);
        portions.had(BYTES);
        assert_eq!(portions.next(), MOST / 4);
        portions.had(BYTES / 2);
        assert_eq!(portions.next(), MOST / 4);
        for _ in 0..10 {
            portions.had(1 << 30);
        }
        assert_eq!(portions.next(), 1);
    }

    #[test]
    fn one_long_object_is_enough() {
        assert!(!is_enough(99, 1000) && is_enough(100, 1000) && is_enough(1, BYTES));
    }
}
