//! AES-GMAC (SP 800-38D section 3): GCM without data to encrypt, for a MAC operation that names GCM.
//!
//! KMIP has no field for the nonce of a MAC, so MAC Data is the nonce and the tag in one string.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherInput, MacKey, MacScheme, MacStream, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::authentication_tag::TagRule;
use crate::hmac::equal;
use crate::key_material::symmetric_key;
use crate::keyed_cipher::{Context, Direction, KeyedCipher};
use crate::nonce::NonceRule;
use crate::parameters::ask_for;

struct AesGmac;

static NONCES: NonceRule = NonceRule {
    name: "AES-GMAC",
    fits: |length| (1..=128).contains(&length),
    lengths: "1 to 128 bytes",
    made: 12,
};

/// SP 800-38D section 5.2.1.2; shorter tags serve applications that bound the number of trials, as this server does not.
static TAGS: TagRule = TagRule { name: "AES-GMAC", lengths: &[12, 13, 14, 15, 16], usual: TAG };

/// The length of a whole tag.
const TAG: usize = 16;

const MAC: SchemeEntry = SchemeEntry {
    name: "AES-GMAC",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| {
        ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::GCM)
            && parameters.hashing_algorithm.is_none()
    },
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Mac(&AesGmac),
};
register_scheme!(MAC);

impl MacScheme for AesGmac {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        let ciphers = &[(16, "AES-128-GCM"), (24, "AES-192-GCM"), (32, "AES-256-GCM")];
        let (key, cipher) = symmetric_key(material, TAGS.name, ciphers)?;
        Ok(Arc::new(GmacKey(Arc::new(KeyedCipher::new(cipher, key)?))))
    }
}

struct GmacKey(Arc<KeyedCipher>);

impl GmacKey {
    fn start(&self, parameters: &CryptographicParameters) -> Result<GmacStream> {
        Ok(GmacStream {
            cipher: self.0.clone(),
            context: self.0.start(Direction::Encrypt, Some(STAND_IN))?,
            tag_length: TAGS.length(parameters)?,
            parameters: parameters.clone(),
        })
    }
}

impl MacKey for GmacKey {
    fn mac(
        &self,
        data: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let mut stream = self.start(parameters)?;
        stream.update(data)?;
        Box::new(stream).finish(rng)
    }

    fn verify(&self, data: &[u8], mac: &[u8], parameters: &CryptographicParameters) -> Result<bool> {
        let mut stream = self.start(parameters)?;
        stream.update(data)?;
        Box::new(stream).verify(mac)
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        Ok(Box::new(self.start(parameters)?))
    }
}

/// The nonce while the real one is not known: a verification learns it with the MAC, after the data. What is made with
/// it never leaves.
const STAND_IN: &[u8] = &[0; 12];

struct GmacStream {
    cipher: Arc<KeyedCipher>,
    context: Context,
    tag_length: usize,
    parameters: CryptographicParameters,
}

impl GmacStream {
    fn nonce(&self, rng: &mut dyn RandomSource) -> Result<ByteString> {
        let none = CipherInput {
            parameters: &self.parameters,
            data: &[],
            nonce: None,
            additional_data: &[],
            tag: None,
        };
        Ok(NONCES.for_encryption(&none, rng)?.bytes().into())
    }

    /// The tag with this nonce. A tag is the hash of the data plus a mask that depends on the nonce alone (SP 800-38D
    /// section 7.1 step 6), and the hash of no data is zero: so the tag of no data is the mask.
    fn tag(mut self, nonce: &[u8]) -> Result<Vec<u8>> {
        self.context.finish(&mut Vec::new())?;
        let mut tag = self.context.tag(TAG)?;
        for mask in [self.mask(STAND_IN)?, self.mask(nonce)?] {
            for (byte, mask) in tag.iter_mut().zip(mask) {
                *byte ^= mask;
            }
        }
        tag.truncate(self.tag_length);
        Ok(tag)
    }

    fn mask(&self, nonce: &[u8]) -> Result<Vec<u8>> {
        let mut context = self.cipher.start(Direction::Encrypt, Some(nonce))?;
        context.finish(&mut Vec::new())?;
        context.tag(TAG)
    }
}

impl MacStream for GmacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.context.authenticate(part)
    }

    fn finish(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString> {
        let nonce = self.nonce(rng)?;
        let tag = self.tag(&nonce)?;
        Ok([&nonce[..], &tag].concat().into())
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool> {
        let split = mac.len().checked_sub(self.tag_length).and_then(|end| mac.split_at_checked(end));
        match split {
            Some((nonce, tag)) if (NONCES.fits)(nonce.len()) => Ok(equal(&self.tag(nonce)?, tag)),
            _ => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::MacSubject;
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
            has_nonce: true,
        }
    }

    fn parameters() -> CryptographicParameters {
        in_mode(BlockCipherMode::GCM)
    }

    scheme_conformance!(mac usual: subject(parameters(), 28));
    scheme_conformance!(mac with_long_nonces_and_short_tags: subject(
        CryptographicParameters { tag_length: Some(12), iv_length: Some(256), ..parameters() },
        44
    ));

    /// CAVP, gcmEncryptExtIV128 and gcmEncryptExtIV256, first vectors without plaintext and with 128 bits to
    /// authenticate.
    #[test]
    fn it_knows_the_answers_of_the_cavp() {
        let answers = [
            (
                "77be63708971c4e240d1cb79e8d77feb",
                "7a43ec1d9c0a5a78a0b16533a6213cab",
                "e0e00f19fed7ba0136a797f3",
                "209fcc8d3675ed938e9c7166709dd946",
            ),
            (
                "78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223",
                "b96baa8c1c75a671bfb2d08d06be5f36",
                "d79cf22d504cc793c3fb6c8a",
                "3e5d486aa2e30b22e040b85723a06e76",
            ),
        ];
        for (key, data, nonce, tag) in answers {
            let key = mac_key(&MAC, &bytes(key));
            let mac = [bytes(nonce), bytes(tag)].concat();
            assert!(key.verify(&bytes(data), &mac, &parameters()).unwrap());
        }
    }

    proptest! {
        #[test]
        fn aws_lc_makes_the_same(key in prop::collection::vec(any::<u8>(), 32), data in prop::collection::vec(any::<u8>(), 0..200), seed: u64) {
            for algorithm in [&AES_128_GCM, &AES_256_GCM] {
                let key = &key[..algorithm.key_len()];
                let mac = mac_key(&MAC, key).mac(&data, &parameters(), &mut SeededRandom::new(seed)).unwrap();
                let (nonce, tag) = mac.split_at(12);
                let theirs = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
                let nonce = Nonce::try_assume_unique_for_key(nonce).unwrap();
                let expected = theirs.seal_in_place_separate_tag(nonce, Aad::from(&data), &mut []).unwrap();
                prop_assert_eq!(tag, expected.as_ref());
            }
        }
    }
}
