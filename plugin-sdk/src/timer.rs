//! Timers: what the server does by itself when a time has come.

use std::sync::Arc;
use std::time::Duration;

use claviger_kmip::Value;
use claviger_kmip::field::DateTime;
use claviger_kmip::tables::enumerations::OperationCode;

use crate::context::Authorized;
use crate::error::Result;
use crate::filter::Filter;
use crate::settings::Settings;

/// Something that is done to objects when their time has come, for their owners.
///
/// A timer acts through operations alone, under its name: the engine calls them as the owner of each object, proven by
/// `timer NAME`, with the rights that the owner has then. Each call is an asynchronous request, so it is made once though
/// several servers share a storage. One that fails is made again when its result has expired, or when the object was
/// changed.
pub trait Timer: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// All operations that it may call.
    fn operations(&self) -> &'static [OperationCode];

    /// How often to look.
    fn every(&self) -> Duration;

    /// The objects whose time has come. A condition that stores have an index for, such as [`Filter::rotation_due`]: it
    /// is asked for the whole storage.
    fn due(&self, now: DateTime) -> Filter;

    /// What is to be called for one of them, with its payload in KMIP 2.1 form; `None` leaves the object as it is.
    fn request(&self, object: &Authorized) -> Option<(OperationCode, Value)>;
}

/// Makes a timer from the settings, if they ask for it.
pub trait TimerFactory: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The timer; `None` when the settings do not ask for it.
    ///
    /// # Errors
    /// They configure it wrongly.
    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Timer>>>;
}

/// Registers a timer factory at link time.
#[macro_export]
macro_rules! register_timer {
    ($factory:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Timer(&$factory),
            )
        }
    };
}
