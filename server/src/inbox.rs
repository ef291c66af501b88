//! Bytes that come in. They may be keys, so none of them stays in memory that goes to others: they are erased when they move,
//! when what was made of them goes, and when the connection ends.

use std::mem;

use bytes::Bytes;
use claviger_kmip::ByteString;

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

    /// Takes the first bytes, so many of them, without a copy. They are erased when the last who has them lets go.
    pub(crate) fn take(&mut self, length: usize) -> Bytes {
        let rest = self.0.get(length..).map(<[u8]>::to_vec).unwrap_or_default();
        let mut taken = mem::replace(&mut self.0, rest);
        taken.truncate(length);
        Bytes::from_owner(ByteString::from(taken))
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        erase(mem::take(&mut self.0));
    }
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
