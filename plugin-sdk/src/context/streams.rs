//! Operations in parts, between two of their parts (KMIP 2.1 section 6.1).

use claviger_kmip::ByteString;

use super::{Authorized, Context};
use crate::error::Result;

/// A multi-part operation between two of its parts: what a scheme made, behind `Any` so that each operation keeps
/// its own type.
pub type Stream = Box<dyn std::any::Any + Send>;

impl Context<'_> {
    /// Keeps a running multi-part operation for the next request of the same principal, and returns its
    /// correlation value.
    ///
    /// # Errors
    /// Server Limit Exceeded: too many streams are open.
    pub fn open_stream(&mut self, target: Option<&Authorized>, stream: Stream) -> Result<ByteString> {
        self.host.open_stream(target, stream)
    }

    /// Keeps what [`Context::take_stream`] gave, under the same correlation value as before.
    ///
    /// # Errors
    /// As [`Context::open_stream`], but for the number of streams.
    pub fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()> {
        self.host.put_back_stream(target, correlation, stream)
    }

    /// Takes back a running multi-part operation. To go on, [put it back](Context::put_back_stream): a client may send one
    /// correlation value with all parts (KMIP 2.1 section 6.1).
    ///
    /// # Errors
    /// Invalid Correlation Value: there is none of this principal, key and kind on this server.
    pub fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream> {
        self.host.take_stream(target, correlation)
    }
}
