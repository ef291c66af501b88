//! Key blocks, how keys are wrapped, and the parameters of cryptographic operations (KMIP 2.1 sections 3, 4.16, 7.18).

use crate::attributes::Attributes;
use crate::field::{DecodeError, TtlvValue, wrong_type};
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, DigitalSignatureAlgorithm, EncodingOption, HashingAlgorithm,
    KeyCompressionType, KeyFormatType, KeyRoleType, MaskGenerator, PaddingMethod, WrappingMethod,
};
use crate::ttlv::{ByteString, Tag, Value};

structure! {
    /// A key and what belongs closely to it (section 3.1).
    pub struct KeyBlock {
        /// How the key material is encoded.
        key_format_type: KeyFormatType = KEY_FORMAT_TYPE,
        /// How an elliptic-curve point is compressed.
        key_compression_type: Option<KeyCompressionType> = KEY_COMPRESSION_TYPE,
        /// The key, plain or wrapped; absent when the value is not on the server or was destroyed.
        key_value: Option<KeyValue> = KEY_VALUE,
        /// The algorithm, absent only where the key value tells it.
        cryptographic_algorithm: Option<CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM,
        /// The length in bits, absent only where the key value tells it.
        cryptographic_length: Option<i32> = CRYPTOGRAPHIC_LENGTH,
        /// How the key is wrapped, present only if it is.
        key_wrapping_data: Option<KeyWrappingData> = KEY_WRAPPING_DATA,
    }
}

impl KeyBlock {
    /// The bytes of a wrapped key: the Key Value itself, as section 3.2 has it, or the Key Material of a structure, as
    /// some clients send them. Nothing if the key is not wrapped.
    pub fn wrapped(&self) -> Option<&ByteString> {
        self.key_wrapping_data.as_ref()?;
        match self.key_value.as_ref()? {
            KeyValue::Wrapped(bytes) => Some(bytes),
            KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. }) => Some(bytes),
            KeyValue::Plain(_) => None,
        }
    }
}

/// The key inside a key block (section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// A wrapped key value, as bytes.
    Wrapped(ByteString),
    /// A plain key value.
    Plain(PlainKeyValue),
}

structure! {
    /// A plain key value: key material with optional attributes.
    pub struct PlainKeyValue {
        /// A byte string for the opaque formats, a structure for the transparent ones.
        key_material: Value = KEY_MATERIAL,
        /// Attributes that are encapsulated with the key.
        attributes: Option<Attributes> = ATTRIBUTES,
    }
}

impl TtlvValue for KeyValue {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::ByteString(bytes) => Ok(Self::Wrapped(bytes)),
            Value::Structure(_) => PlainKeyValue::from_value(tag, value).map(Self::Plain),
            other => Err(wrong_type(tag, "a Byte String or a Structure", &other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Wrapped(bytes) => Value::ByteString(bytes),
            Self::Plain(plain) => plain.into_value(),
        }
    }
}

structure! {
    /// How a key value is wrapped (section 3.3).
    pub struct KeyWrappingData {
        /// Encrypt, sign or both.
        wrapping_method: WrappingMethod = WRAPPING_METHOD,
        /// The key that encrypted.
        encryption_key_information: Option<KeyInformation> = ENCRYPTION_KEY_INFORMATION,
        /// The key that authenticated.
        mac_signature_key_information: Option<KeyInformation> = MAC_SIGNATURE_KEY_INFORMATION,
        /// The MAC or signature.
        mac_signature: Option<ByteString> = MAC_SIGNATURE,
        /// The nonce, if the method needs one.
        iv_counter_nonce: Option<ByteString> = IV_COUNTER_NONCE,
        /// What was wrapped: the bare key material, or the TTLV encoding of the key value (the default).
        encoding_option: Option<EncodingOption> = ENCODING_OPTION,
    }
}

structure! {
    /// Which key wraps, and how (Encryption Key Information, MAC/Signature Key Information).
    pub struct KeyInformation {
        /// The key.
        unique_identifier: UniqueIdentifier = UNIQUE_IDENTIFIER,
        /// Parameters that replace those of the key.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
    }
}

