//! Signature algorithms: their names in certificates, and what a key must be told to make such a signature.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    DigitalSignatureAlgorithm as Algorithm, HashingAlgorithm as Hash, MaskGenerator, PaddingMethod,
};
use claviger_plugin_sdk::prelude::ResultReason;
use der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier};
use der::{Decode, Sequence, TagMode, TagNumber};

use super::oids;
use super::structure::{AlgorithmId, PublicKeyInfo, encoded};

/// How a certificate is signed.
pub(super) struct Choice {
    /// The name of the algorithm, encoded.
    pub(super) algorithm: Vec<u8>,
    /// What the key is told.
    pub(super) parameters: CryptographicParameters,
}

/// Chooses how the key of an issuer signs: as the client wants, else as the parameters of the key say, else with SHA-2 of
/// a strength that fits the key.
///
/// # Errors
/// Bad Cryptographic Parameters: keys of this algorithm do not sign so. Feature Not Supported: X.509 has no name for
/// signatures of this key.
pub(super) fn choose(
    issuer_key: &[u8],
    wanted: Option<Algorithm>,
    of_key: &CryptographicParameters,
) -> Result<Choice> {
    let key = PublicKeyInfo::from_der(issuer_key)
        .map_err(|error| Error::certificate("the issuer's public key is malformed").because(error))?;
    let wanted = wanted.or(of_key.digital_signature_algorithm);
    // The hash function of a key for encryption says nothing about signatures.
    let for_signatures = of_key.padding_method != Some(PaddingMethod::OAEP);
    let of_key = if for_signatures { of_key } else { &CryptographicParameters::NONE };
    match key.algorithm.oid {
        oids::RSA => rsa(wanted, of_key),
        oids::RSA_PSS => {
            pss(wanted.filter(|wanted| *wanted != Algorithm::RSASSA_PSS).and_then(hash_of), of_key)
        }
        oids::EC => with_hash(EC, wanted, of_key, usual_hash(&key)),
        oids::DSA => with_hash(DSA, wanted, of_key, Hash::SHA_256),
        oid @ (oids::ED25519 | oids::ED448 | oids::ML_DSA_44 | oids::ML_DSA_65 | oids::ML_DSA_87) => {
            match wanted {
                None => {
                    Ok(Choice { algorithm: named(oid, None)?, parameters: CryptographicParameters::NONE })
                }
                Some(wanted) => Err(unfit(wanted)),
            }
        }
        oid => Err(Error::unsupported(format!("keys of the algorithm {oid} cannot sign certificates"))),
    }
}

/// The KMIP name of the algorithm that a certificate is signed with; nothing if KMIP has none.
pub(super) fn recognise(algorithm: AnyRef<'_>) -> Option<Algorithm> {
    let algorithm: AlgorithmId<'_> = algorithm.decode_as().ok()?;
    let row = ALGORITHMS.iter().find(|row| row.oid == algorithm.oid)?;
    Some(row.algorithm)
}

struct Row {
    oid: ObjectIdentifier,
    algorithm: Algorithm,
    family: Family,
    hash: Option<Hash>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Rsa,
    Pss,
    Dsa,
    Ec,
}
use Family::{Dsa as DSA, Ec as EC, Pss as PSS, Rsa as RSA};

macro_rules! rows {
    ($($oid:ident = $algorithm:ident, $family:ident $($hash:ident)?;)*) => {
        const ALGORITHMS: &[Row] = &[$(
            Row {
                oid: oids::$oid,
                algorithm: Algorithm::$algorithm,
                family: $family,
                hash: rows!(@hash $($hash)?),
            },
        )*];
    };
    (@hash) => { None };
    (@hash $hash:ident) => { Some(Hash::$hash) };
}

