//! What a text says of the identifiers of keys, as x509v3_config has it.

use claviger_plugin_sdk::error::Result;

use super::{Text, hexadecimal, refused};

/// The Subject Key Identifier that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum OwnKey {
    /// None at all.
    Absent,
    /// The hash of the key.
    Hash,
    /// These bytes.
    Given(Vec<u8>),
}

/// The Authority Key Identifier that is asked for: the identifier of the issuer's key, and issuer and serial number of the
/// issuer's certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct IssuerKey {
    pub(in super::super) key: Presence,
    pub(in super::super) certificate: Presence,
}

/// Whether one part of it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Presence {
    /// No.
    #[default]
    Absent,
    /// If it says anything: not in a certificate that its own key signs, nor where the other part says enough.
    IfUseful,
    /// Yes.
    Always,
}

/// `hash`, `none`, or the identifier in hexadecimal digits.
pub(super) fn own_key(value: &str) -> Result<OwnKey> {
    match value {
        "none" => return Ok(OwnKey::Absent),
        "hash" => return Ok(OwnKey::Hash),
        _ => {}
    }
    match hexadecimal(value) {
        Some(identifier) if !identifier.is_empty() => Ok(OwnKey::Given(identifier)),
        _ => Err(refused("subjectKeyIdentifier", "is hash, none or hexadecimal digits")),
    }
}

/// `none`, or `keyid` and `issuer`, either of them with `:always`.
pub(super) fn issuer_key(text: &Text<'_>, value: &str) -> Result<IssuerKey> {
    let mut asked = IssuerKey::default();
    if value == "none" {
        return Ok(asked);
    }
    for item in text.items(value)? {
        let presence = match item.value {
            "" => Some(Presence::IfUseful),
            "always" => Some(Presence::Always),
            _ => None,
        };
        match (item.name, presence) {
            ("keyid", Some(presence)) => asked.key = presence,
            ("issuer", Some(presence)) => asked.certificate = presence,
            _ => {
                return Err(refused(
                    "authorityKeyIdentifier",
                    "is none, or keyid and issuer with or without :always",
                ));
            }
        }
    }
    if asked == IssuerKey::default() {
        return Err(refused("authorityKeyIdentifier", "is empty"));
    }
    Ok(asked)
}
