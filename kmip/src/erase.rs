//! Erasing bytes before their memory goes to others.

use zeroize::optimization_barrier;

/// Erases what a buffer holds and held, its spare capacity included, and leaves it empty.
pub(crate) fn erase(buffer: &mut Vec<u8>) {
    if buffer.capacity() == 0 {
        return;
    }
    // Empty first, so that what it holds and what is spare are written in one go.
    buffer.clear();
    buffer.resize(buffer.capacity(), 0);
    optimization_barrier(buffer.as_slice());
    buffer.clear();
}

/// Erases bytes by stores that the compiler must not leave out. They are wide: a byte at a time, which is what `zeroize`
/// does for itself, takes longer than encrypting as many bytes.
pub fn erase_slice(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_slice_is_erased_and_nothing_beside_it() {
        for start in 0..40 {
            for end in start..80 {
                let mut bytes = [0xA5; 80];
                erase_slice(&mut bytes[start..end]);
                let erased = |place: usize| (start..end).contains(&place);
                assert!(bytes.iter().enumerate().all(|(place, byte)| (*byte == 0) == erased(place)));
            }
        }
    }

    #[test]
    fn a_buffer_is_empty_afterwards_and_keeps_its_memory() {
        let mut buffer = vec![0xA5; 100];
        buffer.truncate(10);
        erase(&mut buffer);
        assert!(buffer.is_empty());
        assert!(buffer.capacity() >= 100);
    }
}
