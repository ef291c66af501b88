//! Wrapped keys: which keys a Wrapping Method takes, what each of them does, and what comes out (KMIP 2.1 sections 3.2,
//! 3.3 and 11.62).
//!
//! Whoever wraps or unwraps looks the keys up and has them admitted, with the targets that are here; the rest is the same
//! for a key that leaves or enters the server and for one that is kept wrapped and used.

use std::sync::Arc;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::key_material::is_transparent;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::objects::{
    CryptographicParameters, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, PlainKeyValue,
};
use claviger_kmip::tables::enumerations::{
    EncodingOption, KeyFormatType, LinkType, ObjectType, OperationCode, ResultReason, WrappingMethod,
};
use claviger_kmip::tables::masks::CryptographicUsageMask as Usage;
use claviger_kmip::{ByteString, Tag, Ttlv, Value};

use crate::certificate_attributes::KEY_IDENTIFIER;
use crate::error::{Error, Result};
use crate::filter::{Filter, IndexValue};
use crate::plugin::Catalogue;
use crate::random::RandomSource;
use crate::record::ObjectId;
use crate::scheme::{Capability, Cost, MacKey, PreparedKey, SignInput, SignKey, WrapKey};
use crate::target::{Role, Target};

/// The keys of a wrapping, as the client names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedKeys<'a> {
    /// The key that encrypts, if the method encrypts.
    pub encryption: Option<&'a KeyInformation>,
    /// The key that makes the MAC or the signature, if the method authenticates.
    pub authentication: Option<&'a KeyInformation>,
}

impl<'a> NamedKeys<'a> {
    /// The keys that a method takes, out of those that are named.
    ///
    /// # Errors
    /// Feature Not Supported: nobody here knows the method. Invalid Field: a key is not named that the method takes, or
    /// one that it does not take is.
    pub fn of(
        method: WrappingMethod,
        encryption: Option<&'a KeyInformation>,
        authentication: Option<&'a KeyInformation>,
    ) -> Result<Self> {
        let (encrypts, authenticates) = match method {
            WrappingMethod::ENCRYPT => (true, false),
            WrappingMethod::MAC_SIGN => (false, true),
            WrappingMethod::ENCRYPT_THEN_MAC_SIGN | WrappingMethod::MAC_SIGN_THEN_ENCRYPT => (true, true),
            other => return Err(Error::unsupported(format!("this server does not wrap by {other:?}"))),
        };
        let fits = |named: Option<&KeyInformation>, takes, what| match (named.is_some(), takes) {
            (true, false) => Err(Error::invalid(format!("wrapping by {method:?} takes no {what}"))),
            (false, true) => Err(Error::invalid(format!("wrapping by {method:?} needs {what}"))),
            _ => Ok(()),
        };
        fits(encryption, encrypts, "Encryption Key Information")?;
        fits(authentication, authenticates, "MAC/Signature Key Information")?;
        Ok(Self { encryption, authentication })
    }

    /// The keys that wrapped what the data is about.
    ///
    /// # Errors
    /// As [`NamedKeys::of`].
    pub fn of_data(data: &'a KeyWrappingData) -> Result<Self> {
        let (encryption, authentication) =
            (&data.encryption_key_information, &data.mac_signature_key_information);
        Self::of(data.wrapping_method, encryption.as_ref(), authentication.as_ref())
    }
}

/// The key that encrypts a key. Wrapping is protection, and takes the right to get the wrapping key. The bytes that are
/// wrapped are counted by who wraps them.
pub fn to_wrap(key: UniqueIdentifier) -> Target {
    Target::subject(Some(key), OperationCode::GET)
        .role(Role::WRAPPING_KEY)
        .states(StateSet::ACTIVE)
        .types(&[ObjectType::SYMMETRIC_KEY, ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE])
        .usage(Usage::WRAP_KEY)
        .consumes(0)
}

/// The key that decrypts a key.
pub fn to_unwrap(key: UniqueIdentifier) -> Target {
    Target::subject(Some(key), OperationCode::GET)
        .role(Role::WRAPPING_KEY)
        .states(StateSet::PROCESSING)
        .types(&[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY])
        .usage(Usage::UNWRAP_KEY)
}

/// The key that makes the MAC or the signature of a wrapped key.
pub fn to_authenticate(key: UniqueIdentifier) -> Target {
    Target::subject(Some(key), OperationCode::GET)
        .role(Role::AUTHENTICATION_KEY)
        .states(StateSet::ACTIVE)
        .types(&[ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY])
        .any_usage(Usage::MAC_GENERATE | Usage::SIGN)
        .consumes(0)
}

