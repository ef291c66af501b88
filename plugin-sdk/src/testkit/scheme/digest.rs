//! Rules of [`DigestScheme`](crate::scheme::DigestScheme).

use claviger_kmip::objects::CryptographicParameters;

use super::{ROUNDS, SeededRandom};
use crate::random::RandomSource;
use crate::scheme::{DigestScheme, Scheme, SchemeEntry};

/// A hash function, and what it should do.
pub struct DigestSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// The length of its digests in bytes.
    pub length: usize,
}

impl DigestSubject {
    fn scheme(&self) -> &'static dyn DigestScheme {
        match self.entry.scheme {
            Scheme::Digest(scheme) => scheme,
            _ => panic!("{} does not hash", self.entry.name),
        }
    }

    fn digest(&self, data: &[u8]) -> Vec<u8> {
        self.scheme().digest(data, &self.parameters).unwrap().to_vec()
    }

    /// Tries a rule on data of several lengths.
    fn each(&self, mut rule: impl FnMut(Vec<u8>, &mut SeededRandom)) {
        for round in 0..ROUNDS {
            let mut rng = SeededRandom::new(round);
            let data = rng.bytes(round as usize * 29).into_vec();
            rule(data, &mut rng);
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use super::super::{changed, facts_of_raw_key, in_random_parts};
    use super::*;

    pub fn claims_its_parameters(subject: &DigestSubject) {
        assert!((subject.entry.claims)(&facts_of_raw_key(&subject.entry, 0), &subject.parameters));
    }

    pub fn gives_digests_of_its_length(subject: &DigestSubject) {
        subject.each(|data, _| assert_eq!(subject.digest(&data).len(), subject.length));
    }

    pub fn gives_the_same_digest_for_the_same_data(subject: &DigestSubject) {
        subject.each(|data, _| assert_eq!(subject.digest(&data), subject.digest(&data)));
    }

    pub fn gives_another_digest_for_other_data(subject: &DigestSubject) {
        subject.each(|data, rng| {
            let digest = subject.digest(&data);
            assert_ne!(subject.digest(&[&data[..], &[0]].concat()), digest, "data with a byte more");
            if !data.is_empty() {
                assert_ne!(subject.digest(&changed(&data, rng)), digest, "changed data");
            }
        });
    }

    pub fn gives_in_parts_what_it_gives_at_once(subject: &DigestSubject) {
        subject.each(|data, rng| {
            let mut stream = subject.scheme().in_parts(&subject.parameters).unwrap();
            in_random_parts(&data, rng, |part| stream.update(part).unwrap());
            assert_eq!(stream.finish().unwrap().to_vec(), subject.digest(&data));
        });
    }
}
