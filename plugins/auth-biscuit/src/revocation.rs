//! Tokens that were revoked: a document for each revocation identifier, which all servers of a storage see.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::context::Context;
use claviger_plugin_sdk::credentials::CredentialContext;

use crate::span::Span;

/// The kind of the documents.
const KIND: &str = "revoked-token";
/// The content of a document: its version. That it is there says everything.
const CONTENT: &[u8] = &[1];
/// Seconds by which the clocks of servers may differ.
pub(crate) const SLACK: i64 = 3_600;

/// Whether the block of a document was revoked.
///
/// # Errors
/// The store fails.
pub(crate) async fn is_revoked(cx: &mut CredentialContext<'_>, document: &str) -> Result<bool> {
    Ok(cx.document(KIND, document).await?.is_some())
}

/// Records that the block of a document is revoked: at least for as long as it is good.
///
/// # Errors
/// The store fails.
pub(crate) async fn revoke(cx: &mut Context<'_>, document: &str, good: Span) -> Result<()> {
    let known = cx.document(KIND, document).await?;
    cx.put_document(KIND, document, known.map(|known| known.revision), CONTENT.to_vec(), expiry(good))
}

/// When what is kept about a block is not needed any more.
pub(crate) fn expiry(good: Span) -> Option<i64> {
    good.to.checked_add(SLACK)
}
