//! The operations of KMIP 2.1, one file each, and the rules of the object types that need no other plugin.
//!
//! An operation here never names an algorithm: it asks the catalogue for a scheme. What several operations share
//! stands in files of its own: `born`, `protection` and `protection_storage` (what a new object gets), `generated`,
//! `default_group`, `key_pair`, `related_keys`, `replacement` and `links` (keys that the server makes, and that belong
//! together),
//! `key_use` and `parts` (how a key works on data), `transition` (the state diagram), `search` (Locate's filter),
//! `release` and `wrapping` (how an object leaves or enters the server), `attribute_change` (what follows from a change
//! of attributes), `split` (keys in parts), `certificate`, `bundle` and `container` (certificates, and what comes with
//! them), `client_certificate` (that by which a caller proves himself), `constraints`, `defaults` and `rulebook` (what is demanded and assumed of new objects).

mod access;
mod attribute_change;
mod born;
mod bundle;
mod certificate;
mod certification_path;
mod certified_key;
mod certified_pair;
mod client_certificate;
mod constraints;
mod container;
mod default_group;
mod defaults;
mod encapsulation;
mod generated;
mod issuing;
mod key_pair;
mod key_use;
mod kinds;
mod links;
mod operations;
mod parts;
mod profiles;
mod protection;
mod protection_storage;
mod related_keys;
mod release;
mod replacement;
mod rulebook;
mod search;
mod signed;
mod split;
mod timers;
mod transition;
mod wrapping;

use std::borrow::Cow;

use claviger_plugin_sdk::certificate_attributes;
use claviger_plugin_sdk::kmip::attributes::AttributeRule;
use claviger_plugin_sdk::kmip::payloads::{access as rights, encapsulation as kem};
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::kmip::vocabulary::Extension;
use claviger_plugin_sdk::prelude::*;

plugin! {
    summary: "The operations of KMIP; keys, certificates, secret data and opaque objects; access rights.",
    settings: &[
        timers::PURGE_DESTROYED_AFTER,
        operations::RNG_SEED,
        default_group::DEFAULT_GROUP_KEY,
        client_certificate::ISSUER,
    ],
    vocabulary: &[
        operation(rights::GRANT, "Grant"),
        operation(rights::REVOKE_RIGHT, "RevokeRight"),
        operation(rights::LIST_RIGHTS, "ListRights"),
        operation(rights::OWNED, "Owned"),
        operation(rights::OBTAINED, "Obtained"),
        operation(kem::ENCAPSULATE, "Encapsulate"),
        operation(kem::DECAPSULATE, "Decapsulate"),
        operation(rights::CHANGE_OWNER, "ChangeOwner"),
        operation(rights::PURGE, "Purge"),
        operation(rights::EXPLAIN, "Explain"),
        Extension::Tag {
            tag: Tag::REMOVE,
            name: Cow::Borrowed("Remove"),
            item_type: ItemType::Boolean,
            values: None,
        },
    ],
    attributes: &ATTRIBUTES,
}

/// The attributes of certificates, and the one that protects what is derived.
const ATTRIBUTES: [AttributeRule; certificate_attributes::RULES.len() + 1] = {
    let mut rules = [protection::RULE; certificate_attributes::RULES.len() + 1];
    let (_, of_certificates) = rules.split_at_mut(1);
    of_certificates.copy_from_slice(certificate_attributes::RULES);
    rules
};

/// The Vendor Identification of this server, which its vendor attributes have, too.
const VENDOR: &str = "Claviger";

const fn operation(code: OperationCode, name: &'static str) -> Extension {
    Extension::Value { of: Cow::Borrowed("Operation"), code: code.0, name: Cow::Borrowed(name) }
}
