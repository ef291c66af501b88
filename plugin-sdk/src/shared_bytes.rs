//! Bytes that may be a key, and that several hold at once.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use claviger_kmip::ByteString;

/// Bytes that are copied by none who clones them, and erased when the last one lets go of them: how records travel between
/// stores and whoever reads or writes them. `Debug` shows the length only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SharedBytes(Arc<ByteString>);

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<ByteString> for SharedBytes {
    fn from(bytes: ByteString) -> Self {
        Self(Arc::new(bytes))
    }
}

impl From<Vec<u8>> for SharedBytes {
    fn from(bytes: Vec<u8>) -> Self {
        ByteString::from(bytes).into()
    }
}

impl From<&[u8]> for SharedBytes {
    fn from(bytes: &[u8]) -> Self {
        ByteString::from(bytes).into()
    }
}

impl<const N: usize> From<[u8; N]> for SharedBytes {
    fn from(bytes: [u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

impl fmt::Debug for SharedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedBytes({} bytes)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_the_same_bytes_and_are_not_shown() {
        let bytes = SharedBytes::from(b"key material".as_slice());
        assert!(std::ptr::eq(&*bytes, &*bytes.clone()));
        assert_eq!(bytes, SharedBytes::from(b"key material".to_vec()));
        assert_eq!(format!("{bytes:?}"), "SharedBytes(12 bytes)");
    }
}
