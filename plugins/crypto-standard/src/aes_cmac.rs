//! AES-CMAC (SP 800-38B, RFC 4493): the MAC of an AES key where nothing else is asked for.

use std::sync::Arc;

use aws_lc_rs::cmac;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::authentication_tag::TagRule;
use crate::cmac::{CmacKey, claimed};
use crate::key_material::symmetric_key;
use crate::parameters::with_mode;

struct AesCmac;

/// SP 800-38B appendix A.2 advises against less than 8 bytes.
static TAGS: TagRule = TagRule { name: "AES-CMAC", lengths: &[8, 9, 10, 11, 12, 13, 14, 15, 16], usual: 16 };

const MAC: SchemeEntry = SchemeEntry {
    name: "AES-CMAC",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| claimed(parameters, CryptographicAlgorithm::AES),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::CMAC),
    scheme: Scheme::Mac(&AesCmac),
};
register_scheme!(MAC);

impl MacScheme for AesCmac {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        let variants = &[(16, cmac::AES_128), (24, cmac::AES_192), (32, cmac::AES_256)];
        let (key, algorithm) = symmetric_key(material, TAGS.name, variants)?;
        Ok(Arc::new(CmacKey::new(*algorithm, key, &TAGS)?))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{MacSubject, facts_of_raw_key};
    use openssl::cipher::Cipher;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(parameters: CryptographicParameters, length: usize) -> MacSubject {
        MacSubject {
            entry: MAC,
            key_lengths: &[16, 24, 32],
            refused_key_lengths: &[0, 8, 15, 17, 33, 64],
            parameters,
            length,
            has_nonce: false,
        }
    }

    fn with_tag(length: i32) -> CryptographicParameters {
        CryptographicParameters { tag_length: Some(length), ..in_mode(BlockCipherMode::CMAC) }
    }

    scheme_conformance!(mac where_nothing_is_asked_for: subject(CryptographicParameters::NONE, 16));
    scheme_conformance!(mac with_short_tags: subject(with_tag(8), 8));

    /// SP 800-38B appendix D.1 to D.3 (2005), the first of which are those of RFC 4493 section 4.
    #[test]
    fn it_gives_the_answers_of_sp_800_38b() {
        let answers = [
            [
                "bb1d6929e95937287fa37d129b756746",
                "070a16b46b4d4144f79bdd9dd04a287c",
                "dfa66747de9ae63030ca32611497c827",
                "51f0bebf7e3b9d92fc49741779363cfe",
            ],
            [
                "d17ddf46adaacde531cac483de7a9367",
                "9e99a7bf31e710900662f65e617c5184",
                "8a1de5be2eb31aad089a82e6ee908b0e",
                "a1d5df0eed790f794d77589659f39a11",
            ],
            [
                "028962f61b7bf89efc6b551f4667d983",
                "28a7023f452e8f82bd4bf28d8c37c35c",
                "aaf3d8f1de5640c232f5b169b9c911e6",
                "e1992190549f6ed5696a2c056c315410",
            ],
        ];
        let data = bytes(SP_800_38A);
        for (key, macs) in SP_800_38A_KEYS.into_iter().zip(answers) {
            for (length, mac) in [0, 16, 40, 64].into_iter().zip(macs) {
                check_mac(&MAC, &bytes(key), &data[..length], mac);
            }
        }
    }

    #[test]
    fn it_is_the_mac_of_an_aes_key_unless_something_else_is_asked_for() {
        let claims =
            |parameters: &CryptographicParameters| (MAC.claims)(&facts_of_raw_key(&MAC, 16), parameters);
        let none = CryptographicParameters::NONE;
        let of =
            |algorithm| CryptographicParameters { cryptographic_algorithm: Some(algorithm), ..none.clone() };
        assert!(claims(&none));
        assert!(claims(&of(CryptographicAlgorithm::AES)));
        assert!(claims(&in_mode(BlockCipherMode::CMAC)));
        assert!(!claims(&of(CryptographicAlgorithm::HMAC_SHA256)));
        assert!(!claims(&in_mode(BlockCipherMode::GCM)));
        assert!(!claims(&in_mode(BlockCipherMode::CBC)));
    }

    #[test]
    fn macs_shorter_than_8_bytes_are_refused() {
        let key = mac_key(&MAC, &[0; 16]);
        for length in [-1, 0, 4, 7, 17] {
            let error = key.mac(b"data", &with_tag(length), &mut SeededRandom::new(1)).unwrap_err();
            assert_eq!(error.reason(), ResultReason::GENERAL_FAILURE, "{length}");
        }
    }

    proptest! {
        #[test]
        fn openssl_makes_the_same(key in prop::collection::vec(any::<u8>(), 32), data in prop::collection::vec(any::<u8>(), 0..200)) {
            let theirs = [(16, Cipher::aes_128_cbc()), (24, Cipher::aes_192_cbc()), (32, Cipher::aes_256_cbc())];
            for (length, cipher) in theirs {
                let key = &key[..length];
                let cipher = openssl::symm::Cipher::from_nid(cipher.nid()).unwrap();
                let mut signer = Signer::new_without_digest(&PKey::cmac(&cipher, key).unwrap()).unwrap();
                signer.update(&data).unwrap();
                check_mac(&MAC, key, &data, &hex::encode(signer.sign_to_vec().unwrap()));
            }
        }
    }
}
