//! Keys that are random bytes.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ResultReason};
use claviger_plugin_sdk::kmip::{ByteString, Tag, Ttlv, Value};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Generate, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, ErrorClass, Result, register_scheme};

/// Keys of one algorithm.
struct RandomKeys {
    algorithm: CryptographicAlgorithm,
    lengths: Lengths,
    /// The length where the template names none, in bits.
    usual: i32,
    /// What to do with the bytes before they are a key.
    finish: fn(&mut [u8]),
}

/// Which lengths keys may have, in bits.
enum Lengths {
    /// One of these, each with the bits that the bytes take: those of Triple DES have parity bits besides.
    OneOf(&'static [(i32, usize)]),
    /// Whole bytes from this length to [`LONGEST`].
    From(i32),
}

/// Longer keys serve nobody and would let one request take the server's memory.
const LONGEST: i32 = 65_536;

/// SP 800-131A disallows shorter keys for HMAC.
const SHORTEST_HMAC: i32 = 112;

const ANY: Lengths = Lengths::From(8);
const HMAC: Lengths = Lengths::From(SHORTEST_HMAC);

/// 512 bits are the pair of keys of AES-256-XTS.
const AES: Lengths = Lengths::OneOf(&[(128, 128), (192, 192), (256, 256), (512, 512)]);
const CHACHA20: Lengths = Lengths::OneOf(&[(256, 256)]);
const SKIPJACK: Lengths = Lengths::OneOf(&[(80, 80)]);

/// KMIP counts without parity bits; other software counts them.
const TRIPLE_DES: Lengths = Lengths::OneOf(&[(112, 128), (128, 128), (168, 192), (192, 192)]);

macro_rules! random_keys {
    ($($entry:ident = $name:literal: $algorithm:ident, $lengths:expr, $usual:literal, $finish:expr;)*) => {$(
        const $entry: SchemeEntry = SchemeEntry {
            name: $name,
            algorithms: &[CryptographicAlgorithm::$algorithm],
            claims: |_, _| true,
            effective: SchemeEntry::as_asked,
            scheme: Scheme::Generate(&RandomKeys {
                algorithm: CryptographicAlgorithm::$algorithm,
                lengths: $lengths,
                usual: $usual,
                finish: $finish,
            }),
        };
        register_scheme!($entry);
    )*};
}

random_keys! {
    AES_KEYS = "AES keys": AES, AES, 256, |_| ();
    CHACHA20_KEYS = "ChaCha20 keys": CHACHA20, CHACHA20, 256, |_| ();
    CHACHA20_POLY1305_KEYS = "ChaCha20-Poly1305 keys": CHACHA20_POLY1305, CHACHA20, 256, |_| ();
    TRIPLE_DES_KEYS = "Triple DES keys": THREE_DES, TRIPLE_DES, 168, set_odd_parity;
    SKIPJACK_KEYS = "Skipjack keys": SKIPJACK, SKIPJACK, 80, |_| ();
    HMAC_SHA1_KEYS = "HMAC-SHA1 keys": HMAC_SHA1, HMAC, 160, |_| ();
    HMAC_SHA224_KEYS = "HMAC-SHA224 keys": HMAC_SHA224, HMAC, 224, |_| ();
    HMAC_SHA256_KEYS = "HMAC-SHA256 keys": HMAC_SHA256, HMAC, 256, |_| ();
    HMAC_SHA384_KEYS = "HMAC-SHA384 keys": HMAC_SHA384, HMAC, 384, |_| ();
    HMAC_SHA512_KEYS = "HMAC-SHA512 keys": HMAC_SHA512, HMAC, 512, |_| ();
    HMAC_SHA3_224_KEYS = "HMAC-SHA3-224 keys": HMAC_SHA3_224, HMAC, 224, |_| ();
    HMAC_SHA3_256_KEYS = "HMAC-SHA3-256 keys": HMAC_SHA3_256, HMAC, 256, |_| ();
    HMAC_SHA3_384_KEYS = "HMAC-SHA3-384 keys": HMAC_SHA3_384, HMAC, 384, |_| ();
    HMAC_SHA3_512_KEYS = "HMAC-SHA3-512 keys": HMAC_SHA3_512, HMAC, 512, |_| ();
    // Clients of the REST family name hash functions as algorithms of keys.
    SHA3_224_KEYS = "SHA3-224 keys": SHA3_224, ANY, 256, |_| ();
    SHA3_256_KEYS = "SHA3-256 keys": SHA3_256, ANY, 256, |_| ();
    SHA3_384_KEYS = "SHA3-384 keys": SHA3_384, ANY, 256, |_| ();
    SHA3_512_KEYS = "SHA3-512 keys": SHA3_512, ANY, 256, |_| ();
    SHAKE_128_KEYS = "SHAKE128 keys": SHAKE_128, ANY, 256, |_| ();
    SHAKE_256_KEYS = "SHAKE256 keys": SHAKE_256, ANY, 256, |_| ();
}

impl Generate for RandomKeys {
    fn generate(&self, template: &Attributes, rng: &mut dyn RandomSource) -> Result<KeyBlock> {
        let bits = template.one::<kinds::CryptographicLength>().unwrap_or(self.usual);
        let length = self.lengths.bytes(bits).ok_or_else(|| self.no_such_length(bits))?;
        let format = template.one::<kinds::KeyFormatType>().unwrap_or(KeyFormatType::RAW);
        let mut key = rng.bytes(length).into_vec();
        (self.finish)(&mut key);
        Ok(KeyBlock {
            key_format_type: format,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: in_format(format, key.into())?,
                attributes: None,
            })),
            cryptographic_algorithm: Some(self.algorithm),
            cryptographic_length: Some(bits),
            key_wrapping_data: None,
        })
    }
}

