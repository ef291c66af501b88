//! Padding of the last block (KMIP 2.1 section 11.35).

use std::iter;

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::PaddingMethod;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};

use crate::parameters::bad_parameters;

/// The largest block that is padded here, in bytes.
const LARGEST_BLOCK: usize = 16;

/// A way to fill the last block, and to find the end of the data again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// The data ends at the end of a block.
    None,
    /// RFC 8018 appendix B.2: each byte is the number of bytes added.
    Pkcs5,
    /// ANSI X9.23: zeros, then the number of bytes added.
    AnsiX923,
    /// ISO 10126: random bytes, then the number of bytes added.
    Iso10126,
    /// SSL 3.0, RFC 6101 section 5.2.3.2: any bytes, then the number of bytes before the last one.
    Ssl3,
}

/// What padding bytes without a meaning are taken from.
pub(crate) struct Filler([u8; LARGEST_BLOCK]);

/// The parameters with the name of their padding, which is None where they name none.
pub(crate) fn named(parameters: &CryptographicParameters) -> CryptographicParameters {
    let padding_method = parameters.padding_method.or(Some(PaddingMethod::NONE));
    CryptographicParameters { padding_method, ..parameters.clone() }
}

impl Padding {
    /// The padding that the parameters ask for; none if they name none.
    ///
    /// # Errors
    /// Feature Not Supported: the method is not one for block ciphers, or cannot be undone.
    pub(crate) fn of(parameters: &CryptographicParameters) -> Result<Self> {
        match parameters.padding_method {
            None | Some(PaddingMethod::NONE) => Ok(Self::None),
            Some(PaddingMethod::PKCS5) => Ok(Self::Pkcs5),
            Some(PaddingMethod::ANSI_X9_23) => Ok(Self::AnsiX923),
            Some(PaddingMethod::ISO_10126) => Ok(Self::Iso10126),
            Some(PaddingMethod::SSL3) => Ok(Self::Ssl3),
            Some(PaddingMethod::ZEROS) => Err(Error::unsupported(
                "zero padding cannot be told from data that ends in zeros; use PKCS5 or pad yourself",
            )),
            Some(other) => Err(Error::unsupported(format!(
                "{other:?} is no padding for block ciphers; use None, PKCS5, ANSI X9.23, ISO 10126 or SSL3"
            ))),
        }
    }

    /// Draws the bytes that fill a last block: random where the method wants it.
    pub(crate) fn filler(self, rng: &mut dyn RandomSource) -> Filler {
        let mut bytes = [0; LARGEST_BLOCK];
        if matches!(self, Self::Iso10126 | Self::Ssl3) {
            rng.fill(&mut bytes);
        }
        Filler(bytes)
    }

    /// The bytes to add after `length` bytes of data, for blocks of `block` bytes.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: without padding the data does not fill its last block.
    pub(crate) fn tail(self, length: usize, block: usize, filler: &Filler) -> Result<Vec<u8>> {
        let missing = block - length % block;
        let count = u8::try_from(missing).unwrap_or(u8::MAX);
        let filled = |last| filler.0.iter().copied().take(missing - 1).chain(iter::once(last)).collect();
        match self {
            Self::None if missing == block => Ok(Vec::new()),
            Self::None => Err(bad_parameters(format!(
                "without padding the data has a multiple of {block} bytes, not {length}; set Padding Method"
            ))),
            Self::Pkcs5 => Ok(vec![count; missing]),
            Self::AnsiX923 | Self::Iso10126 => Ok(filled(count)),
            Self::Ssl3 => Ok(filled(count - 1)),
        }
    }

    /// How many bytes of the last block are data.
    ///
    /// # Errors
    /// Cryptographic Failure: the padding is wrong. The text is the same whatever is wrong with it.
    pub(crate) fn data_in(self, last_block: &[u8]) -> Result<usize> {
        let Some(&last) = last_block.last().filter(|_| self != Self::None) else {
            return Ok(last_block.len());
        };
        let added = usize::from(last) + usize::from(self == Self::Ssl3);
        let data = last_block.len().checked_sub(added).filter(|_| added > 0).ok_or_else(wrong_padding)?;
        let padding = last_block.get(data..).unwrap_or_default();
        let meant = match self {
            Self::Pkcs5 => padding.iter().all(|byte| *byte == last),
            Self::AnsiX923 => padding.iter().rev().skip(1).all(|byte| *byte == 0),
            Self::None | Self::Iso10126 | Self::Ssl3 => true,
        };
        if meant { Ok(data) } else { Err(wrong_padding()) }
    }
}

/// The decrypted data does not end as the padding method says.
pub(crate) fn wrong_padding() -> Error {
    Error::cryptographic("decryption failed: key, IV, mode or padding do not belong to this ciphertext")
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::scheme::SeededRandom;

    use super::*;

    const ALL: [Padding; 4] = [Padding::Pkcs5, Padding::AnsiX923, Padding::Iso10126, Padding::Ssl3];

    fn tail(padding: Padding, length: usize) -> Vec<u8> {
        padding.tail(length, 16, &Filler([0xAA; 16])).unwrap()
    }

    #[test]
    fn each_method_fills_the_block_as_its_standard_says() {
        assert_eq!(tail(Padding::Pkcs5, 13), [3, 3, 3]);
        assert_eq!(tail(Padding::Iso10126, 13), [0xAA, 0xAA, 3]);
        assert_eq!(tail(Padding::Ssl3, 13), [0xAA, 0xAA, 2]);
        assert_eq!(Padding::AnsiX923.filler(&mut SeededRandom::new(1)).0, [0; 16]);
        assert_eq!(tail(Padding::Pkcs5, 16), [16; 16]);
        assert!(tail(Padding::None, 32).is_empty());
    }

    #[test]
    fn what_was_added_is_found_again_at_every_length() {
        for padding in ALL {
            let filler = padding.filler(&mut SeededRandom::new(7));
            for length in 0..16 {
                let mut block = vec![0x5A; length];
                block.extend(padding.tail(length, 16, &filler).unwrap());
                assert_eq!(block.len(), 16);
                assert_eq!(padding.data_in(&block).unwrap(), length, "{padding:?}");
            }
        }
    }

    #[test]
    fn wrong_padding_is_refused_without_saying_why() {
        let refused =
            |padding: Padding, block: &[u8]| padding.data_in(block).unwrap_err().message().to_owned();
        let why = wrong_padding().message().to_owned();
        assert_eq!(refused(Padding::Pkcs5, &[1, 2, 3, 0]), why);
        assert_eq!(refused(Padding::Pkcs5, &[1, 2, 3, 5]), why);
        assert_eq!(refused(Padding::Pkcs5, &[1, 2, 3, 2]), why);
        assert_eq!(refused(Padding::AnsiX923, &[1, 2, 3, 2]), why);
        assert_eq!(refused(Padding::Iso10126, &[1, 2, 3, 0]), why);
        assert_eq!(refused(Padding::Ssl3, &[1, 2, 3, 4]), why);
    }

    #[test]
    fn padding_that_cannot_be_undone_is_not_supported() {
        let of = |method| {
            Padding::of(&CryptographicParameters {
                padding_method: Some(method),
                ..CryptographicParameters::NONE
            })
        };
        for method in [PaddingMethod::ZEROS, PaddingMethod::OAEP, PaddingMethod(0x8000_0001)] {
            let reason = of(method).unwrap_err().reason();
            assert_eq!(reason, claviger_plugin_sdk::prelude::ResultReason::FEATURE_NOT_SUPPORTED);
        }
        assert_eq!(of(PaddingMethod::NONE).unwrap(), Padding::None);
    }
}
