//! Containers of keys and certificates, such as PKCS#12.

use claviger_kmip::ByteString;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::Material;

/// Puts keys and certificates into one file and takes them out again. It claims the Key Format Type of the container.
pub trait ContainerScheme: Send + Sync {
    /// What sealing or opening one costs: a password is stretched.
    fn cost(&self) -> Cost;

    /// Whether key material that comes under the name of another format is such a container all the same, as PKCS#8 under a
    /// password does.
    fn is_hidden_in(&self, material: &Material) -> bool;

    /// Makes a container. Without a password nothing in it is protected.
    ///
    /// # Errors
    /// Key Format Type Not Supported: the container holds no private keys, or no keys of this algorithm. Bad Password: it
    /// needs a password. Cryptographic Failure.
    fn seal(
        &self,
        contents: &Contents,
        password: Option<&str>,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString>;

    /// Opens a container. Of several private keys the one with this friendly name counts, else the first.
    ///
    /// # Errors
    /// Bad Password: it is not the one of the container. Invalid Field: the bytes are no such container, or hold nothing
    /// under that name.
    fn open(&self, container: &[u8], password: Option<&str>, friendly_name: Option<&str>)
    -> Result<Contents>;
}

/// What a container holds.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The private key, as PKCS#8.
    pub private_key: Option<ByteString>,
    /// The certificate of the private key, in DER.
    pub certificate: Option<ByteString>,
    /// Further certificates in DER: those of its issuers first, as far as they are there.
    pub further: Vec<ByteString>,
    /// The name under which the key stands in the container.
    pub friendly_name: Option<String>,
}
