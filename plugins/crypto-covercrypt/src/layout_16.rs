//! The bytes of keys and headers of generation 16: what lies where in them.

use std::collections::{BTreeMap, HashMap, HashSet};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use cover_crypt_16::{MasterPublicKey, MasterSecretKey, UserSecretKey};
use crypto_core_11::bytes_ser_de::Serializable;

use crate::generation::{MOST_DIMENSIONS, MOST_RIGHTS, guarded, malformed};
use crate::header::POINT;
use crate::layout::{MasterFacts, Reader, append_number};

/// Length of an encapsulation key of ML-KEM-512 (FIPS 203, table 3).
const LATTICE_PUBLIC: usize = 800;
/// Length of a decapsulation key of it.
const LATTICE_SECRET: usize = 1632;
/// Length of a ciphertext of it.
const LATTICE_CIPHERTEXT: usize = 768;
/// Length of the signature of a user key.
const SIGNATURE: usize = 32;
/// Length of the key with which a master key makes it.
const SIGNING_KEY: usize = 16;

/// The highest number of an attribute. Each attribute that is added takes the next one.
pub(crate) const HIGHEST_NUMBER: usize = 1 << 16;

/// Reads a master private key.
pub(crate) fn master_private(bytes: &[u8]) -> Result<(MasterSecretKey, MasterFacts<'_>)> {
    let what = "master private key";
    let mut reader = Reader::new(bytes, what);
    reader.take(POINT)?;
    tracers(&mut reader, 2 * POINT, what)?;
    reader.each(1, |user| user.each(POINT, |reader| reader.take(POINT).map(drop)))?;
    let mut secrets: HashMap<_, HashSet<_>> = HashMap::new();
    reader.each(2, |reader| {
        let of_right = secrets.entry(reader.vec()?).or_default();
        reader.each(2 + POINT, |reader| {
            reader.number()?;
            of_right.insert(secret_subkey(reader, what)?);
            Ok(())
        })
    })?;
    let signs = reader.number()? == 1;
    reader.take(if signs { SIGNING_KEY } else { 0 })?;
    walk_structure(&mut reader, what, &mut |_| {})?;
    reader.end()?;
    guarded(|| MasterSecretKey::deserialize(bytes).map_err(|_| malformed(what)))
        .map(|key| (key, MasterFacts { signs, secrets }))
}

pub(crate) fn master_public(bytes: &[u8]) -> Result<MasterPublicKey> {
    let what = "master public key";
    let mut reader = Reader::new(bytes, what);
    tracers(&mut reader, POINT, what)?;
    reader.each(2 + POINT, |reader| {
        reader.vec()?;
        subkey(reader, LATTICE_PUBLIC, what).map(drop)
    })?;
    walk_structure(&mut reader, what, &mut |_| {})?;
    reader.end()?;
    guarded(|| MasterPublicKey::deserialize(bytes).map_err(|_| malformed(what)))
}

/// Reads a user key whose layout has been looked at.
pub(crate) fn user_key(bytes: &[u8]) -> Result<UserSecretKey> {
    guarded(|| UserSecretKey::deserialize(bytes).map_err(|_| malformed("user key")))
}

/// Where what lies in a user key.
pub(crate) struct UserLayout<'a> {
    /// What precedes the secrets.
    start: &'a [u8],
    /// The secrets of each right, with the right and their number before them.
    pub(crate) chains: BTreeMap<usize, Vec<&'a [u8]>>,
    /// Each right with its newest secret.
    pub(crate) newest: Vec<(&'a [u8], &'a [u8])>,
    /// How many secrets there are.
    pub(crate) secrets: usize,
    /// What follows them.
    end: &'a [u8],
}

