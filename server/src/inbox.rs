//! Bytes that come in. They may be keys, so none of them stays in memory that goes to others: they are erased when they move,
//! when what was made of them goes, and when the connection ends.

use std::mem;

use bytes::Bytes;
use claviger_kmip::{ByteString, erase_slice};

use crate::bulk::LARGE;

/// Memory that stays when what came in it is taken.
const KEPT: usize = 8 << 10;

/// What has come and was not taken yet.
#[derive(Default)]
pub(crate) struct Inbox(Vec<u8>);

impl Inbox {
    /// What it has.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Room for so many more bytes at least, twice as much as before where it takes memory.
    pub(crate) fn reserve(&mut self, more: usize) {
        let needed = self.0.len().saturating_add(more);
        if needed <= self.0.capacity() {
            return;
        }
        // A `Vec` would leave the bytes where they were.
        let mut wider = Vec::with_capacity(needed.max(self.0.capacity().saturating_mul(2)));
        wider.extend_from_slice(&self.0);
        erase(mem::replace(&mut self.0, wider));
    }

    /// Whether it takes long to erase.
    pub(crate) fn is_large(&self) -> bool {
        self.0.len() > LARGE
    }

    /// How many bytes have room.
    pub(crate) fn room(&self) -> usize {
        self.0.capacity() - self.0.len()
    }

    /// What takes the bytes that come, as many as there is room for.
    pub(crate) fn end(&mut self) -> impl bytes::BufMut {
        let room = self.room();
        bytes::BufMut::limit(&mut self.0, room)
    }

    /// Appends bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Takes the first bytes, so many of them. They are erased when the last who has them lets go.
    ///
    /// Short messages are copied, and their memory is there for the next: new memory for each would have to be erased as
    /// a whole, of which a message takes little. Long ones are not copied.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        let taken = if self.0.capacity() <= KEPT { self.copy_out(length) } else { self.give_away(length) };
        Bytes::from_owner(taken)
    }

    fn copy_out(&mut self, length: usize) -> ByteString {
        let length = length.min(self.0.len());
        let taken = ByteString::from(self.0.get(..length).unwrap_or_default());
        let rest = move_to_front(&mut self.0, length);
        self.0.truncate(rest);
        taken
    }

    fn give_away(&mut self, length: usize) -> ByteString {
        let rest = self.0.get(length..).map(<[u8]>::to_vec).unwrap_or_default();
        let mut taken = mem::replace(&mut self.0, rest);
        taken.truncate(length);
        ByteString::from(taken)
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        erase(mem::take(&mut self.0));
    }
}

/// Moves the bytes from here on to the front, and erases what is behind them then. Says how many they are.
fn move_to_front(bytes: &mut [u8], from: usize) -> usize {
    let rest = bytes.len().saturating_sub(from);
    bytes.copy_within(from.., 0);
    erase_slice(bytes.get_mut(rest..).unwrap_or_default());
    rest
}

/// All of its memory, spare capacity included.
fn erase(bytes: Vec<u8>) {
    drop(ByteString::from(bytes));
}

#[cfg(test)]
mod tests {
    use bytes::BufMut as _;

    use super::*;

    #[test]
    fn what_comes_is_taken_in_its_order_and_the_rest_stays() {
        let mut inbox = Inbox::default();
        inbox.reserve(4);
        assert!(inbox.room() >= 4);
        let room = inbox.room();
        assert_eq!(inbox.end().remaining_mut(), room, "no more than there is room for");
        inbox.end().put_slice(b"abcd");
        inbox.push(b"efgh");
        assert_eq!(inbox.take(3), &b"abc"[..]);
        assert_eq!(inbox.bytes(), b"defgh");
        inbox.push(&[b'x'; 100]);
        assert_eq!(inbox.take(5), &b"defgh"[..]);
        assert_eq!(inbox.take(100), &[b'x'; 100][..]);
        assert!(inbox.bytes().is_empty());
        assert!(inbox.take(1).is_empty(), "there is no more");
    }

    #[test]
    fn the_memory_of_short_messages_stays() {
        let mut inbox = Inbox::default();
        inbox.reserve(4 << 10);
        let (room, place) = (inbox.room(), inbox.bytes().as_ptr());
        for _ in 0..3 {
            inbox.push(&[b'k'; 300]);
            inbox.push(&[b'n'; 100]);
            assert_eq!(inbox.take(300), &[b'k'; 300][..]);
            assert_eq!(inbox.take(100), &[b'n'; 100][..]);
            assert_eq!((inbox.room(), inbox.bytes().as_ptr()), (room, place));
        }
    }

    #[test]
    fn nothing_of_what_was_taken_stays_in_memory() {
        for (from, left) in [(0, b"abcde"), (1, b"bcde\0"), (3, b"de\0\0\0"), (5, b"\0\0\0\0\0")] {
            let mut bytes = *b"abcde";
            assert_eq!((move_to_front(&mut bytes, from), &bytes), (5 - from, left));
        }
    }

    #[test]
    fn long_messages_are_not_copied() {
        let mut inbox = Inbox::default();
        inbox.push(&[b'l'; 100_000]);
        let place = inbox.bytes().as_ptr();
        let taken = inbox.take(99_999);
        assert_eq!((taken.len(), taken.as_ptr()), (99_999, place));
        assert_eq!(inbox.bytes(), b"l");
        assert_eq!(inbox.take(1), &b"l"[..]);
        assert!(inbox.room() <= KEPT);
    }

    #[test]
    fn it_grows_by_doubling_so_that_what_comes_in_pieces_moves_seldom() {
        let (mut inbox, mut moves) = (Inbox::default(), 0);
        for _ in 0..10_000 {
            let room = inbox.room();
            inbox.push(&[0; 100]);
            moves += usize::from(inbox.room() > room);
        }
        assert_eq!(inbox.bytes().len(), 1_000_000);
        assert!(moves <= 15, "{moves}");
    }
}
