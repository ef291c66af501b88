//! The conformance suite for schemes.
//!
//! A plugin describes what it registers and expands [`scheme_conformance!`](crate::scheme_conformance): one named
//! test a rule. Each rule is a function here, too, and panics where the rule is broken.
//!
//! ```ignore
//! scheme_conformance!(claims of_this_crate: &[CBC, GCM]);
//! scheme_conformance!(cipher aes_gcm: CipherSubject { entry: GCM, key_lengths: &[16, 32], .. });
//! ```

#[cfg(test)]
mod asymmetric_toy;
mod cipher;
mod claims;
mod derive;
mod digest;
mod encapsulate;
#[cfg(test)]
mod encapsulate_toy;
mod formats;
mod generate;
mod generate_pair;
#[cfg(test)]
mod keyless_toy;
mod mac;
mod related;
#[cfg(test)]
mod related_toy;
mod sign;
mod split;
#[cfg(test)]
mod toy;
mod trial_key;
mod wrap;

use claviger_kmip::attributes::Attributes;
use claviger_kmip::tables::enumerations::{KeyFormatType, ObjectType};
use claviger_kmip::{ByteString, Value};

pub use super::random::SeededRandom;
pub use cipher::{Authenticity, CipherSubject, NonceLengths};
pub use claims::claims_do_not_overlap;
pub use derive::{DeriveSubject, base_key};
pub use digest::DigestSubject;
pub use encapsulate::EncapsulateSubject;
pub use formats::FormatsSubject;
pub use generate::GenerateSubject;
pub use generate_pair::{GeneratePairSubject, WantedPair};
pub use mac::MacSubject;
pub use related::RelatedSubject;
pub use sign::{DigestFunction, SignSubject};
pub use split::SplitSubject;
pub use wrap::WrapSubject;

use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::SchemeEntry;

/// The rules of each capability, as functions that panic where a rule is broken.
pub mod rules {
    pub use super::cipher::rules as cipher;
    pub use super::derive::rules as derive;
    pub use super::digest::rules as digest;
    pub use super::encapsulate::rules as encapsulate;
    pub use super::formats::rules as formats;
    pub use super::generate::rules as generate;
    pub use super::generate_pair::rules as generate_pair;
    pub use super::mac::rules as mac;
    pub use super::related::rules as related;
    pub use super::sign::rules as sign;
    pub use super::split::rules as split;
    pub use super::wrap::rules as wrap;
}

/// How often a rule is tried with other random data.
const ROUNDS: u64 = 12;

/// A random raw key of this many bytes.
fn random_key(length: usize, rng: &mut SeededRandom) -> Material {
    raw_key(rng.bytes(length))
}

fn raw_key(bytes: ByteString) -> Material {
    Material::new(KeyFormatType::RAW, Value::ByteString(bytes))
}

/// What is known of a raw symmetric key of this many bytes, of the first algorithm of an entry.
pub fn facts_of_raw_key(entry: &SchemeEntry, length: usize) -> KeyFacts<'static> {
    static NONE: Attributes = Attributes::new();
    KeyFacts {
        object_type: ObjectType::SYMMETRIC_KEY,
        algorithm: entry.algorithms.first().copied(),
        length: i32::try_from(length * 8).ok(),
        format: Some(KeyFormatType::RAW),
        attributes: &NONE,
    }
}

/// The same bytes with one bit changed somewhere.
fn changed(bytes: &[u8], rng: &mut SeededRandom) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let place = rng.below(changed.len());
    changed[place] ^= 1 << rng.below(8);
    changed
}

/// Feeds data in parts of random lengths, some of them empty.
fn in_random_parts(data: &[u8], rng: &mut SeededRandom, mut take: impl FnMut(&[u8])) {
    let mut rest = data;
    while !rest.is_empty() {
        let (part, more) = rest.split_at(rng.below(rest.len().min(40) + 1));
        take(part);
        rest = more;
    }
}

