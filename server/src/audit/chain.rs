//! The chain: every line of an audit log has its number and the hash of the line before, so that whoever changes one
//! would have to change all that follow.
//!
//! A line begins with `{"seq":N,"previous":"HASH",`, and its own hash is the SHA-256 of all its bytes but the newline.
//! So what is hashed is what stands in the file, in no other form.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};

use super::json::write_number;

/// The bytes of a hash.
const LENGTH: usize = 32;

const SEQ: &[u8] = b"{\"seq\":";
const PREVIOUS: &[u8] = b",\"previous\":\"";

/// The hash of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hash([u8; LENGTH]);

impl Hash {
    /// That of bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self::from_slice(digest(&SHA256, bytes).as_ref()).unwrap_or_default()
    }

    /// That of everything that a context has read.
    pub(crate) fn finish(context: Context) -> Self {
        Self::from_slice(context.finish().as_ref()).unwrap_or_default()
    }

    /// Reads 64 hexadecimal digits in lower case.
    pub(crate) fn from_hex(text: &[u8]) -> Option<Self> {
        if text.iter().any(u8::is_ascii_uppercase) {
            return None;
        }
        Self::from_slice(&hex::decode(text).ok()?)
    }

    fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    fn write(&self, line: &mut Vec<u8>) {
        // Every record has this: without branches, so that the compiler vectorises it.
        let mut digits = [[0; 2]; LENGTH];
        for (pair, byte) in digits.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 0x0F)];
        }
        line.extend_from_slice(digits.as_flattened());
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The end of a chain so far: the number and the hash of its last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Link {
    /// The number of the last line; 0 before the first.
    pub(crate) seq: u64,
    /// Its hash; zeros before the first.
    pub(crate) hash: Hash,
}

impl Link {
    /// Appends a line with this body, a JSON object with at least one member, to a log, with a newline.
    pub(crate) fn append(&mut self, body: &[u8], log: &mut Vec<u8>) {
        let start = log.len();
        let seq = self.seq + 1;
        log.extend_from_slice(SEQ);
        write_number(seq, log);
        log.extend_from_slice(PREVIOUS);
        self.hash.write(log);
        log.extend_from_slice(b"\",");
        log.extend_from_slice(body.strip_prefix(b"{").unwrap_or(body));
        *self = Self { seq, hash: Hash::of(log.get(start..).unwrap_or_default()) };
        log.push(b'\n');
    }

    /// The chain with one more line, which is given without its newline; `None` if that does not follow.
    pub(crate) fn followed_by(&self, line: &[u8]) -> Option<Self> {
        let frame = Frame::read(line)?;
        (frame.seq == self.seq + 1 && frame.previous == self.hash)
            .then(|| Self { seq: frame.seq, hash: Hash::of(line) })
    }
}

fn digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

/// Whether a line of a log may begin with these bytes.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let most = bytes.len().min(SEQ.len());
    most > 0 && bytes.get(..most) == SEQ.get(..most)
}

/// What stands around the content of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame<'l> {
    /// The number.
    pub(crate) seq: u64,
    /// The hash of the line before.
    pub(crate) previous: Hash,
    /// What follows, without the brace that begins an object.
    pub(crate) body: &'l [u8],
}

impl<'l> Frame<'l> {
    /// Reads a line, given without its newline; `None` if it is none of a log.
    pub(crate) fn read(line: &'l [u8]) -> Option<Self> {
        let rest = line.strip_prefix(SEQ)?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (seq, rest) = rest.split_at_checked(digits)?;
        let rest = rest.strip_prefix(PREVIOUS)?;
        let (previous, rest) = rest.split_at_checked(LENGTH * 2)?;
        let body = rest.strip_prefix(b"\",")?;
        if seq.first() == Some(&b'0') || !body.ends_with(b"}") {
            return None;
        }
        let seq = std::str::from_utf8(seq).ok()?.parse().ok()?;
        Some(Self { seq, previous: Hash::from_hex(previous)?, body })
    }

    /// The event that the line tells of, for those that are no records of items.
    pub(crate) fn event(&self) -> Option<&'l str> {
        let name = self.body.strip_prefix(b"\"event\":\"")?;
        let end = name.iter().position(|byte| *byte == b'"')?;
        std::str::from_utf8(name.get(..end)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_sha_256_of_the_line_before() {
        let (mut link, mut log) = (Link::default(), Vec::new());
        link.append(b"{\"a\":1}", &mut log);
        link.append(b"{\"b\":2}", &mut log);
        let text = String::from_utf8(log).unwrap();
        let zeros = "0".repeat(64);
        let first = format!("{{\"seq\":1,\"previous\":\"{zeros}\",\"a\":1}}");
        // From `printf %s "$FIRST" | sha256sum`.
        let hash = "ac743d563bc549889792282cfa35021b024b1bac0c2b935c19f25adf3d8b2460";
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(&*first));
        let second = format!("{{\"seq\":2,\"previous\":\"{hash}\",\"b\":2}}");
        assert_eq!(lines.next(), Some(&*second));
        assert_eq!(link, Link { seq: 2, hash: Hash::of(second.as_bytes()) });
    }

    #[test]
    fn a_hash_is_written_in_digits_of_lower_case_and_read_again() {
        let bytes: [u8; LENGTH] = std::array::from_fn(|place| (place * 0x25 + 0x09) as u8);
        let mut written = Vec::new();
        Hash(bytes).write(&mut written);
        assert_eq!(String::from_utf8(written.clone()).unwrap(), hex::encode(bytes));
        assert_eq!(Hash::from_hex(&written), Some(Hash(bytes)));
    }

    #[test]
    fn a_line_has_one_form_alone() {
        let zeros = "0".repeat(64);
        let good = format!("{{\"seq\":1,\"previous\":\"{zeros}\",\"event\":\"head\",\"x\":1}}");
        let frame = Frame::read(good.as_bytes()).unwrap();
        assert_eq!((frame.seq, frame.previous, frame.event()), (1, Hash::default(), Some("head")));
        for bad in [
            good.replace("\"seq\":1", "\"seq\":01"),
            good.replace("\"seq\":1", "\"seq\": 1"),
            good.replace("\"seq\":1", "\"seq\":"),
            good.replace(&zeros, &"A".repeat(64)),
            good.replace(&zeros, "00"),
            good.trim_end_matches('}').to_owned(),
        ] {
            assert_eq!(Frame::read(bad.as_bytes()), None, "{bad}");
        }
    }
}
