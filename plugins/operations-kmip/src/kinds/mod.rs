//! The rules of object types, one file each.

mod certificate;
mod certificate_request;
pub(crate) mod key_pair;
mod key_value;
mod opaque_object;
mod pgp_key;
mod secret_data;
mod split_key;
mod symmetric_key;
mod template;

#[cfg(test)]
pub(crate) mod examples;

#[cfg(test)]
pub(crate) use symmetric_key::SymmetricKeyKind;
