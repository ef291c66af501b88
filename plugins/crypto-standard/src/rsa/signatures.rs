//! RSA signatures: RSASSA-PSS and RSASSA-PKCS1-v1_5 (RFC 8017 section 8).
//!
//! The padding is that of the Padding Method or the Digital Signature Algorithm, and PSS where neither tells. The hash
//! of MGF1 is that of the signature unless another is named, as everybody has it; section 4.16 would have SHA-1. The salt
//! of a PSS signature is as long as the hash unless the parameters say otherwise; where they do not, a signature with a
//! salt of any length is valid.

use std::sync::Arc;

use aws_lc_rs::digest::{self as aws_digest, Digest};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{self, RsaEncoding, RsaPssSaltLength, RsaSignatureEncoding};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod,
};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, SignKey, SignScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey_ctx::{PkeyCtx, PkeyCtxRef};
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use super::key::RsaKey;
use super::mask::{self, Mask, md};
use crate::digest_signatures::{DigestSignatures, SignDigest};
use crate::parameters::{allow, bad_parameters};
use crate::signature_hash::{self, SignatureHash};

const SIGNATURES: SchemeEntry = SchemeEntry {
    name: "RSA signatures",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, parameters| allow(parameters, CryptographicAlgorithm::RSA),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Sign(&RsaSignatures),
};
register_scheme!(SIGNATURES);

struct RsaSignatures;

impl SignScheme for RsaSignatures {
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>> {
        let key = RsaKey::new(key, material, |pkcs8| KeyPair::from_pkcs8(pkcs8).ok())?;
        Ok(Arc::new(DigestSignatures::new(key)))
    }
}

impl SignDigest for RsaKey<KeyPair> {
    type Method = Method;

    fn cost(&self) -> Cost {
        self.cost()
    }

    fn method(&self, parameters: &CryptographicParameters) -> Result<Method> {
        Method::of(parameters, self)
    }

    fn hash(method: &Method) -> SignatureHash {
        method.hash
    }

    fn sign(&self, digest: &[u8], method: &Method) -> Result<ByteString> {
        method.sign(digest, self)
    }

    fn verify(&self, digest: &[u8], signature: &[u8], method: &Method) -> bool {
        method.verify(digest, signature, self)
    }
}

/// The signature algorithms of PKCS #1 v1.5, and PSS, which leaves the hash to the Hashing Algorithm.
const PKCS1: &[(DigitalSignatureAlgorithm, HashingAlgorithm)] = &[
    (DigitalSignatureAlgorithm::SHA_1_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA_1),
    (DigitalSignatureAlgorithm::SHA_224_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA_224),
    (DigitalSignatureAlgorithm::SHA_256_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA_256),
    (DigitalSignatureAlgorithm::SHA_384_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA_384),
    (DigitalSignatureAlgorithm::SHA_512_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA_512),
    (DigitalSignatureAlgorithm::SHA3_256_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA3_256),
    (DigitalSignatureAlgorithm::SHA3_384_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA3_384),
    (DigitalSignatureAlgorithm::SHA3_512_WITH_RSA_ENCRYPTION, HashingAlgorithm::SHA3_512),
];

/// The hash of signatures where nothing names one.
const USUAL: HashingAlgorithm = HashingAlgorithm::SHA_256;

/// The hash that parameters ask for.
///
/// # Errors
/// Bad Cryptographic Parameters.
fn hash(parameters: &CryptographicParameters) -> Result<SignatureHash> {
    if parameters.digital_signature_algorithm != Some(DigitalSignatureAlgorithm::RSASSA_PSS) {
        return SignatureHash::of(parameters, PKCS1, USUAL);
    }
    let rest = CryptographicParameters { digital_signature_algorithm: None, ..parameters.clone() };
    SignatureHash::of(&rest, &[], USUAL)
}

/// The padding that parameters ask for: PSS or PKCS1 v1.5.
///
/// # Errors
/// Bad Cryptographic Parameters.
fn padding(parameters: &CryptographicParameters) -> Result<PaddingMethod> {
    let named = parameters.digital_signature_algorithm;
    let pss_named = named == Some(DigitalSignatureAlgorithm::RSASSA_PSS);
    match parameters.padding_method {
        Some(PaddingMethod::PKCS1_V1_5) if !pss_named => Ok(PaddingMethod::PKCS1_V1_5),
        None if named.is_some() && !pss_named => Ok(PaddingMethod::PKCS1_V1_5),
        None | Some(PaddingMethod::PSS) => Ok(PaddingMethod::PSS),
        Some(other) => Err(bad_parameters(match named {
            Some(named) => format!("{named:?} does not go with the Padding Method {other:?}"),
            None => format!("{other:?} pads no signatures; set Padding Method to PSS or PKCS1 v1.5"),
        })),
    }
}

