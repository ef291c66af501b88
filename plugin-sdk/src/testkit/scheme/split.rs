//! Rules of [`SplitScheme`](crate::scheme::SplitScheme).

use claviger_kmip::ByteString;

use super::{ROUNDS, SeededRandom};
use crate::error::Result;
use crate::random::RandomSource;
use crate::scheme::{Scheme, SchemeEntry, Share, SplitPlan, SplitScheme};

/// A way to split secrets, and what it should do.
pub struct SplitSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Plans that it follows, as a client gives them.
    pub plans: fn() -> Vec<SplitPlan>,
    /// Plans that it refuses, besides those that no method has.
    pub refused: fn() -> Vec<SplitPlan>,
    /// Lengths of secrets that it splits by each of its plans, in bytes.
    pub lengths: &'static [usize],
}

impl SplitSubject {
    fn scheme(&self) -> &'static dyn SplitScheme {
        match self.entry.scheme {
            Scheme::Split(_, scheme) => scheme,
            _ => panic!("{} does not split", self.entry.name),
        }
    }

    fn complete(&self, plan: SplitPlan, length: usize) -> SplitPlan {
        self.scheme().complete(plan, length).expect("the plan is one of its own")
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Vec<Share> {
        let values = self.scheme().split(secret, plan, rng).expect("the plan is one of its own");
        (1..).zip(values).map(|(identifier, value)| Share { identifier, value }).collect()
    }

    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString> {
        self.scheme().join(shares, plan)
    }

    /// Tries a rule with each plan, on random secrets of each length.
    fn each(&self, mut rule: impl FnMut(SplitPlan, Vec<u8>, &mut SeededRandom)) {
        for plan in (self.plans)() {
            for (seed, length) in (0..).zip(self.lengths) {
                let mut rng = SeededRandom::new(seed);
                let secret = rng.bytes(*length).into_vec();
                rule(self.complete(plan.clone(), *length), secret, &mut rng);
            }
        }
    }
}

