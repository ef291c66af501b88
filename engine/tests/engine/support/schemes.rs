//! A cipher and a key wrap that add the bytes of the key, and count how often each key is parsed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    CipherInput, CipherKey, CipherScheme, CipherStream, Cost, Encrypted, KeyPurpose, Scheme, SchemeEntry,
    WrapKey, WrapScheme, Wrapped,
};

// One name for two capabilities, as a plugin may well choose.
pub(crate) static CIPHER: SchemeEntry = SchemeEntry {
    name: "XOR",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&Xor),
};

pub(crate) static WRAP: SchemeEntry = SchemeEntry {
    name: "XOR",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Wrap(&Xor),
};

pub(crate) static PURPOSE: SchemeEntry = SchemeEntry {
    name: "XOR",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Purpose(&Xor),
};

/// The comment on keys that are not for decryption.
pub(crate) const ENCRYPTS_ALONE: &str = "encrypts alone";

impl KeyPurpose for Xor {
    fn usable_for(&self, operation: OperationCode, key: &KeyFacts<'_>) -> bool {
        let encrypts_alone =
            key.attributes.one::<kinds::Comment>().is_some_and(|text| text == ENCRYPTS_ALONE);
        !(encrypts_alone && operation == OperationCode::DECRYPT)
    }
}

/// How often a key with this material was parsed.
pub(crate) fn parses(material: [u8; 32]) -> usize {
    PARSES.lock().unwrap().as_ref().and_then(|parses| parses.get(&material[..]).copied()).unwrap_or(0)
}

static PARSES: Mutex<Option<HashMap<Vec<u8>, usize>>> = Mutex::new(None);

pub(crate) struct Xor;

struct XorKey(Vec<u8>);

impl XorKey {
    fn parse(material: &Material) -> Result<Arc<Self>> {
        let key = material.symmetric_key()?.to_vec();
        *PARSES.lock().unwrap().get_or_insert_default().entry(key.clone()).or_default() += 1;
        Ok(Arc::new(Self(key)))
    }

    fn xor(&self, data: &[u8]) -> ByteString {
        data.iter().zip(self.0.iter().cycle()).map(|(byte, key)| byte ^ key).collect::<Vec<u8>>().into()
    }
}

impl CipherScheme for Xor {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(XorKey::parse(material)?)
    }
}

impl WrapScheme for Xor {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(XorKey::parse(material)?)
    }
}

impl CipherKey for XorKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn encrypt(&self, input: CipherInput<'_>, _: &mut dyn RandomSource) -> Result<Encrypted> {
        Ok(Encrypted { data: self.xor(input.data), nonce: None, tag: None })
    }

    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString> {
        Ok(self.xor(input.data))
    }

    fn encrypt_in_parts(
        &self,
        _: CipherInput<'_>,
        _: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)> {
        Err(Error::unsupported("not in parts"))
    }

    fn decrypt_in_parts(&self, _: CipherInput<'_>) -> Result<Box<dyn CipherStream>> {
        Err(Error::unsupported("not in parts"))
    }
}

impl WrapKey for XorKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn wrap(&self, plain: &[u8], _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<Wrapped> {
        Ok(Wrapped { data: self.xor(plain), nonce: None })
    }

    fn unwrap(&self, wrapped: &[u8], _: &CryptographicParameters, _: Option<&[u8]>) -> Result<ByteString> {
        Ok(self.xor(wrapped))
    }
}
