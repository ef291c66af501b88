//! PKCS#11 (KMIP 2.1 section 6.1.37).
//!
//! Sections 7.26 to 7.30 draw each field as a structure that holds a field of its own name; the OASIS cases, and so
//! this server, have the inner fields alone.

use crate::field::{DecodeError, TtlvValue, wrong_type};
use crate::structure;
use crate::tables::Enumeration;
use crate::tables::enumerations::{Pkcs11Function, Pkcs11ReturnCode};
use crate::ttlv::{ByteString, Tag, Value};

structure! {
    /// Which PKCS#11 function to call.
    pub struct Pkcs11Request {
        /// The interface that has it; the default interface of PKCS#11 version 3.0 if absent.
        pkcs_11_interface: Option<String> = PKCS_11_INTERFACE,
        /// The function.
        pkcs_11_function: Pkcs11FunctionId = PKCS_11_FUNCTION,
        /// What the response before gave.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Its arguments, encoded as the PKCS#11 profile says.
        pkcs_11_input_parameters: Option<ByteString> = PKCS_11_INPUT_PARAMETERS,
    }
}

structure! {
    /// What the function did.
    pub struct Pkcs11Response {
        /// The interface; the default interface of PKCS#11 version 3.0 if absent.
        pkcs_11_interface: Option<String> = PKCS_11_INTERFACE,
        /// The function.
        pkcs_11_function: Pkcs11FunctionId = PKCS_11_FUNCTION,
        /// What the next request has to give.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Its results, encoded as the PKCS#11 profile says.
        pkcs_11_output_parameters: Option<ByteString> = PKCS_11_OUTPUT_PARAMETERS,
        /// Its CK_RV.
        pkcs_11_return_code: Pkcs11ReturnCode = PKCS_11_RETURN_CODE,
    }
}

/// A function of PKCS#11, or one of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pkcs11FunctionId {
    /// Of the standard.
    Standard(Pkcs11Function),
    /// Of a vendor.
    Vendor(i32),
}

impl TtlvValue for Pkcs11FunctionId {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Enumeration(code) => Ok(Self::Standard(Pkcs11Function::from_code(code))),
            Value::Integer(number) => Ok(Self::Vendor(number)),
            other => Err(wrong_type(tag, "an Enumeration or an Integer", &other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Standard(function) => Value::Enumeration(function.code()),
            Self::Vendor(number) => Value::Integer(number),
        }
    }
}
