//! Arbitrary trees.

use claviger_kmip::tables::tags::TAGS;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{BigInteger, ItemType, Tag, Ttlv, Value};
use proptest::prelude::*;

/// Tags that one form or another treats in a way of its own.
const SPECIAL: [Tag; 18] = [
    Tag::ATTRIBUTE,
    Tag::ATTRIBUTE_NAME,
    Tag::ATTRIBUTE_REFERENCE,
    Tag::ATTRIBUTE_VALUE,
    Tag::ATTRIBUTES,
    Tag::BATCH_ITEM,
    Tag::CERTIFICATE_SUBJECT_CN,
    Tag::CRYPTOGRAPHIC_USAGE_MASK,
    Tag::KEY_MATERIAL,
    Tag::LINK,
    Tag::OBJECT_TYPE,
    Tag::PROTECTION_STORAGE_MASK,
    Tag::PROTECTION_STORAGE_MASKS,
    Tag::REQUEST_PAYLOAD,
    Tag::REVOCATION_MESSAGE,
    Tag::REVOCATION_REASON,
    Tag::SYMMETRIC_KEY,
    Tag::UNIQUE_BATCH_ITEM_ID,
];

/// Any tree: known and unknown tags, any type under any tag.
pub(crate) fn tree() -> impl Strategy<Value = Ttlv> {
    let leaf = (tag(), value()).prop_map(|(tag, value)| Ttlv::new(tag, value));
    leaf.prop_recursive(6, 64, 8, |inner| {
        (tag(), prop::collection::vec(inner, 0..8)).prop_map(|(tag, children)| Ttlv::structure(tag, children))
    })
}

/// Attributes as the REST family can show them: known single tags, each with the type that KMIP gives it.
pub(crate) fn attributes() -> impl Strategy<Value = Ttlv> {
    prop::collection::vec(typed_leaf(), 0..8).prop_map(|children| Ttlv::structure(Tag::ATTRIBUTES, children))
}

fn typed_leaf() -> impl Strategy<Value = Ttlv> {
    let typed: Vec<Tag> = TAGS.iter().filter(|entry| plain(entry.tag)).map(|entry| entry.tag).collect();
    prop::sample::select(typed).prop_flat_map(|tag| {
        let item_type = Vocabulary::standard().item_type(tag).unwrap_or(ItemType::TextString);
        value_of(item_type).prop_map(move |value| Ttlv::new(tag, value))
    })
}

/// Whether the REST family has nothing special to say about a tag.
fn plain(tag: Tag) -> bool {
    let certificate_attribute =
        (Tag::CERTIFICATE_SUBJECT_CN..=Tag::CERTIFICATE_ISSUER_DN_QUALIFIER).contains(&tag);
    let item_type = Vocabulary::standard().item_type(tag);
    !SPECIAL.contains(&tag)
        && !certificate_attribute
        && !matches!(item_type, None | Some(ItemType::Structure))
}

fn tag() -> impl Strategy<Value = Tag> {
    let known = prop::sample::select(TAGS).prop_map(|entry| entry.tag);
    let vendor = (0x54_0000..=0x54_FFFFu32).prop_map(Tag);
    let any = (0..=0xFF_FFFFu32).prop_map(Tag);
    prop_oneof![4 => known, 4 => prop::sample::select(SPECIAL.as_slice()), 1 => vendor, 1 => any]
}

fn value() -> impl Strategy<Value = Value> {
    let negative = prop::collection::vec(any::<u8>(), 0..20);
    let negative = negative.prop_map(|bytes| Value::BigInteger(BigInteger::from_signed_be(&bytes))).boxed();
    let types = [
        ItemType::Integer,
        ItemType::LongInteger,
        ItemType::Enumeration,
        ItemType::Boolean,
        ItemType::TextString,
        ItemType::ByteString,
        ItemType::DateTime,
        ItemType::Interval,
        ItemType::DateTimeExtended,
    ];
    prop::strategy::Union::new(types.into_iter().map(value_of).chain([negative]))
}

/// A value of one type; a big integer is not negative, since the REST family has no sign.
fn value_of(item_type: ItemType) -> BoxedStrategy<Value> {
    let bytes = |most| prop::collection::vec(any::<u8>(), 0..most);
    match item_type {
        ItemType::Structure => Just(Value::Structure(Vec::new())).boxed(),
        ItemType::Integer => any::<i32>().prop_map(Value::Integer).boxed(),
        ItemType::LongInteger => any::<i64>().prop_map(Value::LongInteger).boxed(),
        ItemType::BigInteger => {
            bytes(20).prop_map(|bytes| Value::BigInteger(BigInteger::from_unsigned_be(&bytes))).boxed()
        }
        ItemType::Enumeration => prop_oneof![0..0x20u32, any::<u32>()].prop_map(Value::Enumeration).boxed(),
        ItemType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ItemType::TextString => text().prop_map(Value::TextString).boxed(),
        ItemType::ByteString => bytes(40).prop_map(|bytes| Value::ByteString(bytes.into())).boxed(),
        ItemType::DateTime => {
            prop_oneof![-(1i64 << 33)..1 << 33, any::<i64>()].prop_map(Value::DateTime).boxed()
        }
        ItemType::Interval => any::<u32>().prop_map(Value::Interval).boxed(),
        ItemType::DateTimeExtended => any::<i64>().prop_map(Value::DateTimeExtended).boxed(),
    }
}

/// Text that XML can hold: no control characters but tab and line ends, no U+FFFE and U+FFFF.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        "[\\t\\n\\r\"<>&'\\\\é漢😀 a]{0,20}",
        prop::collection::vec(any::<char>(), 0..10).prop_map(|letters| letters
            .into_iter()
            .filter(|letter| !letter.is_control() && *letter < '\u{FFFE}')
            .collect()),
    ]
}
