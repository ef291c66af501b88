//! What a handler says beside its response payload: to the client, and to the audit log.

use std::borrow::Cow;

use super::Context;
use crate::audit::Detail;
use crate::error::Result;

impl Context<'_> {
    /// Tells the client something beside the response payload, if the item succeeds: as its Result Message, where the
    /// client's form has one.
    ///
    /// # Errors
    /// Feature Not Supported: the handler is a loaded plugin's.
    pub fn remark(&mut self, text: String) -> Result<()> {
        self.host.remark(text)
    }

    /// Adds a fact to the audit record of the item, whatever becomes of it: what an operator will look for there and the
    /// record does not have, such as the number by which what is made can be revoked. The name is in lower case, its words
    /// joined by `_`; of the text 256 letters are kept. No secret, and nothing of an object's material.
    ///
    /// Different texts of one name are joined by `, `, as far as they have 1024 bytes together: of Bulk Data each piece adds its
    /// own. An item has 16 names at most, of 64 letters. What the handler of a loaded plugin adds is kept only if it
    /// succeeds.
    pub fn audit_detail(&mut self, name: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.host.audit_detail(Detail { name: name.into(), text: text.into() });
    }
}
