//! How a backup is protected: what its file begins with, and the key of its contents.

use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf;
use claviger_plugin_sdk::random::RandomSource as _;
use zeroize::Zeroizing;

use super::chunks::ChunkKey;
use crate::failure::Failure;
use crate::randomness::LibraryRandom;

/// What the file of every backup begins with.
const MAGIC: &[u8; 16] = b"CLAVIGER BACKUP\n";
/// The version of the format that this build writes and reads.
const VERSION: u16 = 1;

/// What the key of a file is derived for (RFC 5869 section 3.2).
const INFO: &[u8] = b"claviger backup 1";
const SALT: usize = 32;
const KEY: usize = 32;

/// Characters that a passphrase needs.
const PASSPHRASE: usize = 12;

/// What Argon2id costs: memory in KiB, passes and lanes as RFC 9106 section 4 recommends where memory is scarce.
const COSTS: [u32; 3] = [64 << 10, 3, 4];
/// What reading a file may cost at most.
const MOST: [u32; 3] = [1 << 20, 64, 64];

/// Who can read a backup.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Everyone who has the file.
    Plaintext,
    /// Whoever has the secret as well.
    Encrypted(KeySource),
}

/// Where the secret of a backup is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A file with a key: 32 bytes, or 64 hexadecimal digits.
    KeyFile(PathBuf),
    /// A file whose first line is a passphrase.
    PassphraseFile(PathBuf),
}

/// How the secret became the key, as the prefix of the file tells it.
const PLAIN: u8 = 0;
const BY_KEY: u8 = 1;
const BY_PASSPHRASE: u8 = 2;

impl Protection {
    /// Writes the prefix of a file, and gives the key of its contents if they are to be encrypted.
    ///
    /// # Errors
    /// The secret cannot be read or used; the prefix cannot be written.
    pub(super) fn begin(&self, out: &mut impl Write) -> Result<Option<ChunkKey>, Failure> {
        let mut prefix = [MAGIC.as_slice(), &VERSION.to_be_bytes()].concat();
        let secret = match self {
            Self::Plaintext => {
                prefix.push(PLAIN);
                None
            }
            Self::Encrypted(source) => {
                let mut salt = [0; SALT];
                LibraryRandom.fill(&mut salt);
                prefix.push(source.kind());
                prefix.extend_from_slice(&salt);
                if source.kind() == BY_PASSPHRASE {
                    COSTS.iter().for_each(|cost| prefix.extend_from_slice(&cost.to_be_bytes()));
                }
                Some((source.secret(&salt, COSTS)?, salt))
            }
        };
        out.write_all(&prefix)
            .map_err(|error| Failure::new(format!("the backup cannot be written: {error}")))?;
        secret.map(|(secret, salt)| Ok(ChunkKey::new(contents_key(&secret, &salt)?, prefix))).transpose()
    }
}

/// Reads the prefix of a file: its bytes, and the key of the contents if they are encrypted.
///
/// # Errors
/// It is no backup, or one of another version; a secret is missing, or is not needed, or cannot be read or used.
pub(super) fn read(
    input: &mut impl Read,
    key: Option<&KeySource>,
) -> Result<(Vec<u8>, Option<ChunkKey>), Failure> {
    let mut prefix = Vec::new();
    if take(input, &mut prefix, MAGIC.len())? != MAGIC {
        return Err(Failure::new("the file is no backup of a Claviger database"));
    }
    let version = take(input, &mut prefix, 2)?;
    if version != VERSION.to_be_bytes() {
        let version = version.iter().fold(0, |version, byte| version << 8 | u32::from(*byte));
        return Err(Failure::new(format!(
            "the backup has format {version} and this build reads {VERSION}: restore it with the version of \
             claviger-server that wrote it, or one of its time"
        )));
    }
    let kind = take(input, &mut prefix, 1)?.first().copied();
    let source = match (kind, key) {
        (Some(PLAIN), None) => return Ok((prefix, None)),
        (Some(PLAIN), Some(_)) => {
            return Err(Failure::usage("the backup is not encrypted: leave the key or the passphrase out"));
        }
        (Some(BY_KEY | BY_PASSPHRASE), None) => {
            return Err(Failure::usage(
                "the backup is encrypted: give --backup-key-file or --backup-passphrase-file, whichever made it",
            ));
        }
        (Some(kind), Some(source)) if kind == source.kind() => source,
        (Some(BY_KEY), _) => {
            return Err(Failure::usage("the backup is encrypted under a key: give --backup-key-file"));
        }
        (Some(BY_PASSPHRASE), _) => {
            return Err(Failure::usage(
                "the backup is encrypted under a passphrase: give --backup-passphrase-file",
            ));
        }
        _ => return Err(Failure::new("the backup is damaged: it does not say how it is encrypted")),
    };
    let salt = take(input, &mut prefix, SALT)?;
    let mut costs = COSTS;
    if source.kind() == BY_PASSPHRASE {
        for (cost, most) in costs.iter_mut().zip(MOST) {
            let bytes = take(input, &mut prefix, 4)?;
            *cost = bytes.iter().fold(0, |cost, byte| cost << 8 | u32::from(*byte));
            if *cost > most {
                return Err(Failure::new("the backup is damaged: its key would cost too much to make"));
            }
        }
    }
    let secret = source.secret(&salt, costs)?;
    Ok((prefix.clone(), Some(ChunkKey::new(contents_key(&secret, &salt)?, prefix))))
}

