//! PKCS#12 containers (RFC 7292), as OpenSSL makes and reads them.
//!
//! There are two kinds: the modern one protects everything with AES-256 and SHA-256, the legacy one with Triple DES and
//! SHA-1, for software that reads nothing else. Both are read as either.

use std::sync::OnceLock;

use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{ContainerScheme, Contents, Cost, Scheme, SchemeEntry};
use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tagged};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12 as Container};
use openssl::pkey::PKey;
use openssl::provider::Provider;
use openssl::stack::Stack;
use openssl::x509::X509;

/// The Key Format Type of legacy containers: KMIP does not tell the two apart, so it is one of those left to vendors.
const LEGACY: KeyFormatType = KeyFormatType(0x8880_0001);

/// How often a password is hashed for a container that is made.
const ITERATIONS: u32 = 100_000;

/// How often passwords may have been hashed for a container that is read, in all: some seconds' work.
const MOST_ITERATIONS: u64 = 5_000_000;

/// One kind of container.
struct Pkcs12 {
    encryption: Nid,
    digest: fn() -> MessageDigest,
}

static MODERN: Pkcs12 = Pkcs12 { encryption: Nid::AES_256_CBC, digest: MessageDigest::sha256 };
static OLD: Pkcs12 =
    Pkcs12 { encryption: Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, digest: MessageDigest::sha1 };

register_scheme!(SchemeEntry {
    name: "PKCS#12",
    algorithms: &[],
    claims: |key, _| key.format == Some(KeyFormatType::PKCS_12),
    scheme: Scheme::Container(&MODERN),
});
register_scheme!(SchemeEntry {
    name: "PKCS#12 legacy",
    algorithms: &[],
    claims: |key, _| key.format == Some(LEGACY),
    scheme: Scheme::Container(&OLD),
});

impl ContainerScheme for Pkcs12 {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn seal(
        &self,
        contents: &Contents,
        password: Option<&str>,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let password = password.ok_or_else(|| {
            bad_password("a PKCS#12 container needs a password: link the object to a Secret Data")
        })?;
        self.sealed(contents, password)
            .map(ByteString::from)
            .map_err(|error| Error::cryptographic("the PKCS#12 container cannot be made").because(error))
    }

    fn open(&self, container: &[u8], password: Option<&str>) -> Result<Contents> {
        check_effort(container)?;
        let parsed = Container::from_der(container)
            .map_err(|error| Error::certificate("the bytes are no PKCS#12 container").because(error))?;
        let opened = parse(&parsed, password.unwrap_or_default())?;
        contents(opened)
            .map_err(|error| Error::certificate("the PKCS#12 container is malformed").because(error))
    }
}

impl Pkcs12 {
    fn sealed(&self, contents: &Contents, password: &str) -> std::result::Result<Vec<u8>, ErrorStack> {
        let mut builder = Container::builder();
        builder.key_algorithm(self.encryption).cert_algorithm(self.encryption);
        builder.key_iter(ITERATIONS).mac_iter(ITERATIONS).mac_md((self.digest)());
        if let Some(name) = &contents.friendly_name {
            builder.name(name);
        }
        let key = contents.private_key.as_ref().map(|key| PKey::private_key_from_pkcs8(key)).transpose()?;
        if let Some(key) = &key {
            builder.pkey(key);
        }
        let mut certificates = contents.certificates.iter().map(|one| X509::from_der(one));
        if let Some(first) = certificates.next() {
            builder.cert(&*first?);
        }
        let mut chain = Stack::new()?;
        for one in certificates {
            chain.push(one?)?;
        }
        builder.ca(chain);
        builder.build2(password)?.to_der()
    }
}

fn parse(container: &Container, password: &str) -> Result<ParsedPkcs12_2> {
    let error = match container.parse2(password) {
        Ok(opened) => return Ok(opened),
        Err(error) => error,
    };
    if is(&error, "mac verify failure") {
        return Err(bad_password("the password is not that of the PKCS#12 container"));
    }
    // Containers of old have their certificates in RC2 with 40 bits, which OpenSSL keeps apart.
    if is(&error, "unsupported") && has_legacy_ciphers() {
        return container.parse2(password).map_err(unreadable);
    }
    Err(unreadable(error))
}

fn unreadable(error: ErrorStack) -> Error {
    Error::certificate("the PKCS#12 container cannot be opened").because(error)
}

