//! The toy as a wrapping: what its cipher gives, with the tag at the end.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::super::WrapSubject;
use super::super::rules::wrap as rules;
use super::{Fault, Toy, ToyKey, entry, toy};
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::*;
use crate::testkit::assert_broken;

impl WrapScheme for Toy {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>> {
        Ok(Arc::new(self.key(material)?))
    }
}

impl WrapKey for ToyKey {
    fn cost(&self) -> Cost {
        Cost::Light
    }

    fn wrap(
        &self,
        plain: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Wrapped> {
        let input = CipherInput { parameters, data: plain, nonce: None, additional_data: &[], tag: None };
        let encrypted = self.encrypt(input, rng)?;
        let data = [&encrypted.data[..], &encrypted.tag.unwrap_or_default()].concat();
        Ok(Wrapped { data: data.into(), nonce: encrypted.nonce })
    }

    fn unwrap(
        &self,
        wrapped: &[u8],
        parameters: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString> {
        self.decrypt(CipherInput { parameters, data: wrapped, nonce, additional_data: &[], tag: None })
    }
}

fn toy_wrap(fault: Fault) -> WrapSubject {
    WrapSubject {
        entry: entry(fault, Scheme::Wrap(toy(fault, true, false))),
        key_lengths: &[16],
        parameters: CryptographicParameters::NONE,
        wraps: |length| length % 4 == 0,
    }
}

crate::scheme_conformance!(wrap a_sound_wrap: toy_wrap(Fault::Nothing));

#[test]
fn each_fault_of_a_wrap_is_found() {
    let broken = |rule: fn(&WrapSubject), fault| assert_broken(|| rule(&toy_wrap(fault)));
    broken(rules::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(rules::unwraps_what_it_wrapped, Fault::LosesTheLastByte);
    broken(rules::takes_randomness_from_nowhere_else, Fault::DrawsItsOwnRandomness);
    broken(rules::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(rules::needs_the_same_key_to_unwrap, Fault::IgnoresTheKey);
    broken(rules::refuses_data_of_other_lengths, Fault::TakesAnyData);
    broken(rules::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    broken(rules::never_panics_on_random_data, Fault::PanicsOnShortData);
}
