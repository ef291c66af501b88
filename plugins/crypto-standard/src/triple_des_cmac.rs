//! CMAC over Triple DES (SP 800-38B), for data of older systems.

use std::sync::Arc;

use aws_lc_rs::cmac;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::authentication_tag::TagRule;
use crate::cmac::{CmacKey, claimed};
use crate::parameters::with_mode;
use crate::triple_des::three_keys;

struct TripleDesCmac;

static TAGS: TagRule = TagRule { name: "3DES-CMAC", lengths: &[8], usual: 8 };

const MAC: SchemeEntry = SchemeEntry {
    name: "3DES-CMAC",
    algorithms: &[CryptographicAlgorithm::THREE_DES],
    claims: |_, parameters| claimed(parameters, CryptographicAlgorithm::THREE_DES),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::CMAC),
    scheme: Scheme::Mac(&TripleDesCmac),
};
register_scheme!(MAC);

impl MacScheme for TripleDesCmac {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        let keys = three_keys(material, TAGS.name)?;
        Ok(Arc::new(CmacKey::new(cmac::DES_EDE3_FOR_LEGACY_USE_ONLY, &keys, &TAGS)?))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::MacSubject;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use openssl::symm::Cipher;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(mac conformance: MacSubject {
        entry: MAC,
        key_lengths: &[16, 24],
        refused_key_lengths: &[0, 8, 15, 32],
        parameters: in_mode(BlockCipherMode::CMAC),
        length: 8,
        has_nonce: false,
    });

    /// SP 800-38B appendix D.4 and D.5 (2005).
    #[test]
    fn it_gives_the_answers_of_sp_800_38b() {
        let three = bytes("8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5");
        let two = bytes("4cf15134a2850dd58a3d10ba80570d38");
        let data = bytes(SP_800_38A);
        let answers = [
            (0, "b7a688e122ffaf95", "bd2ebf9a3ba00361"),
            (8, "8e8f293136283797", "4ff2ab813c53ce83"),
            (20, "743ddbe0ce2dc2ed", "62dd1b471902bd4e"),
            (32, "33e6b1092400eae5", "31b1e431dabc4eb8"),
        ];
        for (length, with_three, with_two) in answers {
            check_mac(&MAC, &three, &data[..length], with_three);
            check_mac(&MAC, &two, &data[..length], with_two);
        }
    }

    proptest! {
        #[test]
        fn openssl_makes_the_same(key in prop::collection::vec(any::<u8>(), 24), data in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut signer = Signer::new_without_digest(&PKey::cmac(&Cipher::des_ede3_cbc(), &key).unwrap()).unwrap();
            signer.update(&data).unwrap();
            check_mac(&MAC, &key, &data, &hex::encode(signer.sign_to_vec().unwrap()));
        }
    }
}
