//! Rules of [`SignScheme`](crate::scheme::SignScheme).

use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;

use super::trial_key::TrialKey;
use super::{ROUNDS, SeededRandom};
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::Material;
use crate::scheme::{KeyPair, Scheme, SchemeEntry, SignInput, SignKey, SignScheme};

/// The digest of data.
pub type DigestFunction = fn(&[u8]) -> Vec<u8>;

/// A signature algorithm, and what it should do.
pub struct SignSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Makes a pair of its keys, another one each time.
    pub pair: fn(&mut SeededRandom) -> KeyPair,
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// The digest that it makes of data, unless it signs no digests.
    pub digest: Option<DigestFunction>,
    /// Whether it works in parts.
    pub in_parts: bool,
    /// Whether it signs the same data the same way each time.
    pub repeats: bool,
}

/// Both keys of a pair, prepared.
struct Prepared {
    private: Arc<dyn SignKey>,
    public: Arc<dyn SignKey>,
}

impl SignSubject {
    fn prepare(&self, key: &TrialKey, material: &Material) -> Result<Arc<dyn SignKey>> {
        match self.entry.scheme {
            Scheme::Sign(scheme) => SignScheme::prepare(scheme, &key.facts(), material),
            _ => panic!("{} does not sign", self.entry.name),
        }
    }

    fn prepared(&self, rng: &mut SeededRandom) -> Prepared {
        let [private, public] = TrialKey::both(&(self.pair)(rng))
            .map(|key| self.prepare(&key, &key.material()).expect("the key is one of its own"));
        Prepared { private, public }
    }

    /// Tries a rule with other keys and data each time.
    fn each(&self, mut rule: impl FnMut(Prepared, Vec<u8>, &mut SeededRandom)) {
        for round in 0..ROUNDS {
            let mut rng = SeededRandom::new(round);
            let keys = self.prepared(&mut rng);
            let data = rng.bytes(round as usize * 29).into_vec();
            rule(keys, data, &mut rng);
        }
    }

    fn sign(&self, key: &Arc<dyn SignKey>, input: SignInput<'_>) -> Result<Vec<u8>> {
        let signature = key.sign(input, &self.parameters, &mut SeededRandom::new(1));
        signature.map(|signature| signature.to_vec())
    }

    fn verify(&self, key: &Arc<dyn SignKey>, input: SignInput<'_>, signature: &[u8]) -> bool {
        key.verify(input, signature, &self.parameters).expect("a signature is valid or not")
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::super::{changed, in_random_parts};
    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &SignSubject) {
        let pair = (subject.pair)(&mut SeededRandom::new(1));
        for key in TrialKey::both(&pair) {
            assert!((subject.entry.claims)(&key.facts(), &subject.parameters));
        }
    }

    pub fn verifies_what_it_signed(subject: &SignSubject) {
        subject.each(|keys, data, _| {
            let input = SignInput::Data(&data);
            let signature = subject.sign(&keys.private, input).unwrap();
            assert!(subject.verify(&keys.public, input, &signature), "with the public key");
            assert!(subject.verify(&keys.private, input, &signature), "with the private key");
            let again = subject.sign(&keys.private, input).unwrap();
            assert!(subject.verify(&keys.public, input, &again));
            assert!(!subject.repeats || again == signature, "it repeats");
        });
    }