fn effective(parameters: &CryptographicParameters) -> CryptographicParameters {
    let (Ok(padding), Ok(SignatureHash { algorithm: hash, .. })) = (padding(parameters), hash(parameters))
    else {
        return parameters.clone();
    };
    if padding == PaddingMethod::PSS {
        return CryptographicParameters {
            padding_method: Some(padding),
            hashing_algorithm: Some(hash),
            digital_signature_algorithm: Some(DigitalSignatureAlgorithm::RSASSA_PSS),
            ..mask::named(parameters, hash)
        };
    }
    CryptographicParameters {
        padding_method: Some(padding),
        ..signature_hash::effective(parameters, PKCS1, USUAL)
    }
}

/// How a signature is made.
pub(super) struct Method {
    hash: SignatureHash,
    scheme: SignatureScheme,
}

#[derive(Clone, Copy)]
enum SignatureScheme {
    Pkcs1,
    Pss {
        mask: Mask,
        /// In bytes; any if absent.
        salt: Option<usize>,
    },
}

impl Method {
    /// # Errors
    /// Bad Cryptographic Parameters: they contradict each other, or the key is too short for them.
    fn of(parameters: &CryptographicParameters, key: &RsaKey<KeyPair>) -> Result<Self> {
        let hash = hash(parameters)?;
        let scheme = match padding(parameters)? {
            PaddingMethod::PSS => SignatureScheme::pss(hash, parameters, key)?,
            _ => SignatureScheme::pkcs1(hash.digest, key)?,
        };
        Ok(Self { hash, scheme })
    }

    fn sign(&self, digest: &[u8], key: &RsaKey<KeyPair>) -> Result<ByteString> {
        let private = key.private().ok_or_else(|| {
            Error::cryptographic("this is a public key; sign with the private key of the pair")
        })?;
        if let (Some(pair), Some((encoding, algorithm))) = (private.aws_lc(), self.of_aws_lc(key)) {
            let failed = |_| Error::cryptographic("the RSA key cannot sign this");
            let digest = Digest::import_less_safe(digest, algorithm).map_err(failed)?;
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign_digest(encoding, &digest, &mut signature).map_err(failed)?;
            return Ok(signature.into());
        }
        let mut context = PkeyCtx::new(private.openssl()?).map_err(failed)?;
        let mut signature = Vec::with_capacity(key.size());
        context
            .sign_init()
            .and_then(|()| self.prepare(&mut context, RsaPssSaltlen::DIGEST_LENGTH))
            .and_then(|()| context.sign_to_vec(digest, &mut signature))
            .map_err(failed)?;
        Ok(signature.into())
    }

    fn verify(&self, digest: &[u8], signature: &[u8], key: &RsaKey<KeyPair>) -> bool {
        /// OpenSSL finds the length of the salt itself.
        const ANY: RsaPssSaltlen = RsaPssSaltlen::MAXIMUM_LENGTH;
        if signature.len() != key.size() {
            return false;
        }
        let verified = PkeyCtx::new(key.public()).and_then(|mut context| {
            context.verify_init()?;
            self.prepare(&mut context, ANY)?;
            context.verify(digest, signature)
        });
        verified.unwrap_or(false)
    }

    fn prepare<T>(&self, context: &mut PkeyCtxRef<T>, usual_salt: RsaPssSaltlen) -> Result<(), ErrorStack> {
        match self.scheme {
            SignatureScheme::Pkcs1 => {
                context.set_rsa_padding(Padding::PKCS1)?;
                context.set_signature_md(md(self.hash.digest)?)
            }
            SignatureScheme::Pss { mask, salt } => {
                let salt =
                    salt.and_then(|salt| i32::try_from(salt).ok()).map_or(usual_salt, RsaPssSaltlen::custom);
                context.set_rsa_padding(Padding::PKCS1_PSS)?;
                context.set_signature_md(md(self.hash.digest)?)?;
                context.set_rsa_mgf1_md(md(mask.digest)?)?;
                context.set_rsa_pss_saltlen(salt)
            }
        }
    }

