//! The hash that a signature is made over, as the parameters name it.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{DigitalSignatureAlgorithm, HashingAlgorithm};
use openssl::hash::MessageDigest;

pub(crate) use crate::digest::openssl as digest;
use crate::parameters::bad_parameters;

/// A hash that signatures may be made over.
#[derive(Clone, Copy)]
pub(crate) struct SignatureHash {
    /// Its name in KMIP.
    pub(crate) algorithm: HashingAlgorithm,
    /// As OpenSSL has it.
    pub(crate) digest: MessageDigest,
}

/// The parameters with the hash that signatures are made over, and with the signature algorithm of the family that has
/// this hash, if KMIP names one; as they are where they contradict each other.
pub(crate) fn effective(
    parameters: &CryptographicParameters,
    family: &[(DigitalSignatureAlgorithm, HashingAlgorithm)],
    usual: HashingAlgorithm,
) -> CryptographicParameters {
    let Ok(SignatureHash { algorithm: hash, .. }) = SignatureHash::of(parameters, family, usual) else {
        return parameters.clone();
    };
    let named = family.iter().find(|(_, of)| *of == hash);
    CryptographicParameters {
        hashing_algorithm: Some(hash),
        digital_signature_algorithm: named.map(|(algorithm, _)| *algorithm),
        ..parameters.clone()
    }
}

impl SignatureHash {
    /// The hash that the parameters name, by Hashing Algorithm or as part of one of these signature algorithms, or the
    /// usual one.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: no signatures are made over the hash, the signature algorithm is another family's,
    /// or both are named and differ.
    pub(crate) fn of(
        parameters: &CryptographicParameters,
        family: &[(DigitalSignatureAlgorithm, HashingAlgorithm)],
        usual: HashingAlgorithm,
    ) -> Result<Self> {
        let of_signature = match parameters.digital_signature_algorithm {
            None => None,
            Some(named) => {
                let hash = family.iter().find(|(algorithm, _)| *algorithm == named).map(|(_, hash)| *hash);
                Some(hash.ok_or_else(|| bad_parameters(format!("this key makes no signatures {named:?}")))?)
            }
        };
        let algorithm = match (parameters.hashing_algorithm, of_signature) {
            (Some(hash), Some(other)) if hash != other => {
                return Err(bad_parameters(format!(
                    "Hashing Algorithm says {hash:?} and Digital Signature Algorithm {other:?}; leave one of them out"
                )));
            }
            (hash, other) => hash.or(other).unwrap_or(usual),
        };
        let digest = digest(algorithm)
            .ok_or_else(|| bad_parameters(format!("no signatures are made over {algorithm:?}")))?;
        Ok(Self { algorithm, digest })
    }
}
