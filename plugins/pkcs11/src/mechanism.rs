//! Mechanisms: what each is in KMIP's terms, and how its parameter is encoded.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm as Algorithm, HashingAlgorithm as Hash, MaskGenerator,
    PaddingMethod,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::Capability;

use crate::code::{Fault, Rv};
use crate::codec::Input;

/// Signatures as PKCS#11 has them, both integers side by side: a Padding Method in the vendor range that schemes of
/// this server know.
const P1363: PaddingMethod = PaddingMethod(0x8000_1363);

/// A mechanism.
pub(crate) struct Mechanism {
    /// Its CKM.
    pub(crate) code: u64,
    /// What a scheme has to be capable of.
    pub(crate) capability: Capability,
    /// The algorithm of its keys; none for hashes.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the input of a signature is a digest already.
    pub(crate) digested: bool,
    mode: Option<BlockCipherMode>,
    padding: Option<PaddingMethod>,
    hash: Option<Hash>,
    mac: Option<Algorithm>,
    argument: Argument,
}

/// The parameter of a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Argument {
    None,
    /// So many bytes of IV.
    Iv(usize),
    /// CK_AES_CTR_PARAMS.
    Counter,
    /// CK_GCM_PARAMS.
    Gcm,
    /// CK_RSA_PKCS_OAEP_PARAMS.
    Oaep,
    /// CK_RSA_PKCS_PSS_PARAMS.
    Pss,
}

/// A mechanism with its parameter.
#[derive(Clone)]
pub(crate) struct Chosen {
    pub(crate) mechanism: &'static Mechanism,
    pub(crate) parameters: CryptographicParameters,
    pub(crate) nonce: Option<ByteString>,
    pub(crate) additional_data: ByteString,
    /// Bytes of authentication tag behind the ciphertext.
    pub(crate) tag: usize,
}

const fn cipher(code: u64, algorithm: Algorithm, mode: BlockCipherMode, argument: Argument) -> Mechanism {
    Mechanism {
        code,
        capability: Capability::Cipher,
        algorithm: Some(algorithm),
        digested: false,
        mode: Some(mode),
        padding: Some(PaddingMethod::NONE),
        hash: None,
        mac: None,
        argument,
    }
}

const fn padded(mechanism: Mechanism, padding: PaddingMethod) -> Mechanism {
    Mechanism { padding: Some(padding), ..mechanism }
}

const fn rsa_cipher(code: u64, padding: PaddingMethod, argument: Argument) -> Mechanism {
    Mechanism {
        mode: None,
        padding: Some(padding),
        ..cipher(code, Algorithm::RSA, BlockCipherMode::CBC, argument)
    }
}

const fn digest(code: u64, hash: Hash) -> Mechanism {
    Mechanism {
        code,
        capability: Capability::Digest,
        algorithm: None,
        digested: false,
        mode: None,
        padding: None,
        hash: Some(hash),
        mac: None,
        argument: Argument::None,
    }
}

const fn hmac(code: u64, algorithm: Algorithm, hash: Hash) -> Mechanism {
    Mechanism {
        capability: Capability::Mac,
        algorithm: Some(algorithm),
        mac: Some(algorithm),
        ..digest(code, hash)
    }
}

const fn signature(code: u64, algorithm: Algorithm, padding: PaddingMethod, hash: Hash) -> Mechanism {
    Mechanism {
        capability: Capability::Sign,
        algorithm: Some(algorithm),
        padding: Some(padding),
        ..digest(code, hash)
    }
}

const fn pss(code: u64, hash: Hash) -> Mechanism {
    Mechanism { argument: Argument::Pss, ..signature(code, Algorithm::RSA, PaddingMethod::PSS, hash) }
}

const fn over_digest(mechanism: Mechanism) -> Mechanism {
    Mechanism { digested: true, hash: None, ..mechanism }
}

use Argument::{Counter, Gcm, Iv, Oaep};
use BlockCipherMode as Mode;
use PaddingMethod as Padding;