structure! {
    /// How a client wants a key wrapped on its way out (section 7.18).
    pub struct KeyWrappingSpecification {
        /// Encrypt, sign or both.
        wrapping_method: WrappingMethod = WRAPPING_METHOD,
        /// The key to encrypt with.
        encryption_key_information: Option<KeyInformation> = ENCRYPTION_KEY_INFORMATION,
        /// The key to authenticate with.
        mac_signature_key_information: Option<KeyInformation> = MAC_SIGNATURE_KEY_INFORMATION,
        /// Attributes to wrap with the key.
        attribute_name: Vec<String> = ATTRIBUTE_NAME,
        /// What to wrap: the bare key material, or the TTLV encoding of the key value (the default).
        encoding_option: Option<EncodingOption> = ENCODING_OPTION,
    }
}

structure! {
    /// The parameters of a cryptographic operation (section 4.16).
    pub struct CryptographicParameters {
        /// Mode of a block cipher.
        block_cipher_mode: Option<BlockCipherMode> = BLOCK_CIPHER_MODE,
        /// Padding of the data.
        padding_method: Option<PaddingMethod> = PADDING_METHOD,
        /// Hash of a signature, MAC or derivation.
        hashing_algorithm: Option<HashingAlgorithm> = HASHING_ALGORITHM,
        /// What a key is for, in payment systems.
        key_role_type: Option<KeyRoleType> = KEY_ROLE_TYPE,
        /// Signature algorithm with its hash.
        digital_signature_algorithm: Option<DigitalSignatureAlgorithm> = DIGITAL_SIGNATURE_ALGORITHM,
        /// Algorithm, where it is not that of the key.
        cryptographic_algorithm: Option<CryptographicAlgorithm> = CRYPTOGRAPHIC_ALGORITHM,
        /// Whether the server makes the IV.
        random_iv: Option<bool> = RANDOM_IV,
        /// Length of the IV in bits.
        iv_length: Option<i32> = IV_LENGTH,
        /// Length of the authentication tag in bytes.
        tag_length: Option<i32> = TAG_LENGTH,
        /// Length of the fixed field of an IV in bits.
        fixed_field_length: Option<i32> = FIXED_FIELD_LENGTH,
        /// Length of the invocation field of an IV in bits.
        invocation_field_length: Option<i32> = INVOCATION_FIELD_LENGTH,
        /// Length of the counter in bits.
        counter_length: Option<i32> = COUNTER_LENGTH,
        /// First value of the counter.
        initial_counter_value: Option<i32> = INITIAL_COUNTER_VALUE,
        /// Length of the salt of a PSS signature in bytes.
        salt_length: Option<i32> = SALT_LENGTH,
        /// Mask generation function of OAEP and PSS.
        mask_generator: Option<MaskGenerator> = MASK_GENERATOR,
        /// Hash of the mask generation function.
        mask_generator_hashing_algorithm: Option<HashingAlgorithm> = MASK_GENERATOR_HASHING_ALGORITHM,
        /// Label of OAEP.
        p_source: Option<ByteString> = P_SOURCE,
        /// Trailer of a PSS signature.
        trailer_field: Option<i32> = TRAILER_FIELD,
    }
}

impl CryptographicParameters {
    /// No parameter at all: everything follows from the key.
    pub const NONE: Self = Self {
        block_cipher_mode: None,
        padding_method: None,
        hashing_algorithm: None,
        key_role_type: None,
        digital_signature_algorithm: None,
        cryptographic_algorithm: None,
        random_iv: None,
        iv_length: None,
        tag_length: None,
        fixed_field_length: None,
        invocation_field_length: None,
        counter_length: None,
        initial_counter_value: None,
        salt_length: None,
        mask_generator: None,
        mask_generator_hashing_algorithm: None,
        p_source: None,
        trailer_field: None,
    };
}
