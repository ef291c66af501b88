//! The plugins that are compiled into this server.
//!
//! A crate that nothing names is dropped by the linker, and its registrations with it; so every plugin is named here
//! under its Cargo feature. `claviger-server plugins check` proves that each of them registered.

#[cfg(feature = "auth-biscuit")]
use claviger_auth_biscuit as _;
#[cfg(feature = "auth-credentials")]
use claviger_auth_credentials as _;
#[cfg(feature = "auth-mtls")]
use claviger_auth_mtls as _;
#[cfg(feature = "auth-oidc")]
use claviger_auth_oidc as _;
#[cfg(feature = "crypto-covercrypt")]
use claviger_crypto_covercrypt as _;
#[cfg(feature = "crypto-standard")]
use claviger_crypto_standard as _;
#[cfg(feature = "dialect-rest")]
use claviger_dialect_rest as _;
#[cfg(feature = "operations-kmip")]
use claviger_operations_kmip as _;
#[cfg(feature = "pkcs11")]
use claviger_pkcs11 as _;
#[cfg(feature = "storage-redis-findex")]
use claviger_storage_redis_findex as _;
#[cfg(feature = "storage-sql")]
use claviger_storage_sql as _;
#[cfg(feature = "tags-standard")]
use claviger_tags_standard as _;

/// The crates that must have registered, by the Cargo features of this build.
pub(crate) fn expected() -> Vec<&'static str> {
    [
        (cfg!(feature = "auth-biscuit"), "claviger-auth-biscuit"),
        (cfg!(feature = "auth-credentials"), "claviger-auth-credentials"),
        (cfg!(feature = "auth-mtls"), "claviger-auth-mtls"),
        (cfg!(feature = "auth-oidc"), "claviger-auth-oidc"),
        (cfg!(feature = "crypto-covercrypt"), "claviger-crypto-covercrypt"),
        (cfg!(feature = "crypto-standard"), "claviger-crypto-standard"),
        (cfg!(feature = "dialect-rest"), "claviger-dialect-rest"),
        (cfg!(feature = "operations-kmip"), "claviger-operations-kmip"),
        (cfg!(feature = "pkcs11"), "claviger-pkcs11"),
        (cfg!(feature = "storage-redis-findex"), "claviger-storage-redis-findex"),
        (cfg!(feature = "storage-sql"), "claviger-storage-sql"),
        (cfg!(feature = "tags-standard"), "claviger-tags-standard"),
    ]
    .into_iter()
    .filter_map(|(compiled_in, name)| compiled_in.then_some(name))
    .collect()
}
