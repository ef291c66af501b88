//! Writing and removing documents by revision.

use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ApplyError, DocumentPut};

use super::{Trouble, Writing};
use crate::remote::failure::is_duplicate;
use crate::remote::statements::{not_expired, now};
use crate::search::{Argument, Dialect, Parameter, Statement};

impl Writing<'_> {
    /// Writes documents, in the order of kinds and names, in which everybody does.
    pub(super) async fn put_documents(&mut self, puts: &[DocumentPut]) -> Result<(), Trouble> {
        let mut puts: Vec<_> = puts.iter().collect();
        puts.sort_by_key(|put| (&put.kind, &put.id));
        for put in puts {
            match put.expected {
                None => self.put_absent(put).await?,
                Some(revision) => self.put_present(put, revision).await?,
            }
        }
        Ok(())
    }

    /// Writes a document that must not be there, unless it has expired; removing it only asks for that.
    async fn put_absent(&mut self, put: &DocumentPut) -> Result<(), Trouble> {
        let Some((body, expires)) = &put.content else {
            let mut select = self.statement();
            select.push("SELECT revision FROM ").table("document").push(" WHERE ");
            named(&mut select, put);
            select.push(" AND ");
            not_expired(&mut select);
            return if self.rows(&select).await?.is_empty() {
                Ok(())
            } else {
                Err(ApplyError::Conflict.into())
            };
        };
        let mysql = self.dialect == Dialect::Mysql;
        if mysql {
            let mut expired = self.statement();
            expired.push("DELETE FROM ").table("document").push(" WHERE ");
            named(&mut expired, put);
            expired.push(" AND expires < ").push(now(self.dialect));
            self.execute(&expired).await?;
        }
        let mut insert = self.statement();
        insert.push("INSERT INTO ").table("document").push(" (kind, id, revision, expires, body) VALUES (");
        insert.text(&put.kind).push(", ").text(&put.id).push(", 1, ").bind(Argument::Optional(*expires));
        insert.push(", ").bind(Argument::One(Parameter::Bytes(body))).push(")");
        if !mysql {
            insert.push(" ON CONFLICT (kind, id) DO UPDATE SET revision = 1, expires = excluded.expires");
            insert.push(", body = excluded.body WHERE ").table("document").push(".expires < ");
            insert.push(now(self.dialect));
        }
        match self.connection.execute(&insert).await {
            Ok(changed) if changed.rows > 0 => Ok(()),
            Err(error) if !is_duplicate(&error) => Err(error.into()),
            _ => Err(ApplyError::Conflict.into()),
        }
    }

    /// Replaces or removes a document that must be there.
    async fn put_present(&mut self, put: &DocumentPut, revision: Revision) -> Result<(), Trouble> {
        // No document has a revision that its column cannot hold.
        let revision = i64::try_from(revision.0).map_err(|_| ApplyError::Conflict)?;
        let mut write = self.statement();
        match &put.content {
            Some((body, expires)) => {
                write.push("UPDATE ").table("document").push(" SET revision = revision + 1, expires = ");
                write.bind(Argument::Optional(*expires)).push(", body = ");
                write.bind(Argument::One(Parameter::Bytes(body)));
            }
            None => {
                write.push("DELETE FROM ").table("document");
            }
        }
        write.push(" WHERE ");
        named(&mut write, put);
        write.push(" AND revision = ").number(revision).push(" AND ");
        not_expired(&mut write);
        if self.execute(&write).await?.rows == 0 {
            return Err(ApplyError::Conflict.into());
        }
        Ok(())
    }
}

fn named<'f>(to: &mut Statement<'f>, put: &'f DocumentPut) {
    to.push("kind = ").text(&put.kind).push(" AND id = ").text(&put.id);
}
