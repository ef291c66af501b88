//! What the plugin reads of what clients send, in every generation. The fuzz target and the replay of its corpus share it.

use std::sync::OnceLock;

use claviger_crypto_covercrypt as _;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Link};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, KeyBlock};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, LinkType, ObjectType,
};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, Formats, GenerateFrom, GeneratePair, PairTemplates, Rekey,
    RekeySources, Scheme, Source,
};
use claviger_plugin_sdk::testkit::SeededRandom;

const SECRET_KEY: KeyFormatType = KeyFormatType(0x8880_000C);
const PUBLIC_KEY: KeyFormatType = KeyFormatType(0x8880_000D);
const SINGLE: CryptographicAlgorithm = CryptographicAlgorithm(0x8880_0004);
const BULK: CryptographicAlgorithm = CryptographicAlgorithm(0x8880_0005);

const STRUCTURES: [(&str, &[u8]); 3] = [
    ("cover_crypt_policy", include_bytes!("../../src/vectors/generation_12/policy.json")),
    ("cover_crypt_policy", include_bytes!("../../src/vectors/generation_14/policy.json")),
    ("cover_crypt_access_structure", br#"{"Level::<":["Low","Top::+"],"Department":["FIN","HR"]}"#),
];
const POLICY: &str = "Department::FIN && Level::Low";

type Reading = fn(&Family, &[u8]);

/// What the bytes behind the first one are, by that.
const KINDS: [(u8, Reading); 7] = [
    (b's', structure),
    (b'p', policy),
    (b'a', action),
    (b'k', secret_key),
    (b'K', public_key),
    (b'm', message),
    (b'd', data),
];

/// Gives the bytes to everything that reads their kind. Whatever they are, it is answered; what is made of them is whole.
pub(crate) fn tried(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let kind = KINDS.iter().find(|(letter, _)| letter == first);
    let (_, read) = kind.unwrap_or(&KINDS[usize::from(*first) % KINDS.len()]);
    families().iter().for_each(|family| read(family, rest));
}

/// A master key pair and a user key of one generation.
struct Family {
    structure: (&'static str, &'static [u8]),
    private: Source,
    public: Source,
    user: Source,
    message: Vec<u8>,
}

fn families() -> &'static [Family] {
    static FAMILIES: OnceLock<Vec<Family>> = OnceLock::new();
    FAMILIES.get_or_init(|| {
        let family = |structure: (&'static str, &'static [u8])| {
            let (private, public) = pair(structure.0, structure.1).unwrap();
            let (private, user) = issued(&private, POLICY).unwrap();
            let message = encrypted(&public, POLICY).unwrap();
            Family { structure, private, public, user, message }
        };
        STRUCTURES.into_iter().map(family).collect()
    })
}

fn structure(family: &Family, json: &[u8]) {
    let Some((private, public)) = pair(family.structure.0, json) else { return };
    assert!(is_known(&private, SECRET_KEY) && is_known(&public, PUBLIC_KEY), "a pair that nobody can import");
}

fn policy(family: &Family, text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let (issued, message) = (issued(&family.private, text), encrypted(&family.public, text));
    if let (Some((_, user)), Some(message)) = (issued, message) {
        assert!(decrypted(&user, &message, SINGLE), "a user key does not open what is for its own policy");
    }
}

fn action(family: &Family, json: &[u8]) {
    for name in ["cover_crypt_rekey_action", "cover_crypt_attributes"] {
        let asked = attributes(name, json);
        let keys = RekeySources {
            private: copy(&family.private),
            public: copy(&family.public),
            dependents: vec![copy(&family.user)],
        };
        let scheme = schemes().rekey;
        let _ = scheme.concerns(&facts(&family.private), &asked);
        if let Ok(done) = scheme.rekey(&asked, &keys, &mut SeededRandom::new(1)) {
            assert_eq!(done.updated.len(), 2, "half a pair changes");
        }
    }
}

/// Bytes as a user key, as a master private key, and as what is changed and refreshed.
fn secret_key(family: &Family, bytes: &[u8]) {
    let user = Source { material: Some(material(SECRET_KEY, bytes)), ..copy(&family.user) };
    let private = Source { material: Some(material(SECRET_KEY, bytes)), ..copy(&family.private) };
    is_known(&user, SECRET_KEY);
    decrypted(&user, &family.message, SINGLE);
    issued(&private, POLICY);
    let asked = attributes("cover_crypt_rekey_action", br#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    for (private, dependent) in [(&private, &family.user), (&family.private, &user)] {
        let keys = RekeySources {
            private: copy(private),
            public: copy(&family.public),
            dependents: vec![copy(dependent)],
        };
        let _ = schemes().rekey.rekey(&asked, &keys, &mut SeededRandom::new(1));
    }
}

fn public_key(family: &Family, bytes: &[u8]) {
    let public = Source { material: Some(material(PUBLIC_KEY, bytes)), ..copy(&family.public) };
    is_known(&public, PUBLIC_KEY);
    encrypted(&public, POLICY);
}

/// A header with its encrypted data, or several.
fn message(family: &Family, bytes: &[u8]) {
    decrypted(&family.user, bytes, SINGLE);
    decrypted(&family.user, bytes, BULK);
}

