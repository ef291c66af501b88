//! Operations in parts, between two of their parts.

use claviger_kmip::ByteString;
use claviger_plugin_sdk::context::{Authorized, Stream};
use claviger_plugin_sdk::error::{Error, Result};

use super::ItemHost;
use crate::pipeline::batch::{self, Within};
use crate::streams::StreamOwner;

/// Keeps a stream under a new correlation value.
pub(super) fn open(
    host: &mut ItemHost<'_, '_>,
    target: Option<&Authorized>,
    stream: Stream,
) -> Result<ByteString> {
    let owner = owner(host, target)?;
    host.message.engine.streams.open(owner, stream, &mut *host.random)
}

/// Keeps a stream under the correlation value that it had.
pub(super) fn put_back(
    host: &ItemHost<'_, '_>,
    target: Option<&Authorized>,
    correlation: &[u8],
    stream: Stream,
) -> Result<()> {
    let owner = owner(host, target)?;
    host.message.engine.streams.put_back(owner, correlation, stream);
    Ok(())
}

/// Takes a stream of the caller's.
pub(super) fn take(
    host: &ItemHost<'_, '_>,
    target: Option<&Authorized>,
    correlation: &[u8],
) -> Result<Stream> {
    let owner = owner(host, target)?;
    host.message.engine.streams.take(&owner, correlation)
}

/// Whose stream this item may open or take.
fn owner(host: &ItemHost<'_, '_>, target: Option<&Authorized>) -> Result<StreamOwner> {
    // What is counted runs again when another count was faster, and a stream cannot go back.
    if host.message.is_metered() {
        return Err(Error::denied("a ticket with Usage Limits is not good for an operation in parts"));
    }
    match host.state.within {
        Within::Message => {}
        Within::Undo => return Err(batch::no_undo("a part of an operation cannot be undone")),
        Within::Job => {
            return Err(Error::unsupported(
                "a part of an operation cannot be processed asynchronously; leave out Asynchronous Indicator",
            ));
        }
    }
    Ok(StreamOwner {
        user: host.message.principal().user.clone(),
        namespace: host.message.store.namespace().clone(),
        key: target.map(|target| target.id().clone()),
        operation: host.spec.code.0,
    })
}
