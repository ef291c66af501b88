//! Encryption with a password: PBES2 (RFC 8018 section 6.2) and the schemes of PKCS#12 (RFC 7292 appendix C).
//!
//! How often a password is hashed its encrypted data say, so whoever sends them decides about the work. All of it is
//! counted before it is done, and there is an end to it.

mod pkcs12_derivation;

use std::sync::OnceLock;

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, HashingAlgorithm, PaddingMethod, ResultReason,
};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, ErrorClass, Result};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Sequence};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs5;
use openssl::provider::Provider;
use openssl::symm::{Cipher, decrypt, encrypt};
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

pub(crate) use pkcs12_derivation::{Purpose, derive};

/// A password in the two ways in which it is hashed.
pub(crate) struct Password<'p> {
    text: &'p str,
    /// As PKCS#12 spells it.
    spelled: Zeroizing<Vec<u8>>,
}

impl<'p> Password<'p> {
    /// A password.
    pub(crate) fn new(text: &'p str) -> Self {
        Self { text, spelled: pkcs12_derivation::spelled(text) }
    }

    /// No password at all, which some software writes for an empty one.
    pub(crate) fn none() -> Self {
        Self { text: "", spelled: Zeroizing::new(Vec::new()) }
    }

    /// Whether there is no character in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// What is encrypted with a password here is encrypted so: AES-256 in CBC, with a key that SHA-256 makes of the password.
pub(crate) const MODERN: CryptographicParameters = CryptographicParameters {
    cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
    block_cipher_mode: Some(BlockCipherMode::CBC),
    padding_method: Some(PaddingMethod::PKCS5),
    hashing_algorithm: Some(HashingAlgorithm::SHA_256),
    ..CryptographicParameters::NONE
};

/// How often a password is hashed for what is made here.
pub(crate) const ROUNDS: u32 = 100_000;

/// How often passwords may have to be hashed for what is read, in all: some seconds' work.
const MOST_ROUNDS: u64 = 5_000_000;

/// The most memory that scrypt may ask for.
const MOST_MEMORY: u64 = 64 << 20;

/// The longest salt that is read.
const LONGEST_SALT: usize = 1024;

/// The work that opening one container or key may still take.
pub(crate) struct Effort(u64);

impl Effort {
    /// All that one container or key may cause. A request with several of them may cause it for each.
    pub(crate) fn of_one_container() -> Self {
        Self(MOST_ROUNDS)
    }

