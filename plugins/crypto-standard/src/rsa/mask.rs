//! MGF1 (RFC 8017 appendix B.2.1), the mask of OAEP and PSS.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, MaskGenerator};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::md::{Md, MdRef};

use crate::parameters::bad_parameters;
use crate::signature_hash::digest;

/// The mask that parameters ask for.
#[derive(Clone, Copy)]
pub(super) struct Mask {
    pub(super) algorithm: HashingAlgorithm,
    pub(super) digest: MessageDigest,
}

/// The parameters with the hash of the mask, which is this one where they name none.
pub(super) fn named(
    parameters: &CryptographicParameters,
    usual: HashingAlgorithm,
) -> CryptographicParameters {
    CryptographicParameters {
        mask_generator: Some(parameters.mask_generator.unwrap_or(MaskGenerator::MGF1)),
        mask_generator_hashing_algorithm: Some(parameters.mask_generator_hashing_algorithm.unwrap_or(usual)),
        ..parameters.clone()
    }
}

impl Mask {
    /// MGF1 with the hash that the parameters name for it, or else with this one.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: they name another mask generator, or a hash of no use.
    pub(super) fn of(parameters: &CryptographicParameters, usual: HashingAlgorithm) -> Result<Self> {
        if let Some(other) = parameters.mask_generator.filter(|named| *named != MaskGenerator::MGF1) {
            return Err(bad_parameters(format!("the mask generator is MGF1, not {other:?}")));
        }
        let algorithm = parameters.mask_generator_hashing_algorithm.unwrap_or(usual);
        let digest =
            digest(algorithm).ok_or_else(|| bad_parameters(format!("MGF1 does not run on {algorithm:?}")))?;
        Ok(Self { algorithm, digest })
    }
}

/// The hash as OpenSSL's contexts take it.
pub(super) fn md(digest: MessageDigest) -> Result<&'static MdRef, ErrorStack> {
    Md::from_nid(digest.type_()).ok_or_else(ErrorStack::get)
}
