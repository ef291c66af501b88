//! Names, unique per owner.

use std::borrow::Cow;
use std::collections::BTreeMap;

use claviger_plugin_sdk::store::{ApplyError, NameClaims};

use super::{Trouble, Writing};
use crate::remote::failure::is_duplicate;
use crate::remote::statements::{Column, list, portions, values};
use crate::search::{Dialect, rest_of_name, stored_name};

/// Names that one statement claims.
const AT_ONCE: usize = 1000;

/// A name of an owner, as both are kept.
type Name = (Vec<u8>, Vec<u8>);

/// Who claims a name, and what owner and name are.
#[derive(Clone, Copy)]
struct Claim<'c> {
    place: i64,
    owner: &'c str,
    name: &'c str,
}

impl Writing<'_> {
    /// Releases the names of objects, and claims others for them.
    pub(super) async fn claim(&mut self, claims: &[NameClaims]) -> Result<(), Trouble> {
        let mut wanted: BTreeMap<Name, Claim<'_>> = BTreeMap::new();
        let mut batch = self.batch();
        for claim in claims {
            let place = self.existing(&claim.object)?;
            if self.known.get(&claim.object).is_some_and(|known| !known.is_new) {
                batch.add(|to| {
                    to.push("DELETE FROM ").table("name").push(" WHERE object = ").number(place);
                });
            }
            for name in &claim.names {
                let key = (stored_name(&claim.owner), stored_name(name));
                let claim = wanted.entry(key).or_insert(Claim { place, owner: &claim.owner, name });
                if claim.place != place {
                    return Err(ApplyError::NameTaken(name.clone()).into());
                }
            }
        }
        self.run(batch).await?;
        let wanted: Vec<(Name, Claim<'_>)> = wanted.into_iter().collect();
        for some in portions(&wanted, AT_ONCE, |(_, claim)| claim.owner.len() + claim.name.len()) {
            self.claim_in_order(some).await?;
        }
        Ok(())
    }

    /// Claims names in their order, in which everybody does.
    async fn claim_in_order(&mut self, wanted: &[(Name, Claim<'_>)]) -> Result<(), Trouble> {
        let mut insert = self.statement();
        insert.push("INSERT INTO ").table("name").push(" (owner, name, object, long_owner, long_name) ");
        let [owners, names] = keys(wanted);
        let places = Column::Numbers(wanted.iter().map(|(_, claim)| Some(claim.place)).collect());
        let long_owners = wanted.iter().map(|(_, claim)| Cow::Borrowed(rest_of_name(claim.owner))).collect();
        let long_names = wanted.iter().map(|(_, claim)| Cow::Borrowed(rest_of_name(claim.name))).collect();
        let long = [Column::Bytes(long_owners), Column::Bytes(long_names)];
        values(&mut insert, [owners, names, places].into_iter().chain(long).collect());
        if self.dialect != Dialect::Mysql {
            insert.push(" ON CONFLICT DO NOTHING");
        }
        match self.connection.execute(&insert).await {
            Ok(changed) if usize::try_from(changed.rows).is_ok_and(|rows| rows >= wanted.len()) => Ok(()),
            Err(error) if !is_duplicate(&error) => Err(error.into()),
            _ => Err(ApplyError::NameTaken(self.taken(wanted).await?).into()),
        }
    }

    /// Which of the names another object has.
    async fn taken(&mut self, wanted: &[(Name, Claim<'_>)]) -> Result<String, Trouble> {
        let mut select = self.statement();
        select.push("SELECT owner, name, object FROM ").table("name").push(" WHERE (owner, name) IN ");
        list(&mut select, keys(wanted).into());
        for row in self.rows(&select).await? {
            let (owner, name, holder) = (row.bytes(0)?, row.bytes(1)?, row.number(2)?);
            let of = wanted.iter().find(|((of, called), _)| of == owner && called == name);
            if let Some((_, claim)) = of.filter(|(_, claim)| claim.place != holder) {
                return Ok(claim.name.to_owned());
            }
        }
        // Whoever had it has just released it.
        Err(ApplyError::Conflict.into())
    }
}

fn keys<'f>(wanted: &[(Name, Claim<'_>)]) -> [Column<'f>; 2] {
    let column = |of: fn(&Name) -> &Vec<u8>| {
        Column::Bytes(wanted.iter().map(|(name, _)| Cow::Owned(of(name).clone())).collect())
    };
    [column(|name| &name.0), column(|name| &name.1)]
}
