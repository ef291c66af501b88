//! ECDSA (FIPS 186-5): AWS-LC for the usual hash of the usual curves, OpenSSL for all others.
//!
//! A signature is the DER of two integers (RFC 3279 section 2.2.3). Where the Padding Method is the vendor's
//! [`P1363`], it is both integers side by side, each in as many bytes as the order has, as JOSE and smart cards have it.

use aws_lc_rs::digest::{Algorithm, Digest, SHA256, SHA384, SHA512};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1,
    ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod,
};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Cost, SignInput, SignKey, SignStream};
use claviger_plugin_sdk::{Error, Result};
use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, hash};
use openssl::nid::Nid;
use openssl::pkey::{Private, Public};
use std::sync::Arc;

use super::curve::{Curve, Form};
use super::family::curve_of;
use super::key::Key;
use super::weierstrass;
use crate::signature_hash::{self, SignatureHash};

/// Signatures as IEEE P1363 has them: a Padding Method in the vendor range.
pub(crate) const P1363: PaddingMethod = PaddingMethod(0x8000_1363);

const ALGORITHMS: &[(DigitalSignatureAlgorithm, HashingAlgorithm)] = &[
    (DigitalSignatureAlgorithm::ECDSA_WITH_SHA_1, HashingAlgorithm::SHA_1),
    (DigitalSignatureAlgorithm::ECDSA_WITH_SHA224, HashingAlgorithm::SHA_224),
    (DigitalSignatureAlgorithm::ECDSA_WITH_SHA256, HashingAlgorithm::SHA_256),
    (DigitalSignatureAlgorithm::ECDSA_WITH_SHA384, HashingAlgorithm::SHA_384),
    (DigitalSignatureAlgorithm::ECDSA_WITH_SHA512, HashingAlgorithm::SHA_512),
];

/// What the parameters come to with a key of which these facts are known. An algorithm, a padding or a mask of RSA means
/// nothing here.
pub(super) fn effective(
    facts: &KeyFacts<'_>,
    parameters: &CryptographicParameters,
) -> CryptographicParameters {
    let curve = curve_of(facts).unwrap_or(Curve::P256);
    if !matches!(curve.form(), Form::Weierstrass(_)) {
        return parameters.clone();
    }
    let asked = CryptographicParameters {
        cryptographic_algorithm: None,
        padding_method: parameters.padding_method.filter(|padding| *padding == P1363),
        mask_generator: None,
        mask_generator_hashing_algorithm: None,
        ..parameters.clone()
    };
    signature_hash::effective(&asked, ALGORITHMS, usual_hash(curve))
}

/// A key for ECDSA.
#[derive(Clone)]
pub(super) struct EcdsaKey(Arc<Keys>);

struct Keys {
    curve: Curve,
    private: Option<EcKey<Private>>,
    public: EcKey<Public>,
    fast: Option<Fast>,
}

/// The key as AWS-LC has it, with the one hash that this goes with.
struct Fast {
    digest: &'static Algorithm,
    signer: Option<EcdsaKeyPair>,
    verifier: ParsedPublicKey,
}

impl EcdsaKey {
    /// Takes a key on a curve in Weierstrass form.
    ///
    /// # Errors
    /// Cryptographic Failure: a library refuses it.
    pub(super) fn new(key: &Key, curve: Nid) -> Result<Self> {
        let refused = |error: ErrorStack| Error::cryptographic("the key is none for ECDSA").because(error);
        let point = key.public().bytes();
        let private = match key {
            Key::Private(key) => Some(weierstrass::private_key(curve, key.secret(), point).map_err(refused)?),
            Key::Public(_) => None,
        };
        Ok(Self(Arc::new(Keys {
            curve: key.curve(),
            private,
            public: weierstrass::public_key(curve, point).map_err(refused)?,
            fast: fast_algorithms(key.curve()).map(|algorithms| Fast::new(key, algorithms)).transpose()?,
        })))
    }

    fn hash(&self, parameters: &CryptographicParameters) -> Result<SignatureHash> {
        SignatureHash::of(parameters, ALGORITHMS, usual_hash(self.0.curve))
    }
}

impl SignKey for EcdsaKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let hash = self.hash(parameters)?;
        self.0.sign(input, hash, parameters)
    }

    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool> {
        let hash = self.hash(parameters)?;
        Ok(self.0.verify(input, hash, signature, parameters).unwrap_or(false))
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn SignStream>> {
        let hash = self.hash(parameters)?;
        let hasher = Hasher::new(hash.digest).map_err(failed)?;
        Ok(Box::new(EcdsaStream { keys: self.0.clone(), hash, hasher, parameters: parameters.clone() }))
    }
}

/// A signature over data that comes in parts.
struct EcdsaStream {
    keys: Arc<Keys>,
    hash: SignatureHash,
    hasher: Hasher,
    parameters: CryptographicParameters,
}

impl SignStream for EcdsaStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.hasher.update(part).map_err(failed)
    }

    fn sign(mut self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        let digest = self.hasher.finish().map_err(failed)?;
        self.keys.sign(SignInput::Digest(&digest), self.hash, &self.parameters)
    }

    fn verify(mut self: Box<Self>, signature: &[u8]) -> Result<bool> {
        let digest = self.hasher.finish().map_err(failed)?;
        let input = SignInput::Digest(&digest);
        Ok(self.keys.verify(input, self.hash, signature, &self.parameters).unwrap_or(false))
    }
}

