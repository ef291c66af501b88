//! The part of `ml-kem` 0.2 that Covercrypt 16 uses: ML-KEM-512 (FIPS 203), on `ml-kem` 0.3.
//!
//! `ml-kem` 0.2 was published against an early `kem` 0.3, and no build can hold that beside the `kem` 0.3 that `ml-kem`
//! 0.3 needs: they count as one version. So this crate takes its place (`[patch.crates-io]` in the workspace), which also
//! spares the server a second implementation.

use ml_kem_3::kem::{Decapsulate as _, KeyExport as _};
use ml_kem_3::ml_kem_512;
use rand_core_6::CryptoRngCore;

pub use ml_kem_3::array;

use array::{Array, ArraySize};

/// The parameter set ML-KEM-512.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MlKem512;

/// A parameter set.
pub trait KemCore {
    /// How long an encapsulated secret is.
    type CiphertextSize: ArraySize;
    /// The private key.
    type DecapsulationKey;
    /// The public key.
    type EncapsulationKey;

    /// Makes a key pair.
    fn generate(rng: &mut impl CryptoRngCore) -> (Self::DecapsulationKey, Self::EncapsulationKey);
}

/// A key that is written as so many bytes.
pub trait EncodedSizeUser {
    /// How many.
    type EncodedSize: ArraySize;

    /// Reads a key. One that is malformed is kept as it is, and does nothing.
    fn from_bytes(bytes: &Array<u8, Self::EncodedSize>) -> Self;

    /// Writes the key.
    fn as_bytes(&self) -> Array<u8, Self::EncodedSize>;
}

/// Encapsulating and decapsulating.
pub mod kem {
    use super::CryptoRngCore;

    /// Makes secrets that a private key gives again.
    pub trait Encapsulate<Encapsulated, Secret> {
        /// Why there is no secret.
        type Error: std::fmt::Debug;

        /// Makes a secret.
        ///
        /// # Errors
        /// The key is malformed.
        fn encapsulate(&self, rng: &mut impl CryptoRngCore) -> Result<(Encapsulated, Secret), Self::Error>;
    }

    /// Gives secrets again.
    pub trait Decapsulate<Encapsulated, Secret> {
        /// Why there is no secret.
        type Error: std::fmt::Debug;

        /// The secret; another one if what encapsulates it was changed.
        ///
        /// # Errors
        /// The key is malformed.
        fn decapsulate(&self, encapsulated: &Encapsulated) -> Result<Secret, Self::Error>;
    }
}

/// A key that fails the checks of FIPS 203 sections 7.2 and 7.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

type PublicBytes = Array<u8, <ml_kem_512::EncapsulationKey as ml_kem_3::KeySizeUser>::KeySize>;
#[allow(deprecated)]
type PrivateSize = <ml_kem_512::DecapsulationKey as ml_kem_3::ExpandedKeyEncoding>::EncodedSize;
type CiphertextSize = <ml_kem_3::MlKem512 as ml_kem_3::Kem>::CiphertextSize;
type Ciphertext = Array<u8, CiphertextSize>;
type Secret = Array<u8, array::sizes::U32>;

/// A public key.
#[derive(Clone, Debug, PartialEq)]
pub enum EncapsulationKey {
    /// It can be used.
    Good(Box<ml_kem_512::EncapsulationKey>),
    /// It can be written again.
    Malformed(Box<PublicBytes>),
}

/// A private key.
#[derive(Clone, PartialEq)]
pub struct DecapsulationKey {
    /// What is used; nothing if the key is malformed.
    key: Option<Box<ml_kem_512::DecapsulationKey>>,
    bytes: Box<Array<u8, PrivateSize>>,
    public: EncapsulationKey,
}

impl KemCore for MlKem512 {
    type CiphertextSize = CiphertextSize;
    type DecapsulationKey = DecapsulationKey;
    type EncapsulationKey = EncapsulationKey;

    fn generate(rng: &mut impl CryptoRngCore) -> (DecapsulationKey, EncapsulationKey) {
        let mut seed = ml_kem_3::Seed::default();
        rng.fill_bytes(&mut seed);
        let key = DecapsulationKey::of(ml_kem_512::DecapsulationKey::from_seed(seed));
        let public = key.public.clone();
        erase(&mut seed);
        (key, public)
    }
}

impl EncodedSizeUser for EncapsulationKey {
    type EncodedSize = <ml_kem_512::EncapsulationKey as ml_kem_3::KeySizeUser>::KeySize;

    fn from_bytes(bytes: &PublicBytes) -> Self {
        match ml_kem_512::EncapsulationKey::new(bytes) {
            Ok(key) => Self::Good(Box::new(key)),
            Err(_) => Self::Malformed(Box::new(*bytes)),
        }
    }

