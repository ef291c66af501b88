//! RSAES-OAEP (RFC 8017 section 7.1): what keys are encrypted with where the parameters ask for nothing else.
//!
//! The hash is SHA-256 unless another is named. P Source is the label.
//!
//! Where no Mask Generator Hashing Algorithm is named, MGF1 runs on the hash of the label. KMIP 2.1 table 59 has SHA-1 for
//! both OAEP and PSS. But the OASIS test case CS-AC-M-2, which every server for asymmetric cryptography has to pass, names
//! SHA-256 alone and expects a PSS signature with SHA-256 in its mask; the OASIS cases for OAEP name both hashes; and the
//! clients of the REST family name one and mean both. So does what libraries and PKCS #11 tokens offer under one name. A
//! client that wants SHA-1 in the mask names it.

use std::sync::Arc;

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, HashingAlgorithm, PaddingMethod,
};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{CipherKey, CipherScheme, Cost, Scheme, SchemeEntry, WrapKey, WrapScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};
use openssl::rsa::Padding;
use zeroize::Zeroizing;

use super::key::RsaKey;
use super::mask::{self, Mask, md};
use crate::parameters::{allow, bad_parameters};
use crate::public_key_cipher::{PublicKeyCipher, Seal, no_private_key};
use crate::signature_hash::digest;

const CIPHER: SchemeEntry = SchemeEntry {
    name: "RSA-OAEP",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Cipher(&Oaep),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "RSA-OAEP",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Wrap(&Oaep),
};
register_scheme!(WRAP);

/// The hash of OAEP where the parameters name none.
fn hash(parameters: &CryptographicParameters) -> HashingAlgorithm {
    parameters.hashing_algorithm.unwrap_or(HashingAlgorithm::SHA_256)
}

/// What the parameters come to.
pub(super) fn effective(parameters: &CryptographicParameters) -> CryptographicParameters {
    let hash = hash(parameters);
    CryptographicParameters {
        padding_method: Some(PaddingMethod::OAEP),
        hashing_algorithm: Some(hash),
        ..mask::named(parameters, hash)
    }
}

fn claimed(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::RSA)
        && parameters.padding_method.is_none_or(|padding| padding == PaddingMethod::OAEP)
}

struct Oaep;

impl CipherScheme for Oaep {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>> {
        Ok(Arc::new(PublicKeyCipher(OaepKey::new(key, material)?)))
    }
}

impl WrapScheme for Oaep {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(PublicKeyCipher(OaepKey::new(key, material)?)))
    }
}

/// A parsed key for OAEP.
pub(super) struct OaepKey(RsaKey<OaepPrivateDecryptingKey>);

impl OaepKey {
    /// Parses a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no RSA key.
    pub(super) fn new(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        let aws_lc = |pkcs8: &[u8]| {
            let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
            OaepPrivateDecryptingKey::new(key).ok()
        };
        RsaKey::new(facts, material, aws_lc).map(Self)
    }

    /// The length of a ciphertext in bytes.
    pub(super) fn size(&self) -> usize {
        self.0.size()
    }
}

impl Seal for OaepKey {
    fn name(&self) -> &'static str {
        "RSA-OAEP"
    }

    fn cost(&self) -> Cost {
        self.0.cost()
    }

    fn takes_additional_data(&self) -> bool {
        false
    }

    fn seal(
        &self,
        plain: &[u8],
        _: &[u8],
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let method = Method::of(parameters)?;
        let longest = self.size().checked_sub(2 * method.digest.size() + 2);
        if longest.is_none_or(|longest| plain.len() > longest) {
            return Err(bad_parameters(format!(
                "RSA-OAEP with this key and hash encrypts at most {} bytes, not {}; set Cryptographic Algorithm to AES \
                 for more",
                longest.unwrap_or(0),
                plain.len()
            )));
        }
        let mut encrypted = Vec::with_capacity(self.size());
        PkeyCtx::new(self.0.public())
            .and_then(|mut context| {
                context.encrypt_init()?;
                method.prepare(&mut context)?;
                context.encrypt_to_vec(plain, &mut encrypted)
            })
            .map_err(|error| Error::cryptographic("the RSA key cannot encrypt this").because(error))?;
        Ok(encrypted)
    }

    fn open(
        &self,
        sealed: &[u8],
        _: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let private = self.0.private().ok_or_else(no_private_key)?;
        let method = Method::of(parameters)?;
        if sealed.len() != self.size() {
            return Ok(None);
        }
        if let (Some(key), Some(algorithm)) = (private.aws_lc(), method.of_aws_lc()) {
            let mut plain = Zeroizing::new(vec![0; key.min_output_size()]);
            let length =
                key.decrypt(algorithm, sealed, &mut plain, Some(method.label)).map(|plain| plain.len());
            return Ok(length.ok().map(|length| {
                plain.truncate(length);
                plain
            }));
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(self.size()));
        let decrypted = PkeyCtx::new(private.openssl()?).and_then(|mut context| {
            context.decrypt_init()?;
            method.prepare(&mut context)?;
            context.decrypt_to_vec(sealed, &mut plain)
        });
        Ok(decrypted.ok().map(|_| plain))
    }
}