/// The key that verifies the MAC or the signature of a wrapped key: the one that made it, or the public key of that.
/// Whoever may sign may also verify what he signed.
pub fn to_verify(key: UniqueIdentifier) -> Target {
    Target::subject(Some(key), OperationCode::GET)
        .role(Role::AUTHENTICATION_KEY)
        .states(StateSet::PROCESSING)
        .types(&[
            ObjectType::SYMMETRIC_KEY,
            ObjectType::PRIVATE_KEY,
            ObjectType::PUBLIC_KEY,
            ObjectType::CERTIFICATE,
        ])
        .any_usage(Usage::MAC_VERIFY | Usage::VERIFY | Usage::SIGN)
}

/// The links from a key that wraps towards the one that unwraps what it wrapped, the best first. None if it is the same
/// key.
pub fn towards_unwrapping(object_type: ObjectType) -> &'static [LinkType] {
    match object_type {
        ObjectType::PUBLIC_KEY => &[LinkType::PRIVATE_KEY_LINK],
        ObjectType::CERTIFICATE => &[LinkType::PRIVATE_KEY_LINK, LinkType::PUBLIC_KEY_LINK],
        _ => &[],
    }
}

/// What a key of this type does to authenticate a wrapped key.
pub fn authentication_of(object_type: ObjectType) -> Capability {
    if object_type == ObjectType::SYMMETRIC_KEY { Capability::Mac } else { Capability::Sign }
}

/// The private keys that belong to what wrapped, where no link of that leads to one: those that link to the certificate, and
/// those whose own certificate would state the same key identifier. The best first.
pub fn leading_back(wrapped_by: &ObjectId, attributes: &Attributes) -> Vec<Filter> {
    let private = Filter::Type(vec![ObjectType::PRIVATE_KEY]);
    let by_link = private.clone().and(Filter::linked(LinkType::CERTIFICATE_LINK, wrapped_by));
    let by_identifier = match attributes.get(KEY_IDENTIFIER) {
        Some(Value::ByteString(bytes)) if !bytes.is_empty() => {
            Some(private.and(Filter::equal(KEY_IDENTIFIER, IndexValue::Bytes(bytes.to_vec()))))
        }
        _ => None,
    };
    std::iter::once(by_link).chain(by_identifier).collect()
}

/// How many wrappings may lie around one another.
pub const MOST_WRAPPINGS: usize = 4;

/// The error for a key with more than [`MOST_WRAPPINGS`].
pub fn wrapped_too_often() -> Error {
    Error::unsupported(format!("this server unwraps a key that was wrapped up to {MOST_WRAPPINGS} times"))
}

/// The parameters of one key of a wrapping: those that are named with it, else the first of the key itself (section 3.3).
pub fn parameters(information: &KeyInformation, key: &Attributes) -> CryptographicParameters {
    let named = information.cryptographic_parameters.clone();
    named.or_else(|| key.one::<kinds::CryptographicParameters>()).unwrap_or(CryptographicParameters::NONE)
}

/// A key of a wrapping, parsed for what it does there.
#[derive(Clone)]
pub struct UsableKey {
    /// The key.
    pub key: PreparedKey,
    /// How it is used.
    pub parameters: CryptographicParameters,
}

/// The keys of a wrapping, parsed.
#[derive(Clone, Default)]
pub struct WrappingKeys {
    /// The key that encrypts or decrypts.
    pub encryption: Option<UsableKey>,
    /// The key that makes or verifies the MAC or the signature.
    pub authentication: Option<UsableKey>,
}

/// What wrapping gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The Key Value.
    pub value: ByteString,
    /// The nonce, where it does not travel in the value.
    pub nonce: Option<ByteString>,
    /// The MAC or the signature.
    pub mac_signature: Option<ByteString>,
}

impl WrappingKeys {
    /// What wrapping or unwrapping with these keys costs.
    pub fn cost(&self) -> Cost {
        let of = |key: &Option<UsableKey>| match key.as_ref().map(|key| &key.key) {
            Some(PreparedKey::Wrap(key)) => key.cost(),
            Some(PreparedKey::Sign(key)) => key.cost(),
            _ => Cost::Light,
        };
        of(&self.encryption).max(of(&self.authentication))
    }

