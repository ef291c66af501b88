//! PKCS#12 containers (RFC 7292), as OpenSSL makes and reads them.
//!
//! There are two kinds: the modern one protects everything with AES-256 and SHA-256, the legacy one with Triple DES and
//! SHA-1, for software that reads nothing else. Both are read as either, and so is what other software makes.

mod reading;

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{ContainerScheme, Contents, Cost, Scheme, SchemeEntry};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12 as Pkcs12File;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::x509::{X509, X509VerifyResult};

use self::reading::{Container, Item};
use crate::password_encryption::{self, ROUNDS, bad_password};

/// The Key Format Type of legacy containers: KMIP does not tell the two apart, so it is one of those left to vendors.
const LEGACY: KeyFormatType = KeyFormatType(0x8880_0001);

/// One kind of container.
struct Pkcs12 {
    encryption: Nid,
    digest: fn() -> MessageDigest,
}

static MODERN: Pkcs12 = Pkcs12 { encryption: Nid::AES_256_CBC, digest: MessageDigest::sha256 };
static OLD: Pkcs12 =
    Pkcs12 { encryption: Nid::PBE_WITHSHA1AND3_KEY_TRIPLEDES_CBC, digest: MessageDigest::sha1 };

register_scheme!(SchemeEntry {
    name: "PKCS#12",
    algorithms: &[],
    claims: |key, _| key.format == Some(KeyFormatType::PKCS_12),
    effective: |_, _| password_encryption::MODERN,
    scheme: Scheme::Container(&MODERN),
});
register_scheme!(SchemeEntry {
    name: "PKCS#12 legacy",
    algorithms: &[],
    claims: |key, _| key.format == Some(LEGACY),
    effective: |_, _| CryptographicParameters {
        cryptographic_algorithm: Some(CryptographicAlgorithm::THREE_DES),
        hashing_algorithm: Some(HashingAlgorithm::SHA_1),
        ..password_encryption::MODERN
    },
    scheme: Scheme::Container(&OLD),
});

impl ContainerScheme for Pkcs12 {
    fn cost(&self) -> Cost {
        Cost::Heavy
    }

    fn is_hidden_in(&self, _: &Material) -> bool {
        false
    }

    fn seal(
        &self,
        contents: &Contents,
        password: Option<&str>,
        _: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let password = password.ok_or_else(|| {
            bad_password("a PKCS#12 container needs a password: link the object to a Secret Data")
        })?;
        self.sealed(contents, password)
            .map(ByteString::from)
            .map_err(|error| Error::cryptographic("the PKCS#12 container cannot be made").because(error))
    }

    fn open(
        &self,
        container: &[u8],
        password: Option<&str>,
        friendly_name: Option<&str>,
    ) -> Result<Contents> {
        let Container { keys, certificates } = reading::open(container, password.unwrap_or_default())?;
        contents(keys, certificates, friendly_name)
    }
}

impl Pkcs12 {
    fn sealed(&self, contents: &Contents, password: &str) -> std::result::Result<Vec<u8>, ErrorStack> {
        let mut builder = Pkcs12File::builder();
        builder.key_algorithm(self.encryption).cert_algorithm(self.encryption);
        builder.key_iter(ROUNDS).mac_iter(ROUNDS).mac_md((self.digest)());
        if let Some(name) = &contents.friendly_name {
            builder.name(name);
        }
        let key = contents.private_key.as_ref().map(|key| PKey::private_key_from_pkcs8(key)).transpose()?;
        if let Some(key) = &key {
            builder.pkey(key);
        }
        if let Some(certificate) = &contents.certificate {
            builder.cert(&*X509::from_der(certificate)?);
        }
        let mut chain = Stack::new()?;
        for one in &contents.further {
            chain.push(X509::from_der(one)?)?;
        }
        builder.ca(chain);
        builder.build2(password)?.to_der()
    }
}

/// The key that is looked for, its certificate, and the others from its issuer on.
fn contents(keys: Vec<Item>, certificates: Vec<Item>, friendly_name: Option<&str>) -> Result<Contents> {
    let key = match friendly_name {
        Some(wanted) => Some(named(keys, wanted)?),
        None => keys.into_iter().next(),
    };
    let mut certificates: Vec<Certificate> = certificates.into_iter().map(Certificate::of).collect();
    let position = key.as_ref().and_then(|key| {
        let private = PKey::private_key_from_pkcs8(&key.der).ok();
        certificates.iter().position(|one| one.certifies(key, private.as_ref()))
    });
    let certificate = position.map(|position| certificates.remove(position));
    let further = from_issuer_on(certificate.as_ref(), certificates);
    let names = [key.as_ref(), certificate.as_ref().map(|one| &one.item)];
    let friendly_name = names.into_iter().flatten().find_map(|item| item.friendly_name.clone());
    Ok(Contents {
        private_key: key.map(|mut item| std::mem::take(&mut *item.der).into()),
        certificate: certificate.map(Certificate::into_bytes),
        further: further.into_iter().map(Certificate::into_bytes).collect(),
        friendly_name,
    })
}

/// The key of this name. Names do not tell capitals apart (RFC 2985 section 5.5.1).
fn named(keys: Vec<Item>, wanted: &str) -> Result<Item> {
    let wanted = wanted.to_lowercase();
    let is_wanted =
        |item: &Item| item.friendly_name.as_ref().is_some_and(|name| name.to_lowercase() == wanted);
    keys.into_iter().find(is_wanted).ok_or_else(|| {
        Error::certificate("the PKCS#12 container has no private key of that PKCS#12 Friendly Name")
    })
}

/// A certificate, read once, since it is compared with many others.
struct Certificate {
    item: Item,
    /// Nothing if OpenSSL cannot read it.
    read: Option<X509>,
}

impl Certificate {
    fn of(item: Item) -> Self {
        let read = X509::from_der(&item.der).ok();
        Self { item, read }
    }

    /// Whether it is that of a key: it holds the public key or, if nobody here knows the algorithm, says so.
    fn certifies(&self, key: &Item, private: Option<&PKey<Private>>) -> bool {
        let public = self.read.as_ref().and_then(|certificate| certificate.public_key().ok());
        match (public, private) {
            (Some(public), Some(private)) => public.public_eq(private),
            _ => key.local_key_id.is_some() && key.local_key_id == self.item.local_key_id,
        }
    }

    fn has_issued(&self, issued: &X509) -> bool {
        self.read.as_ref().is_some_and(|issuer| issuer.issued(issued) == X509VerifyResult::OK)
    }

    fn into_bytes(mut self) -> ByteString {
        std::mem::take(&mut *self.item.der).into()
    }
}

/// The certificates with those of the issuers first, in their order.
fn from_issuer_on(end: Option<&Certificate>, mut others: Vec<Certificate>) -> Vec<Certificate> {
    let mut ordered: Vec<Certificate> = Vec::with_capacity(others.len());
    let mut current = end.and_then(|end| end.read.clone());
    while let Some(issued) = current.take() {
        if let Some(position) = others.iter().position(|one| one.has_issued(&issued)) {
            let issuer = others.remove(position);
            current = issuer.read.clone();
            ordered.push(issuer);
        }
    }
    ordered.append(&mut others);
    ordered
}

#[cfg(test)]
mod tests;
