//! Symmetric Key (KMIP 2.1 section 2.9).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::key_value;

/// The rules of symmetric keys.
pub(crate) struct SymmetricKeyKind;

register_object_kind!(SymmetricKeyKind);

/// Raw is the default (KMIP 2.1 section 4.26).
const FORMATS: &[KeyFormatType] = &[KeyFormatType::RAW, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY];

/// The format of a key whose encoding only its owner knows (section 11.25): bytes that come and go as they are and are
/// never used here, since they need not be the key alone.
const OF_UNKNOWN_ENCODING: &[KeyFormatType] = &[KeyFormatType::OPAQUE];

/// Bits from which a symmetric key counts as safe against quantum computers, since a search takes them the square
/// root of its effort.
const QUANTUM_SAFE_BITS: i32 = 256;

impl ObjectKind for SymmetricKeyKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::SYMMETRIC_KEY
    }

    fn check_template(&self, attributes: &Attributes) -> Result<()> {
        if attributes.one::<kinds::CryptographicAlgorithm>().is_none() {
            return Err(Error::invalid("a symmetric key needs the attribute Cryptographic Algorithm"));
        }
        match attributes.one::<kinds::KeyFormatType>() {
            Some(format) if !FORMATS.contains(&format) => Err(key_value::unsupported(format, FORMATS)),
            _ => Ok(()),
        }
    }

    fn check_object(
        &self,
        _: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::SymmetricKey(key) = object else {
            return Err(Error::invalid("the object is no Symmetric Key, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        let block = &key.key_block;
        if is_opaque(block.key_format_type) {
            key_value::check_bytes(block)?;
        } else {
            key_value::check_format(block, FORMATS)?;
        }
        key_value::agree::<kinds::CryptographicAlgorithm>(block.cryptographic_algorithm, attributes)?
            .ok_or_else(|| {
                Error::invalid(
                    "a symmetric key needs a Cryptographic Algorithm, in its Key Block or as attribute",
                )
            })?;
        let stated = key_value::agree::<kinds::CryptographicLength>(block.cryptographic_length, attributes)?;
        if let Some(bits) = bits(block)? {
            check_length(stated, bits)?;
            attributes.put::<kinds::CryptographicLength>(stated.unwrap_or(bits));
        }
        check_quantum_safe(attributes)
    }

    fn cost(&self, _: &dyn Catalogue, _: &ManagedObject) -> Cost {
        Cost::Light
    }

    fn formats(&self, _: &dyn Catalogue, key: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        if key.format.is_some_and(is_opaque) { OF_UNKNOWN_ENCODING } else { FORMATS }
    }

    fn convert(&self, _: &dyn Catalogue, block: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        let to = key_value::uncompressed(to)?;
        if block.key_format_type == to {
            return Ok(());
        }
        if is_opaque(block.key_format_type) {
            return Err(key_value::unsupported(to, OF_UNKNOWN_ENCODING));
        }
        let Some(bytes) = bytes(block)?.cloned() else {
            return Err(key_value::not_here());
        };
        let material = match to {
            KeyFormatType::RAW => Value::ByteString(bytes),
            KeyFormatType::TRANSPARENT_SYMMETRIC_KEY => {
                Value::Structure(vec![Ttlv::new(Tag::KEY, Value::ByteString(bytes))])
            }
            other => return Err(key_value::unsupported(other, FORMATS)),
        };
        block.key_format_type = to;
        block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material: material, attributes: None }));
        Ok(())
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        key_value::digest_input(object.key_block()?)
    }
}

fn is_opaque(format: KeyFormatType) -> bool {
    OF_UNKNOWN_ENCODING.contains(&format)
}

/// The bytes of a plain key; nothing if it is wrapped, absent or of unknown encoding.
fn bytes(block: &KeyBlock) -> Result<Option<&ByteString>> {
    match (key_value::plain(block), block.key_format_type) {
        (None, _) => Ok(None),
        (Some(_), format) if is_opaque(format) => Ok(None),
        (Some(Value::ByteString(bytes)), KeyFormatType::RAW) => Ok(Some(bytes)),
        (Some(Value::Structure(fields)), KeyFormatType::TRANSPARENT_SYMMETRIC_KEY) => match fields.as_slice()
        {
            [Ttlv { tag: Tag::KEY, value: Value::ByteString(bytes) }] => Ok(Some(bytes)),
            _ => Err(Error::invalid(
                "the Key Material of a Transparent Symmetric Key holds one Key, a Byte String",
            )),
        },
        (Some(_), format) => {
            Err(Error::invalid(format!("the Key Material has another type than {format:?} demands")))
        }
    }
}

fn bits(block: &KeyBlock) -> Result<Option<i32>> {
    let Some(bytes) = bytes(block)? else { return Ok(None) };
    if bytes.is_empty() {
        return Err(Error::invalid("the Key Material of a symmetric key is empty"));
    }
    let too_long = |_| Error::invalid("the Key Material of a symmetric key is too long");
    i32::try_from(bytes.len().saturating_mul(8)).map(Some).map_err(too_long)
}

