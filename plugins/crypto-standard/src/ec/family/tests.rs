use std::io::Write;
use std::process::{Command, Stdio};

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::ObjectType;
use claviger_plugin_sdk::scheme::{Formats, KeyDescription};
use claviger_plugin_sdk::scheme_conformance;
use claviger_plugin_sdk::testkit::scheme::FormatsSubject;
use openssl::bn::BigNumContext;
use openssl::ec::{Asn1Flag, EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;

use super::super::curve::Form;
use super::super::trial_keys::*;
use super::*;

const KEYS: AsFormats<EcKeys> = AsFormats(EcKeys);

scheme_conformance!(formats suite: FormatsSubject {
    entry: FORMATS,
    // One of each form and size of bytes; OpenSSL is slow with the others.
    pair: |rng| {
        let curves = [Curve::P224, Curve::P256, Curve::P521, Curve::X25519, Curve::X448, Curve::Ed25519, Curve::Ed448];
        key_pair(*rng.pick(&curves), rng)
    },
    strangers: || {
        let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(1024).unwrap()).unwrap();
        let private = material(KeyFormatType::PKCS_8, &rsa.private_key_to_pkcs8().unwrap());
        let public = material(KeyFormatType::X_509, &rsa.public_key_to_der().unwrap());
        vec![(ObjectType::PRIVATE_KEY, private), (ObjectType::PUBLIC_KEY, public)]
    },
});

fn material(format: KeyFormatType, bytes: &[u8]) -> Material {
    Material::new(format, Value::ByteString(bytes.into()))
}

fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::ByteString(bytes) => bytes,
        _ => panic!("bytes"),
    }
}

/// The facts of a key that tells its curve, too, as Raw needs.
fn facts_with_domain(
    object_type: ObjectType,
    algorithm: CryptographicAlgorithm,
    curve: RecommendedCurve,
) -> KeyFacts<'static> {
    let mut attributes = Attributes::new();
    let domain = CryptographicDomainParameters { qlength: None, recommended_curve: Some(curve) };
    attributes.add(Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS, domain.into_value());
    KeyFacts { attributes: Box::leak(Box::new(attributes)), ..facts(object_type, algorithm) }
}

/// Each format says what it is and gives the key again; the suite has every way from one to another.
#[test]
fn every_format_is_read_and_written_on_every_curve() {
    for curve in Curve::ALL.iter().copied() {
        let algorithm = curve.algorithm();
        let name = curve.recommended(algorithm);
        let (private, public) = new_pair(curve, 1);
        for (object_type, original) in [(ObjectType::PRIVATE_KEY, private), (ObjectType::PUBLIC_KEY, public)]
        {
            let facts = facts_with_domain(object_type, algorithm, name);
            for format in KEYS.formats(&facts).iter().copied() {
                let written = Material::new(format, KEYS.convert(&facts, &original, format.into()).unwrap());
                let description = KEYS.recognise(&facts, &written).unwrap().unwrap();
                assert_eq!(
                    description,
                    KeyDescription {
                        object_type,
                        algorithm,
                        length: curve.bits(),
                        domain: Some(CryptographicDomainParameters {
                            qlength: None,
                            recommended_curve: Some(name)
                        }),
                    }
                );
                let back = KEYS.convert(&facts, &written, original.format().into()).unwrap();
                assert_eq!(&back, original.value(), "{format:?}");
            }
        }
    }
}

/// OpenSSL reads what is written, and writes the same.
#[test]
fn openssl_reads_and_writes_the_same() {
    for curve in Curve::ALL.iter().copied() {
        let (private_facts, public_facts) = pair_facts(curve);
        let (private, public) = new_pair(curve, 1);
        let theirs = PKey::private_key_from_pkcs8(bytes(private.value())).unwrap();
        assert_eq!(theirs.private_key_to_pkcs8().unwrap(), bytes(private.value()), "{}", curve.name());
        assert_eq!(theirs.public_key_to_der().unwrap(), bytes(public.value()));
        if has_points(curve) {
            let sec1 = KEYS.convert(&private_facts, &private, KeyFormatType::EC_PRIVATE_KEY.into()).unwrap();
            assert_eq!(theirs.ec_key().unwrap().private_key_to_der().unwrap(), bytes(&sec1));
        }
        let pem = theirs.private_key_to_pem_pkcs8().unwrap();
        let read = material(KeyFormatType::PKCS_8, &pem);
        assert!(KEYS.recognise(&private_facts, &read).unwrap().is_some());
        let block = KEYS.public_key(&private_facts, &read).unwrap();
        assert_eq!(block.key_format_type, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY);
        let raw = KEYS.convert(&public_facts, &public, KeyFormatType::RAW.into()).unwrap();
        match curve.form() {
            Form::Weierstrass(_) => assert_eq!(bytes(&raw).len(), 1 + 2 * curve.size()),
            _ => assert_eq!(theirs.raw_public_key().unwrap(), bytes(&raw)),
        }
    }
}

