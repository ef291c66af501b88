//! Return codes, by the names that PKCS#11 gives them.

use claviger_plugin_sdk::prelude::*;

use crate::codec::Output;

/// A CK_RV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rv(pub(crate) u32);

impl Rv {
    pub(crate) const OK: Self = Self(0x0000);
    pub(crate) const SLOT_ID_INVALID: Self = Self(0x0003);
    pub(crate) const FUNCTION_FAILED: Self = Self(0x0006);
    pub(crate) const ARGUMENTS_BAD: Self = Self(0x0007);
    pub(crate) const ATTRIBUTE_SENSITIVE: Self = Self(0x0011);
    pub(crate) const ATTRIBUTE_TYPE_INVALID: Self = Self(0x0012);
    pub(crate) const DATA_INVALID: Self = Self(0x0020);
    pub(crate) const ENCRYPTED_DATA_INVALID: Self = Self(0x0040);
    pub(crate) const FUNCTION_NOT_SUPPORTED: Self = Self(0x0054);
    pub(crate) const KEY_HANDLE_INVALID: Self = Self(0x0060);
    pub(crate) const KEY_TYPE_INCONSISTENT: Self = Self(0x0063);
    pub(crate) const KEY_FUNCTION_NOT_PERMITTED: Self = Self(0x0068);
    pub(crate) const MECHANISM_INVALID: Self = Self(0x0070);
    pub(crate) const MECHANISM_PARAM_INVALID: Self = Self(0x0071);
    pub(crate) const OBJECT_HANDLE_INVALID: Self = Self(0x0082);
    pub(crate) const OPERATION_ACTIVE: Self = Self(0x0090);
    pub(crate) const OPERATION_NOT_INITIALIZED: Self = Self(0x0091);
    pub(crate) const SESSION_COUNT: Self = Self(0x00B1);
    pub(crate) const SESSION_HANDLE_INVALID: Self = Self(0x00B3);
    pub(crate) const SESSION_PARALLEL_NOT_SUPPORTED: Self = Self(0x00B4);
    pub(crate) const SIGNATURE_INVALID: Self = Self(0x00C0);
    pub(crate) const TOKEN_WRITE_PROTECTED: Self = Self(0x00E2);
    pub(crate) const USER_ALREADY_LOGGED_IN: Self = Self(0x0100);
    pub(crate) const RANDOM_SEED_NOT_SUPPORTED: Self = Self(0x0120);
    pub(crate) const BUFFER_TOO_SMALL: Self = Self(0x0150);
    pub(crate) const CRYPTOKI_NOT_INITIALIZED: Self = Self(0x0190);
    pub(crate) const CRYPTOKI_ALREADY_INITIALIZED: Self = Self(0x0191);
}

/// Why a function does not return CKR_OK.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It returns another code, perhaps with output.
    Returns(Rv, Option<Vec<u8>>),
    /// It could not be called.
    Kmip(Error),
}

impl Fault {
    /// A code with output.
    pub(crate) fn with(code: Rv, output: Output) -> Self {
        Self::Returns(code, Some(output.into_bytes()))
    }

    /// What a function on a key returns when it failed like this.
    pub(crate) fn of_key(error: Error, bad_data: Rv) -> Self {
        use ResultReason as Why;
        let code = match error.reason() {
            Why::OBJECT_NOT_FOUND => Rv::KEY_HANDLE_INVALID,
            Why::INVALID_OBJECT_TYPE => Rv::KEY_TYPE_INCONSISTENT,
            Why::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS => Rv::MECHANISM_INVALID,
            Why::BAD_CRYPTOGRAPHIC_PARAMETERS => Rv::MECHANISM_PARAM_INVALID,
            _ => match error.class() {
                ErrorClass::Denied | ErrorClass::State => Rv::KEY_FUNCTION_NOT_PERMITTED,
                ErrorClass::Cryptographic | ErrorClass::Request => bad_data,
                ErrorClass::Unsupported => Rv::FUNCTION_FAILED,
                _ => return Self::Kmip(error),
            },
        };
        Self::Returns(code, None)
    }
}

impl From<Rv> for Fault {
    fn from(code: Rv) -> Self {
        Self::Returns(code, None)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Kmip(error)
    }
}
