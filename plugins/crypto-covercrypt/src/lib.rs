//! Covercrypt: encryption for an access policy, for every generation of its clients.
//!
//! A master key pair has an access structure: dimensions with attributes, such as `Department::HR`. The public key encrypts
//! for an access policy, a boolean expression over attributes; a user key, which the private key issues for an access
//! policy of its own, decrypts what its policy allows. New secrets for some attributes (a rekey) shut out who is not given
//! them.
//!
//! There are three generations, whose keys do not fit each other: one file each, behind one trait, on the bytes of the
//! published library. The attributes of a key say which one it is of. What they have in common, the layout of data, the
//! reading of policies and the rights to change a master key, lies in the files around them.

mod access_policy;
mod action;
#[cfg(test)]
mod algebra;
#[cfg(test)]
mod bad_bytes;
mod cipher;
mod dem;
mod formats;
mod generation;
mod generation_12;
mod generation_14;
mod generation_16;
mod header;
mod issue;
mod key;
mod layout;
mod layout_16;
mod message;
mod purpose;
mod rekey;
#[cfg(test)]
mod related;
mod structure_16;
mod tags;
#[cfg(test)]
mod vectors;

pub use tags::CovercryptTags;

claviger_plugin_sdk::plugin! {
    summary: "Covercrypt: encryption for access policies over attributes, in its generations 12, 14 and 16",
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::plugin::{EntryKind, linked};
    use claviger_plugin_sdk::scheme::SchemeEntry;
    use claviger_plugin_sdk::scheme_conformance;

    fn schemes() -> Vec<&'static SchemeEntry> {
        let scheme = |kind| if let EntryKind::Scheme(entry) = kind { Some(entry) } else { None };
        linked().into_iter().filter_map(|entry| scheme(entry.kind)).collect()
    }

    scheme_conformance!(claims of_this_crate: super::schemes());

    #[test]
    fn every_capability_is_registered() {
        assert_eq!(schemes().len(), 6);
    }
}
