//! Judging: the certificates and lists are OpenSSL's, the rules those of RFC 5280 section 6.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::x509::{X509CrlBuilder, X509Extension, X509RevokedBuilder};

use super::super::examples::{AUTHORITY, Party, Terms};
use super::super::*;

const NOW: DateTime = DateTime(2_000_000_000);

fn verdict_at(chain: &[&Party], known: &[&Party], lists: &[ByteString], at: DateTime) -> Verdict {
    let of = |parties: &[&Party]| parties.iter().map(|party| party.der()).collect::<Vec<_>>();
    let question = ChainQuestion { chain: &of(chain), known: &of(known), revocation_lists: lists, at };
    X509.judge(&question).unwrap()
}

fn verdict(chain: &[&Party], known: &[&Party]) -> Verdict {
    verdict_at(chain, known, &[], NOW)
}

fn invalid(verdict: &Verdict, why: &str) {
    match verdict {
        Verdict::Invalid(text) if text.contains(why) => {}
        other => panic!("{other:?} is not invalid because of {why:?}"),
    }
}

fn leaf(issuer: &Party) -> Party {
    Party::new(&Terms { subject: "leaf", serial: 7, ..Terms::default() }, Some(issuer))
}

#[allow(deprecated)] // the successors take no text; a test's text is trusted
/// A list of its issuer with these revoked certificates: serial number and date.
fn list(issuer: &Party, revoked: &[(u32, i64)], next_update: i64) -> ByteString {
    let mut builder = X509CrlBuilder::new().unwrap();
    builder.set_issuer_name(issuer.certificate.subject_name()).unwrap();
    builder.set_last_update(&Asn1Time::from_unix(1_900_000_000).unwrap()).unwrap();
    builder.set_next_update(&Asn1Time::from_unix(next_update).unwrap()).unwrap();
    for (serial, date) in revoked {
        let mut entry = X509RevokedBuilder::new().unwrap();
        let serial = Asn1Integer::from_bn(&BigNum::from_u32(*serial).unwrap()).unwrap();
        entry.set_serial_number(&serial).unwrap();
        entry.set_revocation_date(&Asn1Time::from_unix(*date).unwrap()).unwrap();
        builder.add_revoked(entry.build()).unwrap();
    }
    let certificate = openssl::x509::X509::builder().unwrap();
    let context = certificate.x509v3_context(Some(&issuer.certificate), None);
    for (name, value) in [("authorityKeyIdentifier", "keyid:always"), ("2.5.29.20", "DER:020101")] {
        builder.append_extension(X509Extension::new(None, Some(&context), name, value).unwrap()).unwrap();
    }
    builder.sign(&issuer.key, MessageDigest::sha256()).unwrap();
    builder.build().unwrap().to_der().unwrap().into()
}

#[test]
fn a_chain_is_valid_in_any_order_and_with_issuers_that_are_known() {
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = leaf(&sub);
    assert_eq!(verdict(&[&root, &leaf, &sub], &[]), Verdict::Valid);
    assert_eq!(verdict(&[&leaf], &[&sub, &root]), Verdict::Valid);
    assert_eq!(verdict(&[&root], &[]), Verdict::Valid);
    assert_eq!(verdict(&[&leaf, &leaf, &root], &[&sub, &sub]), Verdict::Valid);
}

#[test]
fn a_chain_without_its_issuer_is_unknown() {
    let root = Party::authority("root", None);
    let sub = Party::authority("sub", Some(&root));
    let leaf = leaf(&sub);
    for chain in [&[&leaf][..], &[&leaf, &sub], &[&sub]] {
        assert!(matches!(verdict(chain, &[]), Verdict::Unknown(_)));
    }
}

#[test]
fn dates_count_at_the_time_that_is_asked_for() {
    let root = Party::authority("root", None);
    let short = Party::new(&Terms { valid: (1_500_000_000, 1_600_000_000), ..Terms::default() }, Some(&root));
    let at = |seconds| verdict_at(&[&short], &[&root], &[], DateTime(seconds));
    invalid(&at(1_499_999_999), "not yet valid");
    assert_eq!(at(1_500_000_000), Verdict::Valid);
    assert_eq!(at(1_600_000_000), Verdict::Valid);
    invalid(&at(1_600_000_001), "expired");
    // An issuer that has expired.
    let terms = Terms { subject: "old", valid: (1, 2), extensions: AUTHORITY, ..Terms::default() };
    let old = Party::new(&terms, None);
    invalid(&verdict(&[&leaf(&old)], &[&old]), "expired");
}