    /// Wraps an encoded Key Value.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters, Cryptographic Failure: what the schemes say.
    pub fn wrap(
        &self,
        method: WrappingMethod,
        plain: &[u8],
        rng: &mut dyn RandomSource,
    ) -> Result<WrappedKey> {
        let (value, nonce) = if method == WrappingMethod::MAC_SIGN {
            (ByteString::from(plain), None)
        } else {
            let (key, parameters) = self.encryption()?;
            let wrapped = key.wrap(plain, parameters, rng)?;
            (wrapped.data, wrapped.nonce)
        };
        let mac_signature = match method {
            WrappingMethod::ENCRYPT => None,
            WrappingMethod::ENCRYPT_THEN_MAC_SIGN => Some(self.authenticate(&value, rng)?),
            _ => Some(self.authenticate(plain, rng)?),
        };
        Ok(WrappedKey { value, nonce, mac_signature })
    }

    /// Gives the encoded Key Value back that was wrapped, if it is authentic.
    ///
    /// # Errors
    /// Cryptographic Failure: these keys did not wrap it.
    pub fn unwrap(&self, data: &KeyWrappingData, value: &[u8]) -> Result<ByteString> {
        match data.wrapping_method {
            WrappingMethod::ENCRYPT => self.decrypt(data, value),
            WrappingMethod::MAC_SIGN => {
                self.verify(data, value)?;
                Ok(value.into())
            }
            WrappingMethod::ENCRYPT_THEN_MAC_SIGN => {
                self.verify(data, value)?;
                self.decrypt(data, value)
            }
            WrappingMethod::MAC_SIGN_THEN_ENCRYPT => {
                // Whether the padding or the MAC was wrong is nobody's business.
                let plain = self.decrypt(data, value).map_err(|error| match error.reason() {
                    ResultReason::CRYPTOGRAPHIC_FAILURE => not_authentic(),
                    _ => error,
                })?;
                self.verify(data, &plain)?;
                Ok(plain)
            }
            other => Err(Error::unsupported(format!("this server does not unwrap by {other:?}"))),
        }
    }

    fn encryption(&self) -> Result<(&Arc<dyn WrapKey>, &CryptographicParameters)> {
        match &self.encryption {
            Some(UsableKey { key: PreparedKey::Wrap(key), parameters }) => Ok((key, parameters)),
            _ => Err(Error::server("a wrapping lacks the key that encrypts")),
        }
    }

    fn decrypt(&self, data: &KeyWrappingData, value: &[u8]) -> Result<ByteString> {
        let (key, parameters) = self.encryption()?;
        key.unwrap(value, parameters, data.iv_counter_nonce.as_deref())
    }

    fn authenticate(&self, bytes: &[u8], rng: &mut dyn RandomSource) -> Result<ByteString> {
        let (key, parameters) = self.authentication()?;
        match key {
            Authentication::Mac(key) => key.mac(bytes, parameters, rng),
            Authentication::Sign(key) => key.sign(SignInput::Data(bytes), parameters, rng),
        }
    }

    fn verify(&self, data: &KeyWrappingData, bytes: &[u8]) -> Result<()> {
        let (key, parameters) = self.authentication()?;
        let given = data.mac_signature.as_deref().unwrap_or_default();
        let authentic = match key {
            Authentication::Mac(key) => key.verify(bytes, given, parameters)?,
            Authentication::Sign(key) => key.verify(SignInput::Data(bytes), given, parameters)?,
        };
        if authentic { Ok(()) } else { Err(not_authentic()) }
    }

    fn authentication(&self) -> Result<(Authentication<'_>, &CryptographicParameters)> {
        let Some(UsableKey { key, parameters }) = &self.authentication else {
            return Err(Error::server("a wrapping lacks the key that authenticates"));
        };
        match key {
            PreparedKey::Mac(key) => Ok((Authentication::Mac(&**key), parameters)),
            PreparedKey::Sign(key) => Ok((Authentication::Sign(&**key), parameters)),
            _ => Err(Error::server("a key that authenticates was prepared for something else")),
        }
    }
}

