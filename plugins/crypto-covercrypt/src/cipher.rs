//! Encrypting for an access policy, and decrypting with a user key.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};
use zeroize::Zeroizing;

use crate::generation::{Decapsulator, Encapsulator, KeyKind, malformed};
use crate::key::{self, COVERCRYPT, COVERCRYPT_BULK, StructureOf};
use crate::message;

pub(crate) const CIPHER: SchemeEntry = SchemeEntry {
    name: "Covercrypt",
    algorithms: &[COVERCRYPT],
    claims: |_, parameters| {
        matches!(parameters.cryptographic_algorithm, None | Some(COVERCRYPT | COVERCRYPT_BULK))
    },
    effective: |_, parameters| CryptographicParameters {
        cryptographic_algorithm: parameters.cryptographic_algorithm.or(Some(COVERCRYPT)),
        ..parameters.clone()
    },
    scheme: Scheme::Cipher(&Covercrypt),
};
register_scheme!(CIPHER);

struct Covercrypt;

impl CipherScheme for Covercrypt {
    fn prepare(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let bytes = key::bytes(material)?;
        Ok(match key::kind(facts) {
            KeyKind::MasterPublic => {
                let structure = StructureOf::demanded(facts.attributes).map_err(cryptographic)?;
                Arc::new(Public(
                    structure.generation.encapsulator(bytes, structure.bytes).map_err(cryptographic)?,
                ))
            }
            KeyKind::MasterPrivate => {
                return Err(key::wrong_kind("a master private key makes user keys; it decrypts nothing"));
            }
            KeyKind::User => {
                let generation = key::generation_by_form(KeyKind::User, bytes);
                Arc::new(User(generation.ok_or_else(|| malformed("user key"))?.decapsulator(bytes)?))
            }
        })
    }
}

/// A master public key.
struct Public(Box<dyn Encapsulator>);

/// A user key.
struct User(Box<dyn Decapsulator>);

impl CipherKey for Public {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted> {
        if input.nonce.is_some() {
            return Err(key::wrong_kind("Covercrypt makes its nonces itself"));
        }
        let data = message::encrypt(&*self.0, input.data, input.additional_data, bulk(&input), rng);
        // The clients of Covercrypt look for the additional data where others have the tag, which is in the data.
        let tag =
            Some(input.additional_data).filter(|additional| !additional.is_empty()).map(ByteString::from);
        Ok(Encrypted { data: data.map_err(cryptographic)?, nonce: None, tag })
    }

    fn decrypt(&self, _: CipherInput<'_>) -> Result<ByteString> {
        Err(key::wrong_kind("a master public key decrypts nothing"))
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(not_in_parts())
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(not_in_parts())
    }
}

impl CipherKey for User {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn encrypt(&self, _: CipherInput<'_>, _: &mut dyn RandomSource) -> Result<Encrypted> {
        Err(key::wrong_kind("a user key decrypts; the master public key encrypts"))
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        // Where a dialect took it for another cipher's, it has cut nonce and tag off.
        let joined: Zeroizing<Vec<u8>>;
        let data = match input.nonce {
            Some(nonce) => {
                joined = Zeroizing::new([nonce, input.data, input.tag.unwrap_or_default()].concat());
                &joined
            }
            None => input.data,
        };
        message::decrypt(&*self.0, data, input.additional_data, bulk(&input)).map_err(cryptographic)
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(not_in_parts())
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(not_in_parts())
    }
}

fn bulk(input: &CipherInput<'_>) -> bool {
    input.parameters.cryptographic_algorithm == Some(COVERCRYPT_BULK)
}

fn not_in_parts() -> Error {
    Error::unsupported("Covercrypt needs all data at once")
}

/// What is wrong with the data to encrypt or decrypt is a failure of encryption to these clients, the policy in it included.
fn cryptographic(error: Error) -> Error {
    match error.class() {
        ErrorClass::Request => Error::cryptographic(error.message().to_owned()).because(error),
        _ => error,
    }
}
