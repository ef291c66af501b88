//! Which algorithms an operator lets the server use, whatever its plugins can do.
//!
//! It holds for the keys that are stored and for the parameters of each request alike: a key that the policy does not
//! allow is neither taken in nor used. Parameters are judged as the scheme completes them, so that leaving one out, or
//! naming it otherwise, is no way around. The engine knows no algorithm; the names come from the vocabulary.

use std::fmt::Debug;
use std::ops::RangeInclusive;

use claviger_kmip::Tag;
use claviger_kmip::attributes::kinds;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::Enumeration;
use claviger_kmip::tables::enumerations::{
    BlockCipherMode, CryptographicAlgorithm, DigitalSignatureAlgorithm, HashingAlgorithm, PaddingMethod,
    RecommendedCurve, ResultReason,
};
use claviger_kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::Capability;
use claviger_plugin_sdk::target::Purpose;

/// What is allowed, kind by kind. Nothing said of a kind allows all of it, which is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlgorithmPolicy {
    /// Algorithms of keys, with their lengths.
    pub algorithms: Option<Vec<AllowedAlgorithm>>,
    /// Algorithms that are not allowed, whatever the list above says.
    pub refused_algorithms: Vec<CryptographicAlgorithm>,
    /// Elliptic curves.
    pub curves: Option<Vec<RecommendedCurve>>,
    /// Modes of block ciphers.
    pub modes: Option<Vec<BlockCipherMode>>,
    /// Paddings, of signatures, too.
    pub paddings: Option<Vec<PaddingMethod>>,
    /// Hash functions.
    pub hashes: Option<Vec<HashingAlgorithm>>,
    /// Signature algorithms. Those that KMIP has no name for pass: their hash functions, curves and algorithms tell.
    pub signatures: Option<Vec<DigitalSignatureAlgorithm>>,
    /// Hash functions that new signatures may be made over, out of the hash functions above. Signatures that are there
    /// are verified with any of those.
    pub signing_hashes: Option<Vec<HashingAlgorithm>>,
    /// Paddings that data and keys may be newly encrypted with, out of the paddings above. What is encrypted already is
    /// decrypted with any of those.
    pub encrypting_paddings: Option<Vec<PaddingMethod>>,
}

/// An algorithm that is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedAlgorithm {
    /// The algorithm.
    pub algorithm: CryptographicAlgorithm,
    /// Lengths of its keys in bits; any if there are none.
    pub lengths: Vec<RangeInclusive<i32>>,
}

/// The lists of a policy as an operator writes them; see [`AlgorithmPolicy::parse`].
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyTexts<'t> {
    /// For [`AlgorithmPolicy::algorithms`].
    pub algorithms: Option<&'t str>,
    /// For [`AlgorithmPolicy::refused_algorithms`].
    pub refused_algorithms: Option<&'t str>,
    /// For [`AlgorithmPolicy::curves`].
    pub curves: Option<&'t str>,
    /// For [`AlgorithmPolicy::modes`].
    pub modes: Option<&'t str>,
    /// For [`AlgorithmPolicy::paddings`].
    pub paddings: Option<&'t str>,
    /// For [`AlgorithmPolicy::hashes`].
    pub hashes: Option<&'t str>,
    /// For [`AlgorithmPolicy::signatures`].
    pub signatures: Option<&'t str>,
    /// For [`AlgorithmPolicy::signing_hashes`].
    pub signing_hashes: Option<&'t str>,
    /// For [`AlgorithmPolicy::encrypting_paddings`].
    pub encrypting_paddings: Option<&'t str>,
}

