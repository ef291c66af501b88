//! What Encrypt and Decrypt carry: policy, metadata and plaintexts on the one side, header and ciphertexts on the other.
//!
//! | | |
//! |---|---|
//! | data to encrypt | policy, metadata, plaintext |
//! | encrypted | header, encrypted data |
//! | decrypted | metadata, plaintext |
//!
//! In bulk there are several plaintexts under one header: their number precedes them, and the length of each. Policy
//! and metadata have their length before them, too; lengths and numbers are in LEB128.

use std::slice;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};

use crate::dem;
use crate::generation::{Attempts, Decapsulator, Encapsulator, Opened, too_much};
use crate::layout::{Reader, append_number, append_vec};

/// Encrypts one plaintext, or several in bulk.
///
/// # Errors
/// Invalid Field: the data is not laid out so, or has no policy, or one that the structure does not know. Server Limit
/// Exceeded: the header is too long to precede so many plaintexts.
pub(crate) fn encrypt(
    key: &dyn Encapsulator,
    data: &[u8],
    additional: &[u8],
    bulk: bool,
    rng: &mut dyn RandomSource,
) -> Result<ByteString> {
    let mut reader = Reader::new(data, LAYOUT);
    let policy = reader.vec().map_err(not_laid_out)?;
    let policy = str::from_utf8(policy).map_err(|_| Error::invalid("the access policy is no UTF-8"))?;
    if policy.is_empty() {
        return Err(Error::invalid("the data to encrypt names no access policy"));
    }
    let metadata = reader.vec().map_err(not_laid_out)?;
    // Before the work, so that what is not laid out well costs little.
    let plaintexts = match bulk {
        true => chunks(&mut reader)?,
        false => vec![reader.take(reader.left())?],
    };
    let header = key.encapsulate(policy, Some(metadata).filter(|m| !m.is_empty()), additional, rng)?;
    if header.bytes.len().saturating_mul(plaintexts.len()) > MOST_HEADERS {
        return Err(too_much(format!(
            "the header of this access policy has {} bytes, too many to precede each of {} plaintexts",
            header.bytes.len(),
            plaintexts.len()
        )));
    }
    let mut out = Vec::new();
    if bulk {
        append_number(plaintexts.len(), &mut out);
    }
    for plaintext in plaintexts {
        let mut chunk = header.bytes.clone();
        dem::encrypt(&header.key, plaintext, additional, rng, &mut chunk)?;
        match bulk {
            true => append_vec(&chunk, &mut out),
            false => out = chunk,
        }
    }
    Ok(out.into())
}

/// Decrypts one ciphertext, or several in bulk.
///
/// # Errors
/// Cryptographic Failure: the key may not, or the data is damaged. Invalid Field: it is not laid out in bulk. Server Limit
/// Exceeded: its headers would take too many attempts to open.
pub(crate) fn decrypt(
    key: &dyn Decapsulator,
    data: &[u8],
    additional: &[u8],
    bulk: bool,
) -> Result<ByteString> {
    let mut headers = Headers { key, additional, attempts: Attempts::of_a_call(), last: None };
    if !bulk {
        let plaintext = headers.decrypt(data)?;
        return Ok(joined(&headers.metadata(), &[], slice::from_ref(&plaintext), |plaintext, out| {
            out.extend_from_slice(plaintext);
        }));
    }
    let mut reader = Reader::new(data, LAYOUT);
    let plaintexts =
        chunks(&mut reader)?.into_iter().map(|chunk| headers.decrypt(chunk)).collect::<Result<Vec<_>>>()?;
    let mut number = Vec::new();
    append_number(plaintexts.len(), &mut number);
    Ok(joined(&headers.metadata(), &number, &plaintexts, append_vec))
}

/// The headers of one call. Those of bulk data are all the same, so one is opened.
struct Headers<'a> {
    key: &'a dyn Decapsulator,
    additional: &'a [u8],
    attempts: Attempts,
    /// The header opened last, and what was in it.
    last: Option<(&'a [u8], Opened)>,
}