/// All of them, by the names that PKCS#11 gives them: CKM_…
#[rustfmt::skip]
const MECHANISMS: &[Mechanism] = &[
    /* RSA_PKCS              */ rsa_cipher(0x0001, Padding::PKCS1_V1_5, Argument::None),
    /* SHA1_RSA_PKCS         */ signature(0x0006, Algorithm::RSA, Padding::PKCS1_V1_5, Hash::SHA_1),
    /* RSA_PKCS_OAEP         */ rsa_cipher(0x0009, Padding::OAEP, Oaep),
    /* RSA_PKCS_PSS          */ over_digest(pss(0x000D, Hash::SHA_256)),
    /* SHA1_RSA_PKCS_PSS     */ pss(0x000E, Hash::SHA_1),
    /* SHA256_RSA_PKCS       */ signature(0x0040, Algorithm::RSA, Padding::PKCS1_V1_5, Hash::SHA_256),
    /* SHA384_RSA_PKCS       */ signature(0x0041, Algorithm::RSA, Padding::PKCS1_V1_5, Hash::SHA_384),
    /* SHA512_RSA_PKCS       */ signature(0x0042, Algorithm::RSA, Padding::PKCS1_V1_5, Hash::SHA_512),
    /* SHA256_RSA_PKCS_PSS   */ pss(0x0043, Hash::SHA_256),
    /* SHA384_RSA_PKCS_PSS   */ pss(0x0044, Hash::SHA_384),
    /* SHA512_RSA_PKCS_PSS   */ pss(0x0045, Hash::SHA_512),
    /* SHA224_RSA_PKCS       */ signature(0x0046, Algorithm::RSA, Padding::PKCS1_V1_5, Hash::SHA_224),
    /* SHA224_RSA_PKCS_PSS   */ pss(0x0047, Hash::SHA_224),
    /* DES3_ECB              */ cipher(0x0132, Algorithm::THREE_DES, Mode::ECB, Argument::None),
    /* DES3_CBC              */ cipher(0x0133, Algorithm::THREE_DES, Mode::CBC, Iv(8)),
    /* DES3_CBC_PAD          */ padded(cipher(0x0136, Algorithm::THREE_DES, Mode::CBC, Iv(8)), Padding::PKCS5),
    /* SHA_1                 */ digest(0x0220, Hash::SHA_1),
    /* SHA_1_HMAC            */ hmac(0x0221, Algorithm::HMAC_SHA1, Hash::SHA_1),
    /* SHA256                */ digest(0x0250, Hash::SHA_256),
    /* SHA256_HMAC           */ hmac(0x0251, Algorithm::HMAC_SHA256, Hash::SHA_256),
    /* SHA224                */ digest(0x0255, Hash::SHA_224),
    /* SHA224_HMAC           */ hmac(0x0256, Algorithm::HMAC_SHA224, Hash::SHA_224),
    /* SHA384                */ digest(0x0260, Hash::SHA_384),
    /* SHA384_HMAC           */ hmac(0x0261, Algorithm::HMAC_SHA384, Hash::SHA_384),
    /* SHA512                */ digest(0x0270, Hash::SHA_512),
    /* SHA512_HMAC           */ hmac(0x0271, Algorithm::HMAC_SHA512, Hash::SHA_512),
    /* SHA3_256              */ digest(0x02B0, Hash::SHA3_256),
    /* SHA3_224              */ digest(0x02B5, Hash::SHA3_224),
    /* SHA3_384              */ digest(0x02C0, Hash::SHA3_384),
    /* SHA3_512              */ digest(0x02D0, Hash::SHA3_512),
    /* ECDSA                 */ over_digest(signature(0x1041, Algorithm::EC, P1363, Hash::SHA_256)),
    /* ECDSA_SHA1            */ signature(0x1042, Algorithm::EC, P1363, Hash::SHA_1),
    /* ECDSA_SHA224          */ signature(0x1043, Algorithm::EC, P1363, Hash::SHA_224),
    /* ECDSA_SHA256          */ signature(0x1044, Algorithm::EC, P1363, Hash::SHA_256),
    /* ECDSA_SHA384          */ signature(0x1045, Algorithm::EC, P1363, Hash::SHA_384),
    /* ECDSA_SHA512          */ signature(0x1046, Algorithm::EC, P1363, Hash::SHA_512),
    /* AES_ECB               */ cipher(0x1081, Algorithm::AES, Mode::ECB, Argument::None),
    /* AES_CBC               */ cipher(0x1082, Algorithm::AES, Mode::CBC, Iv(16)),
    /* AES_CBC_PAD           */ padded(cipher(0x1085, Algorithm::AES, Mode::CBC, Iv(16)), Padding::PKCS5),
    /* AES_CTR               */ cipher(0x1086, Algorithm::AES, Mode::CTR, Counter),
    /* AES_GCM               */ cipher(0x1087, Algorithm::AES, Mode::GCM, Gcm),
    /* AES_OFB               */ cipher(0x2104, Algorithm::AES, Mode::OFB, Iv(16)),
    /* AES_CFB128            */ cipher(0x2107, Algorithm::AES, Mode::CFB, Iv(16)),
];