/// So many of the shares, in random order.
fn some_of(shares: &[Share], count: usize, rng: &mut SeededRandom) -> Vec<Share> {
    let mut left = shares.to_vec();
    while left.len() > count {
        left.swap_remove(rng.below(left.len()));
    }
    for place in (1..left.len()).rev() {
        left.swap(place, rng.below(place + 1));
    }
    left
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use std::collections::BTreeSet;

    use claviger_kmip::objects::CryptographicParameters;
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::super::facts_of_raw_key;
    use super::*;

    pub fn claims_any_key(subject: &SplitSubject) {
        let facts = facts_of_raw_key(&subject.entry, 32);
        assert!((subject.entry.claims)(&facts, &CryptographicParameters::NONE));
    }

    pub fn makes_a_share_for_each_part(subject: &SplitSubject) {
        subject.each(|plan, secret, rng| {
            let shares = subject.split(&secret, &plan, rng);
            assert_eq!(shares.len(), plan.parts as usize);
            assert!(shares.iter().all(|share| share.value.len() == shares[0].value.len()), "of one length");
        });
    }

    pub fn any_threshold_of_shares_restores(subject: &SplitSubject) {
        subject.each(|plan, secret, rng| {
            let shares = subject.split(&secret, &plan, rng);
            for round in 0..=ROUNDS as usize {
                let count = if round == 0 { shares.len() } else { plan.threshold as usize };
                let some = some_of(&shares, count, rng);
                assert_eq!(subject.join(&some, &plan).unwrap()[..], secret, "{plan:?}");
            }
        });
    }

    pub fn refuses_fewer_shares(subject: &SplitSubject) {
        subject.each(|plan, secret, rng| {
            let shares = subject.split(&secret, &plan, rng);
            for count in 0..plan.threshold as usize {
                let some = some_of(&shares, count, rng);
                expect_failure(subject.join(&some, &plan), "shares below the threshold");
            }
        });
    }

    pub fn takes_randomness_from_nowhere_else(subject: &SplitSubject) {
        subject.each(|plan, secret, _| {
            let shares = |seed| subject.scheme().split(&secret, &plan, &mut SeededRandom::new(seed)).unwrap();
            assert_eq!(shares(1), shares(1));
        });
    }

    /// A share is as likely to end with one byte as with another, whatever the secret is.
    pub fn a_share_alone_tells_nothing(subject: &SplitSubject) {
        let length = subject.lengths[0];
        for plan in (subject.plans)().into_iter().filter(|plan| plan.threshold > 1) {
            let plan = subject.complete(plan, length);
            for byte in [0, 0xFF] {
                let secret = vec![byte; length];
                let mut ends = vec![BTreeSet::new(); plan.parts as usize];
                for seed in 0..700 {
                    let shares = subject.split(&secret, &plan, &mut SeededRandom::new(seed));
                    for (ends, share) in ends.iter_mut().zip(&shares) {
                        ends.insert(*share.value.last().expect("a share has bytes"));
                    }
                }
                // 700 draws of 256 values miss about 17 of them.
                assert!(
                    ends.iter().all(|ends| ends.len() > 200),
                    "{plan:?}: {:?}",
                    ends.iter().map(BTreeSet::len).collect::<Vec<_>>()
                );
            }
        }
    }

    pub fn refuses_impossible_plans(subject: &SplitSubject) {
        let no_method_has = [(0, 0), (0, 1), (2, 0), (2, 3), (u32::MAX, 2), (u32::MAX, u32::MAX)].map(
            |(parts, threshold)| SplitPlan {
                parts,
                threshold,
                prime_field_size: (subject.plans)()[0].prime_field_size.clone(),
            },
        );
        let length = subject.lengths[0];
        for plan in (subject.refused)().into_iter().chain(no_method_has) {
            let error = subject.scheme().complete(plan.clone(), length).expect_err("the plan is refused");
            expect_bad_plan(&error, &plan);
            let error = subject
                .scheme()
                .split(&vec![1; length], &plan, &mut SeededRandom::new(1))
                .expect_err("the plan is refused");
            expect_bad_plan(&error, &plan);
        }
    }

    pub fn refuses_a_secret_without_bytes(subject: &SplitSubject) {
        for plan in (subject.plans)() {
            let error = subject.scheme().complete(plan.clone(), 0).expect_err("there is no secret");
            expect_bad_plan(&error, &plan);
            let split = subject.scheme().split(&[], &plan, &mut SeededRandom::new(1));
            assert!(split.is_err(), "there is no secret");
        }
    }

    pub fn refuses_malformed_shares(subject: &SplitSubject) {
        subject.each(|plan, secret, rng| {
            let threshold = plan.threshold as usize;
            let shares = some_of(&subject.split(&secret, &plan, rng), threshold, rng);
            let refused = |what: &str, spoil: &dyn Fn(&mut Vec<Share>)| {
                let mut spoiled = shares.clone();
                spoil(&mut spoiled);
                expect_failure(subject.join(&spoiled, &plan), what);
            };
            refused("an identifier 0", &|shares| shares[0].identifier = 0);
            refused("an identifier above the parts", &|shares| shares[0].identifier = plan.parts + 1);
            refused("an absurd identifier", &|shares| shares[0].identifier = u32::MAX);
            refused("a share twice", &|shares| {
                let last = shares.len() - 1;
                if last == 0 {
                    shares.push(shares[0].clone());
                } else {
                    shares[last] = shares[0].clone();
                }
            });
            refused("shares without bytes", &|shares| {
                shares.iter_mut().for_each(|share| share.value = ByteString::default());
            });
            if threshold > 1 {
                refused("a share that lacks a byte", &|shares| {
                    shares[0].value = shares[0].value[1..].into();
                });
            }
        });
    }

    pub fn never_panics_on_random_shares(subject: &SplitSubject) {
        subject.each(|plan, _, rng| {
            for _ in 0..ROUNDS {
                let most = *rng.clone().pick(&[3, 80]);
                let length = rng.below(most);
                let shares: Vec<Share> = (0..rng.below(plan.parts as usize + 3))
                    .map(|_| Share {
                        identifier: rng.below(plan.parts as usize + 3) as u32,
                        value: rng.bytes(length),
                    })
                    .collect();
                // Whether it restores anything does not matter here; that it returns does.
                drop(subject.join(&shares, &plan));
            }
        });
    }

    fn expect_failure(result: Result<ByteString>, what: &str) {
        let error = result.expect_err(what);
        assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{what}: {error}");
    }

    fn expect_bad_plan(error: &crate::error::Error, plan: &SplitPlan) {
        let reasons = [ResultReason::INVALID_FIELD, ResultReason::SERVER_LIMIT_EXCEEDED];
        assert!(reasons.contains(&error.reason()), "{plan:?}: {error}");
    }
}
