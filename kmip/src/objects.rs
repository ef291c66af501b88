//! Managed objects and their key blocks (KMIP 2.1 sections 2 and 3).

mod key_block;

pub use key_block::{
    CryptographicParameters, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification,
    PlainKeyValue,
};

use crate::attributes::Attributes;
use crate::field::{DecodeError, Field, Fields, TtlvValue};
use crate::structure;
use crate::tables::enumerations::{
    CertificateRequestType, CertificateType, ObjectType, OpaqueDataType, SecretDataType, SplitKeyMethod,
};
use crate::ttlv::{BigInteger, ByteString, Tag, Ttlv};

/// A managed object, without its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ManagedObject {
    /// Section 2.1.
    Certificate(Certificate),
    /// Section 2.2.
    CertificateRequest(CertificateRequest),
    /// Section 2.3.
    OpaqueObject(OpaqueObject),
    /// Section 2.4.
    PgpKey(PgpKey),
    /// Section 2.5.
    PrivateKey(Key),
    /// Section 2.6.
    PublicKey(Key),
    /// Section 2.7.
    SecretData(SecretData),
    /// Section 2.8.
    SplitKey(SplitKey),
    /// Section 2.9.
    SymmetricKey(Key),
    /// KMIP 1.4 section 2.2.6; gone in 2.0.
    Template(Template),
}

/// The tags under which an object may stand in a payload, with the type that each means.
pub(crate) const OBJECT_TAGS: &[(Tag, ObjectType)] = &[
    (Tag::CERTIFICATE, ObjectType::CERTIFICATE),
    (Tag::CERTIFICATE_REQUEST, ObjectType::CERTIFICATE_REQUEST),
    (Tag::OPAQUE_OBJECT, ObjectType::OPAQUE_OBJECT),
    (Tag::PGP_KEY, ObjectType::PGP_KEY),
    (Tag::PRIVATE_KEY, ObjectType::PRIVATE_KEY),
    (Tag::PUBLIC_KEY, ObjectType::PUBLIC_KEY),
    (Tag::SECRET_DATA, ObjectType::SECRET_DATA),
    (Tag::SPLIT_KEY, ObjectType::SPLIT_KEY),
    (Tag::SYMMETRIC_KEY, ObjectType::SYMMETRIC_KEY),
    (Tag::TEMPLATE, ObjectType::TEMPLATE),
];

impl ManagedObject {
    /// The type of the object.
    pub fn object_type(&self) -> ObjectType {
        match self {
            Self::Certificate(_) => ObjectType::CERTIFICATE,
            Self::CertificateRequest(_) => ObjectType::CERTIFICATE_REQUEST,
            Self::OpaqueObject(_) => ObjectType::OPAQUE_OBJECT,
            Self::PgpKey(_) => ObjectType::PGP_KEY,
            Self::PrivateKey(_) => ObjectType::PRIVATE_KEY,
            Self::PublicKey(_) => ObjectType::PUBLIC_KEY,
            Self::SecretData(_) => ObjectType::SECRET_DATA,
            Self::SplitKey(_) => ObjectType::SPLIT_KEY,
            Self::SymmetricKey(_) => ObjectType::SYMMETRIC_KEY,
            Self::Template(_) => ObjectType::TEMPLATE,
        }
    }

    /// The tag under which the object stands in a payload.
    pub fn tag(&self) -> Tag {
        let object_type = self.object_type();
        OBJECT_TAGS
            .iter()
            .find(|(_, known)| *known == object_type)
            .map_or(Tag::OPAQUE_OBJECT, |(tag, _)| *tag)
    }

    /// The key block, if objects of this type have one.
    pub fn key_block(&self) -> Option<&KeyBlock> {
        match self {
            Self::PgpKey(object) => Some(&object.key_block),
            Self::SecretData(object) => Some(&object.key_block),
            Self::SplitKey(object) => Some(&object.key_block),
            Self::PrivateKey(key) | Self::PublicKey(key) | Self::SymmetricKey(key) => Some(&key.key_block),
            Self::Certificate(_)
            | Self::CertificateRequest(_)
            | Self::OpaqueObject(_)
            | Self::Template(_) => None,
        }
    }

    /// The key block to change, if objects of this type have one.
    pub fn key_block_mut(&mut self) -> Option<&mut KeyBlock> {
        match self {
            Self::PgpKey(object) => Some(&mut object.key_block),
            Self::SecretData(object) => Some(&mut object.key_block),
            Self::SplitKey(object) => Some(&mut object.key_block),
            Self::PrivateKey(key) | Self::PublicKey(key) | Self::SymmetricKey(key) => {
                Some(&mut key.key_block)
            }
            Self::Certificate(_)
            | Self::CertificateRequest(_)
            | Self::OpaqueObject(_)
            | Self::Template(_) => None,
        }
    }

