//! A made-up algorithm of key pairs, so that these tests ask what operations do and not what an algorithm does. A private
//! key is 16 bytes; its public key is their complement. Neither hides anything.

use std::sync::Arc;

use claviger_plugin_sdk::inventory;
use claviger_plugin_sdk::kmip::attributes::{Attributes, CryptographicDomainParameters, kinds};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::tables::enumerations::RecommendedCurve;
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    Cost, EncapsulateKey, EncapsulateScheme, Encapsulated, Encoding, Formats, GeneratePair, KeyDescription,
    KeyPair, PairTemplates, Scheme, SchemeEntry, SignInput, SignKey, SignScheme, SignStream, WrapKey,
    WrapScheme, Wrapped,
};

/// The algorithm, which nobody else makes here.
pub(crate) const TOY: CryptographicAlgorithm = CryptographicAlgorithm::MCELIECE;
/// Its curve.
pub(crate) const CURVE: RecommendedCurve = RecommendedCurve::SECT131R1;

macro_rules! toy_scheme {
    ($($variant:ident),*) => {$(
        inventory::submit! {
            Entry::new("claviger-operations-kmip", EntryKind::Scheme({
                static ENTRY: SchemeEntry = SchemeEntry {
                    name: "toy pair",
                    algorithms: &[TOY],
                    claims: |_, _| true,
                    effective: SchemeEntry::as_asked,
                    scheme: Scheme::$variant(&Toy),
                };
                &ENTRY
            }))
        }
    )*};
}

toy_scheme!(Formats, GeneratePair, Sign, Encapsulate, Wrap);

struct Toy;

const PRIVATE: &[u8] = b"private:";
const PUBLIC: &[u8] = b"public:";

/// A private key of these bytes.
pub(crate) fn private(format: KeyFormatType, secret: [u8; 16]) -> ManagedObject {
    ManagedObject::PrivateKey(Key { key_block: block(ObjectType::PRIVATE_KEY, format, secret) })
}

/// The public key of a private key of these bytes.
pub(crate) fn public(format: KeyFormatType, secret: [u8; 16]) -> ManagedObject {
    ManagedObject::PublicKey(Key { key_block: block(ObjectType::PUBLIC_KEY, format, complement(secret)) })
}

/// Attributes of a toy key with these uses.
pub(crate) fn toy(usage: CryptographicUsageMask) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(TOY);
    attributes.put::<kinds::CryptographicUsageMask>(usage.0.cast_signed());
    attributes
}

pub(crate) fn complement(bytes: [u8; 16]) -> [u8; 16] {
    bytes.map(|byte| !byte)
}

fn block(object_type: ObjectType, format: KeyFormatType, bytes: [u8; 16]) -> KeyBlock {
    let key_material = encode(object_type, format, bytes).unwrap();
    KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
        cryptographic_algorithm: Some(TOY),
        cryptographic_length: Some(128),
        key_wrapping_data: None,
    }
}

fn encode(object_type: ObjectType, format: KeyFormatType, bytes: [u8; 16]) -> Result<Value> {
    let encoded = match (object_type, format) {
        (_, KeyFormatType::RAW) => bytes.to_vec(),
        (ObjectType::PRIVATE_KEY, KeyFormatType::PKCS_8) => [PRIVATE, &bytes].concat(),
        (ObjectType::PUBLIC_KEY, KeyFormatType::X_509) => [PUBLIC, &bytes].concat(),
        _ => {
            return Err(Error::unsupported("no such format of toy keys")
                .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED));
        }
    };
    Ok(Value::ByteString(encoded.into()))
}

/// The type of a toy key and its bytes, if it is one.
fn decode(object_type: ObjectType, material: &Material) -> Option<(ObjectType, Result<[u8; 16]>)> {
    let Value::ByteString(bytes) = material.value() else { return None };
    let (object_type, bytes) = match material.format() {
        KeyFormatType::RAW => (object_type, &**bytes),
        KeyFormatType::PKCS_8 => (ObjectType::PRIVATE_KEY, bytes.strip_prefix(PRIVATE)?),
        KeyFormatType::X_509 => (ObjectType::PUBLIC_KEY, bytes.strip_prefix(PUBLIC)?),
        _ => return None,
    };
    let bytes = bytes.try_into().map_err(|_| Error::invalid("a toy key has 16 bytes"));
    Some((object_type, bytes))
}

impl Formats for Toy {
    fn cost(&self, _: &KeyFacts<'_>, _: &Material) -> Cost {
        Cost::Heavy
    }

    fn recognise(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
        if material.format() == KeyFormatType::RAW && key.algorithm != Some(TOY) {
            return Ok(None);
        }
        let Some((object_type, bytes)) = decode(key.object_type, material) else { return Ok(None) };
        bytes?;
        let domain = CryptographicDomainParameters { qlength: None, recommended_curve: Some(CURVE) };
        Ok(Some(KeyDescription { object_type, algorithm: TOY, length: 128, domain: Some(domain) }))
    }

    fn bare(&self, _: &Material) -> Option<Value> {
        None
    }

    fn formats(&self, key: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        match key.object_type {
            ObjectType::PRIVATE_KEY => &[KeyFormatType::PKCS_8, KeyFormatType::RAW],
            _ => &[KeyFormatType::X_509, KeyFormatType::RAW],
        }
    }