/// Expands to the conformance tests of a scheme, one a rule, in a module of the given name:
///
/// - `scheme_conformance!(claims NAME: ENTRIES)`, over everything that iterates as `&SchemeEntry`: claims of one
///   algorithm and capability do not overlap;
/// - `scheme_conformance!(cipher NAME: SUBJECT)` with a [`CipherSubject`];
/// - `scheme_conformance!(wrap NAME: SUBJECT)` with a [`WrapSubject`];
/// - `scheme_conformance!(mac NAME: SUBJECT)` with a [`MacSubject`];
/// - `scheme_conformance!(digest NAME: SUBJECT)` with a [`DigestSubject`];
/// - `scheme_conformance!(derive NAME: SUBJECT)` with a [`DeriveSubject`];
/// - `scheme_conformance!(split NAME: SUBJECT)` with a [`SplitSubject`];
/// - `scheme_conformance!(encapsulate NAME: SUBJECT)` with an [`EncapsulateSubject`];
/// - `scheme_conformance!(sign NAME: SUBJECT)` with a [`SignSubject`];
/// - `scheme_conformance!(formats NAME: SUBJECT)` with a [`FormatsSubject`];
/// - `scheme_conformance!(generate_pair NAME: SUBJECT)` with a [`GeneratePairSubject`];
/// - `scheme_conformance!(generate NAME: SUBJECT)` with a [`GenerateSubject`];
/// - `scheme_conformance!(related NAME: SUBJECT)` with a [`RelatedSubject`].
#[macro_export]
macro_rules! scheme_conformance {
    (claims $name:ident: $entries:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn claims_do_not_overlap() {
                $crate::testkit::scheme::claims_do_not_overlap($entries);
            }
        }
    };
    (cipher $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules cipher $name: $subject;
            claims_a_key_with_its_parameters
            decrypts_what_it_encrypted
            makes_a_fresh_nonce_where_the_client_gives_none
            takes_randomness_from_nowhere_else
            makes_no_nonce_where_random_iv_is_false
            refuses_nonces_of_other_lengths
            needs_the_nonce_to_decrypt
            refuses_data_of_other_lengths
            needs_the_same_key_and_nonce_to_decrypt
            refuses_what_was_changed
            takes_the_tag_at_the_end_of_the_data
            refuses_to_authenticate_where_it_cannot
            gives_in_parts_what_it_gives_at_once
            releases_nothing_before_the_end_is_authentic
            says_that_it_needs_all_data_at_once
            refuses_keys_of_other_lengths
            never_panics_on_random_ciphertexts
            serves_many_threads
        }
    };
    (wrap $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules wrap $name: $subject;
            claims_a_key_with_its_parameters
            unwraps_what_it_wrapped
            takes_randomness_from_nowhere_else
            refuses_what_was_changed
            needs_the_same_key_to_unwrap
            refuses_data_of_other_lengths
            refuses_keys_of_other_lengths
            never_panics_on_random_data
        }
    };
    (mac $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules mac $name: $subject;
            claims_a_key_with_its_parameters
            verifies_what_it_made
            refuses_what_was_changed
            needs_the_same_key_to_verify
            is_made_of_key_data_and_nonce_alone
            gives_in_parts_what_it_gives_at_once
            refuses_in_parts_what_was_changed
            refuses_keys_of_other_lengths
        }
    };
    (digest $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules digest $name: $subject;
            claims_its_parameters
            gives_digests_of_its_length
            gives_the_same_digest_for_the_same_data
            gives_another_digest_for_other_data
            gives_in_parts_what_it_gives_at_once
        }
    };
    (derive $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules derive $name: $subject;
            claims_its_parameters
            derives_as_many_bytes_as_are_asked_for
            derives_the_same_from_the_same
            derives_something_else_from_other_keys
            every_part_of_the_input_counts
            refuses_more_and_less_than_it_gives
            refuses_to_derive_from_nothing
            refuses_what_it_cannot_honour
            never_panics_on_random_parameters
        }
    };
    (split $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules split $name: $subject;
            claims_any_key
            makes_a_share_for_each_part
            any_threshold_of_shares_restores
            refuses_fewer_shares
            takes_randomness_from_nowhere_else
            a_share_alone_tells_nothing
            refuses_impossible_plans
            refuses_a_secret_without_bytes
            refuses_malformed_shares
            never_panics_on_random_shares
        }
    };
    (encapsulate $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules encapsulate $name: $subject;
            claims_a_key_with_its_parameters
            decapsulates_what_it_encapsulated
            makes_another_secret_each_time
            gives_no_secret_for_a_changed_ciphertext
            needs_the_same_key_to_decapsulate
            refuses_ciphertexts_of_other_lengths
            refuses_to_decapsulate_with_a_public_key
            refuses_keys_of_other_lengths
            never_panics_on_random_ciphertexts
            serves_many_threads
        }
    };
    (sign $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules sign $name: $subject;
            claims_a_key_with_its_parameters
            verifies_what_it_signed
            refuses_what_was_changed
            needs_the_same_key_to_verify
            signs_nothing_with_a_public_key
            gives_in_parts_what_it_gives_at_once
            signs_a_digest_as_its_data
            refuses_digests_of_other_lengths
            refuses_what_is_no_key
            never_panics_on_random_signatures
            serves_many_threads
        }
    };
    (formats $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules formats $name: $subject;
            claims_its_keys
            recognises_its_keys
            recognises_no_others
            has_each_format_once
            converts_every_format_to_every_other_and_back
            gives_the_public_key_whatever_the_format
            gives_no_public_key_of_a_public_key
            refuses_other_formats
            refuses_material_of_another_type
            never_panics_on_damaged_material
        }
    };
    (generate_pair $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules generate_pair $name: $subject;
            claims_a_key_with_its_parameters
            makes_the_keys_asked_for
            makes_keys_that_belong_together
            makes_keys_in_each_format
            refuses_other_formats
            refuses_what_it_does_not_make
            makes_another_pair_each_time
        }
    };
    (generate $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules generate $name: $subject;
            claims_a_key_with_its_parameters
            makes_keys_of_the_lengths_asked_for
            makes_keys_of_the_usual_length_where_none_is_asked_for
            refuses_other_lengths
            makes_another_key_each_time
            takes_randomness_from_nowhere_else
            makes_both_formats_of_symmetric_keys_and_no_other
        }
    };
    (related $name:ident: $subject:expr) => {
        $crate::scheme_conformance! { @rules related $name: $subject;
            claims_its_keys
            needs_keys_that_the_template_names
            makes_keys_that_serve_with_the_pair
            makes_another_key_each_time
            refuses_templates_of_no_such_key
            leaves_other_requests_to_kmip
            refuses_changes_that_the_pair_does_not_allow
            changes_the_keys_of_a_pair_with_it
            issues_keys_from_a_changed_pair
            changes_only_what_it_was_given_and_once
            names_the_wrapped_keys_that_it_cannot_change
            changes_no_key_that_the_pair_did_not_issue
            never_panics_on_damaged_keys
        }
    };
    (@rules $kind:ident $name:ident: $subject:expr; $($rule:ident)*) => {
        mod $name {
            use super::*;

            $(
                #[test]
                fn $rule() {
                    $crate::testkit::scheme::rules::$kind::$rule(&$subject);
                }
            )*
        }
    };
}
