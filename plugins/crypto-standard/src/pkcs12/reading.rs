//! What a PKCS#12 container holds (RFC 7292 section 4).
//!
//! The structure is walked here and nowhere else, so that no password is hashed whose rounds have not been counted: those of
//! a key show only once the safe around it has been decrypted.

use claviger_plugin_sdk::{Error, Result};
use der::asn1::{AnyRef, BmpString, ObjectIdentifier, OctetStringRef};
use der::{Decode, Sequence, Tag, TagNumber, Tagged};
use openssl::hash::MessageDigest;
use openssl::memcmp;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::encoding::ber;
use crate::password_encryption::{self as encryption, Effort, Password, Purpose, bad_password};
use crate::x509::elements;

/// Keys and certificates that a container may hold at most.
const MOST_BAGS: usize = 100;

/// How deep safes may be nested.
const DEPTH: usize = 4;

/// A private key or a certificate, with the names that it has in the container.
pub(super) struct Item {
    /// PKCS #8 or a certificate, in DER.
    pub(super) der: Zeroizing<Vec<u8>>,
    /// The name for people.
    pub(super) friendly_name: Option<String>,
    /// What a key and its certificate have in common.
    pub(super) local_key_id: Option<Vec<u8>>,
}

/// What a container holds.
#[derive(Default)]
pub(super) struct Container {
    pub(super) keys: Vec<Item>,
    pub(super) certificates: Vec<Item>,
}

/// Opens a container.
///
/// # Errors
/// Bad Password. Invalid Field: it is no container, malformed, or asks for too much work. Feature Not Supported: it is
/// protected in another way.
pub(super) fn open(container: &[u8], password: &str) -> Result<Container> {
    let der = ber::definite(container).ok_or_else(malformed)?;
    let outer = Outer::from_der(&der).map_err(because)?;
    if outer.version != 3 || outer.content.kind != DATA {
        return Err(Error::unsupported("a PKCS#12 container is of version 3 and protected with a password"));
    }
    let safe = octets(outer.content.content)?;
    let mut effort = Effort::of_one_container();
    let password = match &outer.mac {
        Some(mac) => authenticated(mac, &safe, password, &mut effort)?,
        None => Password::new(password),
    };
    let mut reading = Reading { password, effort, found: Container::default(), bags: 0 };
    let safes = ber::definite(&safe).ok_or_else(malformed)?;
    for content in sequence::<Content<'_>>(&safes)? {
        reading.safe(&content)?;
    }
    Ok(reading.found)
}

/// PFX.
#[derive(Sequence)]
struct Outer<'a> {
    version: u8,
    content: Content<'a>,
    mac: Option<Mac<'a>>,
}

/// ContentInfo.
#[derive(Sequence)]
struct Content<'a> {
    kind: ObjectIdentifier,
    content: AnyRef<'a>,
}

/// MacData.
#[derive(Sequence)]
struct Mac<'a> {
    digest: DigestInfo<'a>,
    salt: &'a OctetStringRef,
    #[asn1(default = "one")]
    rounds: u64,
}

#[derive(Sequence)]
struct DigestInfo<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    digest: &'a OctetStringRef,
}

/// The parameters of PBMAC1 (RFC 8018 appendix A.5).
#[derive(Sequence)]
struct Pbmac1<'a> {
    derivation: AlgorithmIdentifierRef<'a>,
    mac: AlgorithmIdentifierRef<'a>,
}

/// EncryptedData.
#[derive(Sequence)]
struct Encrypted<'a> {
    version: u8,
    content: EncryptedContent<'a>,
}

/// EncryptedContentInfo; its last field is an implicit string of octets, maybe in pieces.
#[derive(Sequence)]
struct EncryptedContent<'a> {
    kind: ObjectIdentifier,
    algorithm: AlgorithmIdentifierRef<'a>,
    content: AnyRef<'a>,
}

/// SafeBag.
#[derive(Sequence)]
struct Bag<'a> {
    kind: ObjectIdentifier,
    value: AnyRef<'a>,
    attributes: Option<AnyRef<'a>>,
}