impl AlgorithmPolicy {
    /// Reads a policy: lists of the names that KMIP XML uses, separated by commas. An algorithm may be followed by the
    /// lengths of its keys, each a number of bits or a range: `AES:128:256,RSA:2048-8192`.
    ///
    /// # Errors
    /// A name is not known to the vocabulary, or a length is none; the text says which.
    pub fn parse(vocabulary: &Vocabulary, texts: PolicyTexts<'_>) -> std::result::Result<Self, String> {
        let algorithm = |item: &str| allowed_algorithm(vocabulary, item);
        Ok(Self {
            algorithms: texts.algorithms.map(|list| items(list).map(algorithm).collect()).transpose()?,
            refused_algorithms: names(vocabulary, Tag::CRYPTOGRAPHIC_ALGORITHM, texts.refused_algorithms)?
                .unwrap_or_default(),
            curves: names(vocabulary, Tag::RECOMMENDED_CURVE, texts.curves)?,
            modes: names(vocabulary, Tag::BLOCK_CIPHER_MODE, texts.modes)?,
            paddings: names(vocabulary, Tag::PADDING_METHOD, texts.paddings)?,
            hashes: names(vocabulary, Tag::HASHING_ALGORITHM, texts.hashes)?,
            signatures: names(vocabulary, Tag::DIGITAL_SIGNATURE_ALGORITHM, texts.signatures)?,
            signing_hashes: names(vocabulary, Tag::HASHING_ALGORITHM, texts.signing_hashes)?,
            encrypting_paddings: names(vocabulary, Tag::PADDING_METHOD, texts.encrypting_paddings)?,
        })
    }

    /// Checks a key that is to be stored or used. An object without an algorithm passes.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: algorithm, length or curve are not allowed.
    pub(crate) fn check_key(&self, key: &KeyFacts<'_>) -> Result<()> {
        self.check_refused(key.algorithm)?;
        if let (Some(allowed), Some(algorithm)) = (&self.algorithms, key.algorithm) {
            let rule = allowed.iter().find(|rule| rule.algorithm == algorithm);
            let rule = rule.ok_or_else(|| refused(&algorithm))?;
            if let Some(length) = key.length
                && !rule.lengths.is_empty()
                && !rule.lengths.iter().any(|range| range.contains(&length))
            {
                return Err(refused(&format!("{algorithm:?} with keys of {length} bits")));
            }
        }
        if self.curves.is_none() {
            return Ok(());
        }
        let domain = key.attributes.one::<kinds::CryptographicDomainParameters>();
        check(&self.curves, domain.and_then(|domain| domain.recommended_curve))
    }

    /// Whether there are parameters that it refuses; if not, none need to be completed and checked.
    pub(crate) fn limits_parameters(&self) -> bool {
        self.algorithms.is_some()
            || !self.refused_algorithms.is_empty()
            || self.modes.is_some()
            || self.paddings.is_some()
            || self.hashes.is_some()
            || self.signatures.is_some()
            || self.signing_hashes.is_some()
            || self.encrypting_paddings.is_some()
    }

    /// Checks the parameters that a scheme works with.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: one of them is not allowed.
    pub(crate) fn check_parameters(
        &self,
        parameters: &CryptographicParameters,
        capability: Capability,
        purpose: Purpose,
    ) -> Result<()> {
        self.check_refused(parameters.cryptographic_algorithm)?;
        if let (Some(allowed), Some(algorithm)) = (&self.algorithms, parameters.cryptographic_algorithm)
            && !allowed.iter().any(|rule| rule.algorithm == algorithm)
        {
            return Err(refused(&algorithm));
        }
        check(&self.modes, parameters.block_cipher_mode)?;
        check(&self.paddings, parameters.padding_method)?;
        check(&self.hashes, parameters.hashing_algorithm)?;
        check(&self.hashes, parameters.mask_generator_hashing_algorithm)?;
        check(&self.signatures, parameters.digital_signature_algorithm)?;
        match (purpose, capability) {
            (Purpose::Protect, Capability::Sign) => check(&self.signing_hashes, parameters.hashing_algorithm),
            (Purpose::Protect, Capability::Cipher | Capability::Wrap) => {
                check(&self.encrypting_paddings, parameters.padding_method)
            }
            _ => Ok(()),
        }
    }

    fn check_refused(&self, algorithm: Option<CryptographicAlgorithm>) -> Result<()> {
        match algorithm {
            Some(algorithm) if self.refused_algorithms.contains(&algorithm) => Err(refused(&algorithm)),
            _ => Ok(()),
        }
    }
}

