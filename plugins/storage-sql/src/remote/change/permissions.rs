//! Giving and taking grants.

use std::borrow::Cow;
use std::collections::BTreeSet;

use claviger_plugin_sdk::store::Grant;

use super::{Trouble, Writing};
use crate::remote::statements::{Column, portions, unless_there, values};
use crate::search::{stored_name, stored_subject};

/// Grants that one statement gives.
const AT_ONCE: usize = 1000;

impl Writing<'_> {
    /// Gives grants.
    pub(super) async fn grant(&mut self, grants: &[Grant]) -> Result<(), Trouble> {
        let mut given = BTreeSet::new();
        for grant in grants {
            given.insert((self.existing(&grant.object)?, stored_subject(&grant.subject), grant.operation.0));
        }
        let given: Vec<_> = given.into_iter().collect();
        for some in portions(&given, AT_ONCE, |(_, (_, name), _)| name.len()) {
            let mut insert = self.statement();
            insert.push("INSERT INTO ").table("permission");
            insert.push(" (object, subject_kind, subject, operation, subject_name) ");
            let columns = vec![
                Column::Numbers(some.iter().map(|(place, ..)| Some(*place)).collect()),
                Column::Numbers(some.iter().map(|(_, (kind, _), _)| Some(*kind)).collect()),
                Column::Bytes(some.iter().map(|(_, (_, name), _)| Cow::Owned(stored_name(name))).collect()),
                Column::Numbers(some.iter().map(|(.., operation)| Some((*operation).into())).collect()),
                Column::Bytes(some.iter().map(|(_, (_, name), _)| Cow::Borrowed(name.as_bytes())).collect()),
            ];
            values(&mut insert, columns);
            unless_there(&mut insert, "operation");
            self.execute(&insert).await?;
        }
        Ok(())
    }

    /// Takes grants, as far as they are there.
    pub(super) async fn revoke(&mut self, grants: &[Grant]) -> Result<(), Trouble> {
        let mut batch = self.batch();
        for grant in grants {
            let Some(known) = self.known.get(&grant.object) else { continue };
            let (kind, name) = stored_subject(&grant.subject);
            batch.add(|to| {
                to.push("DELETE FROM ").table("permission").push(" WHERE object = ").number(known.place);
                to.push(" AND subject_kind = ").number(kind).push(" AND subject = ").name(name);
                to.push(" AND operation = ").number(grant.operation.0);
            });
        }
        self.run(batch).await
    }
}
