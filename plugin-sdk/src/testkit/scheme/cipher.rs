//! Rules of [`CipherScheme`](crate::scheme::CipherScheme).

use std::sync::Arc;

use claviger_kmip::objects::CryptographicParameters;

use super::{ROUNDS, SeededRandom, facts_of_raw_key, random_key};
use crate::random::RandomSource;
use crate::scheme::{CipherInput, CipherKey, CipherScheme, Scheme, SchemeEntry};

/// A cipher, and what it should do.
pub struct CipherSubject {
    /// The entry.
    pub entry: SchemeEntry,
    /// Lengths of keys that it takes, in bytes.
    pub key_lengths: &'static [usize],
    /// Parameters that it claims.
    pub parameters: CryptographicParameters,
    /// Its nonces; nothing if it takes none.
    pub nonces: Option<NonceLengths>,
    /// Whether it encrypts data of this many bytes.
    pub encrypts: fn(usize) -> bool,
    /// How it protects what it encrypts from changes.
    pub authenticity: Authenticity,
    /// Whether it works in parts.
    pub in_parts: bool,
}

/// The lengths of nonces, in bytes.
#[derive(Clone, Copy)]
pub struct NonceLengths {
    /// The length of a nonce that the scheme makes.
    pub made: usize,
    /// Whether it takes one of this length.
    pub fits: fn(usize) -> bool,
}

/// How a cipher protects what it encrypts from changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// Not at all.
    None,
    /// By a tag, which covers additional data, too.
    Tag,
    /// By redundancy in the ciphertext, as key wrapping does.
    Redundancy,
}

/// Data, nonce and additional data for one trial.
struct Message {
    data: Vec<u8>,
    nonce: Option<Vec<u8>>,
    additional_data: Vec<u8>,
}

impl CipherSubject {
    fn scheme(&self) -> &'static dyn CipherScheme {
        match self.entry.scheme {
            Scheme::Cipher(scheme) => scheme,
            _ => panic!("{} is no cipher", self.entry.name),
        }
    }

    fn key(&self, length: usize, rng: &mut SeededRandom) -> Arc<dyn CipherKey> {
        self.scheme()
            .prepare(&facts_of_raw_key(&self.entry, length), &random_key(length, rng))
            .expect("the length is one of its own")
    }

    fn input<'a>(&'a self, message: &'a Message) -> CipherInput<'a> {
        CipherInput {
            parameters: &self.parameters,
            data: &message.data,
            nonce: message.nonce.as_deref(),
            additional_data: &message.additional_data,
            tag: None,
        }
    }

    /// A message with data of this many bytes, or of the next length that is encrypted.
    fn message(&self, length: usize, rng: &mut SeededRandom) -> Message {
        let length =
            (length..length + 64).find(|length| (self.encrypts)(*length)).expect("there is some such data");
        let nonce = self.nonces.map(|nonces| {
            let lengths: Vec<usize> = (0..=64).filter(|length| (nonces.fits)(*length)).collect();
            rng.bytes(*rng.clone().pick(&lengths)).into_vec()
        });
        let additional_data = if self.authenticity == Authenticity::Tag { rng.below(40) } else { 0 };
        Message {
            data: rng.bytes(length).into_vec(),
            nonce,
            additional_data: rng.bytes(additional_data).into_vec(),
        }
    }

    /// Tries a rule with each length of keys, on messages of several lengths from `shortest` bytes.
    fn each(&self, shortest: usize, mut rule: impl FnMut(Arc<dyn CipherKey>, Message, &mut SeededRandom)) {
        for length in self.key_lengths {
            for round in 0..ROUNDS {
                let mut rng = SeededRandom::new(round);
                let key = self.key(*length, &mut rng);
                let more = if round == 0 { 0 } else { rng.below(200) };
                let message = self.message(shortest + more, &mut rng);
                rule(key, message, &mut rng);
            }
        }
    }
}

/// The rules.
#[allow(missing_docs)] // each is a sentence
pub mod rules {
    use claviger_kmip::tables::enumerations::ResultReason;

    use super::super::{changed, in_random_parts};
    use super::*;
    use crate::error::Result;
    use crate::scheme::CipherStream;

    /// Long enough that random data is never equal by chance.
    const SAFE: usize = 16;

    pub fn claims_a_key_with_its_parameters(subject: &CipherSubject) {
        for length in subject.key_lengths {
            let facts = facts_of_raw_key(&subject.entry, *length);
            assert!((subject.entry.claims)(&facts, &subject.parameters));
        }
    }