#[test]
fn another_issuer_of_the_same_name_does_not_make_it_valid() {
    let (root, other) = (Party::authority("root", None), Party::authority("root", None));
    invalid(&verdict(&[&leaf(&root)], &[&other]), "signature failure");
    // Of several the right one is found, whichever comes first.
    for _ in 0..8 {
        let (root, other) = (Party::authority("root", None), Party::authority("root", None));
        assert_eq!(verdict(&[&leaf(&root)], &[&other, &root]), Verdict::Valid);
        invalid(&verdict(&[&leaf(&root)], &[&other, &Party::authority("root", None)]), "signature failure");
    }
    let extensions = &[("authorityKeyIdentifier", "keyid:always")];
    let leaf = Party::new(&Terms { extensions, ..Terms::default() }, Some(&root));
    assert_eq!(verdict(&[&leaf], &[&other, &root]), Verdict::Valid);
    assert!(matches!(verdict(&[&leaf], &[&other]), Verdict::Unknown(_)));
}

#[test]
fn what_its_own_key_signed_needs_no_other_certificate_for_that_key() {
    // No authority, so neither can have issued the other.
    let terms = |serial| Terms {
        subject: "device",
        serial,
        extensions: &[("basicConstraints", "critical,CA:FALSE")],
        ..Terms::default()
    };
    let old = Party::new(&terms(1), None);
    for serial in 2..10 {
        let new = old.renewed(&terms(serial));
        assert_eq!(verdict(&[&new], &[&old, &new]), Verdict::Valid);
        assert_eq!(verdict(&[&old], &[&new, &old]), Verdict::Valid);
    }
}

#[test]
fn only_authorities_issue_and_only_as_deep_as_they_may() {
    let root = Party::authority("root", None);
    let end_entity = Party::new(
        &Terms {
            subject: "end",
            extensions: &[("basicConstraints", "critical,CA:FALSE")],
            ..Terms::default()
        },
        Some(&root),
    );
    invalid(&verdict(&[&leaf(&end_entity), &end_entity], &[&root]), "");
    let no_signing = [("basicConstraints", "critical,CA:TRUE"), ("keyUsage", "critical,cRLSign")];
    let no_signing =
        Party::new(&Terms { subject: "no", extensions: &no_signing, ..Terms::default() }, Some(&root));
    invalid(&verdict(&[&leaf(&no_signing), &no_signing], &[&root]), "");
    let short = [("basicConstraints", "critical,CA:TRUE,pathlen:0"), ("keyUsage", "critical,keyCertSign")];
    let short = Party::new(&Terms { subject: "short", extensions: &short, ..Terms::default() }, Some(&root));
    assert_eq!(verdict(&[&leaf(&short), &short], &[&root]), Verdict::Valid);
    let below = Party::authority("below", Some(&short));
    invalid(&verdict(&[&leaf(&below), &below, &short], &[&root]), "path length");
}

#[test]
fn name_constraints_and_critical_extensions_are_kept() {
    let root = Party::authority("root", None);
    let constrained =
        [AUTHORITY[0], AUTHORITY[1], ("nameConstraints", "critical,permitted;DNS:good.example")];
    let sub =
        Party::new(&Terms { subject: "sub", extensions: &constrained, ..Terms::default() }, Some(&root));
    let named = |names| {
        let extensions = &[("subjectAltName", names)];
        Party::new(&Terms { subject: "host", extensions, ..Terms::default() }, Some(&sub))
    };
    assert_eq!(verdict(&[&named("DNS:www.good.example")], &[&sub, &root]), Verdict::Valid);
    invalid(&verdict(&[&named("DNS:www.bad.example")], &[&sub, &root]), "subtree");
    let extensions = &[("1.2.3.4", "critical,DER:0500")];
    let unknown = Party::new(&Terms { extensions, ..Terms::default() }, Some(&root));
    invalid(&verdict(&[&unknown], &[&root]), "critical extension");
}

#[test]
fn a_revoked_certificate_is_invalid_from_its_revocation_on() {
    let root = Party::authority("root", None);
    let leaf = leaf(&root);
    let revoked = list(&root, &[(6, 1), (7, 1_950_000_000)], 2_100_000_000);
    invalid(&verdict_at(&[&leaf], &[&root], std::slice::from_ref(&revoked), NOW), "revoked");
    let before = verdict_at(&[&leaf], &[&root], &[revoked], DateTime(1_949_999_999));
    assert_eq!(before, Verdict::Valid);
    let others = list(&root, &[(6, 1)], 2_100_000_000);
    assert_eq!(verdict_at(&[&leaf], &[&root], &[others], NOW), Verdict::Valid);
    // What an outdated list says of the past stays true.
    let outdated = list(&root, &[(7, 1_950_000_000)], 1_960_000_000);
    invalid(&verdict_at(&[&leaf], &[&root], &[outdated], NOW), "revoked");
}

