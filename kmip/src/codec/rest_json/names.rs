//! The family's names of fields, and which of them are arrays.

use crate::tables::enumerations::OperationCode;
use crate::ttlv::Tag;
use crate::vocabulary::Vocabulary;

/// How a body shows key material that is a byte string; the family's generations differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMaterialForm {
    /// `KeyMaterial` is the byte string.
    Bare,
    /// `KeyMaterial` is a structure that holds one `ByteString`.
    InStructure,
}

/// Tags that stand for parts of the form that KMIP does not have. They never leave the codec.
pub(super) mod mark {
    use crate::ttlv::Tag;

    /// `Object`: an object whose type is told by the `ObjectType` beside it.
    pub(in super::super) const OBJECT: Tag = Tag(0x0100_0001);
    /// `ByteString`: key material without a structure of its own.
    pub(in super::super) const BYTE_STRING: Tag = Tag(0x0100_0002);
    /// `CertificateAttributes`: the certificate attributes in one structure.
    pub(in super::super) const CERTIFICATE_ATTRIBUTES: Tag = Tag(0x0100_0003);
}

/// Whether a tag is one of the marks.
pub(super) fn is_mark(tag: Tag) -> bool {
    tag.0 > 0x00FF_FFFF
}

/// The tag of a name that has another meaning here than in KMIP, or none there. The nonce would be found without
/// this, but it is in every request to encrypt.
pub(super) fn tag(name: &str) -> Option<Tag> {
    Some(match name {
        "VendorAttributes" => Tag::ATTRIBUTE,
        "AttributeReferences" => Tag::ATTRIBUTE_REFERENCE,
        "Links" => Tag::LINK,
        "IvCounterNonce" => Tag::IV_COUNTER_NONCE,
        "ValidityTime" => Tag::VALIDITY_DATE,
        "Header" => Tag::REQUEST_HEADER,
        "Items" => Tag::BATCH_ITEM,
        "Object" => mark::OBJECT,
        "ByteString" => mark::BYTE_STRING,
        "CertificateAttributes" => mark::CERTIFICATE_ATTRIBUTES,
        _ => return None,
    })
}

/// The name of a field where it is not the normalised name of KMIP.
pub(super) fn name(parent: Tag, tag: Tag) -> Option<&'static str> {
    Some(match tag {
        Tag::ATTRIBUTE => "VendorAttributes",
        Tag::ATTRIBUTE_REFERENCE => "AttributeReferences",
        Tag::LINK if parent == Tag::NEW_ATTRIBUTE || parent == Tag::CURRENT_ATTRIBUTE => "Links",
        Tag::REQUEST_HEADER | Tag::RESPONSE_HEADER if is_message(parent) => "Header",
        Tag::BATCH_ITEM if is_message(parent) => "Items",
        Tag::TIME_STAMP => "Timestamp",
        Tag::UNIQUE_BATCH_ITEM_ID => "UniqueBatchItemId",
        Tag::IV_COUNTER_NONCE if parent == Tag::KEY_WRAPPING_DATA => "IVCounterNonce",
        Tag::IV_COUNTER_NONCE => "IvCounterNonce",
        Tag::IV_LENGTH => "IvLength",
        Tag::RANDOM_IV => "RandomIv",
        Tag::QLENGTH => "QLength",
        Tag::CRT_COEFFICIENT => "CrtCoefficient",
        Tag::MAC_SIGNATURE => "MacOrSignature",
        Tag::MAC_SIGNATURE_KEY_INFORMATION => "MacOrSignatureKeyInformation",
        _ => return None,
    })
}

fn is_message(tag: Tag) -> bool {
    matches!(tag, Tag::REQUEST_MESSAGE | Tag::RESPONSE_MESSAGE)
}

/// The revocation reason code whose name is this text. Looking up forgives case and punctuation, but a message
/// must not become a code by that.
pub(super) fn revocation_code(vocabulary: &Vocabulary, text: &str) -> Option<u32> {
    let code = vocabulary.enumeration_value(Tag::REVOCATION_REASON_CODE, text)?;
    (vocabulary.enumeration_name(Tag::REVOCATION_REASON_CODE, code) == Some(text)).then_some(code)
}

/// Whether the items with this tag stand in an array, even if there is one only.
pub(super) fn is_array(parent: Tag, tag: Tag, operation: Option<OperationCode>) -> bool {
    match tag {
        Tag::ATTRIBUTE | Tag::ATTRIBUTE_REFERENCE | Tag::BATCH_ITEM | Tag::LINK => true,
        Tag::ATTRIBUTE_NAME => parent == Tag::KEY_WRAPPING_SPECIFICATION,
        Tag::UNIQUE_IDENTIFIER if parent == Tag::RESPONSE_PAYLOAD => operation == Some(OperationCode::LOCATE),
        Tag::UNIQUE_IDENTIFIER | Tag::CERTIFICATE if parent == Tag::REQUEST_PAYLOAD => {
            operation == Some(OperationCode::VALIDATE)
        }
        _ => false,
    }
}

