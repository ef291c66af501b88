//! Extensions in the form in which OpenSSL's configuration files write them (x509v3_config).
//!
//! The language has ways to read files and to encode anything; here it says extensions of RFC 5280 and no more. What
//! refers to other sections finds them in the same text.

mod distribution_points;
mod general_names;
mod key_identifiers;
mod policies;

use claviger_plugin_sdk::error::{Error, Result};
use der::asn1::{ObjectIdentifier, OctetString};
use der::flagset::FlagSet;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::constraints::name::{GeneralSubtree, NameConstraints};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AccessDescription, BasicConstraints, KeyUsage, KeyUsages, PolicyConstraints};

use self::general_names::{ia5, ip_range};
pub(super) use self::key_identifiers::{IssuerKey, OwnKey, Presence};
use super::settings::Settings;
use super::structure::encoded;
use super::{name, oids};

/// What an extension text asks for.
#[derive(Default)]
pub(super) struct Asked {
    /// Extensions that are complete.
    pub(super) extensions: Vec<Extension>,
    /// The Subject Key Identifier; as usual if it does not say.
    pub(super) own_key: Option<OwnKey>,
    /// The Authority Key Identifier; as usual if it does not say.
    pub(super) issuer_key: Option<IssuerKey>,
}

/// Reads an extension text for a certificate with this subject.
///
/// # Errors
/// Invalid Field: the text is malformed, names an extension twice, or asks for one that this server does not make.
pub(super) fn read(text: &str, subject: &[u8]) -> Result<Asked> {
    let settings = Settings::read(text)?;
    let text = Text { settings: &settings, subject };
    let mut asked = Asked::default();
    for (name, value) in settings.extensions()? {
        match name.as_str() {
            "subjectKeyIdentifier" if asked.own_key.is_none() => {
                asked.own_key = Some(key_identifiers::own_key(value)?);
            }
            "authorityKeyIdentifier" if asked.issuer_key.is_none() => {
                asked.issuer_key = Some(key_identifiers::issuer_key(&text, value)?);
            }
            "subjectKeyIdentifier" | "authorityKeyIdentifier" => {
                return Err(refused(name, "stands in the text twice"));
            }
            _ => {
                let extension = text.extension(name, value)?;
                if asked.extensions.iter().any(|known| known.extn_id == extension.extn_id) {
                    return Err(refused(name, "stands in the text twice"));
                }
                asked.extensions.push(extension);
            }
        }
    }
    Ok(asked)
}

struct Text<'t> {
    settings: &'t Settings,
    subject: &'t [u8],
}

/// One element of a value: `CA:TRUE` has the name `CA` and the value `TRUE`.
struct Item<'t> {
    name: &'t str,
    value: &'t str,
}