/// PKCS12Attribute.
#[derive(Sequence)]
struct Attribute<'a> {
    kind: ObjectIdentifier,
    values: AnyRef<'a>,
}

/// EncryptedPrivateKeyInfo.
#[derive(Sequence)]
struct EncryptedKey<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    encrypted: &'a OctetStringRef,
}

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const ENCRYPTED_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const NESTED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");
const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");

/// The walk through a container.
struct Reading<'p> {
    password: Password<'p>,
    effort: Effort,
    found: Container,
    bags: usize,
}

impl Reading<'_> {
    fn safe(&mut self, content: &Content<'_>) -> Result<()> {
        match content.kind {
            DATA => self.bags(&octets(content.content)?, DEPTH),
            ENCRYPTED_DATA => {
                let encrypted: Encrypted<'_> = explicit(content.content)?;
                let EncryptedContent { algorithm, content, kind } = encrypted.content;
                if encrypted.version != 0 || kind != DATA {
                    return Err(malformed());
                }
                let bytes = match content.tag() {
                    tag if tag == TagNumber(0).context_specific(false) => {
                        Zeroizing::new(content.value().to_vec())
                    }
                    tag if tag == TagNumber(0).context_specific(true) => {
                        ber::joined(content.value()).ok_or_else(malformed)?
                    }
                    _ => return Err(malformed()),
                };
                let bags = encryption::open(algorithm, &bytes, &self.password, &mut self.effort)?;
                self.bags(&bags, DEPTH)
            }
            _ => Err(Error::unsupported("a PKCS#12 container is protected with a password, not with keys")),
        }
    }

    fn bags(&mut self, bags: &[u8], depth: usize) -> Result<()> {
        let depth = depth.checked_sub(1).ok_or_else(malformed)?;
        let bags = ber::definite(bags).ok_or_else(malformed)?;
        for bag in sequence::<Bag<'_>>(&bags)? {
            self.bags += 1;
            if self.bags > MOST_BAGS {
                return Err(Error::certificate("a PKCS#12 container holds more than a hundred things"));
            }
            self.bag(&bag, depth)?;
        }
        Ok(())
    }

    fn bag(&mut self, bag: &Bag<'_>, depth: usize) -> Result<()> {
        match bag.kind {
            KEY => {
                let key = Zeroizing::new(bag.value.value().to_vec());
                self.found.keys.push(item(bag, key)?);
            }
            ENCRYPTED_KEY => {
                let EncryptedKey { algorithm, encrypted } = explicit(bag.value)?;
                let key =
                    encryption::open(algorithm, encrypted.as_bytes(), &self.password, &mut self.effort)?;
                self.found.keys.push(item(bag, key)?);
            }
            CERTIFICATE => {
                let certificate: Content<'_> = explicit(bag.value)?;
                if certificate.kind == X509 {
                    let certificate = octets(certificate.content)?;
                    self.found.certificates.push(item(bag, certificate)?);
                }
            }
            NESTED => self.bags(bag.value.value(), depth)?,
            // Revocation lists and secrets are nothing that is looked for.
            _ => {}
        }
        Ok(())
    }
}

fn item(bag: &Bag<'_>, der: Zeroizing<Vec<u8>>) -> Result<Item> {
    let mut item = Item { der, friendly_name: None, local_key_id: None };
    let attributes = bag.attributes.map_or(Ok(Vec::new()), |set| elements::<Attribute<'_>>(set.value()));
    for attribute in attributes.map_err(because)? {
        let values: Vec<AnyRef<'_>> = elements(attribute.values.value()).map_err(because)?;
        match (attribute.kind, values.first()) {
            (FRIENDLY_NAME, Some(value)) => {
                let name = value.decode_as::<BmpString>().map_err(because)?;
                item.friendly_name = Some(name.to_string());
            }
            (LOCAL_KEY_ID, Some(value)) => item.local_key_id = Some(value.value().to_vec()),
            _ => {}
        }
    }
    Ok(item)
}

/// The password as the container was authenticated with it.
fn authenticated<'p>(
    mac: &Mac<'_>,
    content: &[u8],
    password: &'p str,
    effort: &mut Effort,
) -> Result<Password<'p>> {
    let password = Password::new(password);
    if is_authentic(mac, content, &password, effort)? {
        return Ok(password);
    }
    if password.is_empty() && is_authentic(mac, content, &Password::none(), effort)? {
        return Ok(Password::none());
    }
    Err(bad_password("the password is not that of the PKCS#12 container"))
}