fn check<E: Enumeration>(allowed: &Option<Vec<E>>, value: Option<E>) -> Result<()> {
    match (allowed, value) {
        (Some(allowed), Some(value)) if !allowed.contains(&value) => Err(refused(&value)),
        _ => Ok(()),
    }
}

fn refused(what: &dyn Debug) -> Error {
    Error::new(
        ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
        ErrorClass::Unsupported,
        format!("the algorithm policy of this server does not allow {what:?}"),
    )
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn names<E: Enumeration>(
    vocabulary: &Vocabulary,
    tag: Tag,
    list: Option<&str>,
) -> std::result::Result<Option<Vec<E>>, String> {
    list.map(|list| items(list).map(|name| named(vocabulary, tag, name)).collect()).transpose()
}

fn named<E: Enumeration>(vocabulary: &Vocabulary, tag: Tag, name: &str) -> std::result::Result<E, String> {
    let unknown = || format!("`{name}` is no {}", vocabulary.tag_name(tag).unwrap_or(E::NAME));
    vocabulary.enumeration_value(tag, name).map(E::from_code).ok_or_else(unknown)
}

fn allowed_algorithm(vocabulary: &Vocabulary, item: &str) -> std::result::Result<AllowedAlgorithm, String> {
    let (name, lengths) = item.split_once(':').unwrap_or((item, ""));
    let lengths = lengths.split(':').filter(|length| !length.is_empty());
    Ok(AllowedAlgorithm {
        algorithm: named(vocabulary, Tag::CRYPTOGRAPHIC_ALGORITHM, name)?,
        lengths: lengths.map(|length| range(item, length)).collect::<std::result::Result<_, _>>()?,
    })
}

fn range(item: &str, text: &str) -> std::result::Result<RangeInclusive<i32>, String> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.trim().parse(), to.trim().parse()) {
        (Ok(from), Ok(to)) if from <= to && 0 < from => Ok(from..=to),
        _ => Err(format!("`{text}` in `{item}` is no length in bits, such as 256 or 2048-8192")),
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::attributes::{Attributes, CryptographicDomainParameters};
    use claviger_kmip::tables::enumerations::ObjectType;

    use super::*;

    fn policy(algorithms: &str) -> AlgorithmPolicy {
        let texts = PolicyTexts {
            algorithms: Some(algorithms),
            curves: Some("P_256, P_384"),
            modes: Some("GCM"),
            hashes: Some("SHA_256"),
            ..PolicyTexts::default()
        };
        AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap()
    }

    fn key(algorithm: CryptographicAlgorithm, length: i32, attributes: &Attributes) -> KeyFacts<'_> {
        KeyFacts {
            object_type: ObjectType::SYMMETRIC_KEY,
            algorithm: Some(algorithm),
            length: Some(length),
            format: None,
            attributes,
        }
    }

    #[test]
    fn a_key_needs_an_allowed_algorithm_and_length() {
        let policy = policy("AES:192:256, RSA:2048-8192, EC");
        let none = Attributes::new();
        let allows = |algorithm, length| policy.check_key(&key(algorithm, length, &none)).is_ok();
        assert!(allows(CryptographicAlgorithm::AES, 256));
        assert!(!allows(CryptographicAlgorithm::AES, 128));
        assert!(allows(CryptographicAlgorithm::RSA, 3072));
        assert!(!allows(CryptographicAlgorithm::RSA, 1024));
        assert!(allows(CryptographicAlgorithm::EC, 1));
        assert!(!allows(CryptographicAlgorithm::THREE_DES, 168));
    }

    #[test]
    fn one_algorithm_is_turned_off_and_the_others_stay() {
        let texts = PolicyTexts { refused_algorithms: Some("DES3"), ..PolicyTexts::default() };
        let policy = AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap();
        let none = Attributes::new();
        let allows = |algorithm, length| policy.check_key(&key(algorithm, length, &none)).is_ok();
        assert!(!allows(CryptographicAlgorithm::THREE_DES, 168));
        assert!(allows(CryptographicAlgorithm::AES, 128));
        let named = |algorithm| {
            let parameters = CryptographicParameters {
                cryptographic_algorithm: Some(algorithm),
                ..CryptographicParameters::NONE
            };
            policy.check_parameters(&parameters, Capability::Cipher, Purpose::Process).is_ok()
        };
        assert!(!named(CryptographicAlgorithm::THREE_DES));
        assert!(named(CryptographicAlgorithm::AES));
    }

    #[test]
    fn a_key_needs_an_allowed_curve() {
        let policy = policy("EC");
        let allows = |curve| {
            let mut attributes = Attributes::new();
            attributes.put::<kinds::CryptographicDomainParameters>(CryptographicDomainParameters {
                qlength: None,
                recommended_curve: Some(curve),
            });
            policy.check_key(&key(CryptographicAlgorithm::EC, 256, &attributes)).is_ok()
        };
        assert!(allows(RecommendedCurve::P_256));
        assert!(!allows(RecommendedCurve::P_192));
    }

    #[test]
    fn every_parameter_of_a_request_must_be_allowed() {
        let policy = policy("AES");
        let none = CryptographicParameters::NONE;
        let allows = |parameters: &CryptographicParameters| {
            policy.check_parameters(parameters, Capability::Cipher, Purpose::Protect).is_ok()
        };
        assert!(allows(&none));
        assert!(allows(&CryptographicParameters {
            block_cipher_mode: Some(BlockCipherMode::GCM),
            hashing_algorithm: Some(HashingAlgorithm::SHA_256),
            padding_method: Some(PaddingMethod::PKCS5),
            ..none.clone()
        }));
        for refused in [
            CryptographicParameters { block_cipher_mode: Some(BlockCipherMode::ECB), ..none.clone() },
            CryptographicParameters { hashing_algorithm: Some(HashingAlgorithm::MD5), ..none.clone() },
            CryptographicParameters {
                mask_generator_hashing_algorithm: Some(HashingAlgorithm::SHA_1),
                ..none.clone()
            },
            CryptographicParameters {
                cryptographic_algorithm: Some(CryptographicAlgorithm::RC4),
                ..none.clone()
            },
        ] {
            assert!(!allows(&refused), "{refused:?}");
        }
    }

    #[test]
    fn what_protects_nothing_new_may_still_process() {
        let texts = PolicyTexts {
            signing_hashes: Some("SHA_256"),
            encrypting_paddings: Some("OAEP"),
            ..PolicyTexts::default()
        };
        let policy = AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap();
        assert!(policy.limits_parameters());
        let parameters = CryptographicParameters {
            hashing_algorithm: Some(HashingAlgorithm::SHA_1),
            padding_method: Some(PaddingMethod::PKCS1_V1_5),
            ..CryptographicParameters::NONE
        };
        let allows = |capability, purpose| policy.check_parameters(&parameters, capability, purpose).is_ok();
        for capability in [Capability::Sign, Capability::Cipher, Capability::Wrap] {
            assert!(!allows(capability, Purpose::Protect), "{capability:?}");
            assert!(allows(capability, Purpose::Process), "{capability:?}");
        }
        assert!(allows(Capability::Mac, Purpose::Protect));
        assert!(allows(Capability::Digest, Purpose::Protect));
    }

    #[test]
    fn what_is_not_said_allows_everything() {
        let open = AlgorithmPolicy::default();
        let none = Attributes::new();
        assert!(open.check_key(&key(CryptographicAlgorithm::DES, 56, &none)).is_ok());
        assert!(!open.limits_parameters());
    }

    #[test]
    fn names_and_lengths_that_mean_nothing_are_told() {
        let parse = |algorithms| {
            let texts = PolicyTexts { algorithms: Some(algorithms), ..PolicyTexts::default() };
            AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap_err()
        };
        assert_eq!(parse("AES,ROT13"), "`ROT13` is no CryptographicAlgorithm");
        assert_eq!(parse("AES:big"), "`big` in `AES:big` is no length in bits, such as 256 or 2048-8192");
        assert!(parse("RSA:8192-2048").contains("is no length"));
    }
}