fn is(error: &ErrorStack, reason: &str) -> bool {
    error.errors().iter().any(|error| error.reason() == Some(reason))
}

/// Loads OpenSSL's old ciphers, once and for good.
fn has_legacy_ciphers() -> bool {
    static LOADED: OnceLock<bool> = OnceLock::new();
    *LOADED.get_or_init(|| Provider::try_load(None, "legacy", true).map(std::mem::forget).is_ok())
}

fn contents(opened: ParsedPkcs12_2) -> std::result::Result<Contents, ErrorStack> {
    let private_key = opened.pkey.map(|key| key.private_key_to_pkcs8()).transpose()?.map(ByteString::from);
    let alias = opened.cert.as_ref().and_then(|certificate| certificate.alias());
    let friendly_name = alias.map(|name| String::from_utf8_lossy(name).into_owned());
    let mut certificates = Vec::new();
    for certificate in opened.cert.iter().map(|one| &**one).chain(opened.ca.iter().flatten()) {
        certificates.push(certificate.to_der()?.into());
    }
    Ok(Contents { private_key, certificates, friendly_name })
}

/// Refuses containers that would keep the server busy with hashing a password. Their parameters stand in the clear: salt,
/// then the number of rounds (RFC 7292 section 4, RFC 8018 appendix A.2).
fn check_effort(container: &[u8]) -> Result<()> {
    if rounds(container, DEPTH).is_some_and(|rounds| rounds <= MOST_ITERATIONS) {
        Ok(())
    } else {
        Err(Error::certificate(
            "the bytes are no PKCS#12 container, or opening it takes more than a few million rounds",
        ))
    }
}

/// How deep the structures of a container may be nested.
const DEPTH: usize = 24;

/// All rounds that stand in the bytes together, since a container may have any number of passwords to hash; nothing if they
/// are no DER, or nested too deep.
fn rounds(bytes: &[u8], depth: usize) -> Option<u64> {
    let depth = depth.checked_sub(1)?;
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut sum: u64 = 0;
    // The numbers that follow on what may be a salt.
    let mut after_salt: Option<Vec<u64>> = None;
    while !reader.is_finished() {
        let value = AnyRef::decode(&mut reader).ok()?;
        match (value.tag(), &mut after_salt) {
            (der::Tag::Integer, Some(numbers)) => numbers.push(number(value.value())),
            (tag, salted) => {
                sum = sum.saturating_add(salted.take().map_or(0, |numbers| effort(&numbers)));
                sum = sum.saturating_add(if tag.is_constructed() {
                    rounds(value.value(), depth)?
                } else if tag == der::Tag::OctetString {
                    *salted = Some(Vec::new());
                    // Some hold structures, others salts and ciphertexts.
                    rounds(value.value(), depth).unwrap_or(0)
                } else {
                    0
                });
            }
        }
    }
    Some(sum.saturating_add(after_salt.map_or(0, |numbers| effort(&numbers))))
}

/// The work that the numbers after a salt ask for: rounds, which a length may follow, or the cost, the size of blocks and the
/// parallelization of scrypt (RFC 7914 section 7.1), which multiply.
fn effort(numbers: &[u64]) -> u64 {
    match numbers {
        [cost, block_size, parallelization, ..] => {
            cost.saturating_mul(*block_size).saturating_mul(*parallelization)
        }
        [rounds, ..] => *rounds,
        [] => 0,
    }
}

