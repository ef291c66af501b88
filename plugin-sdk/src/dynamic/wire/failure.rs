//! A failure, on its way over the border.

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_kmip::{ByteString, Value, structure};

use super::choice::Choice as _;
use crate::error::{Error, ErrorClass};

structure! {
    /// A failure.
    pub struct Failure {
        /// The result reason.
        reason: ResultReason = RESULT_REASON,
        /// The class, as a number.
        class: ByteString = DATA,
        /// What the client is told.
        message: String = RESULT_MESSAGE,
        /// The response payload that goes with it.
        payload: Option<Value> = RESPONSE_PAYLOAD,
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            reason: error.reason(),
            class: vec![error.class().number()].into(),
            message: error.message().to_owned(),
            payload: error.payload().cloned(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let class = match *failure.class {
            [number] => ErrorClass::of(number).unwrap_or(ErrorClass::Server),
            _ => ErrorClass::Server,
        };
        let error = Self::new(failure.reason, class, failure.message);
        match failure.payload {
            Some(payload) => error.with_payload(payload),
            None => error,
        }
    }
}