impl<'a> Headers<'a> {
    fn decrypt(&mut self, message: &'a [u8]) -> Result<ByteString> {
        let (header, opened) = match self.last.take() {
            Some((header, opened)) if message.starts_with(header) => (header, opened),
            _ => {
                let opened = self.key.open(message, self.additional, &mut self.attempts)?;
                (message.get(..opened.length).unwrap_or_default(), opened)
            }
        };
        let body = message.get(header.len()..).unwrap_or_default();
        let plaintext = dem::decrypt(&opened.key, body, self.additional)?;
        self.last = Some((header, opened));
        Ok(plaintext)
    }

    /// The metadata of the last header.
    fn metadata(self) -> ByteString {
        self.last.map(|(_, opened)| opened.metadata).unwrap_or_default()
    }
}

const LAYOUT: &str = "data";

/// The most bytes that the headers of one answer take together; as many as a request may have by default.
const MOST_HEADERS: usize = 64 << 20;
/// The longest number in LEB128.
const LONGEST_NUMBER: usize = 10;

fn not_laid_out(_: Error) -> Error {
    Error::invalid(
        "the data is not laid out as access policy, metadata and plaintext, each behind its length",
    )
}

fn chunks<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>> {
    let wrong =
        |_| Error::invalid("the data is not laid out as a number and so many parts, each behind its length");
    let mut chunks = Vec::new();
    reader
        .each(1, |reader| {
            chunks.push(reader.vec()?);
            Ok(())
        })
        .map_err(wrong)?;
    match reader.left() {
        0 => Ok(chunks),
        _ => Err(Error::invalid("bytes follow the last part of the data")),
    }
}

