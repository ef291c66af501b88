//! The attributes that the family's decoders know.

use claviger_plugin_sdk::kmip::attributes::AttributeKey;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::fields;
use crate::generation::{Birth, Generation};
use crate::request::birth::authenticated_chacha20;
use crate::vocabulary::VENDOR;

/// Shapes the Attributes of a payload.
pub(crate) fn shape_in(payload: &mut [Ttlv], birth: Birth) {
    if let Some(attributes) = fields::inner_mut(payload, Tag::ATTRIBUTES) {
        shape(attributes, birth);
    }
}

/// Reduces attributes to those that clients of the generation know and expect.
pub(crate) fn shape(attributes: &mut Vec<Ttlv>, birth: Birth) {
    let is_cover_crypt = cover_crypt::are_of_one(attributes);
    let shows_tags = match is_cover_crypt {
        true => cover_crypt::shows_tags(attributes, birth),
        // To older clients, with an object that they brought themselves.
        false => birth == Birth::OlderImported,
    };
    let activation_is_ours =
        fields::get(attributes, Tag::ACTIVATION_DATE) == fields::get(attributes, Tag::INITIAL_DATE);
    if birth.generation() == Generation::Older && object_type(attributes) == Some(ObjectType::CERTIFICATE) {
        // To older clients certificates have no attributes.
        attributes.clear();
        return;
    }
    attributes.retain(|attribute| {
        is_known(attribute, birth, shows_tags)
            && !(activation_is_ours && attribute.tag == Tag::ACTIVATION_DATE)
    });
    if is_cover_crypt {
        cover_crypt::shape(attributes, birth);
    } else if birth == Birth::OlderGenerated && is_of_a_pair(attributes) {
        let mask = Value::Integer(CryptographicUsageMask::ENCRYPT.0.cast_signed());
        fields::set(attributes, Tag::CRYPTOGRAPHIC_USAGE_MASK, mask);
    }
}

/// Older clients read Encrypt as the one use of either key of a pair, whatever uses they ask for and may make.
fn is_of_a_pair(attributes: &[Ttlv]) -> bool {
    matches!(object_type(attributes), Some(ObjectType::PRIVATE_KEY | ObjectType::PUBLIC_KEY))
}

fn object_type(attributes: &[Ttlv]) -> Option<ObjectType> {
    fields::code(attributes, Tag::OBJECT_TYPE).map(ObjectType)
}

fn is_known(attribute: &Ttlv, birth: Birth, shows_tags: bool) -> bool {
    match attribute.tag {
        Tag::ACTIVATION_DATE
        | Tag::CRYPTOGRAPHIC_ALGORITHM
        | Tag::CRYPTOGRAPHIC_LENGTH
        | Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS
        | Tag::CRYPTOGRAPHIC_USAGE_MASK
        | Tag::KEY_FORMAT_TYPE
        | Tag::OBJECT_TYPE => true,
        Tag::CRYPTOGRAPHIC_PARAMETERS => attribute.value != authenticated_chacha20(),
        Tag::LINK => !is_wrapping_link(attribute),
        Tag::ATTRIBUTE => shows_tags || !is_tags(attribute),
        Tag::SENSITIVE | Tag::CERTIFICATE_TYPE | Tag::CERTIFICATE_LENGTH => {
            birth.generation() == Generation::Newer
        }
        tag => birth.generation() == Generation::Newer && OF_CERTIFICATES.contains(&tag),
    }
}

/// What the family reads in one structure.
const OF_CERTIFICATES: &[Tag] = &[
    Tag::CERTIFICATE_SUBJECT_CN,
    Tag::CERTIFICATE_SUBJECT_O,
    Tag::CERTIFICATE_SUBJECT_OU,
    Tag::CERTIFICATE_SUBJECT_EMAIL,
    Tag::CERTIFICATE_SUBJECT_C,
    Tag::CERTIFICATE_SUBJECT_ST,
    Tag::CERTIFICATE_SUBJECT_L,
    Tag::CERTIFICATE_SUBJECT_UID,
    Tag::CERTIFICATE_SUBJECT_SERIAL_NUMBER,
    Tag::CERTIFICATE_SUBJECT_TITLE,
    Tag::CERTIFICATE_SUBJECT_DC,
    Tag::CERTIFICATE_SUBJECT_DN_QUALIFIER,
    Tag::CERTIFICATE_ISSUER_CN,
    Tag::CERTIFICATE_ISSUER_O,
    Tag::CERTIFICATE_ISSUER_OU,
    Tag::CERTIFICATE_ISSUER_EMAIL,
    Tag::CERTIFICATE_ISSUER_C,
    Tag::CERTIFICATE_ISSUER_ST,
    Tag::CERTIFICATE_ISSUER_L,
    Tag::CERTIFICATE_ISSUER_UID,
    Tag::CERTIFICATE_ISSUER_SERIAL_NUMBER,
    Tag::CERTIFICATE_ISSUER_TITLE,
    Tag::CERTIFICATE_ISSUER_DC,
    Tag::CERTIFICATE_ISSUER_DN_QUALIFIER,
];

