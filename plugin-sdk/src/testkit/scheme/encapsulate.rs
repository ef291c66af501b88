//! Rules of [`EncapsulateScheme`](crate::scheme::EncapsulateScheme).

use std::sync::Arc;

use claviger_kmip::Value;
use claviger_kmip::objects::CryptographicParameters;

use super::trial_key::TrialKey;
use super::{ROUNDS, SeededRandom, changed};
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::Material;
use crate::scheme::{EncapsulateKey, EncapsulateScheme, KeyPair, Scheme, SchemeEntry};

/// A scheme that encapsulates secrets, and what it should do.
pub struct EncapsulateSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Makes a pair of keys whose material is bytes, another one each time.
    pub pair: fn(&mut SeededRandom) -> KeyPair,
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// The bytes of a secret.
    pub secret_length: usize,
    /// The bytes of a ciphertext.
    pub ciphertext_length: usize,
}

/// Both halves of a pair, prepared.
struct Prepared {
    private: Arc<dyn EncapsulateKey>,
    public: Arc<dyn EncapsulateKey>,
}

impl EncapsulateSubject {
    fn scheme(&self) -> &'static dyn EncapsulateScheme {
        match self.entry.scheme {
            Scheme::Encapsulate(scheme) => scheme,
            _ => panic!("{} does not encapsulate", self.entry.name),
        }
    }

    fn prepare(&self, key: &TrialKey, material: &Material) -> Result<Arc<dyn EncapsulateKey>> {
        self.scheme().prepare(&key.facts(), material)
    }

    fn prepared(&self, rng: &mut SeededRandom) -> Prepared {
        let [private, public] = TrialKey::both(&(self.pair)(rng))
            .map(|key| self.prepare(&key, &key.material()).expect("the key is one of its own"));
        Prepared { private, public }
    }

    /// Tries a rule with other keys each time.
    fn each(&self, mut rule: impl FnMut(Prepared, &mut SeededRandom)) {
        for round in 0..ROUNDS {
            let mut rng = SeededRandom::new(round);
            let keys = self.prepared(&mut rng);
            rule(keys, &mut rng);
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::*;

    pub fn claims_a_key_with_its_parameters(subject: &EncapsulateSubject) {
        let pair = (subject.pair)(&mut SeededRandom::new(1));
        for key in TrialKey::both(&pair) {
            let (object_type, facts) = (key.object_type, key.facts());
            assert!(subject.entry.serves(subject.entry.scheme.capability(), &facts), "{object_type:?}");
            assert!((subject.entry.claims)(&facts, &subject.parameters), "{object_type:?}");
        }
    }

    pub fn decapsulates_what_it_encapsulated(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let made = keys.public.encapsulate(&subject.parameters, rng).unwrap();
            assert_eq!(made.secret.len(), subject.secret_length);
            assert_eq!(made.ciphertext.len(), subject.ciphertext_length);
            let secret = keys.private.decapsulate(&made.ciphertext, &subject.parameters).unwrap();
            assert_eq!(secret, made.secret);
            // A private key may not know its public half; if it does, it encapsulates as that does.
            if let Ok(made) = keys.private.encapsulate(&subject.parameters, rng) {
                let secret = keys.private.decapsulate(&made.ciphertext, &subject.parameters).unwrap();
                assert_eq!(secret, made.secret);
            }
        });
    }

    pub fn makes_another_secret_each_time(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let one = keys.public.encapsulate(&subject.parameters, rng).unwrap();
            let other = keys.public.encapsulate(&subject.parameters, rng).unwrap();
            assert_ne!(one.secret, other.secret);
            assert_ne!(one.ciphertext, other.ciphertext);
        });
    }

    pub fn gives_no_secret_for_a_changed_ciphertext(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let made = keys.public.encapsulate(&subject.parameters, rng).unwrap();
            for _ in 0..ROUNDS {
                let changed = changed(&made.ciphertext, rng);
                expect_another(
                    keys.private
                        .decapsulate(&changed, &subject.parameters)
                        .map(|secret| secret == made.secret),
                );
            }
            let mut last = made.ciphertext.to_vec();
            if let Some(last) = last.last_mut() {
                *last ^= 1;
            }
            expect_another(
                keys.private.decapsulate(&last, &subject.parameters).map(|secret| secret == made.secret),
            );
        });
    }

    pub fn needs_the_same_key_to_decapsulate(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let other = subject.prepared(rng);
            let made = other.public.encapsulate(&subject.parameters, rng).unwrap();
            let secret = keys.private.decapsulate(&made.ciphertext, &subject.parameters);
            expect_another(secret.map(|secret| secret == made.secret));
        });
    }

    pub fn refuses_ciphertexts_of_other_lengths(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let made = keys.public.encapsulate(&subject.parameters, rng).unwrap().ciphertext;
            let shorter = &made[..made.len() - 1];
            let longer = [&made[..], &[0]].concat();
            for ciphertext in [&[], shorter, &longer, &made[..made.len() / 2]] {
                let error = keys
                    .private
                    .decapsulate(ciphertext, &subject.parameters)
                    .expect_err("a ciphertext of another length");
                assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
            }
        });
    }

    pub fn refuses_to_decapsulate_with_a_public_key(subject: &EncapsulateSubject) {
        subject.each(|keys, rng| {
            let made = keys.public.encapsulate(&subject.parameters, rng).unwrap();
            let error = keys
                .public
                .decapsulate(&made.ciphertext, &subject.parameters)
                .expect_err("a public key has no secrets");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
        });
    }

    pub fn refuses_keys_of_other_lengths(subject: &EncapsulateSubject) {
        let pair = (subject.pair)(&mut SeededRandom::new(1));
        for key in TrialKey::both(&pair) {
            let Value::ByteString(whole) = &key.value else { panic!("the material is bytes") };
            let longer = [&whole[..], &[0]].concat();
            for bytes in [&[][..], &whole[..whole.len() - 1], &whole[1..], &longer] {
                let refused = subject.prepare(&key, &key.replaced(bytes)).map(drop).expect_err("no key");
                assert_eq!(refused.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{refused}");
            }
        }
    }

    pub fn never_panics_on_random_ciphertexts(subject: &EncapsulateSubject) {
        let mut rng = SeededRandom::new(1);
        let keys = subject.prepared(&mut rng);
        let whole = subject.ciphertext_length;
        for length in (0..40).chain(whole.saturating_sub(2)..whole + 2) {
            // A secret of no use to anybody, or none; that it returns is the rule.
            let _ = keys.private.decapsulate(&rng.bytes(length), &subject.parameters);
        }
    }

    pub fn serves_many_threads(subject: &EncapsulateSubject) {
        let keys = subject.prepared(&mut SeededRandom::new(1));
        std::thread::scope(|scope| {
            for seed in 0..8 {
                let keys = &keys;
                scope.spawn(move || {
                    let mut rng = SeededRandom::new(seed);
                    for _ in 0..4 {
                        let made = keys.public.encapsulate(&subject.parameters, &mut rng).unwrap();
                        let secret = keys.private.decapsulate(&made.ciphertext, &subject.parameters).unwrap();
                        assert_eq!(secret, made.secret);
                    }
                });
            }
        });
    }

    /// Another secret, or none for cryptographic reasons.
    fn expect_another(same: Result<bool>) {
        match same {
            Ok(same) => assert!(!same, "the same secret"),
            Err(error) => assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}"),
        }
    }
}