impl RandomKeys {
    fn no_such_length(&self, bits: i32) -> Error {
        Error::new(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            ErrorClass::Request,
            format!("{:?} keys have {}, not {bits} bits", self.algorithm, self.lengths.in_words()),
        )
    }
}

impl Lengths {
    /// The bytes of a key of this many bits, if there are such keys.
    fn bytes(&self, bits: i32) -> Option<usize> {
        match self {
            Self::OneOf(lengths) => {
                lengths.iter().find(|(known, _)| *known == bits).map(|(_, real)| real / 8)
            }
            Self::From(shortest) => {
                let fits = (*shortest..=LONGEST).contains(&bits) && bits % 8 == 0;
                usize::try_from(bits / 8).ok().filter(|_| fits)
            }
        }
    }

    fn in_words(&self) -> String {
        match self {
            Self::OneOf(lengths) => {
                lengths.iter().map(|(bits, _)| bits.to_string()).collect::<Vec<_>>().join(" or ")
            }
            Self::From(shortest) => format!("{shortest} to {LONGEST} in whole bytes"),
        }
    }
}

/// The material in the format that the template asks for.
fn in_format(format: KeyFormatType, key: ByteString) -> Result<Value> {
    match format {
        KeyFormatType::RAW => Ok(Value::ByteString(key)),
        KeyFormatType::TRANSPARENT_SYMMETRIC_KEY => {
            Ok(Value::Structure(vec![Ttlv::new(Tag::KEY, Value::ByteString(key))]))
        }
        other => Err(Error::unsupported(format!(
            "a symmetric key is made as Raw or Transparent Symmetric Key, not as {other:?}"
        ))
        .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)),
    }
}

/// Gives each byte an odd number of ones, as DES keys have (FIPS 46-3 section 1).
fn set_odd_parity(key: &mut [u8]) {
    for byte in key {
        *byte ^= u8::from(byte.count_ones() % 2 == 0);
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::GenerateSubject;

    use super::*;

    scheme_conformance!(generate aes: GenerateSubject {
        entry: AES_KEYS,
        lengths: &[(128, 16), (192, 24), (256, 32), (512, 64)],
        usual: 256,
        refused: &[64, 127, 129, 160, 384, 1024],
    });
    scheme_conformance!(generate chacha20: GenerateSubject {
        entry: CHACHA20_KEYS,
        lengths: &[(256, 32)],
        usual: 256,
        refused: &[128, 192, 512],
    });
    scheme_conformance!(generate chacha20_poly1305: GenerateSubject {
        entry: CHACHA20_POLY1305_KEYS,
        lengths: &[(256, 32)],
        usual: 256,
        refused: &[128, 192, 512],
    });
    scheme_conformance!(generate triple_des: GenerateSubject {
        entry: TRIPLE_DES_KEYS,
        lengths: &[(112, 16), (128, 16), (168, 24), (192, 24)],
        usual: 168,
        refused: &[56, 64, 256],
    });
    scheme_conformance!(generate skipjack: GenerateSubject {
        entry: SKIPJACK_KEYS,
        lengths: &[(80, 10)],
        usual: 80,
        refused: &[64, 128],
    });
    scheme_conformance!(generate sha3_256: GenerateSubject {
        entry: SHA3_256_KEYS,
        lengths: &[(8, 1), (128, 16), (256, 32), (65_536, 8_192)],
        usual: 256,
        refused: &[12, 65_544],
    });

    macro_rules! hmacs {
        ($($name:ident = $entry:ident, $usual:literal;)*) => {$(
            scheme_conformance!(generate $name: GenerateSubject {
                entry: $entry,
                lengths: &[(112, 14), (256, 32), (512, 64), (1024, 128)],
                usual: $usual,
                refused: &[80, 104, 257, 65_544],
            });
        )*};
    }

    hmacs! {
        hmac_sha1 = HMAC_SHA1_KEYS, 160;
        hmac_sha224 = HMAC_SHA224_KEYS, 224;
        hmac_sha256 = HMAC_SHA256_KEYS, 256;
        hmac_sha384 = HMAC_SHA384_KEYS, 384;
        hmac_sha512 = HMAC_SHA512_KEYS, 512;
        hmac_sha3_224 = HMAC_SHA3_224_KEYS, 224;
        hmac_sha3_256 = HMAC_SHA3_256_KEYS, 256;
        hmac_sha3_384 = HMAC_SHA3_384_KEYS, 384;
        hmac_sha3_512 = HMAC_SHA3_512_KEYS, 512;
    }

    #[test]
    fn each_byte_of_a_triple_des_key_has_odd_parity() {
        let mut key = SeededRandom::new(1).bytes(24).into_vec();
        set_odd_parity(&mut key);
        assert!(key.iter().all(|byte| byte.count_ones() % 2 == 1));
    }
}
