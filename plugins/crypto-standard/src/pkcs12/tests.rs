use claviger_plugin_sdk::testkit::SeededRandom;

use super::*;
use crate::password_encryption::{has_legacy_ciphers, seal};
use crate::x509::examples::{self, Party, Terms};

fn example() -> Contents {
    let (key, certificate) = examples::key_and_certificate("leaf");
    Contents {
        private_key: Some(key),
        certificate: Some(certificate),
        further: vec![examples::self_signed("root")],
        friendly_name: Some("alias".into()),
    }
}

fn sealed(kind: &Pkcs12, contents: &Contents) -> ByteString {
    kind.seal(contents, Some("secret"), &mut SeededRandom::new(1)).unwrap()
}

fn refused(container: &[u8], password: Option<&str>) -> Error {
    MODERN.open(container, password, None).expect_err("it is refused")
}

#[test]
fn what_is_sealed_in_either_kind_is_opened_again_with_its_password_only() {
    let contents = example();
    for kind in [&MODERN, &OLD] {
        let sealed = sealed(kind, &contents);
        for reader in [&MODERN, &OLD] {
            let opened = reader.open(&sealed, Some("secret"), None).unwrap();
            assert_eq!(opened.certificate, contents.certificate);
            assert_eq!(opened.further, contents.further);
            assert_eq!(opened.private_key, contents.private_key);
            assert_eq!(opened.friendly_name.as_deref(), Some("alias"));
        }
        for wrong in [None, Some("Secret")] {
            assert_eq!(refused(&sealed, wrong).reason(), ResultReason::BAD_PASSWORD);
        }
    }
}

#[test]
fn openssl_opens_what_is_sealed() {
    let contents = example();
    for kind in [&MODERN, &OLD] {
        let opened = Pkcs12File::from_der(&sealed(kind, &contents)).unwrap().parse2("secret").unwrap();
        let key = opened.pkey.unwrap().private_key_to_pkcs8().unwrap();
        assert_eq!(key, contents.private_key.as_ref().unwrap()[..]);
        let certificate = opened.cert.unwrap();
        assert_eq!(certificate.alias(), Some(&b"alias"[..]));
        assert_eq!(certificate.to_der().unwrap(), contents.certificate.as_ref().unwrap()[..]);
        let chain: Vec<_> = opened.ca.unwrap().iter().map(|one| one.to_der().unwrap()).collect();
        assert_eq!(chain, contents.further.iter().map(|one| one.to_vec()).collect::<Vec<_>>());
    }
}

#[test]
fn certificates_without_a_key_and_a_key_without_certificates_are_sealed_too() {
    let certificates = Contents { private_key: None, ..example() };
    let opened = MODERN.open(&sealed(&MODERN, &certificates), Some("secret"), None).unwrap();
    assert!(opened.private_key.is_none() && opened.certificate.is_none());
    assert_eq!(opened.further.len(), 2);
    let key = Contents { certificate: None, further: Vec::new(), ..example() };
    let opened = MODERN.open(&sealed(&MODERN, &key), Some("secret"), None).unwrap();
    assert_eq!((opened.private_key, opened.friendly_name), (key.private_key, key.friendly_name));
}

/// Made by `openssl pkcs12 -export -legacy`: its certificate is in RC2 with 40 bits.
const RC2: &[u8] = include_bytes!("rc2.p12");