/// Whether an empty structure with this tag is an array without elements.
pub(super) fn may_be_empty_array(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::ATTRIBUTE
            | Tag::ATTRIBUTE_NAME
            | Tag::ATTRIBUTE_REFERENCE
            | Tag::BATCH_ITEM
            | Tag::CERTIFICATE
            | Tag::LINK
            | Tag::UNIQUE_IDENTIFIER
            | mark::CERTIFICATE_ATTRIBUTES
    )
}

/// Whether the family writes this Integer of KMIP as a Long Integer.
pub(super) fn is_long(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::IV_LENGTH
            | Tag::TAG_LENGTH
            | Tag::FIXED_FIELD_LENGTH
            | Tag::INVOCATION_FIELD_LENGTH
            | Tag::COUNTER_LENGTH
            | Tag::INITIAL_COUNTER_VALUE
            | Tag::SALT_LENGTH
            | Tag::TRAILER_FIELD
    )
}

/// Whether this tag is a list of storage masks, which the family writes as one mask.
pub(super) fn is_storage_masks(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::PROTECTION_STORAGE_MASKS
            | Tag::COMMON_PROTECTION_STORAGE_MASKS
            | Tag::PRIVATE_PROTECTION_STORAGE_MASKS
            | Tag::PUBLIC_PROTECTION_STORAGE_MASKS
    )
}

/// Whether this tag is one of the structures that hold attributes.
pub(super) fn holds_attributes(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::ATTRIBUTES | Tag::COMMON_ATTRIBUTES | Tag::PRIVATE_KEY_ATTRIBUTES | Tag::PUBLIC_KEY_ATTRIBUTES
    )
}

/// The fields of `CertificateAttributes`, all of which a client demands.
pub(super) const CERTIFICATE_ATTRIBUTES: [(Tag, &str); 24] = [
    (Tag::CERTIFICATE_SUBJECT_CN, "CertificateSubjectCn"),
    (Tag::CERTIFICATE_SUBJECT_O, "CertificateSubjectO"),
    (Tag::CERTIFICATE_SUBJECT_OU, "CertificateSubjectOu"),
    (Tag::CERTIFICATE_SUBJECT_EMAIL, "CertificateSubjectEmail"),
    (Tag::CERTIFICATE_SUBJECT_C, "CertificateSubjectC"),
    (Tag::CERTIFICATE_SUBJECT_ST, "CertificateSubjectSt"),
    (Tag::CERTIFICATE_SUBJECT_L, "CertificateSubjectL"),
    (Tag::CERTIFICATE_SUBJECT_UID, "CertificateSubjectUid"),
    (Tag::CERTIFICATE_SUBJECT_SERIAL_NUMBER, "CertificateSubjectSerialNumber"),
    (Tag::CERTIFICATE_SUBJECT_TITLE, "CertificateSubjectTitle"),
    (Tag::CERTIFICATE_SUBJECT_DC, "CertificateSubjectDc"),
    (Tag::CERTIFICATE_SUBJECT_DN_QUALIFIER, "CertificateSubjectDnQualifier"),
    (Tag::CERTIFICATE_ISSUER_CN, "CertificateIssuerCn"),
    (Tag::CERTIFICATE_ISSUER_O, "CertificateIssuerO"),
    (Tag::CERTIFICATE_ISSUER_OU, "CertificateIssuerOu"),
    (Tag::CERTIFICATE_ISSUER_EMAIL, "CertificateIssuerEmail"),
    (Tag::CERTIFICATE_ISSUER_C, "CertificateIssuerC"),
    (Tag::CERTIFICATE_ISSUER_ST, "CertificateIssuerSt"),
    (Tag::CERTIFICATE_ISSUER_L, "CertificateIssuerL"),
    (Tag::CERTIFICATE_ISSUER_UID, "CertificateIssuerUid"),
    (Tag::CERTIFICATE_ISSUER_SERIAL_NUMBER, "CertificateIssuerSerialNumber"),
    (Tag::CERTIFICATE_ISSUER_TITLE, "CertificateIssuerTitle"),
    (Tag::CERTIFICATE_ISSUER_DC, "CertificateIssuerDc"),
    (Tag::CERTIFICATE_ISSUER_DN_QUALIFIER, "CertificateIssuerDnQualifier"),
];

/// Whether this attribute is a field of `CertificateAttributes`.
pub(super) fn is_certificate_attribute(tag: Tag) -> bool {
    (Tag::CERTIFICATE_SUBJECT_CN..=Tag::CERTIFICATE_ISSUER_DN_QUALIFIER).contains(&tag)
}
