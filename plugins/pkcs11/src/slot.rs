//! The slot, its token and its mechanisms.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::Capability;

use crate::Shared;
use crate::code::{Fault, Rv};
use crate::codec::{Buffer, Input, Output};
use crate::constants::{UNAVAILABLE, flag};
use crate::library::Library;
use crate::mechanism::{self, Mechanism};

/// The flags of the settings.
pub(crate) const MANUFACTURER: &str = "pkcs11-manufacturer";
pub(crate) const DESCRIPTION: &str = "pkcs11-description";

/// The only slot.
const SLOT: u64 = 0;

/// CKS_RW_USER_FUNCTIONS and CKS_RO_USER_FUNCTIONS: KMIP has authenticated the user.
const STATE_READ_WRITE: u64 = 3;
const STATE_READ_ONLY: u64 = 1;

fn manufacturer<'c>(cx: &'c Context<'_>) -> &'c str {
    cx.catalogue().settings().text(MANUFACTURER).unwrap_or("Claviger")
}

fn description<'c>(cx: &'c Context<'_>) -> &'c str {
    cx.catalogue().settings().text(DESCRIPTION).unwrap_or("Claviger")
}

/// C_GetInfo: a CK_INFO. The functions are those of PKCS#11 2.40.
pub(crate) fn info(cx: &Context<'_>, input: &Input<'_>) -> Result<Output, Fault> {
    input.end()?;
    Ok(Output::default()
        .version(2, 40)
        .text(manufacturer(cx), 32)
        .long(0)
        .text(description(cx), 32)
        .version(1, 0))
}

/// C_GetSlotList.
pub(crate) fn slots(input: &mut Input<'_>) -> Result<Output, Fault> {
    // Whether there must be a token: there is one.
    input.boolean()?;
    let buffer = input.buffer()?;
    input.end()?;
    list(buffer, &[SLOT])
}

/// The answer to a question for a list of numbers.
fn list(buffer: Buffer, numbers: &[u64]) -> Result<Output, Fault> {
    let fits = buffer.exists && numbers.len() <= buffer.size;
    let answer = Output::default().boolean(fits).count(numbers.len());
    if !fits && buffer.exists {
        return Err(Fault::with(Rv::BUFFER_TOO_SMALL, answer));
    }
    Ok(if fits { numbers.iter().fold(answer, |answer, number| answer.long(*number)) } else { answer })
}

fn read_slot(input: &mut Input<'_>) -> Result<(), Fault> {
    if input.long()? == SLOT { Ok(()) } else { Err(Rv::SLOT_ID_INVALID.into()) }
}

/// C_GetSlotInfo: a CK_SLOT_INFO.
pub(crate) fn slot_info(cx: &Context<'_>, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    input.end()?;
    Ok(Output::default()
        .text(description(cx), 64)
        .text(manufacturer(cx), 32)
        .long(flag::TOKEN_PRESENT)
        .version(1, 0)
        .version(1, 0))
}

/// C_GetTokenInfo: a CK_TOKEN_INFO.
pub(crate) fn token_info(cx: &Context<'_>, library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    input.end()?;
    let (sessions, may_write) = Library::of(library).counts();
    let counts = [
        // Without bound, as far as the token is concerned.
        0,
        sessions as u64,
        0,
        may_write as u64,
        // There are no PINs.
        0,
        0,
        UNAVAILABLE,
        UNAVAILABLE,
        UNAVAILABLE,
        UNAVAILABLE,
    ];
    let output = Output::default()
        .text(description(cx), 32)
        .text(manufacturer(cx), 32)
        .text("KMIP", 16)
        .text("", 16)
        .long(flag::RNG | flag::WRITE_PROTECTED | flag::TOKEN_INITIALIZED);
    let output = counts.into_iter().fold(output, Output::long);
    // The token has no clock, so its time means nothing.
    Ok(output.version(1, 0).version(1, 0).text("", 16))
}

