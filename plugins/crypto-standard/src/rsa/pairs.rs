//! Making RSA key pairs (FIPS 186-5 appendix A.1): on AWS-LC for the usual lengths, on OpenSSL for others. KMIP has no
//! way to ask for a public exponent; it is always 65537.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, ResultReason};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, GeneratePair, KeyPair, PairTemplates, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};
use openssl::rsa::Rsa;

use super::keys::{LONGEST, RsaKeys, encode_private};
use crate::encoding::{EncodedKey, new_pair};

const PAIRS: SchemeEntry = SchemeEntry {
    name: "RSA key pairs",
    algorithms: &[CryptographicAlgorithm::RSA],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::GeneratePair(&RsaPairs),
};
register_scheme!(PAIRS);

/// The length where the templates name none, in bits.
const USUAL: i32 = 3072;

/// Shorter keys protect nothing; which of the longer ones may be made is for the algorithm policy to say.
const SHORTEST: i32 = 1024;

struct RsaPairs;

impl GeneratePair for RsaPairs {
    fn cost(&self, _: PairTemplates<'_>) -> Cost {
        Cost::Heavy
    }

    fn generate_pair(&self, templates: PairTemplates<'_>, _: &mut dyn RandomSource) -> Result<KeyPair> {
        new_pair(&RsaKeys, &generate(length(templates)?)?, templates)
    }
}

/// The length of the pair in bits.
fn length(templates: PairTemplates<'_>) -> Result<i32> {
    let refused = |why: String| Error::new(ResultReason::INVALID_ATTRIBUTE_VALUE, ErrorClass::Request, why);
    let asked =
        [templates.private, templates.public].map(|template| template.one::<kinds::CryptographicLength>());
    let length = match asked {
        [Some(private), Some(public)] if private != public => {
            return Err(refused(format!(
                "both keys of a pair have one length, not {private} and {public} bits"
            )));
        }
        [one, other] => one.or(other).unwrap_or(USUAL),
    };
    if !(SHORTEST..=LONGEST).contains(&length) || length % 8 != 0 {
        return Err(refused(format!(
            "RSA keys are made with {SHORTEST} to {LONGEST} bits in whole bytes, not with {length} bits"
        )));
    }
    Ok(length)
}

fn generate(length: i32) -> Result<EncodedKey> {
    let size = match length {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        8192 => KeySize::Rsa8192,
        other => return generate_with_openssl(other),
    };
    let failed = |_| Error::server("an RSA key could not be made");
    let der: Pkcs8V1Der<'_> =
        PrivateDecryptingKey::generate(size).and_then(|key| key.as_der()).map_err(failed)?;
    EncodedKey::from_pkcs8(der.as_ref()).ok_or_else(|| Error::server("a new RSA key cannot be read"))
}

fn generate_with_openssl(length: i32) -> Result<EncodedKey> {
    let rsa = Rsa::generate(length.unsigned_abs());
    encode_private(&rsa.map_err(|error| Error::server("an RSA key could not be made").because(error))?)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::Value;
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue};
    use claviger_plugin_sdk::kmip::tables::enumerations::KeyFormatType;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{GeneratePairSubject, WantedPair};
    use openssl::pkey::PKey;

    use super::super::keys::FORMATS;
    use super::*;

    scheme_conformance!(generate_pair suite: GeneratePairSubject {
        entry: PAIRS,
        formats: FORMATS,
        wanted: || {
            let wanted = |length| WantedPair { template: template(Some(length), None), length, domain: None };
            vec![wanted(1024), wanted(1032), wanted(2048)]
        },
        refused: || {
            let lengths = [i32::MIN, -2048, 0, 8, 512, 1016, 2047, 8200, 16_384, i32::MAX];
            lengths.map(|length| template(Some(length), None)).to_vec()
        },
    });

    fn template(length: Option<i32>, format: Option<KeyFormatType>) -> Attributes {
        let mut template = Attributes::new();
        template.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::RSA);
        if let Some(length) = length {
            template.put::<kinds::CryptographicLength>(length);
        }
        if let Some(format) = format {
            template.put::<kinds::KeyFormatType>(format);
        }
        template
    }

    fn pair(private: &Attributes, public: &Attributes) -> Result<KeyPair> {
        RsaPairs.generate_pair(PairTemplates { private, public }, &mut SeededRandom::new(1))
    }

    fn bytes(block: &KeyBlock) -> &[u8] {
        match &block.key_value {
            Some(KeyValue::Plain(plain)) => match &plain.key_material {
                Value::ByteString(bytes) => bytes,
                _ => panic!("the material is no bytes"),
            },
            _ => panic!("a new key is plain"),
        }
    }

    #[test]
    fn openssl_finds_a_sound_key_of_every_length() {
        for length in [1024, 1536, 2048, 3072] {
            let template = template(Some(length), None);
            let pair = pair(&template, &template).unwrap();
            let private = Rsa::private_key_from_der(bytes(&pair.private)).unwrap();
            let public = Rsa::public_key_from_der_pkcs1(bytes(&pair.public)).unwrap();
            assert!(private.check_key().unwrap(), "{length} bits");
            assert_eq!((private.n().num_bits(), private.n(), private.e()), (length, public.n(), public.e()));
            assert_eq!(*private.e(), *openssl::bn::BigNum::from_u32(65_537).unwrap());
            for block in [&pair.private, &pair.public] {
                assert_eq!(block.cryptographic_length, Some(length));
                assert_eq!(block.cryptographic_algorithm, Some(CryptographicAlgorithm::RSA));
                assert_eq!(block.key_format_type, KeyFormatType::PKCS_1);
            }
        }
    }

    #[test]
    fn a_length_may_stand_in_either_template() {
        let (some, none) = (template(Some(1024), None), template(None, None));
        for (private, public) in [(&some, &none), (&none, &some)] {
            assert_eq!(length(PairTemplates { private, public }).unwrap(), 1024);
        }
        assert_eq!(length(PairTemplates { private: &none, public: &none }).unwrap(), USUAL);
        let error = pair(&some, &template(Some(2048), None)).unwrap_err();
        assert_eq!(error.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
    }

    #[test]
    fn a_format_for_both_keys_means_its_counterpart_where_only_one_has_it() {
        let pkcs8 = template(Some(1024), Some(KeyFormatType::PKCS_8));
        let made = pair(&pkcs8, &pkcs8).unwrap();
        assert_eq!(made.private.key_format_type, KeyFormatType::PKCS_8);
        assert_eq!(made.public.key_format_type, KeyFormatType::X_509);
        let private = PKey::private_key_from_pkcs8(bytes(&made.private)).unwrap();
        assert!(private.public_eq(&PKey::public_key_from_der(bytes(&made.public)).unwrap()));
        let transparent = template(Some(1024), Some(KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY));
        let made = pair(&transparent, &transparent).unwrap();
        assert_eq!(made.private.key_format_type, KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY);
        let error = pair(&template(Some(1024), Some(KeyFormatType::EC_PRIVATE_KEY)), &pkcs8).unwrap_err();
        assert_eq!(error.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    }
}