/// The next bytes of the prefix, which are added to it.
fn take(input: &mut impl Read, prefix: &mut Vec<u8>, length: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; length];
    match input.read_exact(&mut bytes) {
        Ok(()) => {
            prefix.extend_from_slice(&bytes);
            Ok(bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Failure::new("the file is no backup of a Claviger database, or only the beginning of one"))
        }
        Err(error) => Err(Failure::new(format!("the backup cannot be read: {error}"))),
    }
}

/// The key of the contents of one file: HKDF (RFC 5869) with SHA-256 of the secret and the file's own salt, so that no
/// two files share a key and each may count its nonces from 0.
fn contents_key(secret: &[u8], salt: &[u8]) -> Result<LessSafeKey, Failure> {
    let pseudorandom = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret);
    let key = pseudorandom.expand(&[INFO], &AES_256_GCM).map(UnboundKey::from);
    key.map(LessSafeKey::new).map_err(|_| Failure::new("the key of the backup cannot be made"))
}

impl KeySource {
    fn kind(&self) -> u8 {
        match self {
            Self::KeyFile(_) => BY_KEY,
            Self::PassphraseFile(_) => BY_PASSPHRASE,
        }
    }

    /// The secret: the key itself, or what Argon2id (RFC 9106) makes of the passphrase.
    fn secret(&self, salt: &[u8], [memory, passes, lanes]: [u32; 3]) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let (Self::KeyFile(path) | Self::PassphraseFile(path)) = self;
        let content = fs::read(path).map(Zeroizing::new).map_err(|error| {
            Failure::new(format!("the secret of the backup cannot be read from {}: {error}", path.display()))
        })?;
        if self.kind() == BY_KEY {
            return key_of(&content);
        }
        let line = content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let passphrase = line.strip_suffix(b"\r").unwrap_or(line);
        if passphrase.len() < PASSPHRASE {
            return Err(Failure::usage(format!(
                "the passphrase of a backup has {PASSPHRASE} characters at least; it is the first line of its file"
            )));
        }
        let mut secret = Zeroizing::new(vec![0; KEY]);
        let made = Params::new(memory, passes, lanes, Some(KEY)).and_then(|costs| {
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, costs);
            argon2.hash_password_into(passphrase, salt, &mut secret)
        });
        made.map_err(|error| Failure::new(format!("the key of the backup cannot be made: {error}")))?;
        Ok(secret)
    }
}

/// A key from the content of its file.
fn key_of(content: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if content.len() == KEY {
        return Ok(Zeroizing::new(content.to_vec()));
    }
    let digits = content.trim_ascii();
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    match pairs.collect::<Option<Vec<u8>>>().map(Zeroizing::new) {
        Some(key) if key.len() == KEY => Ok(key),
        _ => Err(Failure::usage(
            "the file of a backup's key has 32 bytes, or 64 hexadecimal digits: `openssl rand -hex 32` makes one",
        )),
    }
}

fn digit(character: u8) -> Option<u8> {
    char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
