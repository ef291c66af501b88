//! Certificates for tests, made by OpenSSL.

use claviger_plugin_sdk::prelude::ByteString;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Extension, X509Name, X509NameBuilder};

/// A key on P-256.
pub(crate) fn key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

/// A name with a common name alone.
pub(crate) fn name(common_name: &str) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", common_name).unwrap();
    name.build()
}

/// Someone who has a key and a name, and a certificate once someone has issued it.
pub(crate) struct Party {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: X509,
}

/// What is said about a certificate.
pub(crate) struct Terms<'t> {
    pub(crate) subject: &'t str,
    pub(crate) serial: u32,
    pub(crate) valid: (i64, i64),
    pub(crate) extensions: &'t [(&'t str, &'t str)],
}

impl Default for Terms<'_> {
    fn default() -> Self {
        Self { subject: "someone", serial: 1, valid: (1_000_000_000, 4_000_000_000), extensions: &[] }
    }
}

/// Extensions of an authority.
pub(crate) const AUTHORITY: &[(&str, &str)] = &[
    ("basicConstraints", "critical,CA:TRUE"),
    ("keyUsage", "critical,keyCertSign,cRLSign"),
    ("subjectKeyIdentifier", "hash"),
];

impl Party {
    /// Someone with a certificate on these terms by an issuer, or by himself.
    pub(crate) fn new(terms: &Terms<'_>, issuer: Option<&Party>) -> Self {
        let key = key();
        let certificate = issued(&key, terms, issuer);
        Self { key, certificate }
    }

    /// The same with another certificate for its key, by itself.
    pub(crate) fn renewed(&self, terms: &Terms<'_>) -> Self {
        Self { key: self.key.clone(), certificate: issued(&self.key, terms, None) }
    }

    /// An authority.
    pub(crate) fn authority(subject: &str, issuer: Option<&Party>) -> Self {
        Self::new(&Terms { subject, extensions: AUTHORITY, ..Terms::default() }, issuer)
    }

    /// The certificate.
    pub(crate) fn der(&self) -> ByteString {
        self.certificate.to_der().unwrap().into()
    }
}

#[allow(deprecated)] // the successors take no text; a test's text is trusted
fn issued(key: &PKey<Private>, terms: &Terms<'_>, issuer: Option<&Party>) -> X509 {
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = Asn1Integer::from_bn(&BigNum::from_u32(terms.serial).unwrap()).unwrap();
    builder.set_serial_number(&serial).unwrap();
    let subject = name(terms.subject);
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name())).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(terms.valid.0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(terms.valid.1).unwrap()).unwrap();
    for (name, value) in terms.extensions {
        let context = builder.x509v3_context(issuer.map(|issuer| &*issuer.certificate), None);
        let extension = X509Extension::new(None, Some(&context), name, value).unwrap();
        builder.append_extension(extension).unwrap();
    }
    builder.sign(issuer.map_or(key, |issuer| &issuer.key), MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A certificate that its subject issued.
pub(crate) fn self_signed(subject: &str) -> ByteString {
    Party::authority(subject, None).der()
}

/// A private key in PKCS#8 and its certificate.
pub(crate) fn key_and_certificate(subject: &str) -> (ByteString, ByteString) {
    let party = Party::new(&Terms { subject, ..Terms::default() }, None);
    (party.key.private_key_to_pkcs8().unwrap().into(), party.der())
}