/// All mechanisms, in the order of their codes.
pub(crate) fn all() -> &'static [Mechanism] {
    MECHANISMS
}

/// The mechanism with a CKM.
pub(crate) fn with_code(code: u64) -> Result<&'static Mechanism, Fault> {
    MECHANISMS.iter().find(|mechanism| mechanism.code == code).ok_or_else(|| Rv::MECHANISM_INVALID.into())
}

impl Mechanism {
    /// The parameters without those that the client gives.
    pub(crate) fn parameters(&self) -> CryptographicParameters {
        CryptographicParameters {
            block_cipher_mode: self.mode,
            // A mode that pads nothing is asked for by no padding at all where it is a stream.
            padding_method: self
                .padding
                .filter(|padding| *padding != PaddingMethod::NONE || self.is_of_blocks()),
            hashing_algorithm: self.hash,
            cryptographic_algorithm: self.mac,
            ..CryptographicParameters::NONE
        }
    }

    fn is_of_blocks(&self) -> bool {
        matches!(self.mode, Some(BlockCipherMode::CBC | BlockCipherMode::ECB))
    }
}

/// Reads a CK_MECHANISM: its type, whether it has a parameter, the length of that, and the parameter.
pub(crate) fn read(input: &mut Input<'_>) -> Result<Chosen, Fault> {
    let mechanism = with_code(input.long()?)?;
    let mut chosen = Chosen {
        mechanism,
        parameters: mechanism.parameters(),
        nonce: None,
        additional_data: ByteString::default(),
        tag: 0,
    };
    let parameter = if input.boolean()? { Some(Input::new(input.bytes()?)) } else { None };
    match (mechanism.argument, parameter) {
        (Argument::None, None) => {}
        (Argument::None, Some(parameter)) if parameter.is_empty() => {}
        (Argument::Iv(length), Some(parameter)) => chosen.nonce = Some(iv(parameter, length)?),
        (Argument::Counter, Some(parameter)) => counter(parameter, &mut chosen)?,
        (Argument::Gcm, Some(parameter)) => gcm(parameter, &mut chosen)?,
        (Argument::Oaep, Some(parameter)) => oaep(parameter, &mut chosen)?,
        (Argument::Pss, Some(parameter)) => pss_parameters(parameter, &mut chosen)?,
        _ => return Err(Rv::MECHANISM_PARAM_INVALID.into()),
    }
    Ok(chosen)
}

fn iv(mut parameter: Input<'_>, length: usize) -> Result<ByteString, Fault> {
    let iv = parameter.bytes()?;
    parameter.end()?;
    if iv.len() != length {
        return Err(Rv::MECHANISM_PARAM_INVALID.into());
    }
    Ok(iv.to_vec().into())
}

