//! The end of what is left of destroyed objects.

use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::payloads::DestroyRequest;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_timer;
use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::timer::{Timer, TimerFactory};

/// Makes the timer if there is a retention period.
struct PurgeFactory;

register_timer!(PurgeFactory);

/// How long attributes outlive their object; for ever if absent.
pub(crate) const PURGE_DESTROYED_AFTER: Setting = Setting {
    flag: FLAG,
    variable: "KMS_PURGE_DESTROYED_AFTER",
    variable_aliases: &[],
    section: "retention",
    kind: SettingKind::Number(1, 36_500),
    default: None,
    help: "Days after which what is left of a destroyed object is removed; it stays when absent",
};

const FLAG: &str = "purge-destroyed-after";
const NAME: &str = "purge";
const DAY: i64 = 24 * 60 * 60;

impl TimerFactory for PurgeFactory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Timer>>> {
        let days = settings.number(FLAG)?;
        Ok(days.map(|days| Arc::new(Purge { kept: days.saturating_mul(DAY) }) as Arc<dyn Timer>))
    }
}

/// Removes what is left of objects that were destroyed so many seconds ago.
struct Purge {
    kept: i64,
}

impl Timer for Purge {
    fn name(&self) -> &'static str {
        NAME
    }

    fn operations(&self) -> &'static [OperationCode] {
        &[OperationCode::DESTROY]
    }

    fn every(&self) -> Duration {
        Duration::from_secs(10 * 60)
    }

    fn due(&self, now: DateTime) -> Filter {
        Filter::destroyed_until(DateTime(now.0.saturating_sub(self.kept)))
    }

    fn request(&self, object: &Authorized) -> Option<(OperationCode, Value)> {
        let id = Some(object.id().as_str().into());
        let request = DestroyRequest { unique_identifier: id, remove: Some(true) };
        Some((OperationCode::DESTROY, request.into_value()))
    }
}