fn is_authentic(mac: &Mac<'_>, content: &[u8], password: &Password<'_>, effort: &mut Effort) -> Result<bool> {
    let algorithm = mac.digest.algorithm;
    let (hash, key) = if algorithm.oid == PBMAC1 {
        let parameters = algorithm.parameters.ok_or_else(malformed)?;
        let parameters: Pbmac1<'_> = parameters.decode_as().map_err(because)?;
        let hash =
            encryption::hmac_hash(parameters.mac.oid).ok_or_else(|| unknown_hash(parameters.mac.oid))?;
        (hash, encryption::pbkdf2(parameters.derivation, password, None, effort)?)
    } else {
        let hash = hash(algorithm.oid)?;
        effort.take(mac.rounds, hash.size(), hash.size())?;
        let salt = encryption::salt(mac.salt)?;
        (hash, encryption::derive(hash, Purpose::Mac, password, salt, mac.rounds, hash.size())?)
    };
    let computed = PKey::hmac(&key).and_then(|key| Signer::new(hash, &key)?.sign_oneshot_to_vec(content));
    let computed = computed.map_err(|error| malformed().because(error))?;
    let stated = mac.digest.digest.as_bytes();
    Ok(stated.len() == computed.len() && memcmp::eq(stated, &computed))
}

fn hash(oid: ObjectIdentifier) -> Result<MessageDigest> {
    let known = [
        ("1.3.14.3.2.26", MessageDigest::sha1()),
        ("2.16.840.1.101.3.4.2.4", MessageDigest::sha224()),
        ("2.16.840.1.101.3.4.2.1", MessageDigest::sha256()),
        ("2.16.840.1.101.3.4.2.2", MessageDigest::sha384()),
        ("2.16.840.1.101.3.4.2.3", MessageDigest::sha512()),
    ];
    let known = known.into_iter().find(|(name, _)| ObjectIdentifier::new(name) == Ok(oid));
    known.map(|(_, hash)| hash).ok_or_else(|| unknown_hash(oid))
}

/// What stands behind an explicit tag.
fn explicit<'a, T: Decode<'a, Error = der::Error>>(field: AnyRef<'a>) -> Result<T> {
    if field.tag() != TagNumber(0).context_specific(true) {
        return Err(malformed());
    }
    T::from_der(field.value()).map_err(because)
}

/// The octets behind an explicit tag.
fn octets(field: AnyRef<'_>) -> Result<Zeroizing<Vec<u8>>> {
    let octets: &OctetStringRef = explicit(field)?;
    Ok(Zeroizing::new(octets.as_bytes().to_vec()))
}

fn sequence<'a, T: Decode<'a, Error = der::Error>>(der: &'a [u8]) -> Result<Vec<T>> {
    let sequence = AnyRef::from_der(der).map_err(because)?;
    if sequence.tag() != Tag::Sequence {
        return Err(malformed());
    }
    elements(sequence.value()).map_err(because)
}

fn one() -> u64 {
    1
}

fn malformed() -> Error {
    Error::certificate("the bytes are no PKCS#12 container, or a malformed one")
}

fn because(error: der::Error) -> Error {
    malformed().because(error)
}

fn unknown_hash(oid: ObjectIdentifier) -> Error {
    Error::unsupported(format!("a PKCS#12 container has a hash function that is not known here: {oid}"))
}