    /// Reads an object from the item that holds it.
    ///
    /// # Errors
    /// The tag is not that of an object, or the content is not that of such an object.
    pub fn from_item(item: Ttlv) -> Result<Self, DecodeError> {
        let Ttlv { tag, value } = item;
        match tag {
            Tag::CERTIFICATE => Certificate::from_value(tag, value).map(Self::Certificate),
            Tag::CERTIFICATE_REQUEST => {
                CertificateRequest::from_value(tag, value).map(Self::CertificateRequest)
            }
            Tag::OPAQUE_OBJECT => OpaqueObject::from_value(tag, value).map(Self::OpaqueObject),
            Tag::PGP_KEY => PgpKey::from_value(tag, value).map(Self::PgpKey),
            Tag::PRIVATE_KEY => Key::from_value(tag, value).map(Self::PrivateKey),
            Tag::PUBLIC_KEY => Key::from_value(tag, value).map(Self::PublicKey),
            Tag::SECRET_DATA => SecretData::from_value(tag, value).map(Self::SecretData),
            Tag::SPLIT_KEY => SplitKey::from_value(tag, value).map(Self::SplitKey),
            Tag::SYMMETRIC_KEY => Key::from_value(tag, value).map(Self::SymmetricKey),
            Tag::TEMPLATE => Template::from_value(tag, value).map(Self::Template),
            _ => Err(DecodeError::BadValue { field: tag, why: "is not a managed object".into() }),
        }
    }

    /// The item that holds the object in a payload.
    pub fn into_item(self) -> Ttlv {
        let tag = self.tag();
        let value = match self {
            Self::Certificate(object) => object.into_value(),
            Self::CertificateRequest(object) => object.into_value(),
            Self::OpaqueObject(object) => object.into_value(),
            Self::PgpKey(object) => object.into_value(),
            Self::SecretData(object) => object.into_value(),
            Self::SplitKey(object) => object.into_value(),
            Self::Template(object) => object.into_value(),
            Self::PrivateKey(key) | Self::PublicKey(key) | Self::SymmetricKey(key) => key.into_value(),
        };
        Ttlv { tag, value }
    }
}

/// In a payload an object stands under the tag of its type, so the tag that the field declares is not used.
impl Field for ManagedObject {
    type Read = ();

    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError> {
        <Option<Self> as Field>::take(fields, tag)?
            .ok_or(DecodeError::Missing { structure: fields.structure(), field: Tag::OBJECT_TYPE })
    }

    fn put(self, _: Tag, children: &mut Vec<Ttlv>) {
        children.push(self.into_item());
    }
}

impl Field for Option<ManagedObject> {
    type Read = ();

    fn take(fields: &mut Fields, _: Tag) -> Result<Self, DecodeError> {
        #[allow(clippy::indexing_slicing)] // below the length; a constant has no iterator
        const TAGS: [Tag; OBJECT_TAGS.len()] = {
            let mut tags = [Tag(0); OBJECT_TAGS.len()];
            let mut i = 0;
            while i < tags.len() {
                tags[i] = OBJECT_TAGS[i].0;
                i += 1;
            }
            tags
        };
        fields.take_first_of(&TAGS).map(ManagedObject::from_item).transpose()
    }

    fn put(self, tag: Tag, children: &mut Vec<Ttlv>) {
        if let Some(object) = self {
            object.put(tag, children);
        }
    }
}

structure! {
    /// An X.509 or PGP certificate.
    pub struct Certificate {
        /// What kind of certificate.
        certificate_type: CertificateType = CERTIFICATE_TYPE,
        /// The encoded certificate, DER for X.509.
        certificate_value: ByteString = CERTIFICATE_VALUE,
    }
}

structure! {
    /// A request for a certificate.
    pub struct CertificateRequest {
        /// What kind of request.
        certificate_request_type: CertificateRequestType = CERTIFICATE_REQUEST_TYPE,
        /// The encoded request.
        certificate_request_value: ByteString = CERTIFICATE_REQUEST_VALUE,
    }
}

structure! {
    /// Bytes that the server need not understand.
    pub struct OpaqueObject {
        /// What the bytes are, as the client says.
        opaque_data_type: OpaqueDataType = OPAQUE_DATA_TYPE,
        /// The bytes.
        opaque_data_value: ByteString = OPAQUE_DATA_VALUE,
    }
}

structure! {
    /// A PGP key as text.
    pub struct PgpKey {
        /// 3 or 4.
        pgp_key_version: i32 = PGP_KEY_VERSION,
        /// The ASCII-armoured key.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// A private, public or symmetric key.
    pub struct Key {
        /// The key and what belongs closely to it.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// A secret that is no key, such as a password.
    pub struct SecretData {
        /// What kind of secret.
        secret_data_type: SecretDataType = SECRET_DATA_TYPE,
        /// The secret.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// One part of a key that was split.
    pub struct SplitKey {
        /// Into how many parts the key was split.
        split_key_parts: i32 = SPLIT_KEY_PARTS,
        /// Which part this is, from 1.
        key_part_identifier: i32 = KEY_PART_IDENTIFIER,
        /// How many parts restore the key.
        split_key_threshold: i32 = SPLIT_KEY_THRESHOLD,
        /// How it was split.
        split_key_method: SplitKeyMethod = SPLIT_KEY_METHOD,
        /// The prime, for polynomial sharing over a prime field.
        prime_field_size: Option<BigInteger> = PRIME_FIELD_SIZE,
        /// The part.
        key_block: KeyBlock = KEY_BLOCK,
    }
}

structure! {
    /// Attributes for new objects, which requests of 1.x name instead of stating them (KMIP 1.4 section 2.2.6). Clients
    /// see the attributes one by one.
    pub struct Template {
        /// The attributes.
        attributes: Attributes = ATTRIBUTES,
    }
}