rows! {
    MD2_WITH_RSA = MD2_WITH_RSA_ENCRYPTION, RSA MD2;
    MD5_WITH_RSA = MD5_WITH_RSA_ENCRYPTION, RSA MD5;
    SHA_1_WITH_RSA = SHA_1_WITH_RSA_ENCRYPTION, RSA SHA_1;
    SHA_224_WITH_RSA = SHA_224_WITH_RSA_ENCRYPTION, RSA SHA_224;
    SHA_256_WITH_RSA = SHA_256_WITH_RSA_ENCRYPTION, RSA SHA_256;
    SHA_384_WITH_RSA = SHA_384_WITH_RSA_ENCRYPTION, RSA SHA_384;
    SHA_512_WITH_RSA = SHA_512_WITH_RSA_ENCRYPTION, RSA SHA_512;
    SHA3_256_WITH_RSA = SHA3_256_WITH_RSA_ENCRYPTION, RSA SHA3_256;
    SHA3_384_WITH_RSA = SHA3_384_WITH_RSA_ENCRYPTION, RSA SHA3_384;
    SHA3_512_WITH_RSA = SHA3_512_WITH_RSA_ENCRYPTION, RSA SHA3_512;
    RSA_PSS = RSASSA_PSS, PSS;
    DSA_WITH_SHA_1 = DSA_WITH_SHA_1, DSA SHA_1;
    DSA_WITH_SHA_224 = DSA_WITH_SHA224, DSA SHA_224;
    DSA_WITH_SHA_256 = DSA_WITH_SHA256, DSA SHA_256;
    ECDSA_WITH_SHA_1 = ECDSA_WITH_SHA_1, EC SHA_1;
    ECDSA_WITH_SHA_224 = ECDSA_WITH_SHA224, EC SHA_224;
    ECDSA_WITH_SHA_256 = ECDSA_WITH_SHA256, EC SHA_256;
    ECDSA_WITH_SHA_384 = ECDSA_WITH_SHA384, EC SHA_384;
    ECDSA_WITH_SHA_512 = ECDSA_WITH_SHA512, EC SHA_512;
}

fn hash_of(algorithm: Algorithm) -> Option<Hash> {
    ALGORITHMS.iter().find(|row| row.algorithm == algorithm).and_then(|row| row.hash)
}

/// A hash function as strong as the curve (RFC 5480 section 4).
fn usual_hash(key: &PublicKeyInfo<'_>) -> Hash {
    match key.algorithm.parameters.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok()) {
        Some(oids::P_224) => Hash::SHA_224,
        Some(oids::P_384) => Hash::SHA_384,
        Some(oids::P_521) => Hash::SHA_512,
        _ => Hash::SHA_256,
    }
}

fn rsa(wanted: Option<Algorithm>, of_key: &CryptographicParameters) -> Result<Choice> {
    match (wanted, of_key.padding_method) {
        (Some(Algorithm::RSASSA_PSS), _) | (None, Some(PaddingMethod::PSS)) => pss(None, of_key),
        _ => {
            let mut choice = with_hash(RSA, wanted, of_key, Hash::SHA_256)?;
            choice.parameters.padding_method = Some(PaddingMethod::PKCS1_V1_5);
            Ok(choice)
        }
    }
}

/// An algorithm of a family that names its hash function.
fn with_hash(
    family: Family,
    wanted: Option<Algorithm>,
    of_key: &CryptographicParameters,
    usual: Hash,
) -> Result<Choice> {
    let row = match wanted {
        Some(wanted) => ALGORITHMS.iter().find(|row| row.family == family && row.algorithm == wanted),
        None => {
            let hash = of_key.hashing_algorithm.unwrap_or(usual);
            ALGORITHMS.iter().find(|row| row.family == family && row.hash == Some(hash))
        }
    };
    let row = row.ok_or_else(|| match wanted {
        Some(wanted) => unfit(wanted),
        None => unfit(of_key.hashing_algorithm.unwrap_or(usual)),
    })?;
    if matches!(row.hash, Some(Hash::MD2 | Hash::MD5 | Hash::SHA_1)) {
        return Err(unfit(row.algorithm));
    }
    // RFC 4055 section 5 demands the NULL; RFC 5758 section 3.2 forbids it.
    let parameters = (family == RSA).then_some(AnyRef::NULL);
    Ok(Choice {
        algorithm: named(row.oid, parameters)?,
        parameters: CryptographicParameters {
            hashing_algorithm: row.hash,
            digital_signature_algorithm: Some(row.algorithm),
            ..CryptographicParameters::NONE
        },
    })
}