    pub fn decrypts_what_it_encrypted(subject: &CipherSubject) {
        subject.each(0, |key, message, rng| {
            let input = subject.input(&message);
            let encrypted = key.encrypt(input, rng).unwrap();
            assert_eq!(encrypted.nonce, None, "the client knows its nonce");
            assert_eq!(encrypted.tag.is_some(), subject.authenticity == Authenticity::Tag);
            let back = CipherInput { data: &encrypted.data, tag: encrypted.tag.as_deref(), ..input };
            assert_eq!(&key.decrypt(back).unwrap()[..], &message.data[..]);
        });
    }

    pub fn makes_a_fresh_nonce_where_the_client_gives_none(subject: &CipherSubject) {
        subject.each(0, |key, message, rng| {
            let input = CipherInput { nonce: None, ..subject.input(&message) };
            let one = key.encrypt(input, rng).unwrap();
            let other = key.encrypt(input, rng).unwrap();
            assert_eq!(one.nonce.as_ref().map(|nonce| nonce.len()), subject.nonces.map(|nonces| nonces.made));
            assert!(one.nonce.is_none() || one.nonce != other.nonce, "the nonce is fresh each time");
            for encrypted in [one, other] {
                let back = CipherInput {
                    data: &encrypted.data,
                    nonce: encrypted.nonce.as_deref(),
                    tag: encrypted.tag.as_deref(),
                    ..input
                };
                assert_eq!(&key.decrypt(back).unwrap()[..], &message.data[..]);
            }
        });
    }

    pub fn takes_randomness_from_nowhere_else(subject: &CipherSubject) {
        subject.each(0, |key, message, _| {
            let input = CipherInput { nonce: None, ..subject.input(&message) };
            let encrypt = || key.encrypt(input, &mut SeededRandom::new(1)).unwrap();
            assert_eq!(encrypt(), encrypt());
        });
    }

    pub fn makes_no_nonce_where_random_iv_is_false(subject: &CipherSubject) {
        let parameters = CryptographicParameters { random_iv: Some(false), ..subject.parameters.clone() };
        subject.each(0, |key, message, rng| {
            let input = CipherInput { parameters: &parameters, nonce: None, ..subject.input(&message) };
            match key.encrypt(input, rng) {
                Ok(encrypted) => {
                    assert!(subject.nonces.is_none() && encrypted.nonce.is_none(), "a nonce was made")
                }
                Err(error) => expect_missing_nonce(&error),
            }
        });
    }

    pub fn refuses_nonces_of_other_lengths(subject: &CipherSubject) {
        subject.each(SAFE, |key, message, rng| {
            let fits = |length| subject.nonces.map_or(length == 0, |nonces| (nonces.fits)(length));
            for length in (0..200).filter(|length| !fits(*length)) {
                let nonce = rng.bytes(length);
                let input = CipherInput { nonce: Some(&nonce), ..subject.input(&message) };
                expect_bad_parameters(key.encrypt(input, rng).map(drop), "encryption");
                expect_bad_parameters(key.decrypt(input).map(drop), "decryption");
                if subject.in_parts {
                    expect_bad_parameters(key.encrypt_in_parts(input, rng).map(drop), "encryption in parts");
                    expect_bad_parameters(key.decrypt_in_parts(input).map(drop), "decryption in parts");
                }
            }
        });
    }

    pub fn needs_the_nonce_to_decrypt(subject: &CipherSubject) {
        if subject.nonces.is_none() {
            return;
        }
        subject.each(SAFE, |key, message, _| {
            let input = CipherInput { nonce: None, ..subject.input(&message) };
            expect_missing_nonce(&key.decrypt(input).expect_err("there is no nonce"));
            if subject.in_parts {
                let error = key.decrypt_in_parts(input).map(drop).expect_err("there is no nonce");
                expect_missing_nonce(&error);
            }
        });
    }

    pub fn refuses_data_of_other_lengths(subject: &CipherSubject) {
        subject.each(0, |key, message, rng| {
            for length in (0..=96).filter(|length| !(subject.encrypts)(*length)) {
                let data = rng.bytes(length);
                let input = CipherInput { data: &data, ..subject.input(&message) };
                expect_bad_parameters(key.encrypt(input, rng).map(drop), "data of another length");
                if subject.in_parts {
                    let (mut stream, _) = key.encrypt_in_parts(input, rng).unwrap();
                    stream.update(&data).unwrap();
                    expect_bad_parameters(stream.finish().map(drop), "data of another length in parts");
                }
            }
        });
    }

