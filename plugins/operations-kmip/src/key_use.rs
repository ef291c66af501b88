//! How a key is used: its parameters, and the key as a scheme has parsed it.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{Capability, CipherKey, EncapsulateKey, MacKey, PreparedKey, SignKey};

/// The parameters of the request, else the first of the key, else none.
pub(crate) fn parameters(
    key: &Authorized,
    requested: Option<CryptographicParameters>,
) -> CryptographicParameters {
    requested
        .or_else(|| key.attributes().one::<kinds::CryptographicParameters>())
        .unwrap_or(CryptographicParameters::NONE)
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $capability:ident -> $key:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Unsupported Cryptographic Parameters, Key Value Not Present, what the scheme says of the material.
        pub(crate) async fn $name(
            cx: &mut Context<'_>,
            key: &Authorized,
            parameters: &CryptographicParameters,
        ) -> Result<Arc<dyn $key>> {
            match cx.prepared(key, Capability::$capability, parameters).await? {
                PreparedKey::$capability(key) => Ok(key),
                _ => Err(Error::server("a scheme prepared a key for something else")),
            }
        }
    )*};
}

keys! {
    /// The key, ready to encrypt and decrypt.
    cipher: Cipher -> CipherKey;
    /// The key, ready to encapsulate and decapsulate secrets.
    encapsulate: Encapsulate -> EncapsulateKey;
    /// The key, ready to make and verify MACs.
    mac: Mac -> MacKey;
    /// The key, ready to sign or to verify signatures.
    sign: Sign -> SignKey;
}
