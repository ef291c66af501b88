//! What only grows: the last of a row of credentials that was used, in a document that all servers of a storage share.

use aws_lc_rs::digest::{Context, SHA256};
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::DocumentPut;
use claviger_plugin_sdk::{Error, Result};

use crate::hexadecimal;

/// The value that was used last, and the revision of its document.
pub(crate) struct Last {
    pub(crate) value: i64,
    revision: Revision,
}

/// The name of the document of a secret: a user who gets another secret begins anew.
pub(crate) fn name_of(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hexadecimal::encode(context.finish().as_ref())
}

/// What was used last, if anything.
///
/// # Errors
/// The store fails, or what it has is not of this kind.
pub(crate) async fn last(cx: &mut CredentialContext<'_>, kind: &str, id: &str) -> Result<Option<Last>> {
    let Some(document) = cx.document(kind, id).await? else { return Ok(None) };
    let value = <[u8; 8]>::try_from(&document.body[..])
        .map_err(|_| Error::server("a document of a credential cannot be read"))?;
    Ok(Some(Last { value: i64::from_be_bytes(value), revision: document.revision }))
}

/// Notes that a value is used; false if somebody else has used one meanwhile, which may be this one.
///
/// # Errors
/// The store fails.
pub(crate) async fn advance(
    cx: &mut CredentialContext<'_>,
    kind: &str,
    id: &str,
    last: Option<Last>,
    value: i64,
    expires: Option<i64>,
) -> Result<bool> {
    let put = DocumentPut {
        kind: kind.to_owned(),
        id: id.to_owned(),
        expected: last.map(|last| last.revision),
        content: Some((value.to_be_bytes().to_vec().into(), expires)),
    };
    cx.write_document(put).await
}