/// C_GetMechanismList: those that this server has schemes for and the operator allows.
pub(crate) fn mechanisms(cx: &Context<'_>, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    let buffer = input.buffer()?;
    input.end()?;
    let there = mechanism::all().iter().filter(|mechanism| is_there(cx, mechanism));
    list(buffer, &there.map(|mechanism| mechanism.code).collect::<Vec<_>>())
}

/// C_GetMechanismInfo: a CK_MECHANISM_INFO. The sizes of keys are the operator's to say, and not known here.
pub(crate) fn mechanism_info(cx: &Context<'_>, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    let mechanism = mechanism::with_code(input.long()?)?;
    input.end()?;
    if !is_there(cx, mechanism) {
        return Err(Rv::MECHANISM_INVALID.into());
    }
    let flags = match mechanism.capability {
        Capability::Cipher => flag::ENCRYPT | flag::DECRYPT,
        Capability::Digest => flag::DIGEST,
        _ => flag::SIGN | flag::VERIFY,
    };
    Ok(Output::default().long(0).long(0).long(flags))
}

fn is_there(cx: &Context<'_>, mechanism: &Mechanism) -> bool {
    let types = match mechanism.capability {
        Capability::Digest => [ObjectType::OPAQUE_OBJECT; 2],
        _ => [ObjectType::SYMMETRIC_KEY, ObjectType::PRIVATE_KEY],
    };
    let mut attributes = Attributes::new();
    if let Some(algorithm) = mechanism.algorithm {
        attributes.put::<kinds::CryptographicAlgorithm>(algorithm);
    }
    let parameters = mechanism.parameters();
    types.into_iter().any(|object_type| {
        let facts = KeyFacts::of(object_type, None, &attributes);
        cx.catalogue().scheme(mechanism.capability, &facts, &parameters).is_some()
    })
}

/// C_OpenSession. What the application and the callback are for, notifications, do not travel.
pub(crate) fn open_session(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    let flags = input.long()?;
    // A pointer that some clients send means nothing here.
    input.take(input.len())?;
    if flags & flag::SERIAL_SESSION == 0 {
        return Err(Rv::SESSION_PARALLEL_NOT_SUPPORTED.into());
    }
    let session = Library::of(library).open(flags & flag::RW_SESSION != 0)?;
    Ok(Output::default().long(session))
}

/// C_CloseSession.
pub(crate) fn close_session(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    let session = input.long()?;
    input.end()?;
    Library::of(library).close(session)?;
    Ok(Output::default())
}

/// C_CloseAllSessions.
pub(crate) fn close_all_sessions(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    read_slot(input)?;
    input.end()?;
    Library::of(library).close_all();
    Ok(Output::default())
}

/// C_GetSessionInfo: a CK_SESSION_INFO.
pub(crate) fn session_info(library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    let session = input.long()?;
    input.end()?;
    let may_write = Library::of(library).session(session)?.may_write;
    let (state, flags) = match may_write {
        true => (STATE_READ_WRITE, flag::SERIAL_SESSION | flag::RW_SESSION),
        false => (STATE_READ_ONLY, flag::SERIAL_SESSION),
    };
    Ok(Output::default().long(SLOT).long(state).long(flags).long(0))
}

/// C_GenerateRandom: as many bytes as asked for.
pub(crate) fn random(cx: &mut Context<'_>, library: &Shared, input: &mut Input<'_>) -> Result<Output, Fault> {
    let session = input.long()?;
    let length = input.count()?;
    // Some clients send the buffer that is to be filled.
    input.take(input.len())?;
    Library::of(library).session(session)?;
    let most = usize::try_from(cx.limits().random_bytes).unwrap_or(0);
    if length > most {
        return Err(Rv::ARGUMENTS_BAD.into());
    }
    Ok(Output::default().raw(&cx.rng().bytes(length)))
}
