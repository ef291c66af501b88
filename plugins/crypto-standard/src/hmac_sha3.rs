//! HMAC with the SHA-3 family (FIPS 202 section 7), on OpenSSL.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use crate::hmac::{claims, equal};

struct Hmac(fn() -> MessageDigest);

const SHA3_224: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-224",
    algorithm: CryptographicAlgorithm::HMAC_SHA3_224,
    claims,
    scheme: Scheme::Mac(&Hmac(MessageDigest::sha3_224)),
};
register_scheme!(SHA3_224);

const SHA3_256: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-256",
    algorithm: CryptographicAlgorithm::HMAC_SHA3_256,
    claims,
    scheme: Scheme::Mac(&Hmac(MessageDigest::sha3_256)),
};
register_scheme!(SHA3_256);

const SHA3_384: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-384",
    algorithm: CryptographicAlgorithm::HMAC_SHA3_384,
    claims,
    scheme: Scheme::Mac(&Hmac(MessageDigest::sha3_384)),
};
register_scheme!(SHA3_384);

const SHA3_512: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-512",
    algorithm: CryptographicAlgorithm::HMAC_SHA3_512,
    claims,
    scheme: Scheme::Mac(&Hmac(MessageDigest::sha3_512)),
};
register_scheme!(SHA3_512);

impl MacScheme for Hmac {
    fn prepare(&self, material: &Material) -> Result<Arc<dyn MacKey>> {
        let key = PKey::hmac(material.symmetric_key()?).map_err(failure)?;
        Ok(Arc::new(HmacKey { hash: (self.0)(), key }))
    }
}

struct HmacKey {
    hash: MessageDigest,
    key: PKey<Private>,
}

impl MacKey for HmacKey {
    fn mac(&self, data: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        let mac = Signer::new(self.hash, &self.key).and_then(|mut signer| signer.sign_oneshot_to_vec(data));
        mac.map(ByteString::from).map_err(failure)
    }

    fn verify(&self, data: &[u8], mac: &[u8], parameters: &CryptographicParameters) -> Result<bool> {
        Ok(equal(&self.mac(data, parameters)?, mac))
    }
}

fn failure(error: ErrorStack) -> Error {
    Error::cryptographic("the MAC could not be computed").because(error)
}