/// Policy, metadata and plaintexts, as they come to be encrypted.
fn data(family: &Family, bytes: &[u8]) {
    let Ok(key) = prepared(&family.public) else { return };
    for algorithm in [SINGLE, BULK] {
        let parameters = parameters(algorithm);
        let _ = key.encrypt(input(&parameters, bytes), &mut SeededRandom::new(1));
    }
}

/// The schemes of the plugin.
struct Schemes {
    pair: &'static dyn GeneratePair,
    user: &'static dyn GenerateFrom,
    rekey: &'static dyn Rekey,
    cipher: &'static dyn CipherScheme,
    formats: &'static dyn Formats,
}

fn schemes() -> &'static Schemes {
    static SCHEMES: OnceLock<Schemes> = OnceLock::new();
    SCHEMES.get_or_init(|| {
        let entries = linked().into_iter();
        let all: Vec<&'static Scheme> = entries
            .filter_map(|entry| match entry.kind {
                EntryKind::Scheme(scheme) if scheme.algorithms.contains(&SINGLE) => Some(&scheme.scheme),
                _ => None,
            })
            .collect();
        macro_rules! find {
            ($kind:ident) => {
                all.iter().find_map(|scheme| match scheme {
                    Scheme::$kind(scheme) => Some(*scheme),
                    _ => None,
                })
            };
        }
        Schemes {
            pair: find!(GeneratePair).unwrap(),
            user: find!(GenerateFrom).unwrap(),
            rekey: find!(Rekey).unwrap(),
            cipher: find!(Cipher).unwrap(),
            formats: find!(Formats).unwrap(),
        }
    })
}

fn pair(name: &str, structure: &[u8]) -> Option<(Source, Source)> {
    let template = attributes(name, structure);
    let templates = PairTemplates { private: &template, public: &template };
    let pair = schemes().pair.generate_pair(templates, &mut SeededRandom::new(1)).ok()?;
    let key = |id, object_type, block: &KeyBlock| source(id, object_type, template.clone(), of_block(block));
    Some((
        key("private", ObjectType::PRIVATE_KEY, &pair.private),
        key("public", ObjectType::PUBLIC_KEY, &pair.public),
    ))
}

/// The master key as it is then, and a new user key.
fn issued(private: &Source, policy: &str) -> Option<(Source, Source)> {
    let mut template = attributes("cover_crypt_access_policy", policy.as_bytes());
    let link =
        Link { link_type: LinkType::PARENT_LINK, linked_object_identifier: private.id.as_str().into() };
    template.add(Tag::LINK, link.into_value());
    let mut rng = SeededRandom::new(1);
    let made = schemes().user.generate_from(&template, &[copy(private)], &mut rng).ok()?;
    let mut private = copy(private);
    if let Some(block) = made.updated.first().and_then(|change| change.key.as_ref()) {
        private.material = Some(of_block(block));
    }
    Some((private, source("user", ObjectType::PRIVATE_KEY, template, of_block(&made.key))))
}

fn encrypted(public: &Source, policy: &str) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let mut length = policy.len();
    while length >= 0x80 {
        data.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    data.push(length as u8);
    data.extend_from_slice(policy.as_bytes());
    data.extend_from_slice(b"\0plain");
    let parameters = parameters(SINGLE);
    let key = prepared(public).ok()?;
    Some(key.encrypt(input(&parameters, &data), &mut SeededRandom::new(1)).ok()?.data.to_vec())
}

fn decrypted(user: &Source, message: &[u8], algorithm: CryptographicAlgorithm) -> bool {
    let parameters = parameters(algorithm);
    prepared(user).is_ok_and(|key| key.decrypt(input(&parameters, message)).is_ok())
}

fn prepared(key: &Source) -> claviger_plugin_sdk::Result<std::sync::Arc<dyn CipherKey>> {
    schemes().cipher.prepare(&facts(key), key.material()?)
}

fn is_known(key: &Source, format: KeyFormatType) -> bool {
    let material = key.material.as_ref().unwrap();
    assert_eq!(material.format(), format);
    schemes().formats.recognise(&facts(key), material).is_ok_and(|known| known.is_some())
}

fn facts(key: &Source) -> KeyFacts<'_> {
    KeyFacts::of(key.object_type, None, &key.attributes)
}

fn parameters(algorithm: CryptographicAlgorithm) -> CryptographicParameters {
    CryptographicParameters { cryptographic_algorithm: Some(algorithm), ..CryptographicParameters::NONE }
}

fn input<'a>(parameters: &'a CryptographicParameters, data: &'a [u8]) -> CipherInput<'a> {
    CipherInput { parameters, data, nonce: None, additional_data: b"", tag: None }
}

fn attributes(name: &str, value: &[u8]) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(SINGLE.0));
    attributes.set_vendor("cosmian", name, Value::ByteString(value.into()));
    attributes
}

fn material(format: KeyFormatType, bytes: &[u8]) -> Material {
    Material::new(format, Value::ByteString(bytes.into()))
}

fn of_block(block: &KeyBlock) -> Material {
    Material::of_block(block).unwrap()
}

fn source(id: &str, object_type: ObjectType, attributes: Attributes, material: Material) -> Source {
    Source { id: ObjectId::new(id).unwrap(), object_type, attributes, material: Some(material) }
}

fn copy(key: &Source) -> Source {
    let material =
        key.material.as_ref().map(|material| Material::new(material.format(), material.value().clone()));
    Source { id: key.id.clone(), object_type: key.object_type, attributes: key.attributes.clone(), material }
}
