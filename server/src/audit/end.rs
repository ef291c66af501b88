//! Where a log ends: what a server finds that goes on with it.
//!
//! A crash may leave half a line, and the loss of power whole ones that never reached the disk. So the end is looked for
//! from the newest signed head on, and what does not belong to the chain behind it is *torn*. It stays where it is; the
//! record that goes on says how many bytes it has, and what their hash is.

use serde_json::Value;

use super::chain::{Frame, Hash, Link};
use super::head::{Head, PublicKey};

/// The end of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// The name of the log; `None` if nothing is there.
    pub(super) log: Option<String>,
    /// The last line that belongs to the chain.
    pub(super) link: Link,
    /// What stands behind it.
    pub(super) torn: Option<Torn>,
}

/// Bytes that belong to no line of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Torn {
    /// How many.
    pub(super) bytes: u64,
    /// Their hash.
    pub(super) hash: Hash,
    /// Whether they end with a newline.
    pub(super) ends_a_line: bool,
}

impl Torn {
    fn of(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self {
            bytes: bytes.len() as u64,
            hash: Hash::of(bytes),
            ends_a_line: bytes.ends_with(b"\n"),
        })
    }
}

/// The name of the log whose line this is, where the line is one that tells it.
pub(super) fn log_of(line: &[u8]) -> Option<String> {
    Frame::read(line)?.event()?;
    let value: Value = serde_json::from_slice(line).ok()?;
    Some(value.get("log")?.as_str()?.to_owned())
}

/// The end in the last bytes of a log. `whole` says whether these are all that there is. `None` if they have no line from
/// which the chain can be followed: a head, or else the first line, if `any` allows that.
pub(super) fn find(tail: &[u8], whole: bool, keys: &[PublicKey], any: bool) -> Option<(Link, Option<Torn>)> {
    let lines = Lines::of(tail);
    // The first line of a part is not whole.
    let first = usize::from(!whole);
    let newest = lines.0.iter().skip(first).rposition(|line| is_signed(line.text, keys));
    let first = first + newest.or(any.then_some(0))?;
    let mut before: Option<Link> = None;
    for line in lines.0.get(first..).unwrap_or_default() {
        let link = match before {
            None => Frame::read(line.text).map(|frame| Link { seq: frame.seq, hash: Hash::of(line.text) }),
            Some(before) => before.followed_by(line.text),
        };
        let link = link.filter(|_| line.is_ended);
        match (link, before) {
            (Some(link), _) => before = Some(link),
            (None, Some(before)) => return Some((before, Torn::of(tail.get(line.start..)?))),
            (None, None) => return None,
        }
    }
    before.map(|before| (before, None))
}

/// Whether a line is a head of the line before it.
fn is_signed(line: &[u8], keys: &[PublicKey]) -> bool {
    let Some(frame) = Frame::read(line).filter(|frame| frame.event() == Some("head")) else { return false };
    let about = Link { seq: frame.seq.saturating_sub(1), hash: frame.previous };
    let value = serde_json::from_slice(line).ok();
    let head = value.and_then(|value| Head::about(about, &value));
    head.is_some_and(|head| head.is_signed_by(keys))
}

/// The lines of some bytes.
struct Lines<'b>(Vec<Line<'b>>);

struct Line<'b> {
    start: usize,
    text: &'b [u8],
    /// Whether a newline follows.
    is_ended: bool,
}

impl<'b> Lines<'b> {
    fn of(bytes: &'b [u8]) -> Self {
        let mut start = 0;
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
            let at = start;
            start += line.len();
            let text = line.strip_suffix(b"\n");
            Line { start: at, text: text.unwrap_or(line), is_ended: text.is_some() }
        });
        Self(lines.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::SigningKey;
    use super::*;

    /// Lines of a log: five records, of which the third is a head.
    fn log(key: &SigningKey) -> (Vec<u8>, Link) {
        let (mut link, mut log) = (Link::default(), Vec::new());
        link.append(b"{\"n\":1}", &mut log);
        link.append(b"{\"n\":2}", &mut log);
        let head = key.sign("log", link, "now".to_owned()).unwrap();
        link.append(&head.to_body(), &mut log);
        link.append(b"{\"n\":4}", &mut log);
        link.append(b"{\"n\":5}", &mut log);
        (log, link)
    }

    fn key() -> SigningKey {
        let folder = tempfile::tempdir().unwrap();
        SigningKey::read_or_make(&folder.path().join("key")).unwrap()
    }

    #[test]
    fn a_log_ends_with_its_last_line() {
        let key = key();
        let keys = [key.public().clone()];
        let (log, link) = log(&key);
        assert_eq!(find(&log, true, &keys, true), Some((link, None)));
        assert_eq!(find(&log[10..], false, &keys, true), Some((link, None)));
        assert_eq!(find(b"no log\n", true, &keys, true), None);
    }

    #[test]
    fn half_a_line_is_torn_off() {
        let key = key();
        let (log, link) = log(&key);
        for cut in 1..=5 {
            let mut torn = log.clone();
            torn.extend_from_slice(&b"{\"seq\""[..cut]);
            let (end, found) = find(&torn, true, &[key.public().clone()], true).unwrap();
            let expected =
                Torn { bytes: cut as u64, hash: Hash::of(&b"{\"seq\""[..cut]), ends_a_line: false };
            assert_eq!((end, found), (link, Some(expected)));
        }
    }

    #[test]
    fn what_follows_a_hole_behind_the_newest_head_is_torn() {
        let key = key();
        let (mut log, link) = log(&key);
        let fourth = log.split_inclusive(|byte| *byte == b'\n').take(3).map(<[u8]>::len).sum::<usize>();
        log[fourth..fourth + 20].fill(0);
        let (end, torn) = find(&log, true, &[key.public().clone()], true).unwrap();
        assert_eq!((end.seq, link.seq), (3, 5));
        assert_eq!(torn.unwrap().bytes as usize, log.len() - fourth);
        // Without the head it begins where it can.
        assert_eq!(find(&log, true, &[], true).unwrap().0.seq, 3);
    }
}
