//! Attributes of certificates and their keys that only the server sees.
//!
//! Operations on certificates find issuers and revocation lists by them, tag policies make tags of them, and a dialect
//! uses the last of them to say in a Certify request what KMIP has no field for. No client sends or sees any of them.

use claviger_kmip::Tag;
use claviger_kmip::attributes::{
    AttributeRule, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source, Visibility,
};
use claviger_kmip::tables::enumerations::ObjectType;
use claviger_kmip::ttlv::ItemType;
use claviger_kmip::version::ProtocolVersion;

/// The identifier of the key, as its certificate states it or would state it: bytes. All certificates have it. A dialect
/// that wants an imported private key to have it, too, gives it an empty one.
pub const KEY_IDENTIFIER: Tag = Tag(0x54_5801);

/// A digest of the name under which a certificate or a revocation list is found as that of an issuer: bytes.
pub const ISSUING_NAME_DIGEST: Tag = Tag(0x54_5802);

/// The name of a certification authority, among the attributes of its certificate and of the keys that were made for it:
/// text. In a Certify request it makes the new certificate that of an authority, unless the caller has one of that name.
pub const AUTHORITY_NAME: Tag = Tag(0x54_5803);

/// The name of the authority that issued the certificate of an authority: text, where [`AUTHORITY_NAME`] is.
pub const PARENT_AUTHORITY_NAME: Tag = Tag(0x54_5804);

/// Whether a certificate may be used only if its whole chain is known and valid: a Boolean that a dialect sets. Without
/// it, what is known of the chain has to be valid.
pub const WHOLE_CHAIN_NEEDED: Tag = Tag(0x54_5805);

/// Extensions of the certificate that a Certify request wants, in the form of OpenSSL's configuration files: text.
pub const EXTENSION_TEXT: Tag = Tag(0x54_5806);

/// For how many seconds the certificate that a Certify request wants is to be valid: an interval.
pub const VALIDITY_PERIOD: Tag = Tag(0x54_5807);

/// Attributes that say how a certificate is to be made, and do not belong to the object afterwards.
pub const OF_REQUESTS: &[Tag] = &[EXTENSION_TEXT, VALIDITY_PERIOD];

/// Their rows in the attribute table. The plugin with the operations on certificates registers them.
pub const RULES: &[AttributeRule] = &[
    rule(KEY_IDENTIFIER, "X.509 Key Identifier", BYTES, ObjectTypes::All),
    rule(ISSUING_NAME_DIGEST, "X.509 Issuing Name Digest", BYTES, ObjectTypes::All),
    rule(AUTHORITY_NAME, "X.509 Authority Name", TEXT, ObjectTypes::All),
    rule(PARENT_AUTHORITY_NAME, "X.509 Parent Authority Name", TEXT, ObjectTypes::All),
    rule(WHOLE_CHAIN_NEEDED, "X.509 Whole Chain Needed", BOOLEAN, CERTIFICATES),
    rule(EXTENSION_TEXT, "X.509 Extension Text", TEXT, CERTIFICATES),
    rule(VALIDITY_PERIOD, "X.509 Validity Period", INTERVAL, CERTIFICATES),
];

const BYTES: Shape = Shape::OneOf(&[ItemType::ByteString]);
const TEXT: Shape = Shape::OneOf(&[ItemType::TextString]);
const BOOLEAN: Shape = Shape::OneOf(&[ItemType::Boolean]);
const INTERVAL: Shape = Shape::OneOf(&[ItemType::Interval]);
const CERTIFICATES: ObjectTypes = ObjectTypes::Only(&[ObjectType::CERTIFICATE]);

const fn rule(tag: Tag, name: &'static str, shape: Shape, objects: ObjectTypes) -> AttributeRule {
    AttributeRule {
        tag,
        name,
        shape,
        occurs: Occurs::Once,
        presence: Presence::Maybe,
        source: Source::Server,
        modify: ClientMay::Never,
        delete: ClientMay::Never,
        rekey: OnRekey::Dropped,
        since: ProtocolVersion::V1_0,
        until: None,
        objects,
        implicit: &[],
        visibility: Visibility::ServerOnly,
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::attributes::AttributeTable;

    use super::*;

    #[test]
    fn no_client_sees_them_and_none_clashes_with_the_standard() {
        let table = AttributeTable::standard().extended(RULES).unwrap();
        assert!(RULES.iter().all(|rule| !table.is_visible(rule.tag)));
    }
}
