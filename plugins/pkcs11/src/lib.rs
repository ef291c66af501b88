//! The operation PKCS#11 (KMIP 2.1 section 6.1.37): functions of the Cryptographic Token Interface, called over KMIP.
//!
//! There is one slot with one token: the keys and certificates that the caller may use. The token is write-protected:
//! objects are made, changed and destroyed by KMIP's own operations. Material of keys does not leave it. What a function
//! does with a key is admitted like Encrypt, Decrypt, Sign and the others are, each time.
//!
//! `codec` reads arguments and writes results as the PKCS#11 profile of KMIP encodes them; `code` has return codes;
//! `function` calls the functions, which stand in `slot`, `objects` and `work`; `mechanism` tells what each mechanism is
//! in KMIP's terms; `library` is what a client has between calls.

mod code;
mod codec;
mod constants;
mod function;
mod library;
mod mechanism;
mod objects;
mod slot;
mod work;

use std::sync::Arc;
use std::sync::Mutex;

use claviger_plugin_sdk::kmip::payloads::{Pkcs11FunctionId, Pkcs11Request, Pkcs11Response};
use claviger_plugin_sdk::kmip::tables::enumerations::{Pkcs11Function, Pkcs11ReturnCode};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::{Setting, SettingKind};

use code::{Fault, Rv};
use codec::Input;
use library::Library;

plugin! {
    summary: "The operation PKCS#11: the keys of a user as a token in a slot.",
    settings: &[
        Setting {
            flag: slot::MANUFACTURER,
            variable: "KMS_PKCS11_MANUFACTURER",
            variable_aliases: &[],
            section: "pkcs11",
            kind: SettingKind::Text,
            default: Some("Claviger"),
            help: "Manufacturer that PKCS#11 applications see, of 32 bytes at most",
        },
        Setting {
            flag: slot::DESCRIPTION,
            variable: "KMS_PKCS11_DESCRIPTION",
            variable_aliases: &[],
            section: "pkcs11",
            kind: SettingKind::Text,
            default: Some("Claviger"),
            help: "Description of the library, and label of the token, that PKCS#11 applications see",
        },
    ],
}

/// Calls a function of PKCS#11.
struct Pkcs11;

register_operation!(Pkcs11);

/// The interface that PKCS#11 3.0 calls so, and the default.
const INTERFACE: &str = "PKCS 11";

impl Operation for Pkcs11 {
    type Request = Pkcs11Request;
    type Response = Pkcs11Response;

    const NAME: &'static str = "PKCS_11";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::PKCS_11,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::Use,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &Pkcs11Request) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: Pkcs11Request) -> Result<Pkcs11Response> {
        if request.pkcs_11_interface.as_deref().is_some_and(|interface| interface != INTERFACE) {
            return Err(Error::unsupported(format!(
                "the interface of PKCS#11 on this server is {INTERFACE:?}"
            ))
            .with_reason(ResultReason::PKCS_11_INVALID_INTERFACE));
        }
        let Pkcs11FunctionId::Standard(function) = request.pkcs_11_function else {
            return Err(function::unknown());
        };
        let parameters = request.pkcs_11_input_parameters.unwrap_or_default();
        let called = call(cx, function, request.correlation_value, Input::new(&parameters)).await;
        let mut response = Pkcs11Response {
            pkcs_11_interface: request.pkcs_11_interface,
            pkcs_11_function: request.pkcs_11_function,
            correlation_value: None,
            pkcs_11_output_parameters: None,
            pkcs_11_return_code: Pkcs11ReturnCode(Rv::OK.0),
        };
        match called {
            Ok(Called { correlation, output }) => {
                response.correlation_value = correlation;
                response.pkcs_11_output_parameters =
                    output.filter(|output| !output.is_empty()).map(Into::into);
            }
            Err(Fault::Returns(code, output)) => {
                response.pkcs_11_return_code = Pkcs11ReturnCode(code.0);
                response.pkcs_11_output_parameters = output.map(Into::into);
            }
            Err(Fault::Kmip(error)) => return Err(error),
        }
        Ok(response)
    }
}

/// What a function gives.
struct Called {
    correlation: Option<ByteString>,
    output: Option<Vec<u8>>,
}

async fn call(
    cx: &mut Context<'_>,
    function: Pkcs11Function,
    correlation: Option<ByteString>,
    mut input: Input<'_>,
) -> Result<Called, Fault> {
    if function == Pkcs11Function::C_INITIALIZE {
        return initialize(cx, correlation, input);
    }
    let correlation = correlation.ok_or(Rv::CRYPTOKI_NOT_INITIALIZED)?;
    let library = resume(cx, &correlation).ok_or(Rv::CRYPTOKI_NOT_INITIALIZED)?;
    if function == Pkcs11Function::C_FINALIZE {
        // What was taken and not put back is gone.
        return Ok(Called { correlation: None, output: None });
    }
    // Calls of several threads work on one library.
    cx.put_back_stream(None, &correlation, Box::new(library.clone()))?;
    let output = function::call(cx, &library, function, &mut input).await?;
    Ok(Called { correlation: None, output: Some(output.into_bytes()) })
}

/// The version of the encoding, which is all that C_Initialize is given.
const ENCODING: u8 = 1;

fn initialize(
    cx: &mut Context<'_>,
    correlation: Option<ByteString>,
    mut input: Input<'_>,
) -> Result<Called, Fault> {
    if !input.is_empty() && input.byte()? != ENCODING {
        return Err(codec::error("C_Initialize names another version of the encoding than 1").into());
    }
    input.end()?;
    if let Some(correlation) = correlation
        && let Some(library) = resume(cx, &correlation)
    {
        cx.put_back_stream(None, &correlation, Box::new(library))?;
        return Err(Rv::CRYPTOKI_ALREADY_INITIALIZED.into());
    }
    let library: Shared = Arc::new(Mutex::new(Library::default()));
    let correlation = cx.open_stream(None, Box::new(library))?;
    Ok(Called { correlation: Some(correlation), output: None })
}

/// What a client has between calls.
type Shared = Arc<Mutex<Library>>;

fn resume(cx: &mut Context<'_>, correlation: &[u8]) -> Option<Shared> {
    let stream = cx.take_stream(None, correlation).ok()?;
    stream.downcast::<Shared>().ok().map(|library| *library)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Pkcs11,
        Pkcs11Request {
            pkcs_11_interface: Some(INTERFACE.into()),
            pkcs_11_function: Pkcs11FunctionId::Standard(Pkcs11Function::C_INITIALIZE),
            correlation_value: Some(vec![1].into()),
            pkcs_11_input_parameters: Some(vec![ENCODING].into()),
        },
    );
}