/// The link to the key that wraps this one is in the Key Wrapping Data already.
fn is_wrapping_link(link: &Ttlv) -> bool {
    fields::code(link.children(), Tag::LINK_TYPE) == Some(LinkType::WRAPPING_KEY_LINK.0)
}

fn is_tags(attribute: &Ttlv) -> bool {
    AttributeKey::of(attribute.tag, &attribute.value) == AttributeKey::Vendor { vendor: VENDOR, name: "tag" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::attributes::VendorAttribute;

    fn tags() -> Ttlv {
        Ttlv::new(
            Tag::ATTRIBUTE,
            VendorAttribute::value_of(VENDOR, "tag", Value::ByteString(b"[]".to_vec().into())),
        )
    }

    fn shaped(mut attributes: Vec<Ttlv>, birth: Birth) -> Vec<Ttlv> {
        shape(&mut attributes, birth);
        attributes
    }

    #[test]
    fn tags_come_back_only_to_older_clients_with_what_they_imported() {
        assert_eq!(shaped(vec![tags()], Birth::OlderImported), [tags()]);
        assert_eq!(shaped(vec![tags()], Birth::OlderGenerated), []);
        assert_eq!(shaped(vec![tags()], Birth::Newer), []);
    }

    #[test]
    fn an_activation_date_that_the_client_chose_comes_back() {
        let date = |tag, seconds| Ttlv::new(tag, Value::DateTime(seconds));
        let ours = vec![date(Tag::ACTIVATION_DATE, 5), date(Tag::INITIAL_DATE, 5)];
        assert_eq!(shaped(ours, Birth::Newer), []);
        let chosen = vec![date(Tag::ACTIVATION_DATE, 4), date(Tag::INITIAL_DATE, 5)];
        assert_eq!(shaped(chosen, Birth::Newer), [date(Tag::ACTIVATION_DATE, 4)]);
    }

    #[test]
    fn what_only_the_server_knows_never_leaves_it() {
        let dates = Ttlv::new(Tag::LAST_CHANGE_DATE, Value::DateTime(5));
        assert_eq!(shaped(vec![Birth::Newer.into_item(), dates], Birth::Newer), []);
    }

    #[test]
    fn older_clients_read_one_use_of_the_keys_of_a_pair() {
        let attributes = |object_type: ObjectType| {
            vec![
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(object_type.0)),
                Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(0x20_0000)),
            ]
        };
        let mask = |object_type, birth| {
            fields::number(&shaped(attributes(object_type), birth), Tag::CRYPTOGRAPHIC_USAGE_MASK)
        };
        assert_eq!(mask(ObjectType::PUBLIC_KEY, Birth::OlderGenerated), Some(4));
        assert_eq!(mask(ObjectType::PUBLIC_KEY, Birth::OlderImported), Some(0x20_0000));
        assert_eq!(mask(ObjectType::PUBLIC_KEY, Birth::Newer), Some(0x20_0000));
        assert_eq!(mask(ObjectType::SYMMETRIC_KEY, Birth::OlderGenerated), Some(0x20_0000));
    }

    #[test]
    fn sensitive_is_for_newer_clients() {
        let sensitive = Ttlv::new(Tag::SENSITIVE, Value::Boolean(false));
        assert_eq!(shaped(vec![sensitive.clone()], Birth::Newer), std::slice::from_ref(&sensitive));
        assert_eq!(shaped(vec![sensitive], Birth::OlderGenerated), []);
    }
}
