//! Containers of keys and certificates, such as PKCS#12.

use claviger_kmip::ByteString;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;

/// Puts keys and certificates into one file and takes them out again. It claims the Key Format Type of the container.
pub trait ContainerScheme: Send + Sync {
    /// What sealing or opening one costs: a password is stretched.
    fn cost(&self) -> Cost;

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

    /// Opens a container.
    ///
    /// # Errors
    /// Bad Password: it is not the one of the container. Invalid Field: the bytes are no such container.
    fn open(&self, container: &[u8], password: Option<&str>) -> Result<Contents>;
}

/// What a container holds.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The private key, as PKCS#8.
    pub private_key: Option<ByteString>,
    /// Certificates in DER: that of the private key first, then its chain.
    pub certificates: Vec<ByteString>,
    /// The name under which the key stands in the container.
    pub friendly_name: Option<String>,
}