    /// AWS-LC's name for it, if it has one.
    fn of_aws_lc(
        &self,
        key: &RsaKey<KeyPair>,
    ) -> Option<(&'static dyn RsaEncoding, &'static aws_digest::Algorithm)> {
        let of = OF_AWS_LC.iter().find(|of| of.hash == self.hash.algorithm)?;
        let encoding: &dyn RsaEncoding = match self.scheme {
            SignatureScheme::Pkcs1 => of.pkcs1,
            SignatureScheme::Pss { mask, .. } if mask.algorithm != of.hash => return None,
            SignatureScheme::Pss { salt, .. } => match salt {
                None => of.pss,
                Some(salt) if salt == self.hash.digest.size() => of.pss,
                Some(salt) if Some(salt) == longest_salt(self.hash.digest, key) => of.pss_with_longest_salt,
                Some(_) => return None,
            },
        };
        Some((encoding, of.digest))
    }
}

impl SignatureScheme {
    fn pkcs1(digest: MessageDigest, key: &RsaKey<KeyPair>) -> Result<Self> {
        /// What stands around the digest: the DigestInfo, and at least eight bytes of padding with three of its frame.
        const AROUND: usize = 19 + 11;
        if key.size() < digest.size() + AROUND {
            return Err(too_short());
        }
        Ok(Self::Pkcs1)
    }

    fn pss(hash: SignatureHash, parameters: &CryptographicParameters, key: &RsaKey<KeyPair>) -> Result<Self> {
        /// The number that RFC 8017 appendix A.2.3 gives to the only trailer there is.
        const TRAILER: i32 = 1;
        if parameters.trailer_field.is_some_and(|trailer| trailer != TRAILER) {
            return Err(bad_parameters("PSS has one trailer; leave Trailer Field out or set it to 1".into()));
        }
        let mask = Mask::of(parameters, hash.algorithm)?;
        let longest = longest_salt(hash.digest, key).ok_or_else(too_short)?;
        let salt = match parameters.salt_length {
            None if longest < hash.digest.size() => return Err(too_short()),
            None => None,
            Some(asked) => {
                let salt = usize::try_from(asked).ok().filter(|salt| *salt <= longest);
                Some(salt.ok_or_else(|| {
                    bad_parameters(format!(
                        "with this key and hash, a salt has 0 to {longest} bytes, not {asked}"
                    ))
                })?)
            }
        };
        Ok(Self::Pss { mask, salt })
    }
}

/// The most bytes of salt: RFC 8017 section 9.1.1, step 3.
fn longest_salt(digest: MessageDigest, key: &RsaKey<KeyPair>) -> Option<usize> {
    (key.bits() - 1).div_ceil(8).checked_sub(digest.size() + 2)
}

/// What AWS-LC calls the signatures with one hash.
struct OfAwsLc {
    hash: HashingAlgorithm,
    digest: &'static aws_digest::Algorithm,
    pkcs1: &'static RsaSignatureEncoding,
    pss: &'static RsaSignatureEncoding,
    pss_with_longest_salt: &'static RsaSignatureEncoding,
}

static OF_AWS_LC: [OfAwsLc; 3] = [
    OfAwsLc {
        hash: HashingAlgorithm::SHA_256,
        digest: &aws_digest::SHA256,
        pkcs1: &signature::RSA_PKCS1_SHA256,
        pss: &signature::RSA_PSS_SHA256,
        pss_with_longest_salt: &const { signature::RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max) },
    },
    OfAwsLc {
        hash: HashingAlgorithm::SHA_384,
        digest: &aws_digest::SHA384,
        pkcs1: &signature::RSA_PKCS1_SHA384,
        pss: &signature::RSA_PSS_SHA384,
        pss_with_longest_salt: &const { signature::RSA_PSS_SHA384.with_pss_salt_length(RsaPssSaltLength::Max) },
    },
    OfAwsLc {
        hash: HashingAlgorithm::SHA_512,
        digest: &aws_digest::SHA512,
        pkcs1: &signature::RSA_PKCS1_SHA512,
        pss: &signature::RSA_PSS_SHA512,
        pss_with_longest_salt: &const { signature::RSA_PSS_SHA512.with_pss_salt_length(RsaPssSaltLength::Max) },
    },
];

fn too_short() -> Error {
    bad_parameters("the RSA key is too short for this hash; name a shorter one".into())
}

fn failed(error: ErrorStack) -> Error {
    Error::cryptographic("the RSA key cannot sign this").because(error)
}

#[cfg(test)]
mod tests;
