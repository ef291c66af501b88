//! What new objects get that the family relies on and its clients do not say: they are born Active, fit for what they
//! will be used for, and know their generation.

use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Link};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::generation::{Birth, Generation};
use crate::request::{key_out, vendor};

/// What older clients may do with any symmetric key: encrypt, decrypt, wrap, unwrap, agree on keys.
const SYMMETRIC_USES: u32 = CryptographicUsageMask::ENCRYPT.0
    | CryptographicUsageMask::DECRYPT.0
    | CryptographicUsageMask::WRAP_KEY.0
    | CryptographicUsageMask::UNWRAP_KEY.0
    | CryptographicUsageMask::KEY_AGREEMENT.0;

/// The length of a symmetric key whose client names none, in bits.
const DEFAULT_LENGTH: i32 = 256;

/// Values from here on are milliseconds: as seconds they would lie beyond the year 5000.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Completes a Create.
///
/// # Errors
/// Invalid Field: there are no attributes.
pub(crate) fn created(request: &mut [Ttlv], now: DateTime) -> Result<()> {
    let object_type = fields::code(request, Tag::OBJECT_TYPE);
    let attributes = fields::inner_mut(request, Tag::ATTRIBUTES)
        .ok_or_else(|| Error::invalid("Create needs the Attributes of the object"))?;
    complete(attributes, object_type, Origin::Generated, now);
    link_wrapping_key(attributes);
    if object_type == Some(ObjectType::SYMMETRIC_KEY.0) {
        fields::default(attributes, Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(DEFAULT_LENGTH));
        fields::default(attributes, Tag::KEY_FORMAT_TYPE, key_out::transparent());
    }
    Ok(())
}

/// Where an object comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The server makes it.
    Generated,
    /// The client brings it.
    Imported,
}

/// Completes the attributes of a new object, for the generation that they tell.
pub(crate) fn complete(attributes: &mut Vec<Ttlv>, object_type: Option<u32>, origin: Origin, now: DateTime) {
    let birth = match (fields::has(attributes, Tag::SENSITIVE), origin) {
        (true, _) => Birth::Newer,
        (false, Origin::Generated) => Birth::OlderGenerated,
        (false, Origin::Imported) => Birth::OlderImported,
    };
    complete_as(attributes, object_type, birth, now);
}

/// Completes the attributes of a new object that was born so.
pub(crate) fn complete_as(attributes: &mut Vec<Ttlv>, object_type: Option<u32>, birth: Birth, now: DateTime) {
    attributes.retain(|attribute| AttributeTable::standard().rule(attribute.tag).is_some());
    let activation = fields::get(attributes, Tag::ACTIVATION_DATE).and_then(seconds).unwrap_or(now.0);
    fields::set(attributes, Tag::ACTIVATION_DATE, Value::DateTime(activation));
    complete_uses(attributes, object_type, birth.generation());
    name_the_cipher(attributes);
    attributes.push(birth.into_item());
}

/// The older servers never looked at usage masks; the newer ones do, and take no mask for every use.
fn complete_uses(attributes: &mut Vec<Ttlv>, object_type: Option<u32>, generation: Generation) {
    let given = fields::number(attributes, Tag::CRYPTOGRAPHIC_USAGE_MASK);
    let bits = match generation {
        Generation::Newer if given.is_some() => return,
        Generation::Newer => CryptographicUsageMask::UNRESTRICTED.0,
        Generation::Older if object_type == Some(ObjectType::SYMMETRIC_KEY.0) => SYMMETRIC_USES,
        Generation::Older => CryptographicUsageMask::UNRESTRICTED.0,
    };
    let mask = given.and_then(|given| i32::try_from(given).ok()).unwrap_or(0) | bits.cast_signed();
    fields::set(attributes, Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(mask));
}

/// To the family a ChaCha20 key always encrypts with Poly1305; to KMIP it does so when its parameters say it.
fn name_the_cipher(attributes: &mut Vec<Ttlv>) {
    if fields::code(attributes, Tag::CRYPTOGRAPHIC_ALGORITHM) == Some(CryptographicAlgorithm::CHACHA20.0) {
        fields::default(attributes, Tag::CRYPTOGRAPHIC_PARAMETERS, authenticated_chacha20());
    }
}

