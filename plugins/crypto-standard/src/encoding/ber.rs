//! BER (X.690) brought into the lengths of DER, for the containers of software that writes them in pieces.

use zeroize::Zeroizing;

/// How deep structures may be nested.
const DEPTH: usize = 32;

const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;

/// The one element that the bytes are, with definite and shortest lengths throughout and strings of octets in one piece;
/// nothing if they are no such element, or nested too deep.
pub(crate) fn definite(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut input = bytes;
    let mut element = Zeroizing::new(Vec::with_capacity(longest(bytes.len())));
    read(&mut input, &mut element, DEPTH)?;
    input.is_empty().then_some(element)
}

/// The octets of a string that stands in pieces, each of them an OCTET STRING of DER.
pub(crate) fn joined(pieces: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(pieces.len()));
    let mut rest = pieces;
    while !rest.is_empty() {
        let (tag, length) = head(&mut rest)?;
        if tag != OCTET_STRING {
            return None;
        }
        octets.extend_from_slice(take(&mut rest, length?)?);
    }
    Some(octets)
}

/// The length that bytes may have with definite lengths, at most. Only what is longer than 64 KiB takes more room for its
/// length than an indefinite one does: one byte, or two from 16 MiB on, for each of as many as find room at each depth.
fn longest(bytes: usize) -> usize {
    bytes.saturating_add(bytes / 1024)
}

/// Appends the next element. All of it is made in place, so that what is read stands nowhere else; there is room for it.
fn read(input: &mut &[u8], out: &mut Vec<u8>, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let (tag, length) = head(input)?;
    let is_constructed = tag & CONSTRUCTED != 0;
    if !is_constructed {
        let content = take(input, length?)?;
        write_head(tag, content.len(), out)?;
        out.extend_from_slice(content);
        return Some(());
    }
    let start = out.len();
    if let Some(length) = length {
        let mut inner = take(input, length)?;
        while !inner.is_empty() {
            read(&mut inner, out, depth)?;
        }
    } else {
        while !input.starts_with(&[0, 0]) {
            read(input, out, depth)?;
        }
        take(input, 2)?;
    }
    if tag == OCTET_STRING | CONSTRUCTED {
        let octets = joined(out.get(start..)?)?;
        out.truncate(start);
        write_head(OCTET_STRING, octets.len(), out)?;
        out.extend_from_slice(&octets);
        return Some(());
    }
    let end = out.len();
    write_head(tag, end - start, out)?;
    let head = out.len() - end;
    out.get_mut(start..)?.rotate_right(head);
    Some(())
}

/// A tag and a length; no length if it is indefinite.
fn head(input: &mut &[u8]) -> Option<(u8, Option<usize>)> {
    const LONG_TAG: u8 = 0x1F;
    const INDEFINITE: u8 = 0x80;
    let [tag, first] = *take(input, 2)? else { return None };
    if tag & LONG_TAG == LONG_TAG {
        return None;
    }
    match first {
        INDEFINITE => Some((tag, None)),
        short if short < INDEFINITE => Some((tag, Some(short.into()))),
        long => {
            let count = usize::from(long & !INDEFINITE);
            if count > 4 {
                return None;
            }
            let length = take(input, count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            Some((tag, Some(length)))
        }
    }
}

fn take<'a>(input: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = input.split_at_checked(count)?;
    *input = rest;
    Some(taken)
}

fn write_head(tag: u8, length: usize, out: &mut Vec<u8>) -> Option<()> {
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = u32::try_from(length).ok()?.to_be_bytes();
            let significant = bytes.iter().position(|byte| *byte != 0).and_then(|from| bytes.get(from..))?;
            out.push(0x80 | u8::try_from(significant.len()).ok()?);
            out.extend_from_slice(significant);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_become_definite() {
        // X.690 section 8.7.3.2: a string of octets in two pieces, with an indefinite length.
        let pieces = [0x24, 0x80, 0x04, 2, 1, 2, 0x04, 1, 3, 0, 0];
        assert_eq!(definite(&pieces).unwrap()[..], [0x04, 3, 1, 2, 3]);
        let nested = [&[0x30, 0x80, 0xA0, 0x80][..], &pieces, &[0, 0, 2, 1, 5, 0, 0]].concat();
        assert_eq!(definite(&nested).unwrap()[..], [0x30, 10, 0xA0, 5, 0x04, 3, 1, 2, 3, 2, 1, 5]);
        let long = [0x30, 0x83, 0, 0, 3, 2, 1, 5];
        assert_eq!(definite(&long).unwrap()[..], [0x30, 3, 2, 1, 5]);
    }

    #[test]
    fn der_stays_as_it_is() {
        let content = vec![7; 300];
        let der = [&[0x30, 0x82, 0x01, 0x30, 0x04, 0x82, 0x01, 0x2C][..], &content].concat();
        assert_eq!(definite(&der).unwrap()[..], der);
    }

    #[test]
    fn what_gets_longer_is_not_moved() {
        // As deep as it may be, each time longer than an indefinite length is short.
        let depth = DEPTH - 1;
        let content = [&[0x04, 0x83, 1, 0x11, 0x70][..], &vec![7; 70_000]].concat();
        let ber = [[0x30, 0x80].repeat(depth), content.clone(), vec![0; 2 * depth]].concat();
        let element = definite(&ber).unwrap();
        assert_eq!(element.len(), content.len() + 5 * depth);
        assert!(element.len() > ber.len());
        assert!(element.ends_with(&content));
        assert_eq!(element.capacity(), longest(ber.len()));
    }

    #[test]
    fn many_elements_of_indefinite_length_take_no_time() {
        let inner = [0x30, 0x80, 0, 0].repeat(1 << 20);
        let ber = [&[0x30, 0x80][..], &inner, &[0, 0]].concat();
        assert_eq!(definite(&ber).unwrap().len(), 5 + (2 << 20));
    }

    #[test]
    fn what_has_no_end_or_goes_on_after_it_is_refused() {
        let deep: Vec<u8> = [0x30, 0x80].repeat(40);
        let ended = [deep.clone(), vec![0; 80]].concat();
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 2, 1, 5],
            &[0x30, 3, 2, 1],
            &[2, 0x80, 1, 0, 0],
            &[2, 1, 5, 0],
            &[0x24, 3, 2, 1, 5],
            &[0x1F, 1, 5],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[4, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1],
            &deep,
            &ended,
        ] {
            assert_eq!(definite(bytes), None, "{bytes:?}");
        }
    }
}
