//! Requests, completed so that KMIP handlers understand them as the family means them.

pub(crate) mod birth;
mod certificate;
mod certify;
mod cipher;
pub(crate) mod import;
mod key_out;
mod locate;
mod pair;
mod pem;
mod prune;
mod revoke;
mod vendor;

use claviger_plugin_sdk::dialect::{Completed, Payload};
use claviger_plugin_sdk::kmip::payloads::access;
use claviger_plugin_sdk::prelude::*;

use crate::fields;

/// What clients read when they leave out an identifier. It is the whole text of the answer.
pub(crate) const NO_PLACEHOLDER: &str = "This KMIP server does not yet support place holder id";

/// Completes the payload of a request.
///
/// # Errors
/// The family's rules refuse it.
pub(crate) fn complete(operation: OperationCode, payload: Value, now: DateTime) -> Result<Completed> {
    let mut request = fields::children(payload)?;
    prune::prune(operation, &mut request)?;
    refuse_what_the_family_lacks(operation, &request)?;
    let note = match operation {
        OperationCode::CREATE => birth::created(&mut request, now).map(|()| None)?,
        OperationCode::CREATE_KEY_PAIR => pair::completed(&mut request, now).map(|()| None)?,
        OperationCode::IMPORT => import::imported(&mut request, now).map(|()| None)?,
        OperationCode::GET | OperationCode::EXPORT => Some(key_out::asked(&mut request)),
        OperationCode::LOCATE => {
            locate::keep_criteria(&mut request);
            None
        }
        OperationCode::REVOKE => revoke::complete(&mut request).map(|()| identifier(&request))?,
        OperationCode::DESTROY => identifier(&request),
        OperationCode::CERTIFY => return certify::completed(request, now),
        OperationCode::ENCRYPT => return cipher::encrypt(request),
        OperationCode::DECRYPT => return cipher::decrypt(request),
        _ => None,
    };
    Ok(Completed { payload: Payload::One(Value::Structure(request)), note })
}

/// Revoke and Destroy send the identifier back as it was sent, a selector included.
fn identifier(request: &[Ttlv]) -> Option<Value> {
    fields::get(request, Tag::UNIQUE_IDENTIFIER).cloned()
}

/// The family has neither the ID Placeholder nor protection masks, and one text for both.
fn refuse_what_the_family_lacks(operation: OperationCode, request: &[Ttlv]) -> Result<()> {
    let lacks_identifier =
        NEED_IDENTIFIER.contains(&operation) && !fields::has(request, Tag::UNIQUE_IDENTIFIER);
    if lacks_identifier || PROTECTION_MASKS.iter().any(|tag| fields::has(request, *tag)) {
        return Err(Error::unsupported(NO_PLACEHOLDER));
    }
    Ok(())
}

const NEED_IDENTIFIER: &[OperationCode] = &[
    OperationCode::GET,
    OperationCode::EXPORT,
    OperationCode::GET_ATTRIBUTES,
    OperationCode::ENCRYPT,
    OperationCode::DECRYPT,
    OperationCode::REVOKE,
    OperationCode::DESTROY,
    access::GRANT,
    access::REVOKE_RIGHT,
    access::LIST_RIGHTS,
];

const PROTECTION_MASKS: &[Tag] = &[
    Tag::PROTECTION_STORAGE_MASKS,
    Tag::COMMON_PROTECTION_STORAGE_MASKS,
    Tag::PRIVATE_PROTECTION_STORAGE_MASKS,
    Tag::PUBLIC_PROTECTION_STORAGE_MASKS,
];