/// The stated length is that of the material, or leaves out one parity bit in eight, as the length of DES keys does.
fn check_length(stated: Option<i32>, bits: i32) -> Result<()> {
    match stated {
        Some(stated) if stated != bits && stated != bits / 8 * 7 => Err(Error::invalid(format!(
            "the Cryptographic Length is {stated} bits where the Key Material has {bits}"
        ))),
        _ => Ok(()),
    }
}

fn check_quantum_safe(attributes: &Attributes) -> Result<()> {
    let demanded = attributes.one::<kinds::QuantumSafe>() == Some(true);
    if demanded && attributes.one::<kinds::CryptographicLength>().is_some_and(|bits| bits < QUANTUM_SAFE_BITS)
    {
        return Err(Error::invalid(format!(
            "a quantum-safe symmetric key has {QUANTUM_SAFE_BITS} bits or more"
        ))
        .with_reason(ResultReason::GENERAL_FAILURE));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::examples::{password, symmetric, transparent};
    use super::*;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    fn checked(object: &ManagedObject, mut attributes: Attributes) -> Result<Attributes> {
        SymmetricKeyKind.check_object(&TestCatalogue::default(), object, &mut attributes).map(|()| attributes)
    }

    fn convert(block: &mut KeyBlock, to: KeyFormatType) -> Result<()> {
        SymmetricKeyKind.convert(&TestCatalogue::default(), block, &Attributes::new(), to.into())
    }

    fn length(bits: i32) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicLength>(bits);
        attributes
    }

    #[test]
    fn algorithm_and_length_of_the_key_block_become_attributes() {
        let attributes = checked(&symmetric(&[1; 32]), Attributes::new()).unwrap();
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::AES));
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(256));
    }

    #[test]
    fn contradictions_between_key_block_attributes_and_material_are_refused() {
        assert_eq!(
            checked(&symmetric(&[1; 32]), length(128)).unwrap_err().reason(),
            ResultReason::INVALID_FIELD
        );
        let mut wrong = symmetric(&[1; 32]);
        wrong.key_block_mut().unwrap().cryptographic_length = Some(128);
        assert_eq!(checked(&wrong, Attributes::new()).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        assert_eq!(
            checked(&password(b"x"), length(8)).unwrap_err().reason(),
            ResultReason::INVALID_OBJECT_TYPE
        );
    }

    #[test]
    fn a_length_may_leave_out_parity_bits() {
        let mut key = symmetric(&[1; 24]);
        key.key_block_mut().unwrap().cryptographic_length = None;
        assert_eq!(checked(&key, length(168)).unwrap().one::<kinds::CryptographicLength>(), Some(168));
    }

    #[test]
    fn a_key_is_converted_between_raw_and_transparent_and_back() {
        let mut object = symmetric(&[7; 16]);
        let block = object.key_block_mut().unwrap();
        convert(block, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY).unwrap();
        assert_eq!(object, transparent(&[7; 16]));
        convert(object.key_block_mut().unwrap(), KeyFormatType::RAW).unwrap();
        assert_eq!(object, symmetric(&[7; 16]));
        let refused = convert(object.key_block_mut().unwrap(), KeyFormatType::PKCS_8).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }

    #[test]
    fn a_key_of_unknown_encoding_comes_and_goes_as_it_is() {
        let mut object = symmetric(&[7; 20]);
        let block = object.key_block_mut().unwrap();
        block.key_format_type = KeyFormatType::OPAQUE;
        block.cryptographic_length = Some(128);
        let attributes = checked(&object, Attributes::new()).unwrap();
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(128));
        let facts = KeyFacts::of(ObjectType::SYMMETRIC_KEY, object.key_block(), &attributes);
        let formats = SymmetricKeyKind.formats(&TestCatalogue::default(), &facts);
        assert_eq!(formats, [KeyFormatType::OPAQUE]);
        let block = object.key_block_mut().unwrap();
        convert(block, KeyFormatType::OPAQUE).unwrap();
        let refused = convert(block, KeyFormatType::RAW).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
        let mut structure = transparent(&[7; 20]);
        structure.key_block_mut().unwrap().key_format_type = KeyFormatType::OPAQUE;
        assert_eq!(checked(&structure, Attributes::new()).unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }

    #[test]
    fn a_short_key_is_not_quantum_safe() {
        // OASIS test case QS-M-2-21: AES-128 with Quantum Safe answers General Failure.
        let mut demanded = Attributes::new();
        demanded.put::<kinds::QuantumSafe>(true);
        let refused = checked(&symmetric(&[1; 16]), demanded.clone()).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::GENERAL_FAILURE);
        assert!(checked(&symmetric(&[1; 32]), demanded).is_ok());
    }

    #[test]
    fn a_template_needs_an_algorithm_and_a_format_of_symmetric_keys() {
        let mut template = length(128);
        assert_eq!(
            SymmetricKeyKind.check_template(&template).unwrap_err().reason(),
            ResultReason::INVALID_FIELD
        );
        template.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
        assert!(SymmetricKeyKind.check_template(&template).is_ok());
        template.put::<kinds::KeyFormatType>(KeyFormatType::PKCS_1);
        let refused = SymmetricKeyKind.check_template(&template).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }
}