fn counter(mut parameter: Input<'_>, chosen: &mut Chosen) -> Result<(), Fault> {
    // The counter takes all bits of the block here, so fewer could run over where PKCS#11 lets them not.
    parameter.take(parameter.len().saturating_sub(BLOCK))?;
    chosen.nonce = Some(parameter.take(BLOCK)?.to_vec().into());
    Ok(())
}

/// Bytes of a block of AES.
const BLOCK: usize = 16;

fn gcm(mut parameter: Input<'_>, chosen: &mut Chosen) -> Result<(), Fault> {
    chosen.nonce = Some(parameter.bytes()?.to_vec().into());
    let rest = parameter;
    // Both lengths in bits have eight bytes, or four if they are taken for numbers of what follows.
    let (additional_data, bits) = gcm_rest(rest, 8)
        .or_else(|_| gcm_rest(rest, 4))
        .map_err(|_| Fault::from(Rv::MECHANISM_PARAM_INVALID))?;
    let tag = i32::try_from(bits).ok().filter(|bits| bits % 8 == 0).map(|bits| bits / 8);
    let tag = tag.ok_or(Rv::MECHANISM_PARAM_INVALID)?;
    chosen.additional_data = additional_data.to_vec().into();
    chosen.parameters.tag_length = Some(tag);
    chosen.tag = usize::try_from(tag).map_err(|_| Fault::from(Rv::MECHANISM_PARAM_INVALID))?;
    Ok(())
}

fn gcm_rest(mut rest: Input<'_>, width: usize) -> Result<(&[u8], u64)> {
    rest.take(width)?;
    let additional_data = rest.bytes()?;
    let bits = rest.take(width)?.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    rest.end()?;
    Ok((additional_data, bits))
}

fn oaep(mut parameter: Input<'_>, chosen: &mut Chosen) -> Result<(), Fault> {
    chosen.parameters.hashing_algorithm = Some(hash(parameter.long()?)?);
    mask(parameter.long()?, chosen)?;
    // CKZ_DATA_SPECIFIED, or no label.
    let source = parameter.long()?;
    let label = parameter.bytes()?;
    parameter.end()?;
    match (source, label) {
        (0 | 1, []) => {}
        (1, label) => chosen.parameters.p_source = Some(label.to_vec().into()),
        _ => return Err(Rv::MECHANISM_PARAM_INVALID.into()),
    }
    Ok(())
}

fn pss_parameters(mut parameter: Input<'_>, chosen: &mut Chosen) -> Result<(), Fault> {
    let named = hash(parameter.long()?)?;
    if chosen.parameters.hashing_algorithm.is_some_and(|own| own != named) {
        return Err(Rv::MECHANISM_PARAM_INVALID.into());
    }
    chosen.parameters.hashing_algorithm = Some(named);
    mask(parameter.long()?, chosen)?;
    let salt = i32::try_from(parameter.last_long()?).map_err(|_| Fault::from(Rv::MECHANISM_PARAM_INVALID))?;
    parameter.end()?;
    chosen.parameters.salt_length = Some(salt);
    Ok(())
}

/// The hash of a CKM that hashes.
fn hash(code: u64) -> Result<Hash, Fault> {
    let mechanism = with_code(code).map_err(|_| Fault::from(Rv::MECHANISM_PARAM_INVALID))?;
    let is_digest = mechanism.capability == Capability::Digest;
    mechanism.hash.filter(|_| is_digest).ok_or_else(|| Rv::MECHANISM_PARAM_INVALID.into())
}

/// CKG_MGF1_…
fn mask(code: u64, chosen: &mut Chosen) -> Result<(), Fault> {
    let hash = match code {
        1 => Hash::SHA_1,
        2 => Hash::SHA_256,
        3 => Hash::SHA_384,
        4 => Hash::SHA_512,
        5 => Hash::SHA_224,
        _ => return Err(Rv::MECHANISM_PARAM_INVALID.into()),
    };
    chosen.parameters.mask_generator = Some(MaskGenerator::MGF1);
    chosen.parameters.mask_generator_hashing_algorithm = Some(hash);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_given_once() {
        assert!(MECHANISMS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
