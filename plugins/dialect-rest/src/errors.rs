//! Errors in the family's words: an HTTP status and a text whose beginning tells the class.
//!
//! The generations word some failures differently; a failure is answered as the object that it is about was born.

use claviger_plugin_sdk::dialect::ErrorAnswer;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::access;
use claviger_plugin_sdk::kmip::tables::Enumeration as _;
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::generation::{Birth, Generation};
use crate::request::NO_PLACEHOLDER;

/// The status and text of an error.
pub(crate) fn answer(operation: Option<OperationCode>, error: &Error) -> ErrorAnswer {
    let generation =
        error.subject().map_or(Generation::Older, |attributes| Birth::of(attributes).generation());
    worded(operation, error, generation)
}

/// The Result Reason and Result Message of an item of a message, which only newer clients send. Their servers give a
/// reason where the text of an error begins with its name, and Operation Not Supported everywhere else.
pub(crate) fn of_item(operation: OperationCode, error: &Error) -> (ResultReason, String) {
    let text = worded(Some(operation), error, Generation::Newer).text;
    let named = text.split_once(": ").and_then(|(name, why)| Some((reason_named(name)?, why.to_owned())));
    named.unwrap_or((ResultReason::OPERATION_NOT_SUPPORTED, text))
}

/// The reason with this name, as the family writes it: `Object_Not_Found`.
fn reason_named(name: &str) -> Option<ResultReason> {
    let name = name.replace('_', "");
    let (code, _) = ResultReason::VALUES.iter().find(|(_, known)| *known == name)?;
    Some(ResultReason::from_code(*code))
}

/// The status and text in the words of a generation.
fn worded(operation: Option<OperationCode>, error: &Error, generation: Generation) -> ErrorAnswer {
    if error.message() == NO_PLACEHOLDER {
        return ErrorAnswer { status: 422, text: NO_PLACEHOLDER.to_owned() };
    }
    let means = meaning(operation, error, generation);
    if means == Meaning::Absent {
        return ErrorAnswer { status: 422, text: absent(operation, error, generation) };
    }
    let (status, prefix) = means.status_and_prefix();
    ErrorAnswer { status, text: format!("{prefix}{}", error.message()) }
}

/// What the family makes of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Absent,
    UnknownOperation,
    AccessDenied,
    Unreadable,
    Unsupported,
    Invalid,
    Named(&'static str),
    Cryptographic,
    WrongSecret,
    Certificate,
    Exists,
    Database,
    Server,
}

impl Meaning {
    fn status_and_prefix(self) -> (u16, &'static str) {
        match self {
            Self::Absent => (422, "Item not found: "),
            Self::UnknownOperation => (404, "Not Supported route: Operation: "),
            Self::AccessDenied => (401, "Access denied: "),
            Self::Unreadable => (422, "Codec_Error: "),
            Self::Unsupported => (422, "Not Supported: "),
            Self::Invalid => (422, "Invalid Request: "),
            Self::Named(name) => (422, name),
            Self::Cryptographic => (500, "Cryptographic error: "),
            Self::WrongSecret => (500, ""),
            Self::Certificate => (500, "Certificate error: "),
            Self::Exists => (500, "Unexpected server error: creation of object failed: "),
            Self::Database => (500, "Database Error: "),
            Self::Server => (500, "Unexpected server error: "),
        }
    }
}

