//! The fields that the family's requests have. Others are passed over, except in Import, where they are refused.

use claviger_plugin_sdk::prelude::*;

/// Removes what a request of the family does not have.
///
/// # Errors
/// Invalid Message: an Import has a field of its own that Import does not know.
pub(crate) fn prune(operation: OperationCode, request: &mut Vec<Ttlv>) -> Result<()> {
    let Some((_, known)) = FIELDS.iter().find(|(known, _)| *known == operation) else { return Ok(()) };
    let foreign = request.iter().find(|field| !known.contains(&field.tag));
    match foreign {
        Some(field) if operation == OperationCode::IMPORT => Err(Error::new(
            ResultReason::INVALID_MESSAGE,
            ErrorClass::Malformed,
            format!("{:?} is not a field of Import", field.tag),
        )),
        Some(_) => {
            request.retain(|field| known.contains(&field.tag));
            Ok(())
        }
        None => Ok(()),
    }
}

const FIELDS: &[(OperationCode, &[Tag])] = &[
    (OperationCode::CREATE, &[Tag::OBJECT_TYPE, Tag::ATTRIBUTES, Tag::PROTECTION_STORAGE_MASKS]),
    (
        OperationCode::CREATE_KEY_PAIR,
        &[
            Tag::COMMON_ATTRIBUTES,
            Tag::PRIVATE_KEY_ATTRIBUTES,
            Tag::PUBLIC_KEY_ATTRIBUTES,
            Tag::COMMON_PROTECTION_STORAGE_MASKS,
            Tag::PRIVATE_PROTECTION_STORAGE_MASKS,
            Tag::PUBLIC_PROTECTION_STORAGE_MASKS,
        ],
    ),
    (OperationCode::GET, KEY_OUT),
    (OperationCode::EXPORT, KEY_OUT),
    (OperationCode::GET_ATTRIBUTES, &[Tag::UNIQUE_IDENTIFIER, Tag::ATTRIBUTE_REFERENCE]),
    (
        OperationCode::IMPORT,
        &[
            Tag::UNIQUE_IDENTIFIER,
            Tag::OBJECT_TYPE,
            Tag::REPLACE_EXISTING,
            Tag::KEY_WRAP_TYPE,
            Tag::ATTRIBUTES,
            Tag::CERTIFICATE,
            Tag::CERTIFICATE_REQUEST,
            Tag::OPAQUE_OBJECT,
            Tag::PGP_KEY,
            Tag::PRIVATE_KEY,
            Tag::PUBLIC_KEY,
            Tag::SECRET_DATA,
            Tag::SPLIT_KEY,
            Tag::SYMMETRIC_KEY,
        ],
    ),
    (
        OperationCode::CERTIFY,
        &[
            Tag::UNIQUE_IDENTIFIER,
            Tag::CERTIFICATE_REQUEST_TYPE,
            Tag::CERTIFICATE_REQUEST_VALUE,
            Tag::ATTRIBUTES,
            Tag::PROTECTION_STORAGE_MASKS,
        ],
    ),
    (OperationCode::VALIDATE, &[Tag::CERTIFICATE, Tag::UNIQUE_IDENTIFIER, Tag::VALIDITY_DATE]),
    (OperationCode::ENCRYPT, CIPHER),
    (OperationCode::DECRYPT, CIPHER),
    (
        OperationCode::LOCATE,
        &[
            Tag::MAXIMUM_ITEMS,
            Tag::OFFSET_ITEMS,
            Tag::STORAGE_STATUS_MASK,
            Tag::OBJECT_GROUP_MEMBER,
            Tag::ATTRIBUTES,
        ],
    ),
    (
        OperationCode::REVOKE,
        &[Tag::UNIQUE_IDENTIFIER, Tag::REVOCATION_REASON, Tag::COMPROMISE_OCCURRENCE_DATE],
    ),
    (OperationCode::DESTROY, &[Tag::UNIQUE_IDENTIFIER, Tag::REMOVE]),
    (OperationCode::RE_KEY, &[Tag::UNIQUE_IDENTIFIER, Tag::OFFSET, Tag::ATTRIBUTES]),
    (
        OperationCode::RE_KEY_KEY_PAIR,
        &[
            Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER,
            Tag::OFFSET,
            Tag::COMMON_ATTRIBUTES,
            Tag::PRIVATE_KEY_ATTRIBUTES,
            Tag::PUBLIC_KEY_ATTRIBUTES,
        ],
    ),
    (OperationCode::SET_ATTRIBUTE, &[Tag::UNIQUE_IDENTIFIER, Tag::NEW_ATTRIBUTE]),
    (
        OperationCode::DELETE_ATTRIBUTE,
        &[Tag::UNIQUE_IDENTIFIER, Tag::CURRENT_ATTRIBUTE, Tag::ATTRIBUTE_REFERENCE],
    ),
    (OperationCode::HASH, DIGEST),
    (OperationCode::MAC, DIGEST),
];

/// Fields of Hash and MAC.
const DIGEST: &[Tag] = &[
    Tag::UNIQUE_IDENTIFIER,
    Tag::CRYPTOGRAPHIC_PARAMETERS,
    Tag::DATA,
    Tag::CORRELATION_VALUE,
    Tag::INIT_INDICATOR,
    Tag::FINAL_INDICATOR,
];

/// Fields of Get and Export; a compression type is never looked at.
const KEY_OUT: &[Tag] =
    &[Tag::UNIQUE_IDENTIFIER, Tag::KEY_FORMAT_TYPE, Tag::KEY_WRAP_TYPE, Tag::KEY_WRAPPING_SPECIFICATION];

/// Fields of Encrypt and Decrypt. Init and Final Indicator mean nothing to the family: its data comes whole.
const CIPHER: &[Tag] = &[
    Tag::UNIQUE_IDENTIFIER,
    Tag::CRYPTOGRAPHIC_PARAMETERS,
    Tag::DATA,
    Tag::IV_COUNTER_NONCE,
    Tag::CORRELATION_VALUE,
    Tag::AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA,
    Tag::AUTHENTICATED_ENCRYPTION_TAG,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_are_passed_over_except_in_import() {
        let request = vec![
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("k".into())),
            Ttlv::new(Tag::COMMENT, Value::TextString("?".into())),
        ];
        let mut get = request.clone();
        prune(OperationCode::GET, &mut get).unwrap();
        assert_eq!(get, request[..1]);
        let refused = prune(OperationCode::IMPORT, &mut request.clone()).unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Malformed);
    }
}