impl Text<'_> {
    fn extension(&self, name: &str, value: &str) -> Result<Extension> {
        let (critical, value) = match value.split_once(',') {
            Some((first, rest)) if first.trim() == "critical" => (true, rest.trim()),
            None if value == "critical" => (true, ""),
            _ => (false, value),
        };
        let (oid, content) = match name {
            "basicConstraints" => (oids::BASIC_CONSTRAINTS, self.basic_constraints(value)?),
            "keyUsage" => (oids::KEY_USAGE, self.key_usage(value)?),
            "extendedKeyUsage" => (oids::EXTENDED_KEY_USAGE, self.extended_key_usage(value)?),
            "subjectAltName" => (oids::SUBJECT_ALTERNATIVE_NAME, self.alternative_name(value)?),
            "issuerAltName" => (oids::ISSUER_ALTERNATIVE_NAME, self.alternative_name(value)?),
            "crlDistributionPoints" => (oids::CRL_DISTRIBUTION_POINTS, self.distribution_points(value)?),
            "freshestCRL" => (oids::FRESHEST_CRL, self.distribution_points(value)?),
            "certificatePolicies" => (oids::CERTIFICATE_POLICIES, self.policies(value)?),
            "authorityInfoAccess" => (oids::AUTHORITY_INFO_ACCESS, self.access(value)?),
            "subjectInfoAccess" => (oids::SUBJECT_INFO_ACCESS, self.access(value)?),
            "nameConstraints" => (oids::NAME_CONSTRAINTS, self.name_constraints(value)?),
            "policyConstraints" => (oids::POLICY_CONSTRAINTS, self.policy_constraints(value)?),
            "inhibitAnyPolicy" => (oids::INHIBIT_ANY_POLICY, encoded(&number(name, value)?)?),
            "tlsfeature" => (oids::TLS_FEATURE, self.tls_features(value)?),
            "noCheck" => (oids::OCSP_NO_CHECK, vec![0x05, 0x00]),
            other => (self.oid(other)?, raw(other, value)?),
        };
        let content =
            OctetString::new(content).map_err(|error| refused(name, "is too long").because(error))?;
        Ok(Extension { extn_id: oid, critical, extn_value: content })
    }

    /// The elements of a value: those that stand between commas, those of a section where `@section` stands.
    fn items<'t>(&'t self, value: &'t str) -> Result<Vec<Item<'t>>> {
        let mut items = Vec::new();
        for element in value.split(',').map(str::trim).filter(|element| !element.is_empty()) {
            match element.strip_prefix('@') {
                Some(section) => {
                    items.extend(self.settings.section(section)?.iter().map(|(name, value)| Item {
                        // Names in a section are told apart by what follows a full stop.
                        name: name.split('.').next().unwrap_or(name),
                        value,
                    }));
                }
                None => {
                    let (name, value) = element.split_once(':').unwrap_or((element, ""));
                    items.push(Item { name: name.trim(), value: value.trim() });
                }
            }
        }
        Ok(items)
    }

    fn basic_constraints(&self, value: &str) -> Result<Vec<u8>> {
        let mut constraints = BasicConstraints { ca: false, path_len_constraint: None };
        for item in self.items(value)? {
            match (item.name, item.value.to_ascii_lowercase().as_str()) {
                ("CA", "true") => constraints.ca = true,
                ("CA", "false") => constraints.ca = false,
                ("pathlen", _) => {
                    let length = number("basicConstraints", item.value)?;
                    constraints.path_len_constraint = Some(
                        u8::try_from(length)
                            .map_err(|_| refused("basicConstraints", "has too long a path"))?,
                    );
                }
                _ => return Err(refused("basicConstraints", "knows CA and pathlen")),
            }
        }
        encoded(&constraints)
    }

    fn key_usage(&self, value: &str) -> Result<Vec<u8>> {
        let mut usages = FlagSet::default();
        for item in self.items(value)? {
            let usage = KEY_USAGES.iter().find(|(name, _)| *name == item.name);
            let (_, usage) = usage.ok_or_else(|| refused("keyUsage", &format!("knows no {}", item.name)))?;
            usages |= *usage;
        }
        encoded(&KeyUsage(usages))
    }

    fn extended_key_usage(&self, value: &str) -> Result<Vec<u8>> {
        let usages: Result<Vec<ObjectIdentifier>> =
            self.items(value)?.iter().map(|item| self.oid(item.name)).collect();
        encoded(&usages?)
    }

    fn alternative_name(&self, value: &str) -> Result<Vec<u8>> {
        let mut names = Vec::new();
        for item in self.items(value)? {
            if item.name == "email" && matches!(item.value, "copy" | "move") {
                for address in name::email_addresses(self.subject)? {
                    names.push(GeneralName::Rfc822Name(ia5("email", &address)?));
                }
            } else {
                names.push(self.general_name(&item)?);
            }
        }
        if names.is_empty() { Err(refused("subjectAltName", "names nothing")) } else { encoded(&names) }
    }

    fn access(&self, value: &str) -> Result<Vec<u8>> {
        let mut descriptions = Vec::new();
        for item in self.items(value)? {
            let (method, location) = item.name.split_once(';').ok_or_else(|| {
                refused(
                    "authorityInfoAccess",
                    "is a method, a semicolon and a location, as in OCSP;URI:http://…",
                )
            })?;
            let location = self.general_name(&Item { name: location, value: item.value })?;
            descriptions
                .push(AccessDescription { access_method: self.oid(method)?, access_location: location });
        }
        if descriptions.is_empty() {
            Err(refused("authorityInfoAccess", "names nothing"))
        } else {
            encoded(&descriptions)
        }
    }

    fn name_constraints(&self, value: &str) -> Result<Vec<u8>> {
        let (mut permitted, mut excluded) = (Vec::new(), Vec::new());
        for item in self.items(value)? {
            let (list, kind) = match item.name.split_once(';') {
                Some(("permitted", kind)) => (&mut permitted, kind),
                Some(("excluded", kind)) => (&mut excluded, kind),
                _ => return Err(refused("nameConstraints", "begins each name with permitted; or excluded;")),
            };
            let base = match kind {
                "IP" => GeneralName::IpAddress(ip_range(item.value)?),
                _ => self.general_name(&Item { name: kind, value: item.value })?,
            };
            list.push(GeneralSubtree { base, minimum: 0, maximum: None });
        }
        let some = |list: Vec<GeneralSubtree>| (!list.is_empty()).then_some(list);
        encoded(&NameConstraints { permitted_subtrees: some(permitted), excluded_subtrees: some(excluded) })
    }

    fn policy_constraints(&self, value: &str) -> Result<Vec<u8>> {
        let mut constraints =
            PolicyConstraints { require_explicit_policy: None, inhibit_policy_mapping: None };
        for item in self.items(value)? {
            let number = number("policyConstraints", item.value)?;
            match item.name {
                "requireExplicitPolicy" => constraints.require_explicit_policy = Some(number),
                "inhibitPolicyMapping" => constraints.inhibit_policy_mapping = Some(number),
                other => return Err(refused("policyConstraints", &format!("knows no {other}"))),
            }
        }
        encoded(&constraints)
    }

    fn tls_features(&self, value: &str) -> Result<Vec<u8>> {
        let feature = |item: Item<'_>| match item.name {
            "status_request" => Ok(5),
            "status_request_v2" => Ok(17),
            other => number("tlsfeature", other),
        };
        let features: Result<Vec<u32>> = self.items(value)?.into_iter().map(feature).collect();
        encoded(&features?)
    }

    /// An object identifier, in digits or by the name that OpenSSL gives it.
    fn oid(&self, text: &str) -> Result<ObjectIdentifier> {
        if let Some((_, oid)) = NAMED_OIDS.iter().find(|(name, _)| *name == text) {
            return Ok(*oid);
        }
        ObjectIdentifier::new(text).map_err(|_| refused(text, "is not known, and no object identifier"))
    }
}