    /// Takes the rounds of one derivation, which makes so many bytes with a hash function of that length.
    ///
    /// # Errors
    /// Invalid Field: there are not so many left.
    pub(crate) fn take(&mut self, rounds: u64, bytes: usize, hash_bytes: usize) -> Result<()> {
        let blocks = bytes.div_ceil(hash_bytes.max(1)).max(1) as u64;
        let asked = rounds.max(1).saturating_mul(blocks);
        self.0 = self.0.checked_sub(asked).ok_or_else(|| {
            Error::certificate("opening this takes more than a few million rounds of hashing a password")
        })?;
        Ok(())
    }
}

/// Decrypts.
///
/// # Errors
/// Bad Password: it is another one, or the data are damaged. Invalid Field: the parameters are malformed or ask for too
/// much work. Feature Not Supported: another scheme.
pub(crate) fn open(
    algorithm: AlgorithmIdentifierRef<'_>,
    encrypted: &[u8],
    password: &Password<'_>,
    effort: &mut Effort,
) -> Result<Zeroizing<Vec<u8>>> {
    if algorithm.oid == PBES2 {
        return open_pbes2(algorithm, encrypted, password, effort);
    }
    let scheme = PKCS12_SCHEMES.iter().find(|scheme| scheme.oid == algorithm.oid);
    let scheme = scheme.ok_or_else(|| unsupported("scheme", algorithm.oid))?;
    let parameters: Pkcs12Parameters<'_> = parameters_of(algorithm)?;
    let salt = salt(parameters.salt)?;
    let cipher = scheme.cipher()?;
    let hash = MessageDigest::sha1();
    let iv_bytes = cipher.iv_len().unwrap_or_default();
    for bytes in [scheme.key_bytes, iv_bytes] {
        effort.take(parameters.rounds, bytes, hash.size())?;
    }
    let derived = |purpose, bytes| derive(hash, purpose, password, salt, parameters.rounds, bytes);
    let key = derived(Purpose::Key, scheme.key_bytes)?;
    let iv = derived(Purpose::Iv, iv_bytes)?;
    decrypted(cipher, &key, &iv, encrypted)
}

/// Encrypts by PBES2, with AES-256 and HMAC-SHA-256, and gives its AlgorithmIdentifier and the encrypted data.
///
/// # Errors
/// Cryptographic Failure: OpenSSL cannot.
pub(crate) fn seal(plain: &[u8], password: &str, rng: &mut dyn RandomSource) -> Result<(Vec<u8>, Vec<u8>)> {
    let failed = |error: ErrorStack| Error::cryptographic("encryption with a password failed").because(error);
    let unencodable = |error: der::Error| Error::server("parameters cannot be encoded").because(error);
    let (salt, iv) = (rng.bytes(16), rng.bytes(16));
    let mut key = Zeroizing::new([0; 32]);
    let rounds = ROUNDS as usize;
    pkcs5::pbkdf2_hmac(password.as_bytes(), &salt, rounds, MessageDigest::sha256(), &mut *key)
        .map_err(failed)?;
    let encrypted = encrypt(Cipher::aes_256_cbc(), &*key, Some(&iv), plain).map_err(failed)?;
    let prf = AlgorithmIdentifierRef { oid: HMAC_SHA_256, parameters: Some(AnyRef::NULL) };
    let octets = OctetStringRef::new(&salt).map_err(unencodable)?;
    let salt = AnyRef::from(octets);
    let derivation = Pbkdf2Parameters { salt, rounds: u64::from(ROUNDS), key_bytes: None, prf: Some(prf) };
    let derivation = derivation.to_der().map_err(unencodable)?;
    let iv = OctetStringRef::new(&iv).map_err(unencodable)?;
    let parameters = Pbes2Parameters {
        derivation: AlgorithmIdentifierRef { oid: PBKDF2, parameters: Some(any(&derivation)?) },
        encryption: AlgorithmIdentifierRef { oid: AES_256_CBC, parameters: Some(AnyRef::from(iv)) },
    };
    let parameters = parameters.to_der().map_err(unencodable)?;
    let algorithm = AlgorithmIdentifierRef { oid: PBES2, parameters: Some(any(&parameters)?) };
    Ok((algorithm.to_der().map_err(unencodable)?, encrypted))
}

/// A key by PBKDF2, as its parameters want it.
///
/// # Errors
/// As [`open`].
pub(crate) fn pbkdf2(
    algorithm: AlgorithmIdentifierRef<'_>,
    password: &Password<'_>,
    bytes: Option<usize>,
    effort: &mut Effort,
) -> Result<Zeroizing<Vec<u8>>> {
    /// Longer than the key of any cipher or MAC that is known here.
    const LONGEST_KEY: usize = 128;
    let parameters: Pbkdf2Parameters<'_> = parameters_of(algorithm)?;
    let stated = parameters.key_bytes.map(usize::from);
    let bytes = match (bytes, stated) {
        (Some(bytes), Some(stated)) if bytes != stated => return Err(malformed()),
        (Some(bytes), _) | (None, Some(bytes)) if 0 < bytes && bytes <= LONGEST_KEY => bytes,
        _ => return Err(malformed()),
    };
    let hash = parameters.prf.map_or(Some(MessageDigest::sha1()), |prf| hmac_hash(prf.oid));
    let hash = hash.ok_or_else(|| Error::unsupported("the hash function of PBKDF2 is not known here"))?;
    effort.take(parameters.rounds, bytes, hash.size())?;
    let salt: &OctetStringRef = parameters.salt.try_into().map_err(|_| malformed())?;
    let salt = self::salt(salt)?;
    let rounds = usize::try_from(parameters.rounds).map_err(|_| malformed())?;
    let mut key = Zeroizing::new(vec![0; bytes]);
    pkcs5::pbkdf2_hmac(password.text.as_bytes(), salt, rounds, hash, &mut key)
        .map_err(|error| malformed().because(error))?;
    Ok(key)
}

/// The hash function of an HMAC.
pub(crate) fn hmac_hash(oid: ObjectIdentifier) -> Option<MessageDigest> {
    let known = [
        ("1.2.840.113549.2.7", MessageDigest::sha1()),
        ("1.2.840.113549.2.8", MessageDigest::sha224()),
        ("1.2.840.113549.2.9", MessageDigest::sha256()),
        ("1.2.840.113549.2.10", MessageDigest::sha384()),
        ("1.2.840.113549.2.11", MessageDigest::sha512()),
    ];
    known.into_iter().find(|(name, _)| ObjectIdentifier::new(name) == Ok(oid)).map(|(_, hash)| hash)
}

/// The password is not the right one, or what it protects is damaged: nobody can tell.
pub(crate) fn bad_password(why: &'static str) -> Error {
    Error::new(ResultReason::BAD_PASSWORD, ErrorClass::Request, why)
}

/// `id-PBKDF2` (RFC 8018 appendix A.2).
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// `id-PBES2` (RFC 8018 appendix A.4).
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
/// `id-scrypt` (RFC 7914 section 7.1).
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
const HMAC_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const AES_256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// The ciphers that PBES2 is known with here.
const PBES2_CIPHERS: &[(ObjectIdentifier, Nid)] = &[
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), Nid::AES_128_CBC),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), Nid::AES_192_CBC),
    (AES_256_CBC, Nid::AES_256_CBC),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), Nid::DES_EDE3_CBC),
];

