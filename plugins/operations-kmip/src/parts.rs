//! Operations in parts (KMIP 2.1 sections 7.8, 7.14 and 7.17): which part a request is, and how data is taken in part by
//! part.

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CipherStream, DigestStream, MacStream, SignStream};

/// Which part of an operation a request is.
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

    /// Whether the operation ends with it.
    pub(crate) fn ends(&self) -> bool {
        matches!(self, Self::Whole | Self::Last(_))
    }
}

/// The data of an operation that is not in parts.
///
/// # Errors
/// Missing Data.
pub(crate) fn required(data: Option<ByteString>) -> Result<ByteString> {
    data.ok_or_else(|| missing("Data is required unless the operation goes on in parts"))
}

/// The error for something that an operation cannot do without.
pub(crate) fn missing(what: &'static str) -> Error {
    Error::invalid(what).with_reason(ResultReason::MISSING_DATA)
}

/// Takes back what an operation left for its next part.
///
/// # Errors
/// Invalid Correlation Value.
pub(crate) fn resume<S: 'static>(
    cx: &mut Context<'_>,
    key: Option<&Authorized>,
    correlation: &[u8],
) -> Result<S> {
    let stream = cx.take_stream(key, correlation)?;
    stream.downcast::<S>().map(|stream| *stream).map_err(|_| {
        Error::invalid("the Correlation Value is not one of this operation")
            .with_reason(ResultReason::INVALID_CORRELATION_VALUE)
    })
}

/// Keeps what an operation leaves for its next part: under a new Correlation Value after the first part, which stays its
/// value to the end, since clients may send with each part the one that the first was answered with (section 6.1).
///
/// # Errors
/// Server Limit Exceeded: too many operations are open.
pub(crate) fn keep<S: Send + 'static>(
    cx: &mut Context<'_>,
    key: Option<&Authorized>,
    part: Part,
    stream: S,
) -> Result<ByteString> {
    match part {
        Part::Next(correlation) => {
            cx.put_back_stream(key, &correlation, Box::new(stream))?;
            Ok(correlation)
        }
        Part::First | Part::Whole | Part::Last(_) => cx.open_stream(key, Box::new(stream)),
    }
}

/// What takes in data and has nothing to say before the end.
pub(crate) trait Absorbs: Send + 'static {
    /// Takes one part.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn absorb(&mut self, part: &[u8]) -> Result<()>;
}

impl Absorbs for Box<dyn DigestStream> {
    fn absorb(&mut self, part: &[u8]) -> Result<()> {
        self.update(part)
    }
}

impl Absorbs for Box<dyn MacStream> {
    fn absorb(&mut self, part: &[u8]) -> Result<()> {
        self.update(part)
    }
}

impl Absorbs for Box<dyn SignStream> {
    fn absorb(&mut self, part: &[u8]) -> Result<()> {
        self.update(part)
    }
}

/// Takes a part into a stream that has nothing to say before the end.
///
/// # Errors
/// Cryptographic Failure.
pub(crate) async fn absorb<S: Absorbs>(
    cx: &mut Context<'_>,
    mut stream: S,
    data: Option<ByteString>,
) -> Result<S> {
    let Some(data) = data else { return Ok(stream) };
    let cost = cx.cost_of_data(data.len());
    cx.compute(cost, move |_| {
        stream.absorb(&data)?;
        Ok(stream)
    })
    .await
}

/// Takes a part into an encryption or decryption: the stream, and its output so far.
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