/// `DER:` and the content of an extension in hexadecimal digits.
fn raw(name: &str, value: &str) -> Result<Vec<u8>> {
    let digits =
        value.strip_prefix("DER:").ok_or_else(|| refused(name, "is not known: give its content as DER:"))?;
    hexadecimal(digits).ok_or_else(|| refused(name, "has a content that is not in hexadecimal digits"))
}

/// Bytes in hexadecimal digits, which colons and spaces may separate.
fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|character| *character != ':' && !character.is_ascii_whitespace());
    let digits: Vec<u32> = digits.map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    });
    pairs.collect()
}

fn number(what: &str, text: &str) -> Result<u32> {
    text.trim().parse().map_err(|_| refused(what, "needs a number"))
}

fn refused(what: &str, why: &str) -> Error {
    Error::certificate(format!("extension text: {what} {why}"))
}

const KEY_USAGES: &[(&str, KeyUsages)] = &[
    ("digitalSignature", KeyUsages::DigitalSignature),
    ("nonRepudiation", KeyUsages::NonRepudiation),
    ("contentCommitment", KeyUsages::NonRepudiation),
    ("keyEncipherment", KeyUsages::KeyEncipherment),
    ("dataEncipherment", KeyUsages::DataEncipherment),
    ("keyAgreement", KeyUsages::KeyAgreement),
    ("keyCertSign", KeyUsages::KeyCertSign),
    ("cRLSign", KeyUsages::CRLSign),
    ("encipherOnly", KeyUsages::EncipherOnly),
    ("decipherOnly", KeyUsages::DecipherOnly),
];

const NAMED_OIDS: &[(&str, ObjectIdentifier)] = &[
    ("serverAuth", oids::SERVER_AUTH),
    ("clientAuth", oids::CLIENT_AUTH),
    ("codeSigning", oids::CODE_SIGNING),
    ("emailProtection", oids::EMAIL_PROTECTION),
    ("timeStamping", oids::TIME_STAMPING),
    ("OCSPSigning", oids::OCSP_SIGNING),
    ("ipsecIKE", oids::IPSEC_IKE),
    ("anyExtendedKeyUsage", oids::ANY_EXTENDED_KEY_USAGE),
    ("msSmartcardLogin", oids::MS_SMARTCARD_LOGIN),
    ("msUPN", oids::MS_UPN),
    ("OCSP", oids::OCSP),
    ("caIssuers", oids::CA_ISSUERS),
    ("anyPolicy", oids::ANY_POLICY),
];

#[cfg(test)]
mod tests;