/// A scheme of PKCS#12: SHA-1 and a cipher of old.
struct Pkcs12Scheme {
    oid: ObjectIdentifier,
    cipher: Nid,
    key_bytes: usize,
    /// Whether OpenSSL keeps the cipher apart.
    is_legacy: bool,
}

const PKCS12_SCHEMES: &[Pkcs12Scheme] = &[
    pkcs12_scheme("1.2.840.113549.1.12.1.3", Nid::DES_EDE3_CBC, 24, false),
    pkcs12_scheme("1.2.840.113549.1.12.1.4", Nid::DES_EDE_CBC, 16, false),
    pkcs12_scheme("1.2.840.113549.1.12.1.5", Nid::RC2_CBC, 16, true),
    pkcs12_scheme("1.2.840.113549.1.12.1.6", Nid::RC2_40_CBC, 5, true),
];

const fn pkcs12_scheme(oid: &str, cipher: Nid, key_bytes: usize, is_legacy: bool) -> Pkcs12Scheme {
    Pkcs12Scheme { oid: ObjectIdentifier::new_unwrap(oid), cipher, key_bytes, is_legacy }
}

impl Pkcs12Scheme {
    fn cipher(&self) -> Result<Cipher> {
        let cipher = Cipher::from_nid(self.cipher).filter(|_| !self.is_legacy || has_legacy_ciphers());
        cipher.ok_or_else(|| unsupported("cipher", self.oid))
    }
}

#[derive(Sequence)]
struct Pkcs12Parameters<'a> {
    salt: &'a OctetStringRef,
    rounds: u64,
}

#[derive(Sequence)]
struct Pbes2Parameters<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    encryption: AlgorithmIdentifierRef<'a>,
}

#[derive(Sequence)]
struct Pbkdf2Parameters<'a> {
    salt: AnyRef<'a>,
    rounds: u64,
    key_bytes: Option<u16>,
    prf: Option<AlgorithmIdentifierRef<'a>>,
}

#[derive(Sequence)]
struct ScryptParameters<'a> {
    salt: &'a OctetStringRef,
    cost: u64,
    block_size: u64,
    parallelization: u64,
    key_bytes: Option<u16>,
}

fn open_pbes2(
    algorithm: AlgorithmIdentifierRef<'_>,
    encrypted: &[u8],
    password: &Password<'_>,
    effort: &mut Effort,
) -> Result<Zeroizing<Vec<u8>>> {
    let parameters: Pbes2Parameters<'_> = parameters_of(algorithm)?;
    let oid = parameters.encryption.oid;
    let nid = PBES2_CIPHERS.iter().find(|(known, _)| *known == oid).map(|(_, nid)| *nid);
    let cipher = nid.and_then(Cipher::from_nid).ok_or_else(|| unsupported("cipher", oid))?;
    let iv: &OctetStringRef = parameters_of(parameters.encryption)?;
    if Some(iv.as_bytes().len()) != cipher.iv_len() {
        return Err(malformed());
    }
    let key = match parameters.derivation.oid {
        PBKDF2 => pbkdf2(parameters.derivation, password, Some(cipher.key_len()), effort)?,
        SCRYPT => scrypt(parameters.derivation, password, cipher.key_len(), effort)?,
        other => return Err(unsupported("derivation", other)),
    };
    decrypted(cipher, &key, iv.as_bytes(), encrypted)
}

fn scrypt(
    algorithm: AlgorithmIdentifierRef<'_>,
    password: &Password<'_>,
    bytes: usize,
    effort: &mut Effort,
) -> Result<Zeroizing<Vec<u8>>> {
    let ScryptParameters { salt, cost, block_size, parallelization, key_bytes } = parameters_of(algorithm)?;
    if key_bytes.is_some_and(|stated| usize::from(stated) != bytes) {
        return Err(malformed());
    }
    let memory = cost.saturating_mul(block_size).saturating_mul(128);
    if memory > MOST_MEMORY {
        return Err(Error::certificate("opening this takes more memory than it may"));
    }
    effort.take(cost.saturating_mul(block_size).saturating_mul(parallelization), 1, 1)?;
    let salt = self::salt(salt)?;
    let mut key = Zeroizing::new(vec![0; bytes]);
    pkcs5::scrypt(
        password.text.as_bytes(),
        salt,
        cost,
        block_size,
        parallelization,
        MOST_MEMORY.saturating_mul(2),
        &mut key,
    )
    .map_err(|error| malformed().because(error))?;
    Ok(key)
}

