//! A public key infrastructure outside of the server, of OpenSSL's.

use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
use claviger_plugin_sdk::kmip::objects::{Certificate, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateType, LinkType};
use claviger_plugin_sdk::prelude::*;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509Crl, X509CrlBuilder, X509Extension, X509NameBuilder, X509RevokedBuilder};

use crate::server::{START, Server};

/// Someone with a key and a certificate.
pub(crate) struct Party {
    pub(crate) key: PKey<Private>,
    pub(crate) certificate: X509,
}

/// A day in seconds.
pub(crate) const DAY: i64 = 24 * 3600;

/// What an authority's certificate says.
const AUTHORITY: &[(&str, &str)] = &[
    ("basicConstraints", "critical,CA:TRUE"),
    ("keyUsage", "critical,keyCertSign,cRLSign"),
    ("subjectKeyIdentifier", "hash"),
];

/// A key on P-256.
pub(crate) fn ec_key() -> PKey<Private> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

impl Party {
    /// An authority that is valid for a year from the start of the server's clock.
    pub(crate) fn authority(subject: &str, issuer: Option<&Party>) -> Self {
        Self::issued(ec_key(), subject, issuer, AUTHORITY, 365)
    }

    /// An end entity that is valid for so many days.
    pub(crate) fn end(subject: &str, issuer: &Party, days: i64) -> Self {
        Self::issued(ec_key(), subject, Some(issuer), &[], days)
    }

    /// Someone with this key, certified by an issuer or by himself.
    #[allow(deprecated)] // the successors take no text; a test's text is trusted
    pub(crate) fn issued(
        key: PKey<Private>,
        subject: &str,
        issuer: Option<&Party>,
        extensions: &[(&str, &str)],
        days: i64,
    ) -> Self {
        let mut name = X509NameBuilder::new().unwrap();
        name.append_entry_by_text("CN", subject).unwrap();
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_slice(&openssl::sha::sha1(&key.public_key_to_der().unwrap())).unwrap();
        builder.set_serial_number(&Asn1Integer::from_bn(&serial).unwrap()).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(issuer.map_or(&*name, |issuer| issuer.certificate.subject_name())).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::from_unix(START - DAY).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::from_unix(START + days * DAY).unwrap()).unwrap();
        for (name, value) in extensions {
            let context = builder.x509v3_context(issuer.map(|issuer| &*issuer.certificate), None);
            let extension = X509Extension::new(None, Some(&context), name, value).unwrap();
            builder.append_extension(extension).unwrap();
        }
        let digest = MessageDigest::sha256();
        builder.sign(issuer.map_or(&key, |issuer| &issuer.key), digest).unwrap();
        Self { certificate: builder.build(), key }
    }

    /// The certificate in DER.
    pub(crate) fn der(&self) -> Vec<u8> {
        self.certificate.to_der().unwrap()
    }

    /// A list of what this authority revoked a day before the start of the server's clock.
    #[allow(deprecated)]
    pub(crate) fn revokes(&self, revoked: &[&Party]) -> X509Crl {
        let mut builder = X509CrlBuilder::new().unwrap();
        builder.set_issuer_name(self.certificate.subject_name()).unwrap();
        let day = |days: i64| Asn1Time::from_unix(START + days * DAY).unwrap();
        builder.set_last_update(&day(-1)).unwrap();
        builder.set_next_update(&day(300)).unwrap();
        for party in revoked {
            let mut entry = X509RevokedBuilder::new().unwrap();
            entry.set_serial_number(party.certificate.serial_number()).unwrap();
            entry.set_revocation_date(&day(-1)).unwrap();
            builder.add_revoked(entry.build()).unwrap();
        }
        let certificate = X509::builder().unwrap();
        let context = certificate.x509v3_context(Some(&self.certificate), None);
        for (name, value) in [("authorityKeyIdentifier", "keyid:always"), ("2.5.29.20", "DER:020101")] {
            builder.append_extension(X509Extension::new(None, Some(&context), name, value).unwrap()).unwrap();
        }
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        builder.build().unwrap()
    }
}

/// A certificate as an object.
pub(crate) fn certificate(value: &[u8]) -> ManagedObject {
    ManagedObject::Certificate(Certificate {
        certificate_type: CertificateType::X_509,
        certificate_value: value.into(),
    })
}

/// The bytes of a certificate.
pub(crate) fn value(object: &ManagedObject) -> Vec<u8> {
    match object {
        ManagedObject::Certificate(certificate) => certificate.certificate_value.to_vec(),
        other => panic!("no certificate: {other:?}"),
    }
}

/// A link to an object.
pub(crate) fn linked(link_type: LinkType, to: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.push::<kinds::Link>(Link { link_type, linked_object_identifier: to.into() });
    attributes
}

/// What an object links to by this type of links.
pub(crate) fn links(attributes: &Attributes, link_type: LinkType) -> Vec<String> {
    let links = attributes.all::<kinds::Link>().filter(|link| link.link_type == link_type);
    links.map(|link| link.linked_object_identifier.as_text().unwrap().to_owned()).collect()
}

impl Server {
    /// Registers a certificate of alice's, Active.
    pub(crate) async fn register_certificate(&self, party: &Party) -> String {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        self.register(certificate(&party.der()), attributes).await.unwrap()
    }

    /// A certificate of alice's, as OpenSSL reads it.
    pub(crate) async fn certificate(&self, id: &str) -> X509 {
        X509::from_der(&value(&self.get(id).await.unwrap())).unwrap()
    }
}