fn meaning(operation: Option<OperationCode>, error: &Error, generation: Generation) -> Meaning {
    match (error.reason(), error.class()) {
        (ResultReason::OPERATION_NOT_SUPPORTED, _) => Meaning::UnknownOperation,
        // A secret was brought, and opens nothing.
        (ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Cryptographic) => Meaning::WrongSecret,
        (ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, _) => Meaning::AccessDenied,
        (ResultReason::OBJECT_ALREADY_EXISTS, _) => Meaning::Exists,
        (ResultReason::KEY_VALUE_NOT_PRESENT, _) => Meaning::Server,
        (ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS, _) => Meaning::Cryptographic,
        // A user tag that may not be: the older generation counted it among its cryptographic errors.
        (ResultReason::INVALID_ATTRIBUTE_VALUE, ErrorClass::Unsupported)
            if generation == Generation::Older =>
        {
            Meaning::Cryptographic
        }
        (ResultReason::INVALID_ATTRIBUTE_VALUE, ErrorClass::Request)
            if generation == Generation::Newer && is_about_cover_crypt(error) =>
        {
            Meaning::Cryptographic
        }
        // A change of a key pair that it does not allow.
        (ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS, ErrorClass::Request)
            if generation == Generation::Newer && operation == Some(OperationCode::RE_KEY_KEY_PAIR) =>
        {
            Meaning::Invalid
        }
        (_, ErrorClass::NotFound | ErrorClass::Denied) if is_access(operation) => Meaning::AccessDenied,
        (_, ErrorClass::Denied) if operation == Some(OperationCode::IMPORT) => Meaning::AccessDenied,
        // What a caller may not do with an object is told as if there were no object.
        (_, ErrorClass::NotFound | ErrorClass::Denied) => Meaning::Absent,
        (_, ErrorClass::State) if is_use(operation) => Meaning::Absent,
        // A master key that is not in use makes no user keys.
        (ResultReason::WRONG_KEY_LIFECYCLE_STATE, _)
            if operation == Some(OperationCode::CREATE) && is_about_cover_crypt(error) =>
        {
            Meaning::Absent
        }
        (ResultReason::INVALID_OBJECT_TYPE, _) if is_use(operation) => Meaning::Absent,
        (_, ErrorClass::Malformed) => Meaning::Unreadable,
        (_, ErrorClass::Unsupported) => Meaning::Unsupported,
        (_, ErrorClass::Cryptographic) => Meaning::Cryptographic,
        (_, ErrorClass::Certificate) => Meaning::Certificate,
        (_, ErrorClass::Server) => Meaning::Server,
        (_, ErrorClass::Storage) => Meaning::Database,
        (reason, ErrorClass::Request | ErrorClass::State | ErrorClass::Conflict) => named(reason),
    }
}

/// Reasons that the family's servers name instead of calling the request invalid.
fn named(reason: ResultReason) -> Meaning {
    match reason {
        ResultReason::INVALID_OBJECT_TYPE => Meaning::Named("Invalid_Object_Type: "),
        ResultReason::INVALID_ATTRIBUTE_VALUE => Meaning::Named("Invalid_Attribute_Value: "),
        ResultReason::ATTRIBUTE_NOT_FOUND => Meaning::Named("Attribute_Not_Found: "),
        ResultReason::INVALID_DATA_TYPE => Meaning::Named("Invalid_Data_Type: "),
        ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS => {
            Meaning::Named("Unsupported_Cryptographic_Parameters: ")
        }
        _ => Meaning::Invalid,
    }
}

fn is_about_cover_crypt(error: &Error) -> bool {
    error.subject().is_some_and(cover_crypt::is_algorithm_of)
}

fn is_access(operation: Option<OperationCode>) -> bool {
    matches!(operation, Some(access::GRANT | access::REVOKE_RIGHT | access::LIST_RIGHTS))
}

fn is_use(operation: Option<OperationCode>) -> bool {
    matches!(operation, Some(OperationCode::ENCRYPT | OperationCode::DECRYPT))
}

/// The text for an object that is not there, or not for this caller, or not in a state that the family uses.
fn absent(operation: Option<OperationCode>, error: &Error, generation: Generation) -> String {
    let asked = error.message().strip_prefix("object not found for identifier ");
    let subject = error.subject().and_then(|attributes| attributes.one::<kinds::UniqueIdentifier>());
    let subject = subject.as_ref().and_then(UniqueIdentifier::as_text);
    // Without an identifier in the message the failure is about an object that is there.
    let name = asked.or(subject).unwrap_or(error.message());
    let is_there = asked.is_none() || asked == subject;
    match (generation, operation) {
        (Generation::Older, _) => format!("Item not found: {name}"),
        (_, Some(OperationCode::ENCRYPT)) => unusable("Encrypt", name, is_there),
        (_, Some(OperationCode::DECRYPT)) => unusable("Decrypt", name, is_there),
        (_, Some(OperationCode::REVOKE | OperationCode::DESTROY | OperationCode::RE_KEY_KEY_PAIR)) => {
            format!("Item_Not_Found: {name}")
        }
        // A key from which another is to be made.
        (_, Some(OperationCode::CREATE)) if error.reason() != ResultReason::WRAPPING_OBJECT_NOT_FOUND => {
            format!("Invalid Request: get: no Covercrypt master private key found for: {name}")
        }
        _ => format!("Object_Not_Found: object not found for identifier {name}"),
    }
}

