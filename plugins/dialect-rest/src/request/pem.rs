//! PEM (RFC 7468), as older clients send certificates and private keys.

use der::pem::Decoder;
use der::zeroize::Zeroizing;

/// A block of a PEM text.
pub(super) struct Block<'a> {
    /// What it says it holds: `PRIVATE KEY`, `CERTIFICATE`.
    pub(super) label: &'a str,
    /// The bytes that it holds.
    pub(super) der: Zeroizing<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// What OpenSSL puts before a key, and what the key says itself.
const PARAMETERS: &str = "EC PARAMETERS";

/// The first block that is no mere parameters; nothing if the text is no PEM, or if the block cannot be read.
pub(super) fn first(bytes: &[u8]) -> Option<Block<'_>> {
    let mut rest = std::str::from_utf8(bytes).ok()?;
    loop {
        let from = rest.get(rest.find(BEGIN)?..)?;
        let label = from.find(END)? + END.len();
        let end = label + from.get(label..)?.find(DASHES)? + DASHES.len();
        let (block, after) = from.split_at_checked(end)?;
        let mut decoder = Decoder::new_detect_wrap(block.as_bytes()).ok()?;
        let mut der = Zeroizing::new(Vec::with_capacity(decoder.remaining_len()));
        decoder.decode_to_end(&mut der).ok()?;
        if decoder.type_label() != PARAMETERS {
            return Some(Block { label: decoder.type_label(), der });
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_counts_and_parameters_are_none() {
        let text = "a key\n-----BEGIN EC PARAMETERS-----\nAQID\n-----END EC PARAMETERS-----\n\
                    -----BEGIN EC PRIVATE KEY-----\r\nBAUG\r\n-----END EC PRIVATE KEY-----\r\n\
                    -----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        let block = first(text.as_bytes()).unwrap();
        assert_eq!((block.label, &block.der[..]), ("EC PRIVATE KEY", &[4, 5, 6][..]));
    }

    #[test]
    fn what_is_no_whole_block_is_none() {
        for text in [
            "",
            "plain",
            "-----BEGIN X-----\nAQID",
            "-----BEGIN X-----\nAQID\n-----END Y-----",
            "-----BEGIN X-----\n!\n-----END X-----",
            "-----BEGIN -----END -----",
        ] {
            assert!(first(text.as_bytes()).is_none(), "{text}");
        }
        assert!(first(&[0x30, 0x82, 0xFF]).is_none());
    }
}
