//! Encrypted contents: AES-256-GCM in chunks, so that they are read and written as they come.
//!
//! This is the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", section 7). The nonce of a chunk is its number, 11 bytes, and one byte that is 1 for the
//! last chunk and 0 for the others: whoever swaps, repeats, drops or adds chunks, or cuts the file, is found out. The
//! associated data of each is the prefix of the file. The key belongs to the file alone.

use std::io::{self, BufRead, Read, Write};

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use zeroize::Zeroizing;

/// Bytes of a chunk before it is encrypted; the last one may have fewer.
pub(super) const CHUNK: usize = 64 << 10;
/// Bytes that encryption adds.
pub(super) const TAG: usize = 16;

/// The key of the contents of one file, and what else every chunk is bound to.
pub(super) struct ChunkKey {
    key: LessSafeKey,
    prefix: Vec<u8>,
    next: u64,
}

impl ChunkKey {
    /// A key of which no chunk was encrypted or decrypted yet.
    pub(super) fn new(key: LessSafeKey, prefix: Vec<u8>) -> Self {
        Self { key, prefix, next: 0 }
    }

    /// The nonce of the next chunk.
    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        if let Some(number) = nonce.get_mut(3..11) {
            number.copy_from_slice(&self.next.to_be_bytes());
        }
        if let Some(end) = nonce.last_mut() {
            *end = u8::from(last);
        }
        self.next += 1;
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let nonce = self.nonce(last);
        let sealed = self.key.seal_in_place_append_tag(nonce, Aad::from(&self.prefix), chunk);
        sealed.map_err(|_| io::Error::other("a part of the backup cannot be encrypted"))
    }

    fn open(&mut self, chunk: &mut Vec<u8>, last: bool) -> io::Result<()> {
        let first = self.next == 0;
        let nonce = self.nonce(last);
        let opened = self.key.open_in_place(nonce, Aad::from(&self.prefix), chunk).map(|plain| plain.len());
        let length = opened.map_err(|_| {
            let why = match first {
                true => "the key or passphrase is another one, or the backup was altered",
                false => "the backup was altered or cut off",
            };
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?;
        chunk.truncate(length);
        Ok(())
    }
}

/// Encrypts what is written to it.
pub(super) struct Sealing<W> {
    out: W,
    key: ChunkKey,
    chunk: Zeroizing<Vec<u8>>,
}

impl<W: Write> Sealing<W> {
    pub(super) fn new(out: W, key: ChunkKey) -> Self {
        Self { out, key, chunk: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)) }
    }

    fn write_chunk(&mut self, last: bool) -> io::Result<()> {
        self.key.seal(&mut self.chunk, last)?;
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }

    /// Writes the last chunk.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.write_chunk(true)?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits until more comes: it may be the last one.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.write_chunk(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Decrypts what is read from it. It gives out nothing that was not authenticated.
pub(super) struct Opening<R> {
    input: R,
    key: ChunkKey,
    chunk: Zeroizing<Vec<u8>>,
    read: usize,
    ended: bool,
}

impl<R: BufRead> Opening<R> {
    pub(super) fn new(input: R, key: ChunkKey) -> Self {
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
        Self { input, key, chunk, read: 0, ended: false }
    }

    fn next_chunk(&mut self) -> io::Result<()> {
        self.chunk.clear();
        self.read = 0;
        (&mut self.input).take((CHUNK + TAG) as u64).read_to_end(&mut self.chunk)?;
        let last = self.input.fill_buf()?.is_empty();
        self.key.open(&mut self.chunk, last)?;
        self.ended = last;
        Ok(())
    }
}

impl<R: BufRead> Read for Opening<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.chunk.len() && !self.ended {
            self.next_chunk()?;
        }
        let rest = self.chunk.get(self.read..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..taken), rest.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.read += taken;
        Ok(taken)
    }
}