/// The newer generation tells a key that it does not have from one that it must not use.
fn unusable(operation: &str, name: &str, is_there: bool) -> String {
    if is_there {
        format!("Item_Not_Found: {operation}: no valid key for id: {name}")
    } else {
        format!("Invalid Request: {operation}: failed to retrieve key: {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::attributes::Attributes;

    fn born(birth: Birth, id: &str) -> Attributes {
        let mut attributes = Attributes::new();
        let item = birth.into_item();
        attributes.add(item.tag, item.value);
        attributes.put::<kinds::UniqueIdentifier>(id.into());
        attributes
    }

    fn text(operation: OperationCode, error: Error) -> (u16, String) {
        let answer = answer(Some(operation), &error);
        (answer.status, answer.text)
    }

    // The expected texts are those of the recorded exchanges, up to the message.

    #[test]
    fn an_absent_object_is_told_in_the_words_of_the_generation() {
        let absent = || Error::not_found("k");
        let newer = || absent().about(&born(Birth::Newer, "another"));
        let older = || absent().about(&born(Birth::OlderGenerated, "another"));
        let unprocessable = |text: &str| (422, text.to_owned());
        assert_eq!(text(OperationCode::GET, absent()), unprocessable("Item not found: k"));
        assert_eq!(text(OperationCode::GET, older()), unprocessable("Item not found: k"));
        let found = text(OperationCode::GET, newer());
        assert_eq!(found, unprocessable("Object_Not_Found: object not found for identifier k"));
        assert_eq!(text(OperationCode::REVOKE, newer()), unprocessable("Item_Not_Found: k"));
        let found = text(OperationCode::ENCRYPT, newer());
        assert_eq!(found, unprocessable("Invalid Request: Encrypt: failed to retrieve key: k"));
    }

    #[test]
    fn a_revoked_key_is_there_for_the_newer_generation_and_not_for_the_older() {
        let revoked = |birth| Error::not_found("k").about(&born(birth, "k"));
        let found = text(OperationCode::DECRYPT, revoked(Birth::Newer));
        assert_eq!(found, (422, "Item_Not_Found: Decrypt: no valid key for id: k".into()));
        let found = text(OperationCode::DECRYPT, revoked(Birth::OlderImported));
        assert_eq!(found, (422, "Item not found: k".into()));
    }

    #[test]
    fn a_forbidden_user_tag_is_a_500_to_older_clients_and_a_422_to_newer_ones() {
        let refused = |birth| {
            let reason = ResultReason::INVALID_ATTRIBUTE_VALUE;
            Error::new(reason, ErrorClass::Unsupported, "user tags cannot start with _")
                .about(&born(birth, "k"))
        };
        let found = text(OperationCode::CREATE, refused(Birth::OlderGenerated));
        assert_eq!(found, (500, "Cryptographic error: user tags cannot start with _".into()));
        let found = text(OperationCode::CREATE, refused(Birth::Newer));
        assert_eq!(found, (422, "Not Supported: user tags cannot start with _".into()));
    }

    #[test]
    fn statuses_and_beginnings_are_the_contract_s() {
        let new = |reason, class| Error::new(reason, class, "why");
        for (operation, error, status, prefix) in [
            (
                OperationCode::IMPORT,
                new(ResultReason::OBJECT_ALREADY_EXISTS, ErrorClass::Conflict),
                500,
                "Unexpected server error: ",
            ),
            (OperationCode::DECRYPT, Error::cryptographic("why"), 500, "Cryptographic error: "),
            (OperationCode::IMPORT, Error::certificate("why"), 500, "Certificate error: "),
            (
                OperationCode::GET,
                new(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Denied),
                401,
                "Access denied: why",
            ),
            (
                OperationCode::GET,
                new(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL, ErrorClass::Cryptographic),
                500,
                "why",
            ),
            (OperationCode::GET, Error::server("why"), 500, "Unexpected server error: "),
            (OperationCode::GET, Error::storage("why"), 500, "Database Error: why"),
            (access::GRANT, Error::storage("why"), 500, "Database Error: why"),
            (OperationCode::GET, Error::denied("why"), 422, "Item not found: "),
            (access::GRANT, Error::not_found("k"), 401, "Access denied: "),
            (OperationCode::DESTROY, Error::state("why"), 422, "Invalid Request: "),
            (OperationCode::GET, new(ResultReason::SENSITIVE, ErrorClass::State), 422, "Invalid Request: "),
            (OperationCode::CREATE, Error::unsupported("why"), 422, "Not Supported: "),
            (
                OperationCode::CREATE,
                new(ResultReason::INVALID_MESSAGE, ErrorClass::Malformed),
                422,
                "Codec_Error: ",
            ),
            (
                OperationCode::POLL,
                new(ResultReason::OPERATION_NOT_SUPPORTED, ErrorClass::Unsupported),
                404,
                "Not Supported route: Operation: ",
            ),
        ] {
            let (found, text) = text(operation, error);
            assert_eq!(found, status, "{text}");
            assert!(text.starts_with(prefix), "{text}");
        }
    }

    #[test]
    fn an_item_of_a_message_has_a_reason_of_kmip_where_the_text_names_one() {
        let not_supported = ResultReason::OPERATION_NOT_SUPPORTED;
        let unreadable =
            || Error::new(ResultReason::INVALID_MESSAGE, ErrorClass::Malformed, "why: what is missing");
        for (operation, error, reason, message) in [
            (
                OperationCode::GET,
                Error::not_found("k"),
                ResultReason::OBJECT_NOT_FOUND,
                "object not found for identifier k",
            ),
            (OperationCode::REVOKE, Error::not_found("k"), ResultReason::ITEM_NOT_FOUND, "k"),
            (OperationCode::GET, unreadable(), ResultReason::CODEC_ERROR, "why: what is missing"),
            (OperationCode::DECRYPT, Error::cryptographic("why"), not_supported, "Cryptographic error: why"),
            (OperationCode::DESTROY, Error::state("why"), not_supported, "Invalid Request: why"),
            (OperationCode::CREATE, Error::unsupported("why"), not_supported, "Not Supported: why"),
            (OperationCode::GET, Error::server("why"), not_supported, "Unexpected server error: why"),
            (OperationCode::GET, Error::unsupported(NO_PLACEHOLDER), not_supported, NO_PLACEHOLDER),
        ] {
            assert_eq!(of_item(operation, &error), (reason, message.to_owned()));
        }
    }

    #[test]
    fn the_master_key_of_a_user_key_is_absent_in_the_words_of_the_generation() {
        let absent = |birth| Error::not_found("m").about(&born(birth, "another"));
        let create = OperationCode::CREATE;
        assert_eq!(text(create, absent(Birth::OlderGenerated)), (422, "Item not found: m".into()));
        let newer = text(create, absent(Birth::Newer));
        assert!(newer.0 == 422 && newer.1.starts_with("Invalid Request: get: "), "{newer:?}");
        let mut master = born(Birth::OlderGenerated, "m");
        let deactivated = |master: &Attributes| text(create, Error::state("m is Deactivated").about(master));
        assert_eq!(deactivated(&master), (422, "Invalid Request: m is Deactivated".into()));
        master.put::<kinds::CryptographicAlgorithm>(cover_crypt::ALGORITHM);
        assert_eq!(deactivated(&master), (422, "Item not found: m".into()));
    }

    #[test]
    fn what_a_covercrypt_key_does_not_have_is_told_in_the_words_of_the_generation() {
        let told = |birth, operation, reason| {
            let mut attributes = born(birth, "k");
            attributes.put::<kinds::CryptographicAlgorithm>(cover_crypt::ALGORITHM);
            text(operation, Error::new(reason, ErrorClass::Request, "no").about(&attributes))
        };
        let (create, rekey) = (OperationCode::CREATE, OperationCode::RE_KEY_KEY_PAIR);
        let value = ResultReason::INVALID_ATTRIBUTE_VALUE;
        let older = told(Birth::OlderGenerated, create, value);
        assert_eq!(older, (422, "Invalid_Attribute_Value: no".into()));
        assert_eq!(told(Birth::Newer, create, value), (500, "Cryptographic error: no".into()));
        let parameters = ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS;
        let older = told(Birth::OlderGenerated, rekey, parameters);
        assert_eq!(older, (422, "Unsupported_Cryptographic_Parameters: no".into()));
        assert_eq!(told(Birth::Newer, rekey, parameters), (422, "Invalid Request: no".into()));
    }

    #[test]
    fn a_missing_identifier_has_the_placeholder_s_text_alone() {
        let found = text(OperationCode::GET, Error::unsupported(NO_PLACEHOLDER));
        assert_eq!(found, (422, "This KMIP server does not yet support place holder id".into()));
    }
}
