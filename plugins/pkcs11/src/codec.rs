//! Arguments and results of functions as the PKCS#11 profile of KMIP encodes them.
//!
//! Numbers are big-endian: a CK_ULONG has eight bytes, but four where it is the number of elements that follow. A CK_BBOOL
//! is a byte. Structures stand in line. An array of fixed length stands as it is, any other behind the number of its
//! elements. A buffer that the function is to fill is a byte that tells whether there is one, and its size; what comes
//! back is whether there is content, its length, and the content.

use claviger_plugin_sdk::prelude::*;

/// The error for arguments that cannot be read.
pub(crate) fn error(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ResultReason::PKCS_11_CODEC_ERROR, ErrorClass::Malformed, why)
}

/// Arguments that were not read yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'i> {
    rest: &'i [u8],
}

/// A buffer that the client has for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffer {
    /// Whether there is one; otherwise only the length of the result is asked for.
    pub(crate) exists: bool,
    /// How many elements it takes.
    pub(crate) size: usize,
}

impl<'i> Input<'i> {
    pub(crate) fn new(rest: &'i [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    /// So many bytes.
    ///
    /// # Errors
    /// PKCS#11 Codec Error: there are fewer. So are the errors of all that reads.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'i [u8]> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| error("the PKCS#11 Input Parameters end too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self, length: usize) -> Result<u64> {
        Ok(self.take(length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A CK_BYTE.
    pub(crate) fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    /// A CK_BBOOL, or whether a pointer points anywhere.
    pub(crate) fn boolean(&mut self) -> Result<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(error(format!("a Boolean is 0 or 1, not {other}"))),
        }
    }

    /// A CK_ULONG.
    pub(crate) fn long(&mut self) -> Result<u64> {
        self.number(8)
    }

    /// A CK_ULONG that is the number of what follows.
    pub(crate) fn count(&mut self) -> Result<usize> {
        usize::try_from(self.number(4)?).map_err(|_| error("a length is larger than this machine counts"))
    }

    /// The last CK_ULONG, which may be taken for a number or for the number of something.
    pub(crate) fn last_long(&mut self) -> Result<u64> {
        let length = if self.len() == 4 { 4 } else { 8 };
        self.number(length)
    }

    /// An array of CK_BYTE.
    pub(crate) fn bytes(&mut self) -> Result<&'i [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    /// A buffer for a result.
    pub(crate) fn buffer(&mut self) -> Result<Buffer> {
        Ok(Buffer { exists: self.boolean()?, size: self.count()? })
    }

    /// That there is nothing more.
    pub(crate) fn end(&self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(error("the PKCS#11 Input Parameters go on behind the last one"))
        }
    }
}

/// Results.
#[derive(Debug, Default)]
pub(crate) struct Output(Vec<u8>);

impl Output {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Bytes of a fixed number.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn byte(self, byte: u8) -> Self {
        self.raw(&[byte])
    }

    pub(crate) fn boolean(self, boolean: bool) -> Self {
        self.byte(boolean.into())
    }

    /// A CK_ULONG.
    pub(crate) fn long(self, number: u64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// The number of what follows.
    pub(crate) fn count(self, count: usize) -> Self {
        self.raw(&u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes())
    }

    /// An array of CK_BYTE.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        self.count(bytes.len()).raw(bytes)
    }

    /// Text in so many bytes, padded with blanks.
    pub(crate) fn text(mut self, text: &str, length: usize) -> Self {
        let end = (0..=text.len().min(length)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        self.0.extend_from_slice(text.get(..end).unwrap_or_default().as_bytes());
        self.0.extend(std::iter::repeat_n(b' ', length - end));
        self
    }

    /// A CK_VERSION.
    pub(crate) fn version(self, major: u8, minor: u8) -> Self {
        self.raw(&[major, minor])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_counts_and_arrays_are_read_in_order() {
        let bytes = [1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 5];
        let mut input = Input::new(&bytes);
        assert!(input.boolean().unwrap());
        assert_eq!(input.long().unwrap(), 0x0102);
        assert_eq!(input.bytes().unwrap(), [7, 8, 9]);
        assert_eq!(input.buffer().unwrap(), Buffer { exists: false, size: 5 });
        input.end().unwrap();
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_a_codec_error() {
        let reason = |result: Result<()>| result.unwrap_err().reason();
        assert_eq!(reason(Input::new(&[0; 7]).long().map(drop)), ResultReason::PKCS_11_CODEC_ERROR);
        let too_long = [0xFF, 0xFF, 0xFF, 0xFF, 1];
        assert_eq!(reason(Input::new(&too_long).bytes().map(drop)), ResultReason::PKCS_11_CODEC_ERROR);
        assert_eq!(reason(Input::new(&[2]).boolean().map(drop)), ResultReason::PKCS_11_CODEC_ERROR);
        assert_eq!(reason(Input::new(&[0]).end()), ResultReason::PKCS_11_CODEC_ERROR);
    }

    #[test]
    fn text_is_padded_and_cut_between_letters() {
        assert_eq!(Output::default().text("ab", 4).into_bytes(), b"ab  ");
        assert_eq!(Output::default().text("aé", 2).into_bytes(), b"a ");
    }
}
