//! Taking uses from Usage Limits: on a condition, so that no two servers take the same.

use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::ApplyError;

use super::{Trouble, Writing};

impl Writing<'_> {
    /// Takes uses, in the order of the objects' identifiers.
    pub(super) async fn consume(&mut self, consumptions: &[(ObjectId, u64)]) -> Result<(), Trouble> {
        let mut consumptions: Vec<_> = consumptions.iter().collect();
        consumptions.sort_by_key(|(id, _)| id);
        for (id, uses) in consumptions {
            // More than the column can hold is more than any limit.
            if let Ok(uses) = i64::try_from(*uses) {
                let mut update = self.statement();
                update.push("UPDATE ").table("object").push(" SET usage_left = usage_left - ").number(uses);
                update.push(" WHERE id = ").text(id.as_str()).push(" AND usage_left >= ").number(uses);
                if self.execute(&update).await?.rows > 0 {
                    continue;
                }
            }
            self.check_unlimited(id).await?;
        }
        Ok(())
    }

    /// That an object of which no uses were taken has no limit.
    async fn check_unlimited(&mut self, id: &ObjectId) -> Result<(), Trouble> {
        let mut select = self.statement();
        select.push("SELECT usage_left FROM ").table("object").push(" WHERE id = ").text(id.as_str());
        match self.rows(&select).await?.first().map(|row| row.optional(0)).transpose()? {
            None => Err(ApplyError::Conflict.into()),
            Some(None) => Ok(()),
            Some(Some(_)) => Err(ApplyError::UsageExceeded(id.clone()).into()),
        }
    }
}