    pub fn needs_the_same_key_and_nonce_to_decrypt(subject: &CipherSubject) {
        subject.each(SAFE, |key, message, rng| {
            let input = subject.input(&message);
            let encrypted = key.encrypt(input, rng).unwrap();
            let back = CipherInput { data: &encrypted.data, tag: encrypted.tag.as_deref(), ..input };
            let differs = |plain: Result<claviger_kmip::ByteString>| match (plain, subject.authenticity) {
                (Ok(plain), Authenticity::None) => assert!(message.data[..] != plain[..], "it decrypts"),
                (Ok(_), _) => panic!("it decrypts"),
                (Err(error), _) => assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}"),
            };
            let other = subject.key(subject.key_lengths[0], rng);
            differs(other.decrypt(back));
            if let Some(nonce) = &message.nonce {
                differs(key.decrypt(CipherInput { nonce: Some(&changed(nonce, rng)), ..back }));
            }
        });
    }

    pub fn refuses_what_was_changed(subject: &CipherSubject) {
        if subject.authenticity == Authenticity::None {
            return;
        }
        subject.each(SAFE, |key, message, rng| {
            let input = subject.input(&message);
            let encrypted = key.encrypt(input, rng).unwrap();
            let tag = encrypted.tag.as_deref();
            let back = CipherInput { data: &encrypted.data, tag, ..input };
            let refused = |input, what| {
                let error = key.decrypt(input).expect_err(what);
                assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{what}: {error}");
            };
            let flipped = changed(&encrypted.data, rng);
            refused(CipherInput { data: &flipped, ..back }, "changed data");
            refused(CipherInput { data: &encrypted.data[1..], ..back }, "data that lacks a byte");
            if let Some(tag) = tag {
                let flipped = changed(tag, rng);
                refused(CipherInput { tag: Some(&flipped), ..back }, "a changed tag");
                let more = [&message.additional_data[..], &[0]].concat();
                refused(CipherInput { additional_data: &more, ..back }, "other additional data");
                let short = CipherInput { tag: Some(&tag[..tag.len() - 1]), ..back };
                assert!(key.decrypt(short).is_err(), "a tag that lacks a byte");
            }
        });
    }

    pub fn takes_the_tag_at_the_end_of_the_data(subject: &CipherSubject) {
        subject.each(0, |key, message, rng| {
            let input = subject.input(&message);
            let encrypted = key.encrypt(input, rng).unwrap();
            let Some(tag) = encrypted.tag else { return };
            let joined = [&encrypted.data[..], &tag[..]].concat();
            assert_eq!(&key.decrypt(CipherInput { data: &joined, ..input }).unwrap()[..], &message.data[..]);
        });
    }

    pub fn refuses_to_authenticate_where_it_cannot(subject: &CipherSubject) {
        if subject.authenticity == Authenticity::Tag {
            return;
        }
        subject.each(SAFE, |key, message, rng| {
            let input = CipherInput { additional_data: b"more", ..subject.input(&message) };
            expect_bad_parameters(key.encrypt(input, rng).map(drop), "additional data");
            expect_bad_parameters(key.decrypt(input).map(drop), "additional data");
            let input = CipherInput { tag: Some(&[0; 16]), ..subject.input(&message) };
            expect_bad_parameters(key.decrypt(input).map(drop), "a tag");
        });
    }

    pub fn gives_in_parts_what_it_gives_at_once(subject: &CipherSubject) {
        if !subject.in_parts {
            return;
        }
        subject.each(0, |key, message, rng| {
            let input = CipherInput { nonce: None, ..subject.input(&message) };
            let seed = rng.next_u64();
            let whole = key.encrypt(input, &mut SeededRandom::new(seed)).unwrap();
            let (stream, nonce) = key.encrypt_in_parts(input, &mut SeededRandom::new(seed)).unwrap();
            assert_eq!(nonce, whole.nonce);
            let (data, tag) = run(stream, &message.data, rng);
            assert_eq!((&data[..], &tag), (&whole.data[..], &whole.tag), "encryption");

            let back = CipherInput { nonce: whole.nonce.as_deref(), ..input };
            let first = CipherInput { tag: whole.tag.as_deref(), ..back };
            let (plain, tag) = run(key.decrypt_in_parts(first).unwrap(), &data, rng);
            assert_eq!((&plain[..], tag), (&message.data[..], None), "decryption");

            if let Some(tag) = &whole.tag {
                let mut stream = key.decrypt_in_parts(back).unwrap();
                stream.expect_tag(tag);
                assert_eq!(run(stream, &data, rng).0, message.data, "decryption with the tag at the end");
            }
        });
    }

    pub fn releases_nothing_before_the_end_is_authentic(subject: &CipherSubject) {
        if !subject.in_parts || subject.authenticity == Authenticity::None {
            return;
        }
        subject.each(SAFE, |key, message, rng| {
            let input = subject.input(&message);
            let encrypted = key.encrypt(input, rng).unwrap();
            let tag = encrypted.tag.as_ref().map(|tag| changed(tag, rng));
            let data = if tag.is_some() { encrypted.data.to_vec() } else { changed(&encrypted.data, rng) };
            let mut stream = key.decrypt_in_parts(CipherInput { tag: tag.as_deref(), ..input }).unwrap();
            for part in data.chunks(7) {
                assert!(stream.update(part).unwrap().is_empty(), "nothing is authentic yet");
            }
            let error = stream.finish().expect_err("it is not authentic");
            assert_eq!(error.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{error}");
        });
    }

    pub fn says_that_it_needs_all_data_at_once(subject: &CipherSubject) {
        if subject.in_parts {
            return;
        }
        subject.each(SAFE, |key, message, rng| {
            let input = subject.input(&message);
            for refusal in [key.encrypt_in_parts(input, rng).map(drop), key.decrypt_in_parts(input).map(drop)]
            {
                let error = refusal.expect_err("it does not work in parts");
                assert_eq!(error.reason(), ResultReason::FEATURE_NOT_SUPPORTED, "{error}");
            }
        });
    }

    pub fn refuses_keys_of_other_lengths(subject: &CipherSubject) {
        let mut rng = SeededRandom::new(1);
        for length in (0..=72).filter(|length| !subject.key_lengths.contains(length)) {
            assert!(
                subject
                    .scheme()
                    .prepare(&facts_of_raw_key(&subject.entry, length), &random_key(length, &mut rng))
                    .is_err(),
                "a key of {length} bytes"
            );
        }
    }

    pub fn never_panics_on_random_ciphertexts(subject: &CipherSubject) {
        subject.each(0, |key, message, rng| {
            for length in 0..80 {
                let (data, tag) = (rng.bytes(length), rng.bytes(length % 20));
                let plain = CipherInput { data: &data, ..subject.input(&message) };
                // Whether it decrypts to anything does not matter here; that it returns does.
                drop(key.decrypt(plain));
                drop(key.decrypt(CipherInput { tag: Some(&tag), ..plain }));
                if let Ok(mut stream) = key.decrypt_in_parts(plain) {
                    drop(stream.update(&data).and_then(|_| stream.finish()));
                }
            }
        });
    }

    pub fn serves_many_threads(subject: &CipherSubject) {
        let mut rng = SeededRandom::new(1);
        let key = subject.key(subject.key_lengths[0], &mut rng);
        let message = subject.message(64, &mut rng);
        let encrypt = || key.encrypt(subject.input(&message), &mut SeededRandom::new(2)).unwrap();
        let expected = encrypt();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| assert_eq!(encrypt(), expected)));
            }
        });
    }

    /// Feeds data in parts of random lengths.
    fn run(
        mut stream: Box<dyn CipherStream>,
        data: &[u8],
        rng: &mut SeededRandom,
    ) -> (Vec<u8>, Option<claviger_kmip::ByteString>) {
        let mut output = Vec::new();
        in_random_parts(data, rng, |part| output.extend_from_slice(&stream.update(part).unwrap()));
        let (last, tag) = stream.finish().unwrap();
        output.extend_from_slice(&last);
        (output, tag)
    }

    fn expect_bad_parameters(result: Result<()>, what: &str) {
        let error = result.expect_err(what);
        assert_eq!(error.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS, "{what}: {error}");
    }

    fn expect_missing_nonce(error: &crate::error::Error) {
        let reasons = [ResultReason::INVALID_MESSAGE, ResultReason::MISSING_INITIALIZATION_VECTOR];
        assert!(reasons.contains(&error.reason()), "{error}");
    }
}