impl Keys {
    fn sign(
        &self,
        input: SignInput<'_>,
        hash: SignatureHash,
        parameters: &CryptographicParameters,
    ) -> Result<ByteString> {
        let private = self.private.as_ref().ok_or_else(|| {
            Error::cryptographic("this is a public key; sign with the private one of the pair")
        })?;
        if let SignInput::Digest(digest) = input
            && digest.len() != hash.digest.size()
        {
            return Err(Error::cryptographic(format!(
                "a digest of {:?} has {} bytes, not {}; set Hashing Algorithm to the hash that the digest was made by",
                hash.algorithm,
                hash.digest.size(),
                digest.len()
            )));
        }
        let der = match self.fast(hash).and_then(|fast| fast.signer.as_ref().zip(Some(fast.digest))) {
            Some((signer, digest)) => signed(signer, digest, input)?,
            None => {
                let digest = self.digest(input, hash).map_err(failed)?;
                EcdsaSig::sign(&digest, private).and_then(|signature| signature.to_der()).map_err(failed)?
            }
        };
        if asks_for_p1363(parameters) {
            return self.to_p1363(&der).map(ByteString::from).map_err(failed);
        }
        Ok(der.into())
    }

    /// Nothing means no.
    fn verify(
        &self,
        input: SignInput<'_>,
        hash: SignatureHash,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Option<bool> {
        let converted;
        let der = if asks_for_p1363(parameters) {
            converted = self.der_of_p1363(signature)?;
            converted.as_slice()
        } else {
            signature
        };
        if let Some(fast) = self.fast(hash) {
            return Some(fast.verify(input, der));
        }
        let decoded = EcdsaSig::from_der(der).ok()?;
        // What is no DER, or has bytes after it, is another signature.
        if decoded.to_der().ok()? != der {
            return Some(false);
        }
        let digest = self.digest(input, hash).ok().filter(|digest| digest.len() == hash.digest.size())?;
        decoded.verify(&digest, &self.public).ok()
    }

    fn fast(&self, hash: SignatureHash) -> Option<&Fast> {
        self.fast.as_ref().filter(|_| hash.algorithm == usual_hash(self.curve))
    }

    fn digest(&self, input: SignInput<'_>, algorithm: SignatureHash) -> Result<Vec<u8>, ErrorStack> {
        match input {
            SignInput::Data(data) => hash(algorithm.digest, data).map(|digest| digest.to_vec()),
            SignInput::Digest(digest) => Ok(digest.to_vec()),
        }
    }

    fn to_p1363(&self, der: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let signature = EcdsaSig::from_der(der)?;
        let size = self.curve.size() as i32;
        Ok([signature.r().to_vec_padded(size)?, signature.s().to_vec_padded(size)?].concat())
    }

    fn der_of_p1363(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let (r, s) = signature.split_at_checked(self.curve.size())?;
        if s.len() != self.curve.size() {
            return None;
        }
        let number = |bytes| BigNum::from_slice(bytes).ok();
        EcdsaSig::from_private_components(number(r)?, number(s)?).ok()?.to_der().ok()
    }
}

impl Fast {
    fn new(key: &Key, (digest, signing, verifying): FastAlgorithms) -> Result<Self> {
        let refused = |error: aws_lc_rs::error::KeyRejected| {
            Error::cryptographic("the key is none for ECDSA").because(error)
        };
        let point = key.public().bytes();
        let signer = match key {
            Key::Private(key) => {
                let pair = EcdsaKeyPair::from_private_key_and_public_key(signing, key.secret(), point);
                Some(pair.map_err(refused)?)
            }
            Key::Public(_) => None,
        };
        Ok(Self { digest, signer, verifier: ParsedPublicKey::new(verifying, point).map_err(refused)? })
    }

    fn verify(&self, input: SignInput<'_>, der: &[u8]) -> bool {
        match input {
            SignInput::Data(data) => self.verifier.verify_sig(data, der).is_ok(),
            SignInput::Digest(digest) => Digest::import_less_safe(digest, self.digest)
                .and_then(|digest| self.verifier.verify_digest_sig(&digest, der))
                .is_ok(),
        }
    }
}

type FastAlgorithms =
    (&'static Algorithm, &'static EcdsaSigningAlgorithm, &'static EcdsaVerificationAlgorithm);

fn fast_algorithms(curve: Curve) -> Option<FastAlgorithms> {
    match curve {
        Curve::P256 => Some((&SHA256, &ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_ASN1)),
        Curve::P384 => Some((&SHA384, &ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1)),
        Curve::P521 => Some((&SHA512, &ECDSA_P521_SHA512_ASN1_SIGNING, &ECDSA_P521_SHA512_ASN1)),
        Curve::Secp256k1 => Some((&SHA256, &ECDSA_P256K1_SHA256_ASN1_SIGNING, &ECDSA_P256K1_SHA256_ASN1)),
        _ => None,
    }
}

/// The hash as strong as the curve.
fn usual_hash(curve: Curve) -> HashingAlgorithm {
    match curve.bits() {
        ..=256 => HashingAlgorithm::SHA_256,
        257..=384 => HashingAlgorithm::SHA_384,
        _ => HashingAlgorithm::SHA_512,
    }
}

fn signed(signer: &EcdsaKeyPair, digest: &'static Algorithm, input: SignInput<'_>) -> Result<Vec<u8>> {
    let signature = match input {
        SignInput::Data(data) => signer.sign(&SystemRandom::new(), data),
        SignInput::Digest(bytes) => {
            Digest::import_less_safe(bytes, digest).and_then(|digest| signer.sign_digest(&digest))
        }
    };
    signature
        .map(|signature| signature.as_ref().to_vec())
        .map_err(|error| Error::cryptographic("the signature failed").because(error))
}

fn asks_for_p1363(parameters: &CryptographicParameters) -> bool {
    parameters.padding_method == Some(P1363)
}

fn failed(error: ErrorStack) -> Error {
    Error::cryptographic("the signature failed").because(error)
}
