//! Symmetric keys that the server makes.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, Key, ManagedObject};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, Scheme};

/// Has the scheme of the algorithm make a key.
///
/// # Errors
/// Unsupported Cryptographic Parameters: no scheme makes such keys. What the scheme says of the length.
pub(crate) fn symmetric_key(cx: &mut Context<'_>, template: &Attributes) -> Result<ManagedObject> {
    let facts = KeyFacts {
        object_type: ObjectType::SYMMETRIC_KEY,
        algorithm: template.one::<kinds::CryptographicAlgorithm>(),
        length: template.one::<kinds::CryptographicLength>(),
        format: template.one::<kinds::KeyFormatType>(),
        attributes: template,
    };
    match cx.scheme(Capability::Generate, &facts, &CryptographicParameters::NONE)? {
        Scheme::Generate(scheme) => {
            let key_block = scheme.generate(template, cx.rng())?;
            Ok(ManagedObject::SymmetricKey(Key { key_block }))
        }
        _ => Err(Error::server("a scheme that makes keys does something else")),
    }
}