/// The command line of OpenSSL, with what goes in and what comes out.
fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the openssl command is there");
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

#[test]
fn keys_go_to_and_come_from_the_openssl_command() {
    let made = |curve, format, arguments: &[&str]| {
        let pem = openssl(arguments, &[]);
        let (facts, public_facts) = pair_facts(curve);
        let key = material(format, &pem);
        let description = KEYS.recognise(&facts, &key).unwrap().unwrap();
        assert_eq!(description.length, curve.bits());
        let pkcs8 = KEYS.convert(&facts, &key, KeyFormatType::PKCS_8.into()).unwrap();
        let theirs = openssl(&["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], bytes(&pkcs8));
        let block = KEYS.public_key(&facts, &key).unwrap();
        let Some(claviger_plugin_sdk::kmip::objects::KeyValue::Plain(plain)) = block.key_value else {
            panic!("plain")
        };
        let public = Material::new(block.key_format_type, plain.key_material);
        let ours = KEYS.convert(&public_facts, &public, KeyFormatType::X_509.into()).unwrap();
        assert_eq!(theirs, bytes(&ours));
    };
    let pkcs8 = KeyFormatType::PKCS_8;
    made(Curve::P384, pkcs8, &["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]);
    made(Curve::Secp256k1, KeyFormatType::EC_PRIVATE_KEY, &["ecparam", "-name", "secp256k1", "-genkey"]);
    made(Curve::X25519, pkcs8, &["genpkey", "-algorithm", "X25519"]);
    made(Curve::Ed448, pkcs8, &["genpkey", "-algorithm", "ED448"]);
}

#[test]
fn points_are_compressed_as_openssl_does() {
    let (_, facts) = pair_facts(Curve::P256);
    let (_, public) = new_pair(Curve::P256, 1);
    let forms = [
        (KeyCompressionType::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED, "uncompressed"),
        (KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME, "compressed"),
        (KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_HYBRID, "hybrid"),
    ];
    for (compression, name) in forms {
        let to = |format| Encoding { format, compression: Some(compression) };
        let ours = KEYS.convert(&facts, &public, to(KeyFormatType::X_509)).unwrap();
        let arguments = ["ec", "-pubin", "-inform", "DER", "-conv_form", name, "-pubout", "-outform", "DER"];
        assert_eq!(openssl(&arguments, bytes(public.value())), bytes(&ours));
        let raw = KEYS.convert(&facts, &public, to(KeyFormatType::RAW)).unwrap();
        assert!(bytes(&ours).ends_with(bytes(&raw)));
        let compressed = material(KeyFormatType::X_509, bytes(&ours));
        let back = KEYS.convert(&facts, &compressed, KeyFormatType::X_509.into()).unwrap();
        assert_eq!(bytes(&back).len(), bytes(&ours).len(), "stays as it came unless asked otherwise");
        let transparent = KEYS.convert(&facts, &compressed, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY.into());
        let original = KEYS.convert(&facts, &public, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY.into());
        assert_eq!(transparent.unwrap(), original.unwrap());
    }
}

#[test]
fn compression_where_there_is_none_is_refused() {
    let refused = |facts: &KeyFacts<'_>, key: &Material, format, compression| {
        let error = KEYS.convert(facts, key, Encoding { format, compression: Some(compression) });
        assert_eq!(
            error.expect_err("no such form").reason(),
            ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED
        );
    };
    let compressed = KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME;
    let (private_facts, public_facts) = pair_facts(Curve::P256);
    let (private, public) = new_pair(Curve::P256, 1);
    refused(&private_facts, &private, KeyFormatType::PKCS_8, compressed);
    let binary = KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_CHAR2;
    refused(&public_facts, &public, KeyFormatType::X_509, binary);
    let (_, public) = new_pair(Curve::Ed25519, 1);
    refused(&pair_facts(Curve::Ed25519).1, &public, KeyFormatType::X_509, compressed);
}

#[test]
fn what_is_no_key_of_its_curve_is_refused() {
    let refused = |facts: &KeyFacts<'_>, key: &Material, why: &str| {
        let error = KEYS.recognise(facts, key).expect_err(why);
        assert_eq!(error.reason(), ResultReason::INVALID_FIELD, "{why}");
        let error = KEYS.convert(facts, key, KeyFormatType::RAW.into()).expect_err(why);
        assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{why}");
    };
    let (private_facts, public_facts) = pair_facts(Curve::P256);
    let (private, public) = new_pair(Curve::P256, 1);
    let spki = bytes(public.value());
    let mut beside = spki.to_vec();
    *beside.last_mut().unwrap() ^= 1;
    refused(&public_facts, &material(KeyFormatType::X_509, &beside), "a point beside the curve");
    let pkcs8 = bytes(private.value());
    let mut stranger = pkcs8.to_vec();
    let place = stranger.len() - 1;
    stranger[place] ^= 1;
    refused(&private_facts, &material(KeyFormatType::PKCS_8, &stranger), "a public key beside the curve");
    let secret = pkcs8.windows(2).position(|pair| pair == [4, 32]).unwrap() + 2;
    let mut other = pkcs8.to_vec();
    other[secret + 31] ^= 1;
    refused(&private_facts, &material(KeyFormatType::PKCS_8, &other), "a public key of another");
    let mut too_large = pkcs8.to_vec();
    too_large[secret..secret + 32].fill(0xFF);
    refused(&private_facts, &material(KeyFormatType::PKCS_8, &too_large), "a scalar above the order");
    let raw = |half, point: &[u8]| {
        let facts = facts_with_domain(half, CryptographicAlgorithm::EC, RecommendedCurve::P_256);
        (facts, material(KeyFormatType::RAW, point))
    };
    for (half, point) in [
        (ObjectType::PUBLIC_KEY, &[0][..]),
        (ObjectType::PUBLIC_KEY, &[]),
        (ObjectType::PUBLIC_KEY, &[4; 65]),
        (ObjectType::PRIVATE_KEY, &[0; 32]),
        (ObjectType::PRIVATE_KEY, &[1; 33]),
    ] {
        let (facts, key) = raw(half, point);
        refused(&facts, &key, "infinity, nothing, a point beside the curve, zero, too many bytes");
    }
    let named =
        facts_with_domain(ObjectType::PUBLIC_KEY, CryptographicAlgorithm::EC, RecommendedCurve::P_384);
    refused(&named, &public, "another curve than the attributes name");
    let ed25519 = facts(ObjectType::PUBLIC_KEY, CryptographicAlgorithm::ED25519);
    refused(&ed25519, &public, "a curve on which the algorithm has no keys");
    let (private, _) = new_pair(Curve::X25519, 1);
    let mut short = bytes(private.value()).to_vec();
    for length in [1, 13, 15] {
        short[length] -= 1;
    }
    short.pop();
    let x25519 = facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::EC);
    refused(&x25519, &material(KeyFormatType::PKCS_8, &short), "an X25519 key of 31 bytes");
}

/// Whoever chooses the base point knows a private key to any public key.
#[test]
fn curves_by_explicit_parameters_are_refused() {
    let mut group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    group.set_asn1_flag(Asn1Flag::EXPLICIT_CURVE);
    let key = EcKey::generate(&group).unwrap();
    assert!(key.public_key().is_on_curve(&group, &mut BigNumContext::new().unwrap()).unwrap());
    let spki = key.public_key_to_der().unwrap();
    let (_, facts) = pair_facts(Curve::P256);
    assert!(KEYS.recognise(&facts, &material(KeyFormatType::X_509, &spki)).is_err());
}

#[test]
fn keys_of_other_algorithms_are_not_recognised() {
    let rsa = PKey::from_rsa(openssl::rsa::Rsa::generate(1024).unwrap()).unwrap();
    let facts = KeyFacts { algorithm: None, ..facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::RSA) };
    let key = material(KeyFormatType::PKCS_8, &rsa.private_key_to_pkcs8().unwrap());
    assert_eq!(KEYS.recognise(&facts, &key).unwrap(), None);
    assert_eq!(KEYS.recognise(&facts, &material(KeyFormatType::RAW, &[1; 32])).unwrap(), None);
    assert_eq!(KEYS.recognise(&facts, &material(KeyFormatType::PKCS_8, &[0x30, 3, 2, 1, 0])).unwrap(), None);
}