enum Authentication<'k> {
    Mac(&'k dyn MacKey),
    Sign(&'k dyn SignKey),
}

fn not_authentic() -> Error {
    Error::cryptographic("the key is not what these keys wrapped")
}

/// Puts an unwrapped Key Value into the key block that it came from, in the format that this one states.
///
/// Attributes that were wrapped with the key are not taken over: those of the object count. A key that was wrapped before it
/// was wrapped again comes out as it was then, with its own Key Wrapping Data.
///
/// # Errors
/// Encoding Option Error: nobody here knows the encoding. Cryptographic Failure: the bytes are no Key Value. Key Format
/// Type Not Supported: bare bytes have no such format.
pub fn restore(
    catalogue: &dyn Catalogue,
    object_type: ObjectType,
    block: &mut KeyBlock,
    attributes: &Attributes,
    plain: ByteString,
) -> Result<()> {
    let encoding = block.key_wrapping_data.take().and_then(|data| data.encoding_option);
    let stated = block.key_format_type;
    let key_material = match encoding {
        Some(EncodingOption::NO_ENCODING) => Value::ByteString(plain),
        Some(EncodingOption::TTLV_ENCODING) | None => match decoded(&plain)? {
            Inner::Material(material) => material,
            Inner::Wrapped(inner) => {
                *block = *inner;
                return Ok(());
            }
        },
        Some(other) => {
            let encoding = catalogue.key_value_encoding(other).ok_or_else(|| unknown_encoding(other))?;
            encoding.decode(&plain)?
        }
    };
    let bare = matches!(&key_material, Value::ByteString(_)) && is_transparent(stated);
    block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None }));
    if bare {
        let kind = catalogue.object_kind(object_type).ok_or_else(|| {
            Error::unsupported(format!("this server knows no objects of type {object_type:?}"))
        })?;
        block.key_format_type = KeyFormatType::RAW;
        kind.convert(catalogue, block, attributes, stated.into())?;
    }
    Ok(())
}

/// The error for an Encoding Option that is neither one of the specification's nor a plugin's.
pub fn unknown_encoding(option: EncodingOption) -> Error {
    Error::unsupported(format!("the Encoding Option {option:?} is not known"))
        .with_reason(ResultReason::ENCODING_OPTION_ERROR)
}

/// What TTLV Encoding may hold.
#[derive(Debug, PartialEq)]
enum Inner {
    /// The Key Material of a plain key.
    Material(Value),
    /// A key that is wrapped, with all that tells how.
    Wrapped(Box<KeyBlock>),
}

/// A Key Value or, of a key that was wrapped already, its Key Block.
fn decoded(encoded: &[u8]) -> Result<Inner> {
    let wrong = || {
        Error::cryptographic(
            "the unwrapped bytes are no TTLV Key Value; was the key wrapped with No Encoding?",
        )
    };
    let Ttlv { tag, value } = binary::decode(encoded, &Limits::default()).map_err(|_| wrong())?;
    match (tag, value) {
        (Tag::KEY_VALUE, Value::Structure(fields)) => {
            let material = fields.into_iter().find(|field| field.tag == Tag::KEY_MATERIAL);
            material.map(|field| Inner::Material(field.value)).ok_or_else(wrong)
        }
        (Tag::KEY_BLOCK, value) => {
            let block = KeyBlock::from_value(Tag::KEY_BLOCK, value).map_err(|_| wrong())?;
            let is_wrapped = block.key_wrapping_data.is_some() && block.wrapped().is_some();
            if is_wrapped { Ok(Inner::Wrapped(Box::new(block))) } else { Err(wrong()) }
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> KeyInformation {
        KeyInformation { unique_identifier: id.into(), cryptographic_parameters: None }
    }

    #[test]
    fn each_method_takes_its_keys_and_no_others() {
        let (one, other) = (key("one"), key("other"));
        let takes = |method, encryption, authentication| {
            let named = |named| if named { Some(&one) } else { None };
            let authentication = if authentication { Some(&other) } else { None };
            NamedKeys::of(method, named(encryption), authentication).is_ok()
        };
        let methods = [
            (WrappingMethod::ENCRYPT, (true, false)),
            (WrappingMethod::MAC_SIGN, (false, true)),
            (WrappingMethod::ENCRYPT_THEN_MAC_SIGN, (true, true)),
            (WrappingMethod::MAC_SIGN_THEN_ENCRYPT, (true, true)),
        ];
        for (method, wanted) in methods {
            for given in [(false, false), (false, true), (true, false), (true, true)] {
                assert_eq!(takes(method, given.0, given.1), given == wanted, "{method:?} {given:?}");
            }
        }
        let refused = NamedKeys::of(WrappingMethod::TR_31, Some(&one), None).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    }

    #[test]
    fn the_material_of_a_key_value_is_found_beside_attributes() {
        // Key Value { Key Material: 16 bytes of AB }, as KMIP 2.1 section 10.1 encodes it.
        let mut encoded = vec![0x42, 0, 0x45, 1, 0, 0, 0, 24, 0x42, 0, 0x43, 8, 0, 0, 0, 16];
        encoded.extend([0xAB; 16]);
        let material = Inner::Material(Value::ByteString(vec![0xAB; 16].into()));
        assert_eq!(decoded(&encoded).unwrap(), material);
        for damaged in [&encoded[1..], &encoded[..16], &encoded[8..], &[]] {
            assert_eq!(decoded(damaged).unwrap_err().reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
        }
    }
}