fn decrypted(cipher: Cipher, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    decrypt(cipher, key, Some(iv), encrypted)
        .map(Zeroizing::new)
        .map_err(|error| bad_password("the password is another one, or the data are damaged").because(error))
}

fn parameters_of<'a, T>(algorithm: AlgorithmIdentifierRef<'a>) -> Result<T>
where
    T: Decode<'a, Error = der::Error> + der::DecodeValue<'a, Error = der::Error> + der::FixedTag,
{
    let parameters = algorithm.parameters.ok_or_else(malformed)?;
    parameters.decode_as().map_err(|error| malformed().because(error))
}

/// A salt of a length that is no burden.
///
/// # Errors
/// Invalid Field: it is longer.
pub(crate) fn salt(salt: &OctetStringRef) -> Result<&[u8]> {
    if salt.as_bytes().len() > LONGEST_SALT {
        return Err(Error::certificate("the salt of a password is longer than it may be"));
    }
    Ok(salt.as_bytes())
}

fn any(der: &[u8]) -> Result<AnyRef<'_>> {
    AnyRef::from_der(der).map_err(|error| Error::server("parameters cannot be encoded").because(error))
}

fn malformed() -> Error {
    Error::certificate("the parameters of an encryption with a password are malformed")
}

fn unsupported(what: &str, oid: ObjectIdentifier) -> Error {
    Error::unsupported(format!(
        "this server does not open what is encrypted with a password by the {what} {oid}"
    ))
}

/// Loads OpenSSL's old ciphers, once and for good.
pub(crate) fn has_legacy_ciphers() -> bool {
    static LOADED: OnceLock<bool> = OnceLock::new();
    *LOADED.get_or_init(|| Provider::try_load(None, "legacy", true).map(std::mem::forget).is_ok())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;

    fn opened(algorithm: &[u8], encrypted: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>> {
        let algorithm = AlgorithmIdentifierRef::from_der(algorithm).unwrap();
        open(algorithm, encrypted, &Password::new(password), &mut Effort::of_one_container())
    }

    #[test]
    fn what_is_sealed_is_opened_with_its_password_only() {
        let (algorithm, encrypted) = seal(b"plain", "secret", &mut SeededRandom::new(1)).unwrap();
        assert_eq!(opened(&algorithm, &encrypted, "secret").unwrap()[..], *b"plain");
        for (encrypted, password) in
            [(&encrypted[..], "Secret"), (&encrypted[..8], "secret"), (&[], "secret")]
        {
            let refused = opened(&algorithm, encrypted, password).unwrap_err();
            assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD);
        }
    }

    #[test]
    fn parameters_that_take_too_much_work_are_refused_before_it_is_done() {
        let (algorithm, encrypted) = seal(b"plain", "secret", &mut SeededRandom::new(1)).unwrap();
        // INTEGER 100000 stands in three bytes.
        let place = algorithm.windows(5).position(|window| window == [2, 3, 1, 0x86, 0xA0]).unwrap();
        let mut longer = algorithm.clone();
        longer[place + 2] = 0x7F;
        let refused = opened(&longer, &encrypted, "secret").unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Certificate);
        assert!(refused.message().contains("rounds"), "{refused}");
    }

    #[test]
    fn all_the_work_of_a_container_is_counted_together() {
        let mut effort = Effort::of_one_container();
        effort.take(3_000_000, 32, 32).unwrap();
        assert!(effort.take(3_000_000, 32, 32).is_err());
        // Two blocks of SHA-1 make 24 bytes.
        assert!(Effort::of_one_container().take(3_000_000, 24, 20).is_err());
        assert!(Effort::of_one_container().take(u64::MAX, 64, 20).is_err());
    }

    #[test]
    fn scrypt_may_take_neither_too_much_work_nor_too_much_memory() {
        let parameters = |cost: u64, block_size: u64, parallelization: u64| {
            let salt = OctetStringRef::new(b"NaCl").unwrap();
            let parameters = ScryptParameters { salt, cost, block_size, parallelization, key_bytes: None };
            let parameters = parameters.to_der().unwrap();
            let algorithm = AlgorithmIdentifierRef {
                oid: SCRYPT,
                parameters: Some(AnyRef::from_der(&parameters).unwrap()),
            };
            scrypt(algorithm, &Password::new("password"), 64, &mut Effort::of_one_container())
                .map(|key| hex::encode(&*key))
        };
        // RFC 7914 section 12.
        let published = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
                         2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640";
        assert_eq!(parameters(1024, 8, 16).unwrap(), published);
        assert!(parameters(1 << 20, 8, 1).is_err());
        assert!(parameters(1 << 14, 8, 1 << 10).is_err());
        assert!(parameters(u64::MAX, u64::MAX, u64::MAX).is_err());
        assert!(parameters(1000, 8, 1).is_err());
    }
}