#[test]
fn transparent_keys_keep_leading_zeros_of_their_bytes() {
    // The first byte of an X25519 key, big-endian, is zero here: as a number it has 31 bytes.
    let mut secret = [7; 32];
    secret[0] = 0;
    let (private, _) = pair(Curve::X25519, &secret);
    let (facts, _) = pair_facts(Curve::X25519);
    let transparent =
        KEYS.convert(&facts, &private, KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY.into()).unwrap();
    let Value::Structure(fields) = &transparent else { panic!("a structure") };
    assert_eq!(fields[0].value, Value::Enumeration(RecommendedCurve::CURVE25519.0));
    let written = Material::new(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY, transparent.clone());
    let raw = KEYS.convert(&facts, &written, KeyFormatType::RAW.into()).unwrap();
    assert_eq!(bytes(&raw), secret);
}

#[test]
fn bare_bytes_under_a_transparent_format_may_lack_leading_zeros_and_no_more() {
    let facts =
        facts_with_domain(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::EC, RecommendedCurve::P_256);
    let key = |length| material(KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY, &vec![7; length]);
    let raw = |length| KEYS.convert(&facts, &key(length), KeyFormatType::RAW.into());
    assert_eq!(bytes(&raw(32).unwrap()), [7; 32]);
    assert_eq!(bytes(&raw(31).unwrap())[..2], [0, 7]);
    for length in [0, 1, 16, 27, 33] {
        assert!(raw(length).is_err(), "{length} bytes");
    }
    let short = material(KeyFormatType::RAW, &[7; 31]);
    assert!(KEYS.recognise(&facts, &short).is_err());
}

