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

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::dem;
use crate::generation::{Decapsulator, Encapsulator};
use crate::layout::{Reader, append_number, append_vec};

/// Encrypts one plaintext, or several in bulk.
///
/// # Errors
/// Invalid Field: the data is not laid out so, or has no policy, or one that the structure does not know.
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
/// Cryptographic Failure: the key may not, or the data is damaged. Invalid Field: it is not laid out in bulk.
pub(crate) fn decrypt(
    key: &dyn Decapsulator,
    data: &[u8],
    additional: &[u8],
    bulk: bool,
) -> Result<ByteString> {
    if !bulk {
        let (metadata, plaintext) = decrypt_one(key, data, additional)?;
        return Ok(joined(&metadata, |out| out.extend_from_slice(&plaintext)));
    }
    let mut reader = Reader::new(data, LAYOUT);
    let mut plaintexts = Vec::new();
    let mut metadata = ByteString::default();
    for chunk in chunks(&mut reader)? {
        let (of_chunk, plaintext) = decrypt_one(key, chunk, additional)?;
        metadata = of_chunk;
        plaintexts.push(plaintext);
    }
    Ok(joined(&metadata, |out| {
        append_number(plaintexts.len(), out);
        plaintexts.iter().for_each(|plaintext| append_vec(plaintext, out));
    }))
}

const LAYOUT: &str = "data";

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

fn decrypt_one(
    key: &dyn Decapsulator,
    message: &[u8],
    additional: &[u8],
) -> Result<(ByteString, ByteString)> {
    let opened = key.open(message, additional)?;
    let body = message.get(opened.length..).unwrap_or_default();
    Ok((opened.metadata, dem::decrypt(&opened.key, body, additional)?))
}

/// The metadata behind their length, and what follows them.
fn joined(metadata: &[u8], rest: impl Fn(&mut Vec<u8>)) -> ByteString {
    let mut size = Zeroizing::new(Vec::new());
    rest(&mut size);
    // In memory that is there for all of it, so that none of it is left behind where there was less.
    let mut out = Vec::with_capacity(10 + metadata.len() + size.len());
    append_vec(metadata, &mut out);
    out.extend_from_slice(&size);
    out.into()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::generation::{Generation, Master};
    use crate::generation_14::Generation14;

    fn keys() -> (Box<dyn Encapsulator>, Box<dyn Decapsulator>) {
        let policy = include_bytes!("vectors/generation_14/policy.json");
        let Master { private, public, .. } = Generation14.setup(policy).unwrap();
        let user = Generation14.user_key(&private, policy, "Department::FIN").unwrap().user;
        (Generation14.encapsulator(&public, policy).unwrap(), Generation14.decapsulator(&user).unwrap())
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
        let (public, user) = keys();
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