/// How data is padded.
struct Method<'a> {
    hash: HashingAlgorithm,
    digest: MessageDigest,
    mask: Mask,
    label: &'a [u8],
}

impl<'a> Method<'a> {
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn of(parameters: &'a CryptographicParameters) -> Result<Self> {
        let hash = hash(parameters);
        let digest = digest(hash).ok_or_else(|| bad_parameters(format!("OAEP does not run on {hash:?}")))?;
        let mask = Mask::of(parameters, hash)?;
        Ok(Self { hash, digest, mask, label: parameters.p_source.as_deref().unwrap_or_default() })
    }

    fn prepare<T>(&self, context: &mut PkeyCtxRef<T>) -> Result<(), ErrorStack> {
        context.set_rsa_padding(Padding::PKCS1_OAEP)?;
        context.set_rsa_oaep_md(md(self.digest)?)?;
        context.set_rsa_mgf1_md(md(self.mask.digest)?)?;
        if !self.label.is_empty() {
            context.set_rsa_oaep_label(self.label)?;
        }
        Ok(())
    }

    /// AWS-LC's name for it, if it has one.
    fn of_aws_lc(&self) -> Option<&'static OaepAlgorithm> {
        if self.mask.algorithm != self.hash {
            return None;
        }
        Some(match self.hash {
            HashingAlgorithm::SHA_1 => &OAEP_SHA1_MGF1SHA1,
            HashingAlgorithm::SHA_256 => &OAEP_SHA256_MGF1SHA256,
            HashingAlgorithm::SHA_384 => &OAEP_SHA384_MGF1SHA384,
            HashingAlgorithm::SHA_512 => &OAEP_SHA512_MGF1SHA512,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::ByteString;
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use openssl::encrypt::{Decrypter, Encrypter};
    use openssl::pkey::PKey;
    use openssl::sha::sha256;

    use super::super::known_answers::ENCRYPTIONS_OAEP;
    use super::super::trial_keys::{Trial, TrialCipher, hashes, padded, wrap_and_unwrap};
    use super::*;

    fn labelled(label: &[u8], parameters: CryptographicParameters) -> CryptographicParameters {
        CryptographicParameters { p_source: Some(ByteString::from(label)), ..parameters }
    }

    #[test]
    fn published_ciphertexts_are_decrypted() {
        for answer in ENCRYPTIONS_OAEP {
            let cipher = TrialCipher::new(&CIPHER, Trial::published(answer.p, answer.q, "010001"));
            let label = hex::decode(answer.label).unwrap();
            let parameters = labelled(&label, padded(PaddingMethod::OAEP, answer.hash, Some(answer.mask)));
            let plain = cipher.decrypt(&hex::decode(answer.encrypted).unwrap(), &parameters).unwrap();
            assert_eq!(hex::encode(plain), answer.plain);
        }
    }

    /// OASIS test case CS-AC-M-OAEP-10 of KMIP 2.1.
    #[test]
    fn the_ciphertext_of_the_oasis_test_case_is_decrypted() {
        let der = hex::decode(OASIS_KEY).unwrap();
        let key = PKey::private_key_from_der(&der).unwrap();
        let cipher = TrialCipher::new(&CIPHER, Trial::of(&key));
        let parameters =
            padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_384, Some(HashingAlgorithm::SHA_256));
        let parameters = labelled(&hex::decode("4b696c726f79207761732068657265").unwrap(), parameters);
        let plain = cipher.decrypt(&hex::decode(OASIS_ENCRYPTED).unwrap(), &parameters).unwrap();
        assert_eq!(hex::encode(plain), "6628194e12073db03ba94cda9ef9532397d50dba79b987004afefe34");
    }

    /// AWS-LC decrypts the usual ones, OpenSSL all others; OpenSSL encrypts and decrypts them all.
    #[test]
    fn openssl_decrypts_and_encrypts_the_same_with_every_hash_mask_and_label() {
        for bits in [1536, 2048] {
            let cipher = TrialCipher::new(&CIPHER, Trial::new(bits));
            let key = &cipher.trial.openssl;
            for (named, digest) in hashes() {
                for (mask, mask_digest) in [(named, digest), (HashingAlgorithm::SHA_1, MessageDigest::sha1())]
                {
                    for label in [&b""[..], b"a label"] {
                        let parameters = padded(PaddingMethod::OAEP, named, (mask != named).then_some(mask));
                        let parameters = labelled(label, parameters);
                        let plain = vec![7; bits as usize / 8 - 2 * digest.size() - 2];
                        let ours = cipher.encrypt(&plain, &parameters).unwrap();
                        let mut decrypter = Decrypter::new(key).unwrap();
                        decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
                        decrypter.set_rsa_oaep_md(digest).unwrap();
                        decrypter.set_rsa_mgf1_md(mask_digest).unwrap();
                        if !label.is_empty() {
                            decrypter.set_rsa_oaep_label(label).unwrap();
                        }
                        let mut buffer = vec![0; decrypter.decrypt_len(&ours).unwrap()];
                        let length = decrypter.decrypt(&ours, &mut buffer).unwrap();
                        assert_eq!(buffer[..length], plain, "{bits} {named:?} {mask:?}");

                        let mut encrypter = Encrypter::new(key).unwrap();
                        encrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
                        encrypter.set_rsa_oaep_md(digest).unwrap();
                        encrypter.set_rsa_mgf1_md(mask_digest).unwrap();
                        if !label.is_empty() {
                            encrypter.set_rsa_oaep_label(label).unwrap();
                        }
                        let mut theirs = vec![0; encrypter.encrypt_len(&plain).unwrap()];
                        encrypter.encrypt(&plain, &mut theirs).unwrap();
                        assert_eq!(cipher.decrypt(&theirs, &parameters).unwrap(), plain);
                    }
                }
            }
        }
    }

    #[test]
    fn where_nothing_is_named_it_is_sha_256_for_hash_and_mask() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(2048));
        let none = &CryptographicParameters::NONE;
        let encrypted = cipher.encrypt(b"data", none).unwrap();
        let named = padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_256, Some(HashingAlgorithm::SHA_256));
        assert_eq!(cipher.decrypt(&encrypted, &named).unwrap(), b"data");
        assert_ne!(encrypted, cipher.encrypt(b"data", none).unwrap());
    }

    #[test]
    fn all_other_ciphertexts_are_refused_with_the_same_words() {
        for bits in [1024, 2048] {
            let cipher = TrialCipher::new(&CIPHER, Trial::new(bits));
            cipher.refuses_other_shapes(&CryptographicParameters::NONE);
            cipher.refuses_what_was_changed(&CryptographicParameters::NONE);
            cipher.refuses_nonces_tags_and_parts(&CryptographicParameters::NONE);
            let encrypted = cipher.encrypt(b"data", &CryptographicParameters::NONE).unwrap();
            let words = cipher.decrypt(&[], &CryptographicParameters::NONE).unwrap_err().message().to_owned();
            let sha256 = Some(HashingAlgorithm::SHA_256);
            for parameters in [
                labelled(b"x", CryptographicParameters::NONE),
                padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_1, sha256),
                padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_256, Some(HashingAlgorithm::SHA_1)),
            ] {
                assert_eq!(cipher.decrypt(&encrypted, &parameters).unwrap_err().message(), words);
            }
            let other = TrialCipher::new(&CIPHER, Trial::new(bits));
            let error = other.decrypt(&encrypted, &CryptographicParameters::NONE).unwrap_err();
            assert_eq!(error.message(), words);
        }
    }

    /// Each way in which RFC 8017 section 7.1.2, step 3g, finds a block wrong.
    #[test]
    fn wrong_paddings_are_refused_with_the_same_words() {
        for bits in [1024, 2048] {
            let cipher = TrialCipher::new(&CIPHER, Trial::new(bits));
            let none = &CryptographicParameters::NONE;
            let size = bits as usize / 8;
            let mut right = vec![0; size - 33];
            right[..32].copy_from_slice(&sha256(b""));
            let separator = right.len() - 5;
            right[separator..].copy_from_slice(b"\x01data");
            let decrypt = |first: u8, block: &[u8]| {
                let padded = [&[first][..], &masked(&[7; 32], block)].concat();
                let mut encrypted = vec![0; size];
                let rsa = cipher.trial.openssl.rsa().unwrap();
                rsa.public_encrypt(&padded, &mut encrypted, Padding::NONE).unwrap();
                cipher.decrypt(&encrypted, none)
            };
            assert_eq!(decrypt(0, &right).unwrap(), b"data");
            let words = cipher.decrypt(&[], none).unwrap_err().message().to_owned();
            assert_eq!(decrypt(1, &right).unwrap_err().message(), words, "the first byte");
            for (place, change) in
                [(0, 1), (31, 1), (32, 2), (separator - 1, 4), (separator, 1), (separator, 2)]
            {
                let mut wrong = right.clone();
                wrong[place] ^= change;
                let error = decrypt(0, &wrong).expect_err("the padding is wrong");
                assert_eq!(error.message(), words, "byte {place}");
            }
            let mut endless = right.clone();
            endless[32..].fill(0);
            assert_eq!(decrypt(0, &endless).unwrap_err().message(), words, "no end of the padding");
        }
    }

    /// RFC 8017 section 7.1.1, steps 2e to 2h, with SHA-256.
    fn masked(seed: &[u8; 32], block: &[u8]) -> Vec<u8> {
        let block = with_mask(block, seed);
        [with_mask(seed, &block), block].concat()
    }

    fn with_mask(bytes: &[u8], seed: &[u8]) -> Vec<u8> {
        let hash = |counter: u32| sha256(&[seed, &counter.to_be_bytes()].concat());
        bytes.iter().zip((0..).flat_map(hash)).map(|(byte, mask)| byte ^ mask).collect()
    }

    #[test]
    fn data_that_is_too_long_is_refused() {
        let cipher = TrialCipher::new(&CIPHER, Trial::new(1024));
        let none = &CryptographicParameters::NONE;
        assert!(cipher.encrypt(&[1; 62], none).is_ok());
        let reason = |length, parameters: &CryptographicParameters| {
            cipher.encrypt(&vec![1; length], parameters).expect_err("it is too long").reason()
        };
        assert_eq!(reason(63, none), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        assert_eq!(reason(1 << 20, none), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        let sha512 = padded(PaddingMethod::OAEP, HashingAlgorithm::SHA_512, None);
        assert_eq!(reason(0, &sha512), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
        let md5 = padded(PaddingMethod::OAEP, HashingAlgorithm::MD5, None);
        assert_eq!(reason(1, &md5), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    }

    #[test]
    fn keys_are_wrapped_with_it_where_nothing_is_asked_for() {
        wrap_and_unwrap(&WRAP, &[7; 32], &CryptographicParameters::NONE);
    }

    const OASIS_KEY: &str = "308204a4020100028201010096ed9882e639115e6502348aed486317b6d8cbed47d4250a7261a829b2b1ef9a0dabc35861b9d599d8d2761364128976425e166a8e7fcc99f4a225b171b6887ce29031d114cd6b3b9b87f0443f4c327905458f72e326874fd9af16986477b33c43a20f8c9653b2cce47492d9e63cf6713c3a9026d000ebd19310168d209ebfa7b58138c580e8c80954d0f5dd65fa24be9f5d0b5d79f8eb65eb84eb4a14ff97851f1c7630802bd106d8dcc2096989d02c7a67f05552e394827d19929a3ff9adb1d73f26dc3c98ce376f5bf888e82aa5868c2e0e7fe1cab6d691009da7ee0e483157158c280222acdbec0e1646750614d310929113e2560a108bf1299bdcd7747d020301000102820100117275e6ebe63cf3c48974b97aa49b8fea3b3597c06dedba3f6eba99d7666a644ca0467cb90f5a79e66eade79ff1e4a21f19f14d701ba5f3462c585f22de0ef920d7ba6a8915160855fa68f3fabd3c38713b91519ea09d93c57e50065dd6d88966e81d140b6cb186ae022bd7b49de77f3f8f258ad710c431fde626353a481faf7e01c10fedd103ea5e2a20c86067ef323fbc0353d41d63adc51355d8698f34c9d084f3d93ea5f9461ef66a6401abea4566f5bc11551d11152123917706d78ab95668b673b0c73f3fe480659a047a71ef63313bc8935ae0bc3959939a0193835024e39b1c816d63de8dbda1a0a728fc1cba8c66fc079c8b07f39559af6ca42f0102818100c499b8f60d5989746b60939ae5d6466962197aef212a0db5eb618f07fe0e35e21bf6d445bd5e571b71c83a3e4cb84f683918a0b87adcd6d7beeb3fca9b87d9437d78f694557bc3d47e96e8ff83c958018ec70bfec998804d41eb21db99f6bd07cf3621dd6e70f4907a259ea2199208613bc655a804ca9c6ec1c5ff8918d12b0902818100c4874b4f5aa8538d8af15d945e9be842e4a7c08dfe7a42aee4cc375df415640904451cfa15d1cdda5d31f34d45e928986ba52c3b373c539fdacfe428d70b52a4eb2419277d50f1466debeab0ca24886390fae9d7e611a2b2993a59e2dc6bb874225f8ce3b2fcf6563421cc4ffd0dc119bff1c17d36bbba40c9fd4d0df4d4f6d50281810081befd8d0cc4616d7e8bcefdf3ded4bb29adad2ef191225943cd2faad3a4a734e0c5a5d39ca50d11a4a6c2a168da5e356730f4a8ab14e188a28bf89e8ac43dc347a433ff32e72a172bb00676d28f675027dcfef29832d7c1a4d63b9304ea0c58820cb48ec11b349bc0b0e11f13870796bbef298a68171ae41167cd3bba30189902818100aafdc033aa003cba3142b2160e7efe057da6cb2d805565c17fc68301d705e984c2d7534ff03e1c2a3adde3ffbead0faa16369f166287b586a73e2c18b089e47d232dc4490c8aa9728adf31d261fe89407ffb200cbddb6840967b238bf4163165b2268a91eec093a00b39c0e773984d039772c3d3ab14890827f6a0dd5cc112850281805205e5b103124de9aa55980b26c6fbd93b7d3b9ec3ad5df3a7eff2d51f6a14902137ce532bb10a2d1b52ea72a51b3c516cec5d8000282b87552f9eab4f18dc6756c4d18caeda4edeb4cb9ce510a0e0d636ff43177d768281830c7cd826d242348bfdb982827365a3d8cdb8f58336377e9ff9ce9f7c4d1b8f2c6a8c93bcbaecd1";

    const OASIS_ENCRYPTED: &str = "513154e0e97ee30cd8848ef9b7e077a49aba39da94425c64ef1badf197d7721024598082d7b925105510c98549d632d37ce73ee85d86d0a79b418903fa51cd65289d5fb19a5fc28b926f268e47328dfeb378ad021b01964094ed5898b95a284c43ec0dae6759c1da85b8ab5a73fd617aa2867619939dd4f707b934adf4671a387d7ba15c469fb89b0d99ed472b8eacdcd9cb71411c8d6c13b85101ab6949d464da020ac23c1cf1d76e037d1aecbed87718496a573d87720a7f4c5e4512769d3ddcd191194270499ea31f107202dc134cd08c41f09ad3cc83cf03b93bea7c06a0c2fd40afa16cf9b074bbb278de2a5aae374346d262eec88618f4c4b844c003b7";
}
