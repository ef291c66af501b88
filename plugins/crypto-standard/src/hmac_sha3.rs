//! HMAC with the SHA-3 family (FIPS 202 section 7), on OpenSSL.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, HashingAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, MacStream, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::md_ctx::MdCtx;
use openssl::pkey::{PKey, Private};

use crate::hmac::{claims, effective, equal};

struct Hmac(fn() -> &'static MdRef);

const SHA3_224: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-224",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA3_224, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA3_224, parameters),
    scheme: Scheme::Mac(&Hmac(Md::sha3_224)),
};
register_scheme!(SHA3_224);

const SHA3_256: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-256",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA3_256, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA3_256, parameters),
    scheme: Scheme::Mac(&Hmac(Md::sha3_256)),
};
register_scheme!(SHA3_256);

const SHA3_384: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-384",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA3_384, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA3_384, parameters),
    scheme: Scheme::Mac(&Hmac(Md::sha3_384)),
};
register_scheme!(SHA3_384);

const SHA3_512: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA3-512",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA3_512, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA3_512, parameters),
    scheme: Scheme::Mac(&Hmac(Md::sha3_512)),
};
register_scheme!(SHA3_512);

impl MacScheme for Hmac {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        Ok(Arc::new(HmacKey::new((self.0)(), material.symmetric_key()?)?))
    }
}

/// A key for the HMAC with this hash, if it is one of these.
///
/// # Errors
/// Cryptographic Failure: OpenSSL does not take the key.
pub(crate) fn key(hash: HashingAlgorithm, key: &[u8]) -> Result<Option<Arc<dyn MacKey>>> {
    let hash = match hash {
        HashingAlgorithm::SHA3_224 => Md::sha3_224(),
        HashingAlgorithm::SHA3_256 => Md::sha3_256(),
        HashingAlgorithm::SHA3_384 => Md::sha3_384(),
        HashingAlgorithm::SHA3_512 => Md::sha3_512(),
        _ => return Ok(None),
    };
    Ok(Some(Arc::new(HmacKey::new(hash, key)?)))
}

struct HmacKey {
    hash: &'static MdRef,
    key: PKey<Private>,
}

impl MacKey for HmacKey {
    fn mac(&self, data: &[u8], _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<ByteString> {
        self.start()?.of(data)
    }

    fn verify(&self, data: &[u8], mac: &[u8], _: &CryptographicParameters) -> Result<bool> {
        Ok(equal(&self.start()?.of(data)?, mac))
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        Ok(Box::new(self.start()?))
    }
}

impl HmacKey {
    fn new(hash: &'static MdRef, key: &[u8]) -> Result<Self> {
        Ok(Self { hash, key: PKey::hmac(key).map_err(failure)? })
    }

    fn start(&self) -> Result<HmacStream> {
        let mut context = MdCtx::new().map_err(failure)?;
        context.digest_sign_init(Some(self.hash), &self.key).map_err(failure)?;
        Ok(HmacStream(context))
    }
}

struct HmacStream(MdCtx);

impl HmacStream {
    fn of(mut self, data: &[u8]) -> Result<ByteString> {
        self.update(data)?;
        self.mac()
    }

    fn mac(&mut self) -> Result<ByteString> {
        let mut mac = Vec::new();
        self.0.digest_sign_final_to_vec(&mut mac).map_err(failure)?;
        Ok(mac.into())
    }
}

impl MacStream for HmacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.0.digest_sign_update(part).map_err(failure)
    }

    fn finish(mut self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        self.mac()
    }

    fn verify(mut self: Box<Self>, mac: &[u8]) -> Result<bool> {
        Ok(equal(&self.mac()?, mac))
    }
}

fn failure(error: ErrorStack) -> Error {
    Error::cryptographic("the MAC could not be computed").because(error)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::MacSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(entry: SchemeEntry, algorithm: CryptographicAlgorithm, length: usize) -> MacSubject {
        MacSubject {
            entry,
            key_lengths: &[14, 32, 64, 200],
            refused_key_lengths: &[],
            parameters: CryptographicParameters {
                cryptographic_algorithm: Some(algorithm),
                ..CryptographicParameters::NONE
            },
            length,
            has_nonce: false,
        }
    }

    scheme_conformance!(mac sha3_224: subject(SHA3_224, CryptographicAlgorithm::HMAC_SHA3_224, 28));
    scheme_conformance!(mac sha3_256: subject(SHA3_256, CryptographicAlgorithm::HMAC_SHA3_256, 32));
    scheme_conformance!(mac sha3_384: subject(SHA3_384, CryptographicAlgorithm::HMAC_SHA3_384, 48));
    scheme_conformance!(mac sha3_512: subject(SHA3_512, CryptographicAlgorithm::HMAC_SHA3_512, 64));

    /// NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values", HMAC_SHA3, sample 1 of each.
    #[test]
    fn it_gives_the_answers_of_the_nist() {
        let key: Vec<u8> = (0..136).collect();
        let data = b"Sample message for keylen<blocklen";
        check_mac(&SHA3_224, &key[..28], data, "332cfd59347fdb8e576e77260be4aba2d6dc53117b3bfb52c6d18c04");
        check_mac(
            &SHA3_256,
            &key[..32],
            data,
            "4fe8e202c4f058e8dddc23d8c34e467343e23555e24fc2f025d598f558f67205",
        );
        check_mac(
            &SHA3_384,
            &key[..48],
            data,
            "d588a3c51f3f2d906e8298c1199aa8ff6296218127f6b38a90b6afe2c5617725bc99987f79b22a557b6520db710b7f42",
        );
        check_mac(
            &SHA3_512,
            &key[..64],
            data,
            "4efd629d6c71bf86162658f29943b1c308ce27cdfa6db0d9c3ce81763f9cbce5f7ebe9868031db1a8f8eb7b6b95e5c5e3f657a8996c86a2f6527e307f0213196",
        );
        check_mac(
            &SHA3_256,
            &key,
            b"Sample message for keylen=blocklen",
            "68b94e2e538a9be4103bebb5aa016d47961d4d1aa906061313b557f8af2c3faa",
        );
    }

    /// HMAC as RFC 2104 section 2 defines it, over SHA3-256 of AWS-LC, whose block has 136 bytes.
    fn defined(key: &[u8], data: &[u8]) -> String {
        let hash = |parts: [&[u8]; 2]| digest::digest(&digest::SHA3_256, &parts.concat());
        let mut block = key.to_vec();
        block.resize(136, 0);
        let with = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
        hex::encode(hash([&with(0x5C), hash([&with(0x36), data]).as_ref()]))
    }

    proptest! {
        #[test]
        fn its_definition_over_aws_lc_makes_the_same(key in prop::collection::vec(any::<u8>(), 1..136), data in prop::collection::vec(any::<u8>(), 0..300)) {
            check_mac(&SHA3_256, &key, &data, &defined(&key, &data));
        }
    }
}
