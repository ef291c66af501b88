//! What the family does otherwise with Covercrypt keys than with others. What they are and do is the matter of a plugin.
//!
//! Older clients count the length of master keys, and of all keys that they bring, in bytes; of the user keys that the
//! server made, in bits. The keys themselves have bits, as KMIP wants it.

use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::kmip::attributes::{AttributeKey, Attributes, kinds};
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::generation::{Birth, Generation};
use crate::vocabulary::VENDOR;

/// Their algorithm.
pub(crate) const ALGORITHM: CryptographicAlgorithm = CryptographicAlgorithm(0x8880_0004);
/// The format of master private keys and user keys.
pub(crate) const SECRET_KEY: KeyFormatType = KeyFormatType(0x8880_000C);
/// The format of master public keys.
pub(crate) const PUBLIC_KEY: KeyFormatType = KeyFormatType(0x8880_000D);

/// Whether an object is such a key.
pub(crate) fn is_one(object: &Authorized) -> bool {
    object.key_facts().algorithm == Some(ALGORITHM)
}

/// Whether attributes are those of such a key.
pub(crate) fn are_of_one(attributes: &[Ttlv]) -> bool {
    fields::code(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM) == Some(ALGORITHM.0)
}

/// Whether attributes are those of such a key.
pub(crate) fn is_algorithm_of(attributes: &Attributes) -> bool {
    attributes.one::<kinds::CryptographicAlgorithm>() == Some(ALGORITHM)
}

/// Puts the length of a key that a client brings into bits, where the key itself tells it.
pub(crate) fn count_bits(block: &mut Vec<Ttlv>) {
    if fields::code(block, Tag::CRYPTOGRAPHIC_ALGORITHM) != Some(ALGORITHM.0)
        || fields::has(block, Tag::KEY_WRAPPING_DATA)
    {
        return;
    }
    let bytes = fields::inner_mut(block, Tag::KEY_VALUE)
        .and_then(|key_value| fields::bytes(key_value, Tag::KEY_MATERIAL))
        .map(|material| material.len());
    let bits = bytes.and_then(|bytes| i32::try_from(bytes.saturating_mul(8)).ok());
    // Attributes that say something else are refused, as for every key.
    let Some(bits) = bits else { return };
    fields::set(block, Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(bits));
}

/// Tells the length of a key in the unit in which clients of its generation count it.
pub(crate) fn count_as_told(block: &mut Vec<Ttlv>, key: &Authorized, birth: Birth) {
    let counts_bytes = match birth {
        Birth::Newer => false,
        Birth::OlderImported => true,
        Birth::OlderGenerated => !is_user_key(key.attributes()),
    };
    // What came wrapped has the length that its client told.
    if counts_bytes
        && !key.is_wrapped()
        && let Some(bits) = fields::number(block, Tag::CRYPTOGRAPHIC_LENGTH)
    {
        let bytes = i32::try_from(bits / 8).unwrap_or(i32::MAX);
        fields::set(block, Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(bytes));
    }
}

/// The format that clients read among the attributes of a key that is in this one: of keys that they bring, and in older
/// generations of all keys, it is that of secret keys.
pub(crate) fn told_format(key: &Authorized, birth: Birth, format: Value) -> Value {
    if birth.generation() == Generation::Older || !is_made_here(key.attributes()) {
        return Value::Enumeration(SECRET_KEY.0);
    }
    format
}

/// Whether clients read the tags of a key among these attributes of it: in older generations always, in newer ones of
/// user keys that the server made.
pub(crate) fn shows_tags(attributes: &[Ttlv], birth: Birth) -> bool {
    let is_policy = |attribute: &Ttlv| {
        AttributeKey::of(attribute.tag, &attribute.value)
            == AttributeKey::Vendor { vendor: VENDOR, name: ACCESS_POLICY }
    };
    birth.generation() == Generation::Older
        || fields::has(attributes, Tag::RANDOM_NUMBER_GENERATOR) && attributes.iter().any(is_policy)
}

