//! Triple DES in ECB and CBC (SP 800-67), for data of older systems.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Scheme, SchemeEntry};
use zeroize::Zeroizing;

use crate::block_mode::BlockModeKey;
use crate::key_material::symmetric_key;
use crate::keyed_cipher::KeyedCipher;
use crate::nonce::NonceRule;
use crate::padding;
use crate::parameters::ask_for;

struct TripleDes {
    name: &'static str,
    cipher: &'static str,
    nonce: Option<NonceRule>,
}

static ECB: TripleDes = TripleDes { name: "3DES-ECB", cipher: "DES-EDE3-ECB", nonce: None };

static CBC: TripleDes = TripleDes {
    name: "3DES-CBC",
    cipher: "DES-EDE3-CBC",
    nonce: Some(NonceRule { name: "3DES-CBC", fits: |length| length == 8, lengths: "8 bytes", made: 8 }),
};

const ECB_CIPHER: SchemeEntry = SchemeEntry {
    name: "3DES-ECB",
    algorithms: &[CryptographicAlgorithm::THREE_DES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::THREE_DES, BlockCipherMode::ECB),
    effective: |_, parameters| padding::named(parameters),
    scheme: Scheme::Cipher(&ECB),
};
register_scheme!(ECB_CIPHER);

const CBC_CIPHER: SchemeEntry = SchemeEntry {
    name: "3DES-CBC",
    algorithms: &[CryptographicAlgorithm::THREE_DES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::THREE_DES, BlockCipherMode::CBC),
    effective: |_, parameters| padding::named(parameters),
    scheme: Scheme::Cipher(&CBC),
};
register_scheme!(CBC_CIPHER);

impl CipherScheme for TripleDes {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let three = three_keys(material, self.name)?;
        Ok(Arc::new(BlockModeKey {
            name: self.name,
            cipher: KeyedCipher::new(self.cipher, &three)?,
            block: 8,
            nonce: self.nonce,
        }))
    }
}

/// The three keys of a key of 16 or 24 bytes: of two keys the first serves again as the third (SP 800-67 keying option 2).
///
/// # Errors
/// Cryptographic Failure: the key has another length.
pub(crate) fn three_keys(material: &Material, name: &str) -> Result<Zeroizing<Vec<u8>>> {
    let (key, ()) = symmetric_key(material, name, &[(16, ()), (24, ())])?;
    Ok(Zeroizing::new(key.iter().chain(key).copied().take(24).collect()))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::PaddingMethod;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};

    use super::*;
    use crate::known_answers::*;

    fn subject(entry: SchemeEntry, mode: BlockCipherMode, padding: Option<PaddingMethod>) -> CipherSubject {
        CipherSubject {
            entry,
            key_lengths: &[16, 24],
            parameters: CryptographicParameters { padding_method: padding, ..in_mode(mode) },
            nonces: (mode == BlockCipherMode::CBC)
                .then_some(NonceLengths { made: 8, fits: |length| length == 8 }),
            encrypts: if padding.is_none() { |length| length % 8 == 0 } else { |_| true },
            authenticity: Authenticity::None,
            in_parts: true,
        }
    }

    scheme_conformance!(cipher ecb: subject(ECB_CIPHER, BlockCipherMode::ECB, None));
    scheme_conformance!(cipher cbc: subject(CBC_CIPHER, BlockCipherMode::CBC, None));
    scheme_conformance!(cipher cbc_with_pkcs5: subject(CBC_CIPHER, BlockCipherMode::CBC, Some(PaddingMethod::PKCS5)));

    const KEY: &str = "0123456789abcdef23456789abcdef01456789abcdef0123";

    /// SP 800-67 appendix B.1, and the block cipher examples of the NIST for two keys.
    #[test]
    fn ecb_gives_the_answers_of_the_nist() {
        let three_keys = Answer {
            key: KEY,
            nonce: "",
            additional_data: "",
            plain: "54686520717566636b2062726f776e20666f78206a756d70",
            encrypted: "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900",
            tag: "",
        };
        check(&ECB_CIPHER, &in_mode(BlockCipherMode::ECB), &three_keys);
        let two_keys = Answer {
            key: &KEY[..32],
            plain: "6bc1bee22e409f96",
            encrypted: "06ede3d82884090a",
            ..three_keys
        };
        check(&ECB_CIPHER, &in_mode(BlockCipherMode::ECB), &two_keys);
    }

    /// The block cipher examples of the NIST, TDES in CBC.
    #[test]
    fn cbc_gives_the_answer_of_the_nist() {
        let answer = Answer {
            key: KEY,
            nonce: "f69f2445df4f9b17",
            additional_data: "",
            plain: "6bc1bee22e409f96e93d7e117393172a",
            encrypted: "2079c3d53aa763e193b79e2569ab5262",
            tag: "",
        };
        check(&CBC_CIPHER, &in_mode(BlockCipherMode::CBC), &answer);
    }
}
