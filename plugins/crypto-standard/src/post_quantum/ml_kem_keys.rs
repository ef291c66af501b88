//! ML-KEM keys of a seed, and the checks of FIPS 203 sections 7.2 and 7.3 on keys that come from elsewhere.

use ml_kem::{KeyExport, ml_kem_512, ml_kem_768, ml_kem_1024};
use zeroize::Zeroizing;

/// The expanded private key of a seed (FIPS 203 algorithm 16); nothing if the seed has another length.
pub(super) type Expand = fn(&[u8]) -> Option<Zeroizing<Vec<u8>>>;

/// The public key that is in an expanded private key, or is itself given; nothing if it fails a check.
pub(super) type Inspect = fn(Checked<'_>) -> Option<Vec<u8>>;

/// What is to be checked.
#[derive(Clone, Copy)]
pub(super) enum Checked<'a> {
    Private(&'a [u8]),
    Public(&'a [u8]),
}

macro_rules! of_set {
    ($expand:ident, $inspect:ident, $set:ident) => {
        // Expanded keys are what AWS-LC takes.
        #[allow(deprecated)]
        pub(super) fn $expand(seed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
            use ml_kem::ExpandedKeyEncoding;
            let key = $set::DecapsulationKey::from_seed(*<&ml_kem::Seed>::try_from(seed).ok()?);
            Some(Zeroizing::new(Zeroizing::new(key.to_expanded_bytes()).to_vec()))
        }

        #[allow(deprecated)]
        pub(super) fn $inspect(key: Checked<'_>) -> Option<Vec<u8>> {
            let public = match key {
                Checked::Private(expanded) => {
                    $set::DecapsulationKey::from_expanded(expanded.try_into().ok()?)
                        .ok()?
                        .encapsulation_key()
                        .to_bytes()
                }
                Checked::Public(bytes) => {
                    $set::EncapsulationKey::new(bytes.try_into().ok()?).ok()?.to_bytes()
                }
            };
            Some(public.to_vec())
        }
    };
}

of_set!(expand_512, inspect_512, ml_kem_512);
of_set!(expand_768, inspect_768, ml_kem_768);
of_set!(expand_1024, inspect_1024, ml_kem_1024);