/// The metadata behind their length, and what follows them: a number if there is one, and plaintexts.
fn joined(
    metadata: &[u8],
    number: &[u8],
    plaintexts: &[ByteString],
    append: impl Fn(&[u8], &mut Vec<u8>),
) -> ByteString {
    let rest: usize = plaintexts.iter().map(|plaintext| LONGEST_NUMBER + plaintext.len()).sum();
    // In memory that is there for all of it, so that none of it is left behind where there was less.
    let mut out = Vec::with_capacity(LONGEST_NUMBER + metadata.len() + number.len() + rest);
    append_vec(metadata, &mut out);
    out.extend_from_slice(number);
    plaintexts.iter().for_each(|plaintext| append(plaintext, &mut out));
    out.into()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::generation::{Generation, Master};
    use crate::generation_12::Generation12;
    use crate::generation_14::Generation14;
    use crate::generation_16::Generation16;

    type Keys = (Box<dyn Encapsulator>, Box<dyn Decapsulator>);

    fn keys_of(generation: &dyn Generation, structure: &[u8]) -> Keys {
        let Master { private, public, .. } = generation.setup(structure).unwrap();
        let user = generation.user_key(&private, structure, "Department::FIN").unwrap().user;
        (generation.encapsulator(&public, structure).unwrap(), generation.decapsulator(&user).unwrap())
    }

    fn keys() -> Keys {
        keys_of(&Generation14, include_bytes!("vectors/generation_14/policy.json"))
    }

    fn of_each_generation() -> [Keys; 3] {
        [
            keys_of(&Generation12, include_bytes!("vectors/generation_12/policy.json")),
            keys(),
            keys_of(&Generation16, br#"{"Level::<":["Low","Top::+"],"Department":["FIN","HR"]}"#),
        ]
    }

    fn data(policy: &str, metadata: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut data = Vec::new();
        append_vec(policy.as_bytes(), &mut data);
        append_vec(metadata, &mut data);
        data.extend_from_slice(rest);
        data
    }

    /// Two texts of one and no bytes, behind their number.
    const BULK: &[u8] = &[2, 1, b'x', 0];

    #[test]
    fn bulk_data_has_one_header_and_a_nonce_each() {
        for (public, user) in of_each_generation() {
            let data = data("Department::FIN", b"meta", BULK);
            let encrypted = encrypt(&*public, &data, b"aad", true, &mut SeededRandom::new(1)).unwrap();
            let mut reader = Reader::new(&encrypted, "bulk");
            let parts = chunks(&mut reader).unwrap();
            assert_eq!(parts.len(), 2);
            // Nonce, text and tag follow the header.
            let header = parts[1].len() - 12 - 16;
            assert_eq!(parts[0][..header], parts[1][..header]);
            assert_ne!(parts[0][header..header + 12], parts[1][header..header + 12]);
            let decrypted = decrypt(&*user, &encrypted, b"aad", true).unwrap();
            assert_eq!(decrypted[..], [&[4], &b"meta"[..], BULK].concat());
            assert_eq!(&decrypt(&*user, parts[0], b"aad", false).unwrap()[..], b"\x04metax");
            assert!(decrypt(&*user, &encrypted, b"other", true).is_err());
            // The bytes of bulk data are no message, and the reverse.
            assert!(decrypt(&*user, &encrypted, b"aad", false).is_err());
            assert!(decrypt(&*user, parts[0], b"aad", true).is_err());
        }
    }

    #[test]
    fn a_header_is_opened_once_for_all_that_follow_under_it() {
        let (public, user) = keys();
        let bulk = |plaintexts: usize| {
            let mut rest = Vec::new();
            append_number(plaintexts, &mut rest);
            rest.resize(rest.len() + plaintexts, 0);
            encrypt(&*public, &data("Department::FIN", b"", &rest), b"", true, &mut SeededRandom::new(1))
                .unwrap()
        };
        let encrypted = bulk(3);
        let mut reader = Reader::new(&encrypted, "bulk");
        let same = chunks(&mut reader).unwrap();
        let other = bulk(1);
        let mut reader = Reader::new(&other, "bulk");
        let other = chunks(&mut reader).unwrap();
        let opened = |messages: &[&[u8]]| {
            let mut headers =
                Headers { key: &*user, additional: b"", attempts: Attempts::of_a_call(), last: None };
            messages.iter().for_each(|message| assert!(headers.decrypt(message).unwrap().is_empty()));
            Attempts::of_a_call().0 - headers.attempts.0
        };
        let once = opened(&same[..1]);
        assert!(once > 0);
        assert_eq!(opened(&same), once);
        assert_eq!(opened(&[same[0], other[0], same[1]]), 3 * once);
    }

    #[test]
    fn headers_that_take_too_many_attempts_are_not_opened() {
        let mut attempts = Attempts::of_a_call();
        attempts.take(511, 255).unwrap();
        attempts.take(511, 255).unwrap();
        let error = attempts.take(0, 0).unwrap_err();
        assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
        assert!(Attempts::of_a_call().take(usize::MAX, usize::MAX).is_err());
    }

    #[test]
    fn a_header_does_not_multiply_a_request_without_bound() {
        let (public, _) = keys();
        let mut rest = Vec::new();
        append_number(1 << 20, &mut rest);
        rest.resize(rest.len() + (1 << 20), 0);
        let data = data("Department::FIN", b"", &rest);
        let error = encrypt(&*public, &data, b"", true, &mut SeededRandom::new(1)).unwrap_err();
        assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }

    #[test]
    fn data_that_is_not_laid_out_so_is_refused() {
        let (public, _) = keys();
        let refused =
            |data: &[u8], bulk| encrypt(&*public, data, b"", bulk, &mut SeededRandom::new(1)).is_err();
        assert!(refused(b"", false) && refused(&[200], false) && refused(&[1, b'a'], false));
        assert!(refused(&data("", b"", b"plain"), false));
        assert!(refused(&data("Department::None", b"", b"plain"), false));
        let wrong: [&[u8]; 4] = [b"", &[2, 1, b'x'], &[1, 1, b'x', 7], &[0xFF, 0xFF, 0x7F]];
        for bulk in wrong {
            assert!(refused(&data("Department::FIN", b"", bulk), true), "{bulk:?}");
        }
        assert!(!refused(&data("Department::FIN", b"", &[0]), true));
    }
}
