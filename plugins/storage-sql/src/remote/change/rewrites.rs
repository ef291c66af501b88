//! Contents written in other bytes that mean the same.

use claviger_plugin_sdk::store::{ApplyError, Rewrite, Rewritten};

use super::{Trouble, Writing};
use crate::remote::statements::not_expired;
use crate::search::{Argument, Parameter};

impl Writing<'_> {
    /// Writes each content that has the bytes that it must have.
    pub(super) async fn rewrite(&mut self, rewrites: &[Rewrite]) -> Result<(), Trouble> {
        for rewrite in rewrites {
            let mut update = self.statement();
            let table = if matches!(rewrite.of, Rewritten::Record(_)) { "content" } else { "document" };
            update.push("UPDATE ").table(table).push(" SET body = ").bind(bytes(&rewrite.to)).push(" WHERE ");
            match &rewrite.of {
                Rewritten::Record(id) => {
                    update.push("object = ").number(self.existing(id)?);
                }
                Rewritten::Document { kind, id } => {
                    update.push("kind = ").text(kind).push(" AND id = ").text(id).push(" AND ");
                    not_expired(&mut update);
                }
            }
            update.push(" AND body = ").bind(bytes(&rewrite.from));
            if self.execute(&update).await?.rows == 0 {
                return Err(ApplyError::Conflict.into());
            }
        }
        Ok(())
    }
}

fn bytes(bytes: &[u8]) -> Argument<'_> {
    Argument::One(Parameter::Bytes(bytes))
}