fn number(bytes: &[u8]) -> u64 {
    if bytes.len() > 8 {
        return u64::MAX;
    }
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn bad_password(why: &'static str) -> Error {
    Error::new(ResultReason::BAD_PASSWORD, ErrorClass::Request, why)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::x509::examples;

    fn example() -> Contents {
        let (key, certificate) = examples::key_and_certificate("leaf");
        Contents {
            private_key: Some(key),
            certificates: vec![certificate, examples::self_signed("root")],
            friendly_name: Some("alias".into()),
        }
    }

    #[test]
    fn what_is_sealed_in_either_kind_is_opened_again_with_its_password_only() {
        let contents = example();
        for kind in [&MODERN, &OLD] {
            let sealed = kind.seal(&contents, Some("secret"), &mut SeededRandom::new(1)).unwrap();
            for reader in [&MODERN, &OLD] {
                let opened = reader.open(&sealed, Some("secret")).unwrap();
                assert_eq!(opened.certificates, contents.certificates);
                assert_eq!(opened.private_key, contents.private_key);
                assert_eq!(opened.friendly_name.as_deref(), Some("alias"));
                for wrong in [None, Some("Secret")] {
                    assert_eq!(reader.open(&sealed, wrong).unwrap_err().reason(), ResultReason::BAD_PASSWORD);
                }
            }
        }
    }

    /// Made by `openssl pkcs12 -export -legacy`: its certificate is in RC2 with 40 bits.
    const RC2: &[u8] = include_bytes!("pkcs12/rc2.p12");

    #[test]
    fn a_container_of_old_is_opened_where_openssl_has_its_ciphers() {
        if has_legacy_ciphers() {
            let opened = MODERN.open(RC2, Some("secret")).unwrap();
            assert_eq!((opened.certificates.len(), opened.friendly_name.as_deref()), (1, Some("old")));
            assert!(opened.private_key.is_some());
        } else {
            eprintln!("skipped: OpenSSL's legacy provider is not installed");
            assert_eq!(MODERN.open(RC2, Some("secret")).unwrap_err().class(), ErrorClass::Certificate);
        }
        assert_eq!(MODERN.open(RC2, Some("wrong")).unwrap_err().reason(), ResultReason::BAD_PASSWORD);
    }

    #[test]
    fn a_container_without_a_password_is_not_made() {
        let refused = MODERN.seal(&example(), None, &mut SeededRandom::new(1)).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD);
    }

    #[test]
    fn damage_is_refused_without_a_panic() {
        let sealed = OLD.seal(&example(), Some("secret"), &mut SeededRandom::new(1)).unwrap();
        assert!(MODERN.open(b"", Some("secret")).is_err());
        for position in (0..sealed.len()).step_by(97) {
            let mut damaged = sealed.to_vec();
            damaged[position] ^= 0x55;
            assert!(MODERN.open(&damaged, Some("secret")).is_err(), "{position}");
            assert!(MODERN.open(&sealed[..position], Some("secret")).is_err(), "{position}");
        }
    }

    #[test]
    fn a_container_that_takes_for_ever_is_refused_at_once() {
        let mut builder = Container::builder();
        let (key, _) = examples::key_and_certificate("leaf");
        builder.pkey(&PKey::private_key_from_pkcs8(&key).unwrap());
        builder.mac_iter(1);
        let sealed = builder.build2("secret").unwrap().to_der().unwrap();
        // The number of rounds is the last INTEGER of the container; DER leaves 1 out, so it is written in.
        assert!(MODERN.open(&sealed, Some("secret")).is_ok());
        assert!(
            rounds(&[0x30, 0x0B, 0x04, 0x01, 0x00, 0x02, 0x04, 0x7F, 0xFF, 0xFF, 0xFF, 0x05, 0x00], DEPTH)
                .unwrap()
                > MOST_ITERATIONS
        );
        // Twice PBKDF2-params with 3000000 rounds and a length, and scrypt-params with cost 16384, block size 8.
        let pbkdf2 = [0x30, 0x0B, 0x04, 0x01, 0x00, 0x02, 0x03, 0x2D, 0xC6, 0xC0, 0x02, 0x01, 0x20];
        assert_eq!(rounds(&pbkdf2, DEPTH), Some(3_000_000));
        assert!(check_effort(&pbkdf2).is_ok());
        assert!(check_effort(&[pbkdf2, pbkdf2].concat()).is_err());
        let scrypt = |parallelization: [u8; 3]| {
            let upto_block_size = [0x30, 0x0F, 0x04, 0x01, 0x00, 0x02, 0x02, 0x40, 0x00, 0x02, 0x01, 0x08];
            [&upto_block_size[..], &[0x02, 0x03], &parallelization].concat()
        };
        assert_eq!(rounds(&scrypt([0, 0, 1]), DEPTH), Some(1 << 17));
        assert!(check_effort(&scrypt([0x01, 0, 0])).is_err());
        let nested = (0..40).fold(vec![0x05, 0x00], |inner: Vec<u8>, _| {
            [vec![0x30, u8::try_from(inner.len()).unwrap()], inner].concat()
        });
        assert_eq!(rounds(&nested, DEPTH), None);
    }
}