/// Reduces the attributes of such a key further: clients read no length and no parameters there, and older ones no uses
/// but those that they named.
pub(crate) fn shape(attributes: &mut Vec<Ttlv>, birth: Birth) {
    let unrestricted = Value::Integer(CryptographicUsageMask::UNRESTRICTED.0.cast_signed());
    attributes.retain(|attribute| match attribute.tag {
        Tag::CRYPTOGRAPHIC_LENGTH | Tag::CRYPTOGRAPHIC_PARAMETERS => false,
        Tag::CRYPTOGRAPHIC_USAGE_MASK => {
            birth.generation() == Generation::Newer || attribute.value != unrestricted
        }
        _ => true,
    });
}

/// What only user keys have.
const ACCESS_POLICY: &str = "cover_crypt_access_policy";

fn is_user_key(attributes: &Attributes) -> bool {
    attributes.vendor(VENDOR, ACCESS_POLICY).is_some()
}

fn is_made_here(attributes: &Attributes) -> bool {
    attributes.contains(Tag::RANDOM_NUMBER_GENERATOR)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::VendorAttribute;

    use super::*;

    fn block(material: &[u8]) -> Vec<Ttlv> {
        let material = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(material.into()));
        vec![
            Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(ALGORITHM.0)),
            Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(131)),
            Ttlv::structure(Tag::KEY_VALUE, vec![material]),
        ]
    }

    fn counted(mut block: Vec<Ttlv>) -> Option<i64> {
        count_bits(&mut block);
        fields::number(&block, Tag::CRYPTOGRAPHIC_LENGTH)
    }

    #[test]
    fn the_length_of_a_key_is_counted_in_bits_where_the_key_tells_it() {
        assert_eq!(counted(block(&[0; 131])), Some(1048));
        let mut wrapped = block(&[0; 144]);
        wrapped.push(Ttlv::structure(Tag::KEY_WRAPPING_DATA, vec![]));
        assert_eq!(counted(wrapped), Some(131));
        let mut other = block(&[0; 32]);
        fields::set(
            &mut other,
            Tag::CRYPTOGRAPHIC_ALGORITHM,
            Value::Enumeration(CryptographicAlgorithm::EC.0),
        );
        assert_eq!(counted(other), Some(131));
    }

    #[test]
    fn newer_clients_read_the_tags_of_user_keys_that_the_server_made() {
        let vendor = |name| {
            let value = Value::ByteString(b"x".to_vec().into());
            Ttlv::new(Tag::ATTRIBUTE, VendorAttribute::value_of(VENDOR, name, value))
        };
        let made = Ttlv::structure(Tag::RANDOM_NUMBER_GENERATOR, vec![]);
        let user_key = vec![vendor(ACCESS_POLICY), made.clone()];
        assert!(shows_tags(&user_key, Birth::Newer));
        assert!(
            !shows_tags(&user_key[..1], Birth::Newer) && shows_tags(&user_key[..1], Birth::OlderImported)
        );
        assert!(!shows_tags(&[vendor("cover_crypt_policy"), made], Birth::Newer));
    }

    #[test]
    fn the_mask_that_the_dialect_gave_is_not_told_to_older_clients() {
        let mask = |bits: u32| Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(bits.cast_signed()));
        let shaped = |bits, birth| {
            let mut attributes = vec![mask(bits)];
            shape(&mut attributes, birth);
            attributes
        };
        let unrestricted = CryptographicUsageMask::UNRESTRICTED.0;
        assert_eq!(shaped(unrestricted, Birth::OlderGenerated), []);
        assert_eq!(shaped(unrestricted | 4, Birth::OlderGenerated), [mask(unrestricted | 4)]);
        assert_eq!(shaped(unrestricted, Birth::Newer), [mask(unrestricted)]);
    }
}
