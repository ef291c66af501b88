//! HMAC with SHA-1 and the SHA-2 family (RFC 2104, FIPS 198-1), on AWS-LC.

use std::sync::Arc;

use aws_lc_rs::hmac;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::hmac::{claims, equal};

struct Hmac(&'static hmac::Algorithm);

const SHA1: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA1",
    algorithm: CryptographicAlgorithm::HMAC_SHA1,
    claims,
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
};
register_scheme!(SHA1);

const SHA224: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA224",
    algorithm: CryptographicAlgorithm::HMAC_SHA224,
    claims,
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA224)),
};
register_scheme!(SHA224);

const SHA256: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA256",
    algorithm: CryptographicAlgorithm::HMAC_SHA256,
    claims,
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA256)),
};
register_scheme!(SHA256);

const SHA384: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA384",
    algorithm: CryptographicAlgorithm::HMAC_SHA384,
    claims,
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA384)),
};
register_scheme!(SHA384);

const SHA512: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA512",
    algorithm: CryptographicAlgorithm::HMAC_SHA512,
    claims,
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA512)),
};
register_scheme!(SHA512);

impl MacScheme for Hmac {
    fn prepare(&self, material: &Material) -> Result<Arc<dyn MacKey>> {
        Ok(Arc::new(HmacKey(hmac::Key::new(*self.0, material.symmetric_key()?))))
    }
}

/// The key with both inner states computed, so that a short message costs two compressions.
struct HmacKey(hmac::Key);

impl MacKey for HmacKey {
    fn mac(&self, data: &[u8], _: &CryptographicParameters) -> Result<ByteString> {
        Ok(hmac::sign(&self.0, data).as_ref().into())
    }

    fn verify(&self, data: &[u8], mac: &[u8], _: &CryptographicParameters) -> Result<bool> {
        Ok(equal(hmac::sign(&self.0, data).as_ref(), mac))
    }
}
