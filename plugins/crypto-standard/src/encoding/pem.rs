//! PEM (RFC 7468).

use std::borrow::Cow;

use der::zeroize::Zeroizing;

/// One block of a PEM text.
pub(crate) struct Block<'a> {
    /// What it says it holds: `PRIVATE KEY`, `CERTIFICATE`.
    pub(crate) label: &'a str,
    /// The bytes that it holds.
    pub(crate) der: Zeroizing<Vec<u8>>,
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The blocks of a PEM text, in order; nothing if it is none. Text around and between them is left out, as is a block
/// that cannot be read.
pub(crate) fn blocks(bytes: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let Some(mut rest) = text(bytes) else { return blocks };
    while let Some(begin) = rest.find(BEGIN) {
        let from = rest.get(begin..).unwrap_or_default();
        let after_end = |end: usize| {
            let label = end + END.len();
            from.get(label..)?.find(DASHES).map(|dashes| label + dashes + DASHES.len())
        };
        let Some(length) = from.find(END).and_then(after_end) else { break };
        let (block, after) = from.split_at(length);
        blocks.extend(read(block));
        rest = after;
    }
    blocks
}

/// The DER that the bytes are, or hold as PEM: its first block that is no mere parameters. Nothing if they are neither.
pub(crate) fn der(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    /// The tag of the sequence that every key and certificate is.
    const SEQUENCE: u8 = 0x30;
    if bytes.first() == Some(&SEQUENCE) {
        return Some(Cow::Borrowed(bytes));
    }
    let block = blocks(bytes).into_iter().find(|block| block.label != "EC PARAMETERS")?;
    Some(Cow::Owned(block.der.to_vec()))
}

fn text(bytes: &[u8]) -> Option<&str> {
    // What is PEM begins with dashes, or with a few lines of text about what follows.
    std::str::from_utf8(bytes).ok().filter(|text| text.contains(BEGIN))
}

fn read(block: &str) -> Option<Block<'_>> {
    let mut decoder = der::pem::Decoder::new_detect_wrap(block.as_bytes()).ok()?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(decoder.remaining_len()));
    decoder.decode_to_end(&mut bytes).ok()?;
    Some(Block { label: decoder.type_label(), der: bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "subject: somebody\n-----BEGIN ONE-----\nAQID\n-----END ONE-----\n\
                       issuer: somebody\r\n-----BEGIN TWO-----\r\nBAUG\r\n-----END TWO-----\r\n";

    #[test]
    fn every_block_is_read_and_the_text_around_them_left_out() {
        let blocks = blocks(TWO.as_bytes());
        let read: Vec<(&str, &[u8])> = blocks.iter().map(|block| (block.label, &block.der[..])).collect();
        assert_eq!(read, [("ONE", &[1, 2, 3][..]), ("TWO", &[4, 5, 6][..])]);
    }

    #[test]
    fn lines_of_any_length_are_read() {
        let long = format!("-----BEGIN X-----\n{}\n-----END X-----\n", "AAAA".repeat(200));
        assert_eq!(blocks(long.as_bytes()).first().unwrap().der.len(), 600);
        let short = format!("-----BEGIN X-----\n{}-----END X-----", "AAAA\n".repeat(200));
        assert_eq!(blocks(short.as_bytes()).first().unwrap().der.len(), 600);
    }

    #[test]
    fn der_stays_as_it_is_and_parameters_are_no_key() {
        assert_eq!(der(&[0x30, 0]).unwrap(), Cow::Borrowed(&[0x30, 0][..]));
        let text = "-----BEGIN EC PARAMETERS-----\nAQID\n-----END EC PARAMETERS-----\n\
                    -----BEGIN EC PRIVATE KEY-----\nBAUG\n-----END EC PRIVATE KEY-----\n";
        assert_eq!(der(text.as_bytes()).unwrap()[..], [4, 5, 6]);
        assert!(der(b"neither").is_none());
        assert!(der(&[]).is_none());
    }

    #[test]
    fn damaged_text_holds_nothing() {
        for text in [
            "-----BEGIN X-----",
            "-----BEGIN X-----\nAQID",
            "-----BEGIN X-----\nAQID\n-----END",
            "-----BEGIN X-----\nAQID\n-----END Y-----\n",
            "-----BEGIN X-----\n!!!!\n-----END X-----\n",
            "-----BEGIN -----END -----",
        ] {
            assert!(blocks(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