impl<'a> UserLayout<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self> {
        let what = "user key";
        let mut reader = Reader::new(bytes, what);
        tracers(&mut reader, POINT, what)?;
        tracers(&mut reader, POINT, what)?;
        let start = bytes.get(..bytes.len() - reader.left()).unwrap_or_default();
        let mut chains: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
        let (mut newest, mut secrets) = (Vec::new(), 0);
        reader.each(2, |reader| {
            let before = reader.rest();
            let right = reader.vec()?;
            let mut length = 0;
            reader.each(1 + POINT, |reader| {
                let secret = secret_subkey(reader, what)?;
                if length == 0 {
                    newest.push((right, secret));
                }
                length += 1;
                Ok(())
            })?;
            secrets += length;
            let chain = before.get(..before.len() - reader.left()).unwrap_or_default();
            chains.entry(length).or_default().push(chain);
            Ok(())
        })?;
        let end = reader.rest();
        if reader.number()? == 1 {
            reader.take(SIGNATURE)?;
        }
        reader.end()?;
        Ok(Self { start, chains, newest, secrets, end })
    }

    /// The same key several times, each with the rights whose chains have one length.
    pub(crate) fn by_length(&self) -> Result<Vec<ByteString>> {
        let of_length = |chains: &Vec<&[u8]>| {
            let length = self.start.len()
                + 10
                + chains.iter().map(|chain| chain.len()).sum::<usize>()
                + self.end.len();
            // In memory that is there for all of it, so that none of it is left behind where there was less.
            let mut bytes = Vec::with_capacity(length);
            bytes.extend_from_slice(self.start);
            append_number(chains.len(), &mut bytes);
            chains.iter().for_each(|chain| bytes.extend_from_slice(chain));
            bytes.extend_from_slice(self.end);
            ByteString::from(bytes)
        };
        match self.chains.is_empty() {
            true => Err(malformed("user key with a right")),
            false => Ok(self.chains.values().map(of_length).collect()),
        }
    }
}

/// Walks over a list with one element for each tracer, of which there is at least one.
fn tracers(reader: &mut Reader<'_>, length: usize, what: &str) -> Result<()> {
    let mut some = false;
    reader.each(length, |reader| {
        some = true;
        reader.take(length).map(drop)
    })?;
    if some { Ok(()) } else { Err(malformed(what)) }
}

fn secret_subkey<'a>(reader: &mut Reader<'a>, what: &str) -> Result<&'a [u8]> {
    subkey(reader, LATTICE_SECRET, what)
}

/// The bytes of a subkey: a point or scalar, a lattice key, or both.
fn subkey<'a>(reader: &mut Reader<'a>, lattice: usize, what: &str) -> Result<&'a [u8]> {
    let before = reader.rest();
    let length = match reader.number()? {
        0 => POINT,
        1 => POINT + lattice,
        2 => lattice,
        _ => return Err(malformed(what)),
    };
    reader.take(length)?;
    Ok(before.get(..before.len() - reader.left()).unwrap_or_default())
}

/// Walks over a header, and counts the rights for which it encapsulates.
pub(crate) fn walk_header(reader: &mut Reader<'_>) -> Result<usize> {
    let mode = reader.number()?;
    reader.take(16)?;
    if mode != 1 {
        tracers(reader, POINT, "header")?;
    }
    let each = if mode == 0 { 32 } else { LATTICE_CIPHERTEXT + 32 };
    let mut rights = 0;
    reader.each(each, |reader| {
        rights += 1;
        reader.take(each).map(drop)
    })?;
    reader.vec()?;
    Ok(rights)
}

/// The numbers of a structure's attributes.
pub(crate) fn attribute_numbers(structure: &[u8]) -> Result<Vec<usize>> {
    let mut numbers = Vec::new();
    walk_structure(&mut Reader::new(structure, "access structure"), "access structure", &mut |number| {
        numbers.push(number);
    })?;
    Ok(numbers)
}

/// Walks over an access structure, and tells the number of each attribute.
///
/// The library makes all combinations of attributes without asking how many there are.
fn walk_structure(reader: &mut Reader<'_>, what: &str, seen: &mut dyn FnMut(usize)) -> Result<()> {
    reader.number()?;
    let (mut dimensions, mut rights) = (0, 1usize);
    reader.each(3, |reader| {
        reader.vec()?;
        let attributes = match reader.number()? {
            0 => attributes(reader, what, seen)?,
            1 => {
                // Where in the order each name stands; then the attributes in order.
                reader.each(2, |reader| {
                    reader.vec()?;
                    reader.number().map(drop)
                })?;
                attributes(reader, what, seen)?
            }
            _ => return Err(malformed(what)),
        };
        dimensions += 1;
        // A right has an attribute of each dimension, or none of it.
        rights = rights.saturating_mul(attributes + 1);
        match dimensions <= MOST_DIMENSIONS && rights <= MOST_RIGHTS {
            true => Ok(()),
            false => Err(malformed(what)),
        }
    })
}

/// Walks over the attributes of a dimension, and counts them.
fn attributes(reader: &mut Reader<'_>, what: &str, seen: &mut dyn FnMut(usize)) -> Result<usize> {
    let mut count = 0;
    reader.each(4, |reader| {
        count += 1;
        reader.vec()?;
        match reader.number()? {
            number @ ..=HIGHEST_NUMBER => seen(number),
            _ => return Err(malformed(what)),
        }
        reader.number()?;
        reader.number().map(drop)
    })?;
    Ok(count)
}