    fn as_bytes(&self) -> PublicBytes {
        match self {
            Self::Good(key) => key.to_bytes(),
            Self::Malformed(bytes) => **bytes,
        }
    }
}

impl kem::Encapsulate<Ciphertext, Secret> for EncapsulationKey {
    type Error = Malformed;

    fn encapsulate(&self, rng: &mut impl CryptoRngCore) -> Result<(Ciphertext, Secret), Malformed> {
        let Self::Good(key) = self else { return Err(Malformed) };
        let mut message = ml_kem_3::B32::default();
        rng.fill_bytes(&mut message);
        let encapsulated = key.encapsulate_deterministic(&message);
        erase(&mut message);
        Ok(encapsulated)
    }
}

impl DecapsulationKey {
    /// The public key.
    pub fn encapsulation_key(&self) -> &EncapsulationKey {
        &self.public
    }

    /// Covercrypt writes keys expanded.
    #[allow(deprecated)]
    fn of(key: ml_kem_512::DecapsulationKey) -> Self {
        use ml_kem_3::ExpandedKeyEncoding as _;
        let public = EncapsulationKey::Good(Box::new(key.encapsulation_key().clone()));
        Self { bytes: Box::new(key.to_expanded_bytes()), key: Some(Box::new(key)), public }
    }
}

impl EncodedSizeUser for DecapsulationKey {
    type EncodedSize = PrivateSize;

    #[allow(deprecated)]
    fn from_bytes(bytes: &Array<u8, PrivateSize>) -> Self {
        match ml_kem_512::DecapsulationKey::from_expanded(bytes) {
            Ok(key) => Self::of(key),
            Err(_) => Self {
                key: None,
                bytes: Box::new(*bytes),
                public: EncapsulationKey::Malformed(Box::default()),
            },
        }
    }

    fn as_bytes(&self) -> Array<u8, PrivateSize> {
        *self.bytes
    }
}

impl kem::Decapsulate<Ciphertext, Secret> for DecapsulationKey {
    type Error = Malformed;

    fn decapsulate(&self, encapsulated: &Ciphertext) -> Result<Secret, Malformed> {
        self.key.as_ref().map(|key| key.decapsulate(encapsulated)).ok_or(Malformed)
    }
}

impl std::fmt::Debug for DecapsulationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DecapsulationKey(redacted)")
    }
}

impl Drop for DecapsulationKey {
    fn drop(&mut self) {
        erase(&mut self.bytes);
    }
}

/// Overwrites secrets.
fn erase(secret: &mut [u8]) {
    zeroize::Zeroize::zeroize(secret);
}

#[cfg(test)]
mod tests {
    use super::kem::{Decapsulate, Encapsulate};
    use super::*;

    /// Gives the bytes that it was made of.
    struct Fixed(Vec<u8>);

    impl rand_core_6::RngCore for Fixed {
        fn next_u32(&mut self) -> u32 {
            0
        }

        fn next_u64(&mut self) -> u64 {
            0
        }

        fn fill_bytes(&mut self, buffer: &mut [u8]) {
            let rest = self.0.split_off(buffer.len());
            buffer.copy_from_slice(&self.0);
            self.0 = rest;
        }

        fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), rand_core_6::Error> {
            self.fill_bytes(buffer);
            Ok(())
        }
    }

    impl rand_core_6::CryptoRng for Fixed {}

    #[test]
    fn keys_and_secrets_survive_being_written() {
        let mut rng = Fixed((0..128).collect());
        let (private, public) = MlKem512::generate(&mut rng);
        let (private_bytes, public_bytes) = (private.as_bytes(), public.as_bytes());
        // FIPS 203 algorithm 16: the public key and its hash stand in the private one, and z at its end.
        assert_eq!(private_bytes[768..1568], public_bytes[..]);
        assert_eq!(private_bytes[1600..], (32..64).collect::<Vec<u8>>());
        let public = EncapsulationKey::from_bytes(&public_bytes);
        let (encapsulated, secret) = public.encapsulate(&mut rng).unwrap();
        assert_eq!(DecapsulationKey::from_bytes(&private_bytes).decapsulate(&encapsulated).unwrap(), secret);
        assert_eq!(DecapsulationKey::from_bytes(&private_bytes).as_bytes(), private_bytes);
    }

    #[test]
    fn malformed_keys_do_nothing() {
        let public = EncapsulationKey::from_bytes(&Array::from([0xFF; 800]));
        assert_eq!(public.encapsulate(&mut Fixed(vec![0; 64])), Err(Malformed));
        assert_eq!(public.as_bytes(), Array::from([0xFF; 800]));
        let private = DecapsulationKey::from_bytes(&Array::from([0xFF; 1632]));
        assert_eq!(private.decapsulate(&Array::from([0; 768])), Err(Malformed));
        assert_eq!(private.as_bytes(), Array::from([0xFF; 1632]));
    }
}
