//! Numbers, text and bytes one after the other: what an encrypted value is made of.

use claviger_plugin_sdk::Result;
use zeroize::Zeroizing;

use crate::sealed::damaged;

/// Writes values one after the other.
pub(crate) struct Writer {
    bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// A writer with space for so many bytes. If they suffice, what is written is nowhere else in memory.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(bytes)) }
    }

    /// What was written.
    pub(crate) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    pub(crate) fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes.push(byte);
        self
    }

    pub(crate) fn number(&mut self, number: u32) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn long(&mut self, number: i64) -> &mut Self {
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.long(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len());
        self.bytes.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub(crate) fn optional(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => self.byte(1).long(number),
            None => self.byte(0),
        }
    }
}

/// Reads what a [`Writer`] wrote. Every method fails where the bytes are something else.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Makes sure that nothing is left.
    pub(crate) fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(damaged()) }
    }

    pub(crate) fn byte(&mut self) -> Result<u8> {
        self.rest.split_off_first().copied().ok_or_else(damaged)
    }

    pub(crate) fn number(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn long(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn count(&mut self) -> Result<usize> {
        // A count of things that have a byte at least each: a larger one is nonsense, and nothing is reserved for it.
        let count = usize::try_from(self.long()?).map_err(|_| damaged())?;
        if count <= self.rest.len() { Ok(count) } else { Err(damaged()) }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'b [u8]> {
        let length = self.count()?;
        self.rest.split_off(..length).ok_or_else(damaged)
    }

    pub(crate) fn text(&mut self) -> Result<&'b str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged())
    }

    pub(crate) fn optional(&mut self) -> Result<Option<i64>> {
        match self.byte()? {
            0 => Ok(None),
            1 => self.long().map(Some),
            _ => Err(damaged()),
        }
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH]> {
        let bytes = self.rest.split_off(..LENGTH).ok_or_else(damaged)?;
        bytes.try_into().map_err(|_| damaged())
    }
}