#[test]
fn a_container_of_old_is_opened_where_openssl_has_its_ciphers() {
    if has_legacy_ciphers() {
        let opened = MODERN.open(RC2, Some("secret"), None).unwrap();
        assert!(opened.certificate.is_some() && opened.further.is_empty());
        assert!(opened.private_key.is_some());
        assert_eq!(opened.friendly_name.as_deref(), Some("old"));
    } else {
        eprintln!("skipped: OpenSSL's legacy provider is not installed");
        assert_eq!(refused(RC2, Some("secret")).reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    }
    assert_eq!(refused(RC2, Some("wrong")).reason(), ResultReason::BAD_PASSWORD);
}

#[test]
fn a_container_without_a_password_is_not_made_and_one_with_an_empty_one_is_opened() {
    let refused = MODERN.seal(&example(), None, &mut SeededRandom::new(1)).unwrap_err();
    assert_eq!(refused.reason(), ResultReason::BAD_PASSWORD);
    let empty = MODERN.seal(&example(), Some(""), &mut SeededRandom::new(1)).unwrap();
    for password in [None, Some("")] {
        assert!(MODERN.open(&empty, password, None).unwrap().private_key.is_some());
    }
}

#[test]
fn the_chain_stands_in_its_order_whatever_that_of_the_container() {
    let root = Party::authority("root", None);
    let middle = Party::authority("middle", Some(&root));
    let end = Party::new(&Terms { subject: "end", ..Terms::default() }, Some(&middle));
    let contents = Contents {
        private_key: Some(end.key.private_key_to_pkcs8().unwrap().into()),
        certificate: Some(end.der()),
        further: vec![examples::self_signed("stranger"), root.der(), middle.der()],
        friendly_name: None,
    };
    let opened = MODERN.open(&sealed(&MODERN, &contents), Some("secret"), None).unwrap();
    assert_eq!(opened.certificate, contents.certificate);
    assert_eq!(opened.further[..2], [middle.der(), root.der()]);
    assert_eq!(opened.further.len(), 3);
}

/// An element with its tag.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
    let head = if length < 0x80 { vec![tag, low] } else { vec![tag, 0x82, high, low] };
    [head, content.to_vec()].concat()
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn oid(text: &str) -> Vec<u8> {
    use der::Encode;
    der::asn1::ObjectIdentifier::new(text).unwrap().to_der().unwrap()
}

/// A container without a MAC around these safes.
fn unauthenticated(safes: &[Vec<u8>]) -> Vec<u8> {
    let content = element(0xA0, &element(0x04, &sequence(safes)));
    sequence(&[vec![2, 1, 3], sequence(&[oid("1.2.840.113549.1.7.1"), content])])
}

fn encrypted_safe(bags: &[u8]) -> Vec<u8> {
    let (algorithm, encrypted) = seal(bags, "secret", &mut SeededRandom::new(1)).unwrap();
    let content = sequence(&[oid("1.2.840.113549.1.7.1"), algorithm, element(0x80, &encrypted)]);
    let data = sequence(&[vec![2, 1, 0], content]);
    sequence(&[oid("1.2.840.113549.1.7.6"), element(0xA0, &data)])
}

/// A bag with an encrypted key, whose password is to be hashed so often.
fn encrypted_key(rounds: u32, name: &str) -> Vec<u8> {
    let key = examples::key().private_key_to_pkcs8().unwrap();
    let (mut algorithm, encrypted) = seal(&key, "secret", &mut SeededRandom::new(1)).unwrap();
    let place = algorithm.windows(5).position(|window| window == [2, 3, 1, 0x86, 0xA0]).unwrap();
    algorithm[place + 2..place + 5].copy_from_slice(&rounds.to_be_bytes()[1..]);
    let key = sequence(&[algorithm, element(0x04, &encrypted)]);
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let name = sequence(&[oid("1.2.840.113549.1.9.20"), element(0x31, &element(0x1E, &name))]);
    let kind = oid("1.2.840.113549.1.12.10.1.2");
    sequence(&[kind, element(0xA0, &key), element(0x31, &name)])
}

#[test]
fn of_several_keys_the_one_that_is_named_counts() {
    let bags = sequence(&[encrypted_key(ROUNDS, "one"), encrypted_key(ROUNDS, "two")]);
    let container = unauthenticated(&[encrypted_safe(&bags)]);
    let name = |wanted| MODERN.open(&container, Some("secret"), wanted).map(|opened| opened.friendly_name);
    assert_eq!(name(None).unwrap().as_deref(), Some("one"));
    assert_eq!(name(Some("TWO")).unwrap().as_deref(), Some("two"));
    assert_eq!(name(Some("three")).unwrap_err().class(), ErrorClass::Certificate);
    assert_eq!(refused(&container, Some("wrong")).reason(), ResultReason::BAD_PASSWORD);
}

#[test]
fn work_that_only_shows_inside_of_an_encrypted_safe_is_refused_before_it_is_done() {
    let bags = sequence(&[encrypted_key(0x7F_FFFF, "heavy")]);
    let error = refused(&unauthenticated(&[encrypted_safe(&bags)]), Some("secret"));
    assert!(error.message().contains("rounds"), "{error}");
    // Sixty keys, each of which is harmless.
    let bags = sequence(&vec![encrypted_key(ROUNDS, "one"); 60]);
    let error = refused(&unauthenticated(&[encrypted_safe(&bags)]), Some("secret"));
    assert!(error.message().contains("rounds"), "{error}");
}

#[test]
fn work_is_counted_in_ber_as_well() {
    let bag = encrypted_key(0x7F_FFFF, "heavy");
    // The bags with an indefinite length.
    let bags = [&[0x30, 0x80][..], &bag, &[0, 0]].concat();
    let safe = sequence(&[oid("1.2.840.113549.1.7.1"), element(0xA0, &element(0x04, &bags))]);
    let error = refused(&unauthenticated(&[safe]), Some("secret"));
    assert!(error.message().contains("rounds"), "{error}");
}

#[test]
fn a_container_holds_a_hundred_things_at_most() {
    let root = element(0x04, &examples::self_signed("root"));
    let value = element(0xA0, &sequence(&[oid("1.2.840.113549.1.9.22.1"), element(0xA0, &root)]));
    let bag = sequence(&[oid("1.2.840.113549.1.12.10.1.3"), value]);
    let opened = |count: usize| {
        // In two safes, which are counted together.
        let bags = [50, count - 50].map(|count| sequence(&vec![bag.clone(); count]));
        let safe =
            |bags: &Vec<u8>| sequence(&[oid("1.2.840.113549.1.7.1"), element(0xA0, &element(0x04, bags))]);
        MODERN.open(&unauthenticated(&bags.iter().map(safe).collect::<Vec<_>>()), Some("secret"), None)
    };
    assert_eq!(opened(100).unwrap().further.len(), 100);
    let Err(error) = opened(101) else { panic!("it is refused") };
    assert_eq!(error.class(), ErrorClass::Certificate);
    assert!(error.message().contains("hundred"), "{error}");
}

#[test]
fn a_mac_that_takes_for_ever_is_refused_at_once() {
    let content = element(0xA0, &element(0x04, &sequence(&[])));
    let content = sequence(&[oid("1.2.840.113549.1.7.1"), content]);
    let container = |rounds: &[u8]| {
        let sha_256 = sequence(&[oid("2.16.840.1.101.3.4.2.1"), vec![5, 0]]);
        let digest = sequence(&[sha_256, element(0x04, &[7; 32])]);
        let mac = sequence(&[digest, element(0x04, &[8; 8]), element(2, rounds)]);
        sequence(&[vec![2, 1, 3], content.clone(), mac])
    };
    assert_eq!(refused(&container(&[1]), Some("secret")).reason(), ResultReason::BAD_PASSWORD);
    let error = refused(&container(&[0x7F, 0xFF, 0xFF, 0xFF]), Some("secret"));
    assert!(error.message().contains("rounds"), "{error}");
    assert_eq!(refused(&container(&[0x80]), Some("secret")).class(), ErrorClass::Certificate);
}

/// The same in BER, as software writes it that does not know the lengths beforehand: every structure without a length,
/// every long string in pieces.
fn in_pieces(mut der: &[u8]) -> Vec<u8> {
    let mut ber = Vec::new();
    while let [tag, first, ..] = *der {
        let (head, length) = match first {
            0x82 => (4, usize::from(u16::from_be_bytes([der[2], der[3]]))),
            0x81 => (3, usize::from(der[2])),
            short => (2, usize::from(short)),
        };
        let content = &der[head..head + length];
        match tag {
            0x30 | 0xA0 | 0x31 => ber.extend([&[tag, 0x80][..], &in_pieces(content), &[0, 0]].concat()),
            0x04 if length > 100 => {
                let pieces: Vec<u8> = content.chunks(100).flat_map(|piece| element(0x04, piece)).collect();
                ber.extend([&[0x24, 0x80][..], &pieces, &[0, 0]].concat());
            }
            _ => ber.extend(&der[..head + length]),
        }
        der = &der[head + length..];
    }
    ber
}

#[test]
fn a_container_in_ber_is_opened() {
    let contents = example();
    for kind in [&MODERN, &OLD] {
        let opened = MODERN.open(&in_pieces(&sealed(kind, &contents)), Some("secret"), None).unwrap();
        assert_eq!(
            (opened.private_key, opened.certificate),
            (contents.private_key.clone(), contents.certificate.clone())
        );
    }
}

#[test]
fn damage_is_refused_without_a_panic() {
    let sealed = sealed(&OLD, &example());
    assert_eq!(refused(b"", Some("secret")).class(), ErrorClass::Certificate);
    for position in (0..sealed.len()).step_by(97) {
        let mut damaged = sealed.to_vec();
        damaged[position] ^= 0x55;
        refused(&damaged, Some("secret"));
        refused(&sealed[..position], Some("secret"));
    }
}