/// Newer clients name the key that is to wrap the new one in a vendor attribute; KMIP has a link for that.
pub(crate) fn link_wrapping_key(attributes: &mut Vec<Ttlv>) {
    let Some(id) = vendor::take_text(attributes, "wrapping_key_id") else { return };
    let link = Link { link_type: LinkType::WRAPPING_KEY_LINK, linked_object_identifier: id.into() };
    attributes.push(Ttlv::new(Tag::LINK, link.into_value()));
}

/// The Cryptographic Parameters that this crate gives ChaCha20 keys.
pub(crate) fn authenticated_chacha20() -> Value {
    let algorithm = Value::Enumeration(CryptographicAlgorithm::CHACHA20_POLY1305.0);
    Value::Structure(vec![Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, algorithm)])
}

/// A date in seconds, whether it was sent in seconds or milliseconds, as a number or as a date.
pub(crate) fn seconds(value: &Value) -> Option<i64> {
    let number = match value {
        Value::LongInteger(n) | Value::DateTime(n) => *n,
        Value::Integer(n) => i64::from(*n),
        _ => return None,
    };
    Some(if number >= MILLISECONDS_FROM { number / 1000 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::attributes::VendorAttribute;

    use crate::vocabulary::VENDOR;

    const NOW: DateTime = DateTime(1_700_000_000);

    fn completed(attributes: Vec<Ttlv>) -> Vec<Ttlv> {
        let mut request = vec![
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::structure(Tag::ATTRIBUTES, attributes),
        ];
        created(&mut request, NOW).unwrap();
        request[1].children().to_vec()
    }

    #[test]
    fn an_object_is_born_active() {
        let attributes = completed(vec![]);
        assert_eq!(fields::get(&attributes, Tag::ACTIVATION_DATE), Some(&Value::DateTime(NOW.0)));
        assert_eq!(fields::number(&attributes, Tag::CRYPTOGRAPHIC_LENGTH), Some(256));
    }

    #[test]
    fn dates_in_milliseconds_and_in_seconds_mean_the_same() {
        for sent in [Value::LongInteger(1_600_000_000_000), Value::LongInteger(1_600_000_000)] {
            let attributes = completed(vec![Ttlv::new(Tag::ACTIVATION_DATE, sent)]);
            assert_eq!(fields::get(&attributes, Tag::ACTIVATION_DATE), Some(&Value::DateTime(1_600_000_000)));
        }
    }

    #[test]
    fn a_mask_of_an_older_client_is_completed_and_one_of_a_newer_client_is_kept() {
        let mask = Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(8));
        let sensitive = Ttlv::new(Tag::SENSITIVE, Value::Boolean(false));
        let of = |attributes: &[Ttlv]| fields::number(attributes, Tag::CRYPTOGRAPHIC_USAGE_MASK);
        // The contract's 2108: encrypt, decrypt, wrap, unwrap, agree on keys.
        assert_eq!(of(&completed(vec![mask.clone()])), Some(2108));
        assert_eq!(of(&completed(vec![mask, sensitive.clone()])), Some(8));
        assert_eq!(of(&completed(vec![sensitive])), Some(0x20_0000));
    }

    #[test]
    fn the_key_that_is_to_wrap_the_new_one_becomes_a_link() {
        let value = Value::ByteString(b"kek".to_vec().into());
        let vendor = VendorAttribute::value_of(VENDOR, "wrapping_key_id", value);
        let attributes = completed(vec![Ttlv::new(Tag::ATTRIBUTE, vendor)]);
        assert!(!fields::has(&attributes, Tag::ATTRIBUTE));
        let link = attributes.iter().find(|attribute| attribute.tag == Tag::LINK).unwrap().children();
        assert_eq!(fields::code(link, Tag::LINK_TYPE), Some(LinkType::WRAPPING_KEY_LINK.0));
        assert_eq!(fields::text(link, Tag::LINKED_OBJECT_IDENTIFIER), Some("kek"));
    }

    #[test]
    fn a_client_cannot_choose_the_generation() {
        let attributes = completed(vec![Birth::Newer.into_item()]);
        let marks: Vec<_> =
            attributes.into_iter().filter(|item| item.tag == crate::generation::TAG).collect();
        assert_eq!(marks, [Birth::OlderGenerated.into_item()]);
    }
}