/// The OASIS test case CS-AC-M-3-ECC-13 registers these.
#[test]
fn the_keys_of_the_oasis_cases_are_recognised() {
    let sec1 = "30740201010420db4d128c30ca309e62c4019758c00ba244dd64d9bf52a31078866b8a00c19c68a00706052b8104000aa14403420004dab5d3c253113db414abfc1c0ebf5a02559e656aa1c8b0aa8d870aa0324cda4899925ea1e6dbc259a6c7825cf46592ac7594cc40bd604b728d88b636f317d366";
    let spki = "3056301006072a8648ce3d020106052b8104000a03420004dab5d3c253113db414abfc1c0ebf5a02559e656aa1c8b0aa8d870aa0324cda4899925ea1e6dbc259a6c7825cf46592ac7594cc40bd604b728d88b636f317d366";
    let (private_facts, public_facts) = pair_facts(Curve::Secp256k1);
    let private = material(KeyFormatType::EC_PRIVATE_KEY, &hex::decode(sec1).unwrap());
    let public = material(KeyFormatType::X_509, &hex::decode(spki).unwrap());
    for (facts, key) in [(&private_facts, &private), (&public_facts, &public)] {
        let description = KEYS.recognise(facts, key).unwrap().unwrap();
        assert_eq!(description.domain.unwrap().recommended_curve, Some(RecommendedCurve::SECP256K1));
    }
    let sec1_again = KEYS.convert(&private_facts, &private, KeyFormatType::EC_PRIVATE_KEY.into()).unwrap();
    assert_eq!(hex::encode(bytes(&sec1_again)), sec1);
}

#[test]
fn damaged_bytes_never_panic() {
    for curve in [Curve::P256, Curve::Ed25519] {
        let (private_facts, public_facts) = pair_facts(curve);
        let (private, public) = new_pair(curve, 1);
        for (facts, format, whole) in [
            (&private_facts, KeyFormatType::PKCS_8, bytes(private.value())),
            (&public_facts, KeyFormatType::X_509, bytes(public.value())),
        ] {
            for place in 0..whole.len() {
                let mut damaged = whole.to_vec();
                damaged[place] = damaged[place].wrapping_add(0x55);
                let _ = KEYS.recognise(facts, &material(format, &damaged));
                let truncated = KEYS.recognise(facts, &material(format, &whole[..place]));
                assert!(!matches!(truncated, Ok(Some(_))), "{place} bytes are no key");
            }
            let longer = [whole, &[0]].concat();
            assert!(!matches!(KEYS.recognise(facts, &material(format, &longer)), Ok(Some(_))));
        }
    }
}