/// RSASSA-PSS-params (RFC 4055 section 3.1), all written out.
#[derive(Sequence)]
struct PssParameters<'a> {
    hash: ContextSpecific<AlgorithmId<'a>>,
    mask: ContextSpecific<AlgorithmId<'a>>,
    salt_length: ContextSpecific<u16>,
}

fn pss(wanted: Option<Hash>, of_key: &CryptographicParameters) -> Result<Choice> {
    let hash = wanted.or(of_key.hashing_algorithm).unwrap_or(Hash::SHA_256);
    let mask_hash = of_key.mask_generator_hashing_algorithm.unwrap_or(hash);
    let (hash_oid, length) = hash_function(hash)?;
    let (mask_oid, _) = hash_function(mask_hash)?;
    let salt_length = match of_key.salt_length {
        None => length,
        Some(length) => u16::try_from(length).map_err(|_| {
            Error::invalid("the salt length of a signature cannot be negative")
                .with_reason(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS)
        })?,
    };
    let mask_function = encoded(&AlgorithmId { oid: mask_oid, parameters: Some(AnyRef::NULL) })?;
    let mask_function =
        AnyRef::from_der(&mask_function).map_err(|error| Error::server("malformed DER").because(error))?;
    let parameters = PssParameters {
        hash: tagged(0, AlgorithmId { oid: hash_oid, parameters: Some(AnyRef::NULL) }),
        mask: tagged(1, AlgorithmId { oid: oids::MGF_1, parameters: Some(mask_function) }),
        salt_length: tagged(2, salt_length),
    };
    let parameters = encoded(&parameters)?;
    let parameters =
        AnyRef::from_der(&parameters).map_err(|error| Error::server("malformed DER").because(error))?;
    Ok(Choice {
        algorithm: named(oids::RSA_PSS, Some(parameters))?,
        parameters: CryptographicParameters {
            padding_method: Some(PaddingMethod::PSS),
            hashing_algorithm: Some(hash),
            digital_signature_algorithm: Some(Algorithm::RSASSA_PSS),
            mask_generator: Some(MaskGenerator::MGF1),
            mask_generator_hashing_algorithm: Some(mask_hash),
            salt_length: Some(i32::from(salt_length)),
            ..CryptographicParameters::NONE
        },
    })
}

fn tagged<T>(number: u32, value: T) -> ContextSpecific<T> {
    ContextSpecific { tag_number: TagNumber(number), tag_mode: TagMode::Explicit, value }
}

/// The name of a hash function and the length of its digest.
fn hash_function(hash: Hash) -> Result<(ObjectIdentifier, u16)> {
    Ok(match hash {
        Hash::SHA_224 => (oids::SHA_224, 28),
        Hash::SHA_256 => (oids::SHA_256, 32),
        Hash::SHA_384 => (oids::SHA_384, 48),
        Hash::SHA_512 => (oids::SHA_512, 64),
        Hash::SHA3_256 => (oids::SHA3_256, 32),
        Hash::SHA3_384 => (oids::SHA3_384, 48),
        Hash::SHA3_512 => (oids::SHA3_512, 64),
        other => return Err(unfit(other)),
    })
}

fn named(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> Result<Vec<u8>> {
    encoded(&AlgorithmId { oid, parameters })
}

fn unfit(what: impl std::fmt::Debug) -> Error {
    Error::invalid(format!("the key of the issuer signs no certificates with {what:?}"))
        .with_reason(ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS)
}