    pub fn refuses_what_was_changed(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            let signature = subject.sign(&keys.private, SignInput::Data(&data)).unwrap();
            let verify = |data: &[u8], signature: &[u8]| {
                subject.verify(&keys.public, SignInput::Data(data), signature)
            };
            for _ in 0..20 {
                assert!(!verify(&data, &changed(&signature, rng)), "a changed signature");
            }
            assert!(!verify(&data, &signature[..signature.len() - 1]), "a signature that lacks a byte");
            assert!(!verify(&data, &signature[1..]), "a signature that lacks its first byte");
            assert!(!verify(&data, &[&signature[..], &[0]].concat()), "a signature with a byte more");
            assert!(!verify(&data, &[&[0], &signature[..]].concat()), "a signature with a byte before it");
            assert!(!verify(&data, &[]), "no signature");
            assert!(!verify(&[&data[..], &[0]].concat(), &signature), "data with a byte more");
            if !data.is_empty() {
                assert!(!verify(&changed(&data, rng), &signature), "changed data");
            }
        });
    }

    pub fn needs_the_same_key_to_verify(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            let other = subject.prepared(rng);
            let signature = subject.sign(&other.private, SignInput::Data(&data)).unwrap();
            assert!(!subject.verify(&keys.public, SignInput::Data(&data), &signature));
        });
    }

    pub fn signs_nothing_with_a_public_key(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            let refused = |result: Result<Vec<u8>>| {
                let error = result.expect_err("a public key signs nothing");
                assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
            };
            refused(subject.sign(&keys.public, SignInput::Data(&data)));
            if subject.in_parts {
                let mut stream = keys.public.in_parts(&subject.parameters).unwrap();
                stream.update(&data).unwrap();
                refused(stream.sign(rng).map(|signature| signature.to_vec()));
            }
        });
    }

    pub fn gives_in_parts_what_it_gives_at_once(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            let start = |key: &Arc<dyn SignKey>| key.in_parts(&subject.parameters);
            if !subject.in_parts {
                let error = start(&keys.private).map(drop).expect_err("it needs all data at once");
                assert_eq!(error.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
                return;
            }
            let fed = |key: &Arc<dyn SignKey>, data: &[u8], rng: &mut SeededRandom| {
                let mut stream = start(key).unwrap();
                in_random_parts(data, rng, |part| stream.update(part).unwrap());
                stream
            };
            let at_once = subject.sign(&keys.private, SignInput::Data(&data)).unwrap();
            let in_parts = fed(&keys.private, &data, rng).sign(rng).unwrap();
            assert!(subject.verify(&keys.public, SignInput::Data(&data), &in_parts));
            assert!(!subject.repeats || *in_parts == *at_once, "it repeats");
            assert!(fed(&keys.public, &data, rng).verify(&at_once).unwrap());
            assert!(!fed(&keys.public, &[&data[..], &[0]].concat(), rng).verify(&at_once).unwrap());
            assert!(!fed(&keys.public, &data, rng).verify(&changed(&at_once, rng)).unwrap());
            assert!(!fed(&keys.public, &data, rng).verify(&[]).unwrap());
        });
    }

    pub fn signs_a_digest_as_its_data(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            let Some(digest) = subject.digest else {
                let error = subject.sign(&keys.private, SignInput::Digest(&[7; 32]));
                assert!(error.is_err(), "it signs no digests");
                return;
            };
            let digest = digest(&data);
            let (data, digested) = (SignInput::Data(&data), SignInput::Digest(&digest));
            let of_data = subject.sign(&keys.private, data).unwrap();
            let of_digest = subject.sign(&keys.private, digested).unwrap();
            assert!(subject.verify(&keys.public, digested, &of_data));
            assert!(subject.verify(&keys.public, data, &of_digest));
            // Of a long digest, some algorithms sign the beginning alone.
            let mut other = digest.clone();
            other[rng.below(8)] ^= 1;
            assert!(!subject.verify(&keys.public, SignInput::Digest(&other), &of_data), "a changed digest");
        });
    }

    pub fn refuses_digests_of_other_lengths(subject: &SignSubject) {
        subject.each(|keys, data, _| {
            let Some(digest) = subject.digest else { return };
            let digest = digest(&data);
            let signature = subject.sign(&keys.private, SignInput::Data(&data)).unwrap();
            for other in [&[][..], &digest[1..], &[&digest[..], &[0]].concat()] {
                let error =
                    subject.sign(&keys.private, SignInput::Digest(other)).expect_err("another length");
                assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
                assert!(!subject.verify(&keys.public, SignInput::Digest(other), &signature));
            }
        });
    }

    pub fn refuses_what_is_no_key(subject: &SignSubject) {
        let mut rng = SeededRandom::new(1);
        let pair = (subject.pair)(&mut rng);
        for key in TrialKey::both(&pair) {
            for length in [0, 1, 5, 100, 1000] {
                let bytes = rng.bytes(length);
                assert!(subject.prepare(&key, &key.replaced(&bytes)).is_err(), "{length} random bytes");
            }
        }
    }

    pub fn never_panics_on_random_signatures(subject: &SignSubject) {
        subject.each(|keys, data, rng| {
            for length in 0..60 {
                let signature = rng.bytes(length * 9);
                assert!(!subject.verify(&keys.public, SignInput::Data(&data), &signature));
                if subject.in_parts {
                    let stream = keys.public.in_parts(&subject.parameters).unwrap();
                    assert!(!stream.verify(&signature).unwrap());
                }
            }
        });
    }

    pub fn serves_many_threads(subject: &SignSubject) {
        let keys = subject.prepared(&mut SeededRandom::new(1));
        std::thread::scope(|scope| {
            for number in 0..4_u8 {
                let keys = &keys;
                scope.spawn(move || {
                    for round in 0..8 {
                        let data = [number, round];
                        let signature = subject.sign(&keys.private, SignInput::Data(&data)).unwrap();
                        assert!(subject.verify(&keys.public, SignInput::Data(&data), &signature));
                    }
                });
            }
        });
    }
}
