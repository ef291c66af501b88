//! The toy as a MAC: the tag of its cipher.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::super::MacSubject;
use super::super::rules::mac as rules;
use super::{Fault, Toy, ToyKey, entry, toy};
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};
use crate::scheme::*;
use crate::testkit::assert_broken;

impl MacScheme for Toy {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        Ok(Arc::new(self.key(material)?))
    }
}

impl MacKey for ToyKey {
    fn mac(
        &self,
        data: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let nonce = if self.toy.nonce_in_mac {
            let none = CipherInput { parameters, data: &[], nonce: None, additional_data: &[], tag: None };
            self.nonce(&none, rng)?.0
        } else {
            Vec::new()
        };
        let mut mac = self.mac_with(&nonce, data);
        if self.toy.is(Fault::LosesTheLastByte) {
            mac.pop();
        }
        Ok(mac.into())
    }

    fn verify(&self, data: &[u8], mac: &[u8], _: &CryptographicParameters) -> Result<bool> {
        let nonce = if self.toy.nonce_in_mac { mac.get(..12).unwrap_or_default() } else { &[] };
        Ok(self.toy.is(Fault::IgnoresTheTag) || self.mac_with(nonce, data) == mac)
    }

    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        let key = Self { toy: self.toy, key: self.key.clone(), calls: AtomicU64::new(0) };
        Ok(Box::new(ToyMacStream { key, parameters: parameters.clone(), data: Vec::new() }))
    }
}

impl ToyKey {
    fn mac_with(&self, nonce: &[u8], data: &[u8]) -> Vec<u8> {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        let state = if self.toy.is(Fault::KeepsState) { calls.to_le_bytes() } else { [0; 8] };
        [nonce, &self.tag(nonce, &state, data)].concat()
    }
}

/// Collects everything and works at the end, on the last part alone if that is its fault.
struct ToyMacStream {
    key: ToyKey,
    parameters: CryptographicParameters,
    data: Vec<u8>,
}

impl MacStream for ToyMacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        if self.key.toy.is(Fault::BeginsAnewInEachPart) {
            self.data.clear();
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    fn finish(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString> {
        self.key.mac(&self.data, &self.parameters, rng)
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool> {
        self.key.verify(&self.data, mac, &self.parameters)
    }
}

fn toy_mac(fault: Fault, has_nonce: bool) -> MacSubject {
    let toy = Toy { nonce_in_mac: has_nonce, ..*toy(fault, true, false) };
    MacSubject {
        entry: entry(fault, Scheme::Mac(Box::leak(Box::new(toy)))),
        key_lengths: &[16],
        refused_key_lengths: &[0, 15, 17],
        parameters: CryptographicParameters::NONE,
        length: if has_nonce { 28 } else { 16 },
        has_nonce,
    }
}

crate::scheme_conformance!(mac a_sound_mac: toy_mac(Fault::Nothing, false));
crate::scheme_conformance!(mac a_sound_mac_with_a_nonce: toy_mac(Fault::Nothing, true));

#[test]
fn each_fault_of_a_mac_is_found() {
    let broken = |rule: fn(&MacSubject), fault| {
        assert_broken(|| rule(&toy_mac(fault, false)));
        assert_broken(|| rule(&toy_mac(fault, true)));
    };
    broken(rules::claims_a_key_with_its_parameters, Fault::ClaimsNothing);
    broken(rules::verifies_what_it_made, Fault::LosesTheLastByte);
    broken(rules::refuses_what_was_changed, Fault::IgnoresTheTag);
    broken(rules::needs_the_same_key_to_verify, Fault::IgnoresTheKey);
    broken(rules::is_made_of_key_data_and_nonce_alone, Fault::KeepsState);
    broken(rules::gives_in_parts_what_it_gives_at_once, Fault::BeginsAnewInEachPart);
    broken(rules::refuses_in_parts_what_was_changed, Fault::IgnoresTheTag);
    broken(rules::refuses_keys_of_other_lengths, Fault::TakesAnyKey);
    for fault in [Fault::RepeatsItsNonce, Fault::DrawsItsOwnRandomness] {
        assert_broken(|| rules::is_made_of_key_data_and_nonce_alone(&toy_mac(fault, true)));
    }
}
