//! Triple DES in ECB and CBC (SP 800-67), for data of older systems.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Scheme, SchemeEntry};
use zeroize::Zeroizing;

use crate::block_mode::BlockModeKey;
use crate::key_material::symmetric_key;
use crate::keyed_cipher::KeyedCipher;
use crate::nonce::NonceRule;
use crate::parameters::allow;

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
    algorithm: CryptographicAlgorithm::THREE_DES,
    claims: |_, parameters| in_mode(parameters, BlockCipherMode::ECB),
    scheme: Scheme::Cipher(&ECB),
};
register_scheme!(ECB_CIPHER);

const CBC_CIPHER: SchemeEntry = SchemeEntry {
    name: "3DES-CBC",
    algorithm: CryptographicAlgorithm::THREE_DES,
    claims: |_, parameters| in_mode(parameters, BlockCipherMode::CBC),
    scheme: Scheme::Cipher(&CBC),
};
register_scheme!(CBC_CIPHER);

fn in_mode(parameters: &CryptographicParameters, mode: BlockCipherMode) -> bool {
    allow(parameters, CryptographicAlgorithm::THREE_DES) && parameters.block_cipher_mode == Some(mode)
}

impl CipherScheme for TripleDes {
    fn prepare(&self, material: &Material) -> Result<Arc<dyn CipherKey>> {
        let (key, ()) = symmetric_key(material, self.name, &[(16, ()), (24, ())])?;
        // Of two keys the first serves again as the third (SP 800-67 keying option 2).
        let three: Zeroizing<Vec<u8>> = Zeroizing::new(key.iter().chain(key).copied().take(24).collect());
        Ok(Arc::new(BlockModeKey {
            name: self.name,
            cipher: KeyedCipher::new(self.cipher, &three)?,
            block: 8,
            nonce: self.nonce,
        }))
    }
}