    fn convert(&self, key: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value> {
        let (object_type, bytes) =
            decode(key.object_type, material).ok_or_else(|| Error::cryptographic("no toy key"))?;
        encode(object_type, to.format, bytes?)
    }

    fn public_key(&self, key: &KeyFacts<'_>, private: &Material) -> Result<KeyBlock> {
        let (_, bytes) =
            decode(key.object_type, private).ok_or_else(|| Error::cryptographic("no toy key"))?;
        Ok(block(ObjectType::PUBLIC_KEY, KeyFormatType::X_509, complement(bytes?)))
    }
}

impl GeneratePair for Toy {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Heavy
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, random: &mut dyn RandomSource) -> Result<KeyPair> {
        if templates.private.one::<kinds::CryptographicLength>().is_some_and(|bits| bits != 128) {
            return Err(
                Error::invalid("toy keys have 128 bits").with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE)
            );
        }
        let mut secret = [0; 16];
        random.fill(&mut secret);
        let format = |of: &Attributes, usual| of.one::<kinds::KeyFormatType>().unwrap_or(usual);
        let private = format(templates.private, KeyFormatType::PKCS_8);
        let public = format(templates.public, KeyFormatType::X_509);
        encode(ObjectType::PRIVATE_KEY, private, secret)?;
        encode(ObjectType::PUBLIC_KEY, public, secret)?;
        Ok(KeyPair::new(
            block(ObjectType::PRIVATE_KEY, private, secret),
            block(ObjectType::PUBLIC_KEY, public, complement(secret)),
        ))
    }
}

/// A parsed key: the public bytes, and whether the private ones are known.
#[derive(Clone)]
struct ToyKey {
    public: [u8; 16],
    is_private: bool,
}

impl ToyKey {
    fn parse(key: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        let (object_type, bytes) =
            decode(key.object_type, material).ok_or_else(|| Error::cryptographic("no toy key"))?;
        let is_private = object_type == ObjectType::PRIVATE_KEY;
        Ok(Self { public: if is_private { complement(bytes?) } else { bytes? }, is_private })
    }

    /// FNV-1a.
    fn signature(&self, input: SignInput<'_>) -> ByteString {
        let (kind, bytes) = match input {
            SignInput::Data(data) => (0, data),
            SignInput::Digest(digest) => (1, digest),
        };
        let hash = std::iter::once(&kind).chain(&self.public).chain(bytes);
        let hash = hash.fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
        });
        hash.to_be_bytes()[..].into()
    }

    fn need_private(&self) -> Result<()> {
        if self.is_private { Ok(()) } else { Err(Error::cryptographic("it takes the private key")) }
    }
}

impl SignScheme for Toy {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        Ok(Arc::new(ToyKey::parse(key, material)?))
    }
}

impl SignKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        _: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        self.need_private()?;
        Ok(self.signature(input))
    }

    fn verify(&self, input: SignInput<'_>, signature: &[u8], _: &CryptographicParameters) -> Result<bool> {
        Ok(*self.signature(input) == *signature)
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        Ok(Box::new(ToyStream { key: self.clone(), data: Vec::new() }))
    }
}

struct ToyStream {
    key: ToyKey,
    data: Vec<u8>,
}

impl SignStream for ToyStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.data.extend_from_slice(part);
        Ok(())
    }

    fn sign(self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        self.key.need_private()?;
        Ok(self.key.signature(SignInput::Data(&self.data)))
    }

    fn verify(self: Box<Self>, signature: &[u8]) -> Result<bool> {
        Ok(*self.key.signature(SignInput::Data(&self.data)) == *signature)
    }
}

impl EncapsulateScheme for Toy {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn EncapsulateKey>> {
        Ok(Arc::new(ToyKey::parse(key, material)?))
    }
}

/// The ciphertext is the secret, with the public key added to it.
impl EncapsulateKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encapsulate(
        &self,
        _: &CryptographicParameters,
        random: &mut dyn RandomSource,
    ) -> Result<Encapsulated> {
        let secret = random.bytes(16);
        let sum = secret.iter().zip(self.public).map(|(byte, key)| byte.wrapping_add(key));
        Ok(Encapsulated { ciphertext: sum.collect::<Vec<u8>>().into(), secret })
    }

    fn decapsulate(&self, ciphertext: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        self.need_private()?;
        if ciphertext.len() != 16 {
            return Err(Error::cryptographic("a toy ciphertext has 16 bytes"));
        }
        let difference = ciphertext.iter().zip(self.public).map(|(byte, key)| byte.wrapping_sub(key));
        Ok(difference.collect::<Vec<u8>>().into())
    }
}

impl WrapScheme for Toy {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(ToyKey::parse(key, material)?))
    }
}

/// The public key is added to the bytes, and their sum follows.
impl WrapKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn wrap(&self, plain: &[u8], _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<Wrapped> {
        let added = plain.iter().zip(self.public.iter().cycle()).map(|(byte, key)| byte.wrapping_add(*key));
        let data: Vec<u8> = added.chain([sum(plain)]).collect();
        Ok(Wrapped { data: data.into(), nonce: None })
    }

    fn unwrap(&self, wrapped: &[u8], _: &CryptographicParameters, _: Option<&[u8]>) -> Result<ByteString> {
        self.need_private()?;
        let wrong = || Error::cryptographic("the toy did not wrap this");
        let (check, data) = wrapped.split_last().ok_or_else(wrong)?;
        let plain = data.iter().zip(self.public.iter().cycle()).map(|(byte, key)| byte.wrapping_sub(*key));
        let plain: Vec<u8> = plain.collect();
        if sum(&plain) == *check { Ok(plain.into()) } else { Err(wrong()) }
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}
