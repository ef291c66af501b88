//! Which function is called.

use claviger_plugin_sdk::kmip::tables::enumerations::Pkcs11Function as Function;
use claviger_plugin_sdk::prelude::*;

use crate::Shared;
use crate::code::{Fault, Rv};
use crate::codec::{Input, Output};
use crate::constants as f;
use crate::library::{Kind, Library};
use crate::objects;
use crate::slot;
use crate::work::{self, Call};

/// The error for a function that the interface does not have.
pub(crate) fn unknown() -> Error {
    Error::unsupported("the function is not one of the interface PKCS 11 in version 3.0")
        .with_reason(ResultReason::PKCS_11_INVALID_FUNCTION)
}

/// Calls a function of an initialised library.
pub(crate) async fn call(
    cx: &mut Context<'_>,
    library: &Shared,
    function: Function,
    input: &mut Input<'_>,
) -> Result<Output, Fault> {
    if let Some(kind) = begins(function) {
        return work::init(cx, library, kind, input).await;
    }
    if let Some(run) = runs(function) {
        return work::run(cx, library, run, input).await;
    }
    match function {
        f::GET_INFO => slot::info(cx, input),
        f::GET_SLOT_LIST => slot::slots(input),
        f::GET_SLOT_INFO => slot::slot_info(cx, input),
        f::GET_TOKEN_INFO => slot::token_info(cx, library, input),
        f::GET_MECHANISM_LIST => slot::mechanisms(cx, input),
        f::GET_MECHANISM_INFO => slot::mechanism_info(cx, input),
        f::OPEN_SESSION => slot::open_session(library, input),
        f::CLOSE_SESSION => slot::close_session(library, input),
        f::CLOSE_ALL_SESSIONS => slot::close_all_sessions(library, input),
        f::GET_SESSION_INFO => slot::session_info(library, input),
        f::FIND_OBJECTS_INIT => objects::find_init(cx, library, input).await,
        f::FIND_OBJECTS => objects::find(library, input),
        f::FIND_OBJECTS_FINAL => objects::find_final(library, input),
        f::GET_ATTRIBUTE_VALUE => objects::attribute_value(cx, library, input).await,
        f::VERIFY => work::verify(cx, library, Call::Whole, input).await,
        f::VERIFY_UPDATE => work::verify(cx, library, Call::Update, input).await,
        f::VERIFY_FINAL => work::verify(cx, library, Call::Final, input).await,
        f::GENERATE_RANDOM => slot::random(cx, library, input),
        _ => refused(library, function, input),
    }
}

fn begins(function: Function) -> Option<Kind> {
    Some(match function {
        f::ENCRYPT_INIT => Kind::Encrypt,
        f::DECRYPT_INIT => Kind::Decrypt,
        f::DIGEST_INIT => Kind::Digest,
        f::SIGN_INIT => Kind::Sign,
        f::VERIFY_INIT => Kind::Verify,
        _ => return None,
    })
}

fn runs(function: Function) -> Option<(Kind, Call)> {
    Some(match function {
        f::ENCRYPT => (Kind::Encrypt, Call::Whole),
        f::ENCRYPT_UPDATE => (Kind::Encrypt, Call::Update),
        f::ENCRYPT_FINAL => (Kind::Encrypt, Call::Final),
        f::DECRYPT => (Kind::Decrypt, Call::Whole),
        f::DECRYPT_UPDATE => (Kind::Decrypt, Call::Update),
        f::DECRYPT_FINAL => (Kind::Decrypt, Call::Final),
        f::DIGEST => (Kind::Digest, Call::Whole),
        f::DIGEST_UPDATE => (Kind::Digest, Call::Update),
        f::DIGEST_FINAL => (Kind::Digest, Call::Final),
        f::SIGN => (Kind::Sign, Call::Whole),
        f::SIGN_UPDATE => (Kind::Sign, Call::Update),
        f::SIGN_FINAL => (Kind::Sign, Call::Final),
        _ => return None,
    })
}

/// What the token does not do, and why.
fn refused(library: &Shared, function: Function, input: &mut Input<'_>) -> Result<Output, Fault> {
    match function {
        f::CREATE_OBJECT
        | f::COPY_OBJECT
        | f::DESTROY_OBJECT
        | f::SET_ATTRIBUTE_VALUE
        | f::GENERATE_KEY
        | f::GENERATE_KEY_PAIR
        | f::UNWRAP_KEY
        | f::DERIVE_KEY => {
            Library::of(library).session(input.long()?)?;
            Err(Rv::TOKEN_WRITE_PROTECTED.into())
        }
        f::INIT_TOKEN => Err(Rv::TOKEN_WRITE_PROTECTED.into()),
        f::LOGIN | f::LOGIN_USER => {
            Library::of(library).session(input.long()?)?;
            // KMIP has authenticated the user.
            Err(Rv::USER_ALREADY_LOGGED_IN.into())
        }
        f::SEED_RANDOM => Err(Rv::RANDOM_SEED_NOT_SUPPORTED.into()),
        Function(number) if (1..f::FUNCTIONS_END).contains(&number) => Err(Rv::FUNCTION_NOT_SUPPORTED.into()),
        _ => Err(unknown().into()),
    }
}
