//! What Encrypt and Decrypt share: which part of an operation a request is, its parameters, its key.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{Capability, CipherKey, CipherStream, PreparedKey};

/// Which part of an operation a request is (KMIP 2.1 sections 7.8, 7.14 and 7.17).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// The first of several.
    First,
    /// One in the middle.
    Next(ByteString),
    /// The last.
    Last(ByteString),
}

impl Part {
    /// Reads the indicators of a request.
    ///
    /// # Errors
    /// Invalid Field: a request cannot start an operation and go on with one.
    pub(crate) fn of(
        init: Option<bool>,
        last: Option<bool>,
        correlation: Option<ByteString>,
    ) -> Result<Self> {
        let last = last == Some(true);
        match (init == Some(true), correlation) {
            (true, Some(_)) => {
                Err(Error::invalid("a request has either the Init Indicator or a Correlation Value"))
            }
            (true, None) if !last => Ok(Self::First),
            (_, None) => Ok(Self::Whole),
            (false, Some(correlation)) if last => Ok(Self::Last(correlation)),
            (false, Some(correlation)) => Ok(Self::Next(correlation)),
        }
    }
}

/// The data of an operation that is not in parts.
///
/// # Errors
/// Missing Data.
pub(crate) fn required(data: Option<ByteString>) -> Result<ByteString> {
    data.ok_or_else(|| {
        Error::invalid("Data is required unless the operation goes on in parts")
            .with_reason(ResultReason::MISSING_DATA)
    })
}

/// The parameters of the request, else the first of the key, else none.
pub(crate) fn parameters(
    key: &Authorized,
    requested: Option<CryptographicParameters>,
) -> CryptographicParameters {
    requested
        .or_else(|| key.attributes().one::<kinds::CryptographicParameters>())
        .unwrap_or(CryptographicParameters::NONE)
}

/// The parsed key.
///
/// # Errors
/// Unsupported Cryptographic Parameters, Key Value Not Present.
pub(crate) async fn cipher_key(
    cx: &mut Context<'_>,
    key: &Authorized,
    parameters: &CryptographicParameters,
) -> Result<Arc<dyn CipherKey>> {
    match cx.prepared(key, Capability::Cipher, parameters).await? {
        PreparedKey::Cipher(key) => Ok(key),
        _ => Err(Error::server("a key that was prepared for encryption does something else")),
    }
}

/// Takes a part into a stream: the stream, and its output so far.
///
/// # Errors
/// Cryptographic Failure.
pub(crate) async fn update(
    cx: &mut Context<'_>,
    mut stream: Box<dyn CipherStream>,
    data: Option<ByteString>,
) -> Result<(Box<dyn CipherStream>, ByteString)> {
    let Some(data) = data else { return Ok((stream, ByteString::default())) };
    let cost = cx.cost_of_data(data.len());
    cx.compute(cost, move |_| {
        let out = stream.update(&data)?;
        Ok((stream, out))
    })
    .await
}

/// The output of a part; nothing if there is none yet.
pub(crate) fn of_part(output: ByteString) -> Option<ByteString> {
    (!output.is_empty()).then_some(output)
}

/// Two outputs as one, without a copy when one of them is empty.
pub(crate) fn joined(first: ByteString, second: ByteString) -> ByteString {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second,
        (_, true) => first,
        _ => [&*first, &*second].concat().into(),
    }
}

/// The error for a correlation value of another operation.
pub(crate) fn not_of_this_operation() -> Error {
    Error::invalid("the Correlation Value is not one of this operation")
        .with_reason(ResultReason::INVALID_CORRELATION_VALUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_unless_it_starts_or_continues_a_stream() {
        let value = || Some(ByteString::from(vec![1]));
        assert_eq!(Part::of(None, None, None).unwrap(), Part::Whole);
        assert_eq!(Part::of(None, Some(true), None).unwrap(), Part::Whole);
        assert_eq!(Part::of(Some(true), Some(true), None).unwrap(), Part::Whole);
        assert_eq!(Part::of(Some(true), None, None).unwrap(), Part::First);
        assert_eq!(Part::of(None, None, value()).unwrap(), Part::Next(vec![1].into()));
        assert_eq!(Part::of(Some(false), Some(true), value()).unwrap(), Part::Last(vec![1].into()));
        assert!(Part::of(Some(true), None, value()).is_err());
    }
}