#[test]
fn a_revoked_issuer_makes_what_it_issued_invalid() {
    let root = Party::authority("root", None);
    let terms = Terms { subject: "sub", serial: 9, extensions: AUTHORITY, ..Terms::default() };
    let sub = Party::new(&terms, Some(&root));
    let lists = [list(&root, &[(9, 1)], 2_100_000_000)];
    invalid(&verdict_at(&[&leaf(&sub)], &[&sub, &root], &lists, NOW), "revoked");
}

#[test]
fn a_list_that_another_signed_does_not_count() {
    let (root, other) = (Party::authority("root", None), Party::authority("root", None));
    let leaf = leaf(&root);
    let forged = list(&other, &[(7, 1)], 2_100_000_000);
    assert_eq!(verdict_at(&[&leaf], &[&root], &[forged], NOW), Verdict::Valid);
    let no_lists = [AUTHORITY[0], ("keyUsage", "critical,keyCertSign"), AUTHORITY[2]];
    let issuer = Party::new(&Terms { subject: "no", extensions: &no_lists, ..Terms::default() }, None);
    let leaf = super::chains::leaf(&issuer);
    let lists = [list(&issuer, &[(7, 1)], 2_100_000_000)];
    assert_eq!(verdict_at(&[&leaf], &[&issuer], &lists, NOW), Verdict::Valid);
}

#[test]
fn certificates_of_two_chains_are_no_chain() {
    let root = Party::authority("root", None);
    let (one, other) = (leaf(&root), leaf(&root));
    invalid(&verdict(&[&one, &other, &root], &[]), "several chains");
}

#[test]
fn nothing_and_malformed_certificates_are_refused() {
    let question = ChainQuestion { chain: &[], known: &[], revocation_lists: &[], at: NOW };
    assert!(X509.judge(&question).is_err());
    let chain = [ByteString::from(vec![0x30, 0])];
    assert!(X509.judge(&ChainQuestion { chain: &chain, ..question }).is_err());
}

#[test]
fn recorded_chains_are_judged() {
    // As recorded: a leaf for X25519 and the authority, on Ed25519, that issued it; the root was not.
    let leaf = hex::decode("3082014F30820101A00302010202105B444182C4654C57B40475EFABA9E7E3300506032B657030183116301406035504030C0D53756231383534393138343436301E170D3236313132343031333635375A170D3237303532353136333635375A30193117301506035504030C0E6C65616631383534393138343436302A300506032B656E0321003A5C71BCC69E1DDBC7157080CB66CC6F72950A16F3EC3003FB231FEF677FC43BA360305E301D0603551D0E0416041496DE9264735146B80F3C0E56BB9F29ACD6E84258301F0603551D230418301680143A2F1DD50710A7BA9B5A6115B9F5DAA803384E60300C0603551D130101FF04023000300E0603551D0F0101FF0404030203E8300506032B657003410091E5209A8E7BF53046CD39331A844C4A4A221237C31881BFFCBDEBA82DB1ABA0C5FE367FB4B20B7623F4AB0725473D9E4AF53AD48BE3A95A5D528A33F522B30B").unwrap();
    let sub = hex::decode("3082015330820105A003020102021100DE44127A9F544758B024008ED7B20DFB300506032B657030193117301506035504030C0E526F6F7431383534393138343436301E170D3236313132343031333635375A170D3237303532353136333635375A30183116301406035504030C0D53756231383534393138343436302A300506032B65700321002D6270B8C0A0992D39680FE02EAFC432FAE44D3929A296D5074E7A35D79AE122A3633061301D0603551D0E041604143A2F1DD50710A7BA9B5A6115B9F5DAA803384E60301F0603551D23041830168014EBB45C4661A432EAB0D00E40895ABEEB615BAA1F300F0603551D130101FF040530030101FF300E0603551D0F0101FF040403020106300506032B6570034100F258FE6D937E89277E530FB7F4A864AFE61BB534F4021FCED4D435EC952AC8F5449878E2727FA13EB2E3FC0D2E0DA9E86B40D71C555E1F5F7ACDD7AE7F8E6B06").unwrap();
    let chain = [ByteString::from(leaf), ByteString::from(sub)];
    let question =
        ChainQuestion { chain: &chain, known: &[], revocation_lists: &[], at: DateTime(1_800_000_000) };
    assert!(matches!(X509.judge(&question).unwrap(), Verdict::Unknown(_)));
    let sub = &X509.read(&chain[1]).unwrap()[0];
    assert_eq!(sub.authority.as_deref(), Some("Sub1854918446"));
    assert_eq!(sub.issuing_authority.as_deref(), Some("Root1854918446"));
}
