//! Argon2id (RFC 9106): from a password, with memory that an attacker needs for each guess.
//!
//! KMIP has no such method; this one is of the vendor range. It takes 19 MiB, one lane and two passes, as OWASP advises, or
//! as many passes as Iteration Count says.

use argon2::{Algorithm, Argon2, Params, Version};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::tables::enumerations::DerivationMethod;
use claviger_plugin_sdk::scheme::{Capability, Cost, DeriveInput, DeriveScheme, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use zeroize::Zeroizing;

use super::input::{Field, check_length, only_key, takes_only};

/// The method in the vendor range.
pub(crate) const ARGON2ID: DerivationMethod = DerivationMethod(0x8C1A_0001);

struct Argon2id;

const DERIVE: SchemeEntry = SchemeEntry {
    name: "Argon2id",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Derive(ARGON2ID, &Argon2id),
};
register_scheme!(DERIVE);

/// In KiB.
const MEMORY: u32 = 19 << 10;
const LANES: u32 = 1;
const PASSES: u32 = 2;
const MOST_PASSES: u32 = 50;

/// The least and most bytes of salt. RFC 9106 section 3.1 recommends 16.
const SALT: std::ops::RangeInclusive<usize> = 8..=1024;

/// The least and most bytes that are derived.
const LENGTH: (usize, usize) = (4, 1024);

impl DeriveScheme for Argon2id {
    fn builds_on(&self) -> Option<Capability> {
        None
    }

    fn cost(&self, _: &DeriveInput) -> Cost {
        Cost::Heavy
    }

    fn derive(&self, input: &DeriveInput) -> Result<ByteString> {
        takes_only(input, "Argon2id", &[Field::IterationCount, Field::Salt])?;
        let password = only_key(input, "Argon2id")?;
        let salt = input.parameters.salt.as_deref().filter(|salt| SALT.contains(&salt.len()));
        let salt = salt.ok_or_else(|| {
            Error::invalid(format!("Argon2id needs a Salt of {} to {} bytes", SALT.start(), SALT.end()))
        })?;
        check_length(input.length, LENGTH.0, LENGTH.1, "Argon2id")?;
        let parameters = Params::new(MEMORY, passes(input)?, LANES, Some(input.length)).map_err(failure)?;
        let mut derived = Zeroizing::new(vec![0; input.length]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(password, salt, &mut derived)
            .map_err(failure)?;
        Ok(std::mem::take(&mut *derived).into())
    }
}

fn passes(input: &DeriveInput) -> Result<u32> {
    let Some(given) = input.parameters.iteration_count else { return Ok(PASSES) };
    let given = u32::try_from(given).ok().filter(|passes| (1..=MOST_PASSES).contains(passes));
    given.ok_or_else(|| {
        Error::invalid(format!("Argon2id makes 1 to {MOST_PASSES} passes, which Iteration Count tells"))
    })
}

fn failure(error: argon2::Error) -> Error {
    Error::cryptographic("the key could not be derived").because(error.to_string())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::DeriveSubject;

    use super::*;
    use crate::known_answers::*;

    fn from(password: &[u8], salt: &[u8], passes: Option<i32>, length: usize) -> DeriveInput {
        let mut input = derive_input(password, length);
        input.parameters.salt = Some(salt.into());
        input.parameters.iteration_count = passes;
        input
    }

    fn sound(rng: &mut SeededRandom) -> DeriveInput {
        from(&random(rng, 12), &random(rng, 16), Some(1), 0)
    }

    scheme_conformance!(derive conformance: DeriveSubject {
        entry: DERIVE,
        input: sound,
        least: LENGTH.0,
        most: LENGTH.1,
        counts: &[
            |input| input.parameters.salt = Some(b"another salt"[..].into()),
            |input| input.parameters.iteration_count = None,
        ],
        refused: &[
            |input| input.parameters.salt = None,
            |input| input.parameters.salt = Some(b"short"[..].into()),
            |input| input.parameters.iteration_count = Some(0),
            |input| input.parameters.iteration_count = Some(51),
            |input| input.parameters.derivation_data.push(b"more"[..].into()),
        ],
    });

    #[test]
    fn another_implementation_derives_the_same() {
        for (passes, length) in [(None, 32), (Some(1), 4), (Some(3), 100)] {
            let config = rust_argon2::Config {
                variant: rust_argon2::Variant::Argon2id,
                mem_cost: MEMORY,
                time_cost: passes.unwrap_or(2) as u32,
                lanes: 1,
                hash_length: length as u32,
                ..rust_argon2::Config::default()
            };
            let expected = rust_argon2::hash_raw(b"correct horse", b"battery staple", &config).unwrap();
            let input = from(b"correct horse", b"battery staple", passes, length);
            check_derive(&DERIVE, &input, &hex::encode(expected));
        }
    }
}
