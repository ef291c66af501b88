//! Counting how often tokens are used: a document for each block that limits it, which all servers of a storage share.

use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{Document, DocumentPut};
use claviger_plugin_sdk::{Error, Result};

use crate::restriction::refused;
use crate::revocation;
use crate::span::Span;

/// The kind of the documents.
const KIND: &str = "token-uses";
/// The first byte of a document: its version. The count follows, the most significant byte first.
const V1: u8 = 1;
/// How often uses are counted again when another server was faster.
const ATTEMPTS: usize = 100;

/// What is counted of a block.
pub(crate) struct Counter {
    /// The document.
    pub(crate) document: String,
    /// How many uses it allows.
    pub(crate) most: i64,
    /// When tokens with the block are good. The count is kept as long: one that went with the token that was shown would
    /// begin anew for others with the block.
    pub(crate) span: Span,
}

/// Takes so many uses from each of the counters; from none of them if one has too few left.
///
/// # Errors
/// Authentication Not Successful: too few are left, or others use it too much at the same time. The store fails.
pub(crate) async fn take(cx: &mut CredentialContext<'_>, counters: &[Counter], items: i64) -> Result<()> {
    for counter in counters {
        read(cx, &counter.document).await?.after(items, counter.most)?;
    }
    for counter in counters {
        take_from(cx, counter, items).await?;
    }
    Ok(())
}

async fn take_from(cx: &mut CredentialContext<'_>, counter: &Counter, items: i64) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let counted = read(cx, &counter.document).await?;
        let uses = counted.after(items, counter.most)?;
        let content = [&[V1], &uses.to_be_bytes()[..]].concat();
        let put = DocumentPut {
            kind: KIND.to_owned(),
            id: counter.document.clone(),
            expected: counted.revision,
            content: Some((content.into(), revocation::expiry(counter.span))),
        };
        if cx.write_document(put).await? {
            return Ok(());
        }
    }
    Err(refused("a token that is used too often at once"))
}

/// What was counted so far.
struct Counted {
    uses: i64,
    revision: Option<Revision>,
}

impl Counted {
    /// The count after so many uses more.
    fn after(&self, items: i64, most: i64) -> Result<i64> {
        let uses = self.uses.checked_add(items).filter(|uses| *uses <= most);
        uses.ok_or_else(|| refused("a token that was used as often as it may be"))
    }
}

async fn read(cx: &mut CredentialContext<'_>, document: &str) -> Result<Counted> {
    let Some(Document { revision, body, .. }) = cx.document(KIND, document).await? else {
        return Ok(Counted { uses: 0, revision: None });
    };
    let damaged = || Error::server("the count of a token's uses cannot be read");
    let (&[V1], count) = body.split_at_checked(1).ok_or_else(damaged)? else { return Err(damaged()) };
    let uses = i64::from_be_bytes(count.try_into().map_err(|_| damaged())?);
    Ok(Counted { uses, revision: Some(revision) })
}
