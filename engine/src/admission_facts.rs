//! What admission asks of a record, read from its attributes once: an object is used far more often than it is changed.

use claviger_kmip::Tag;
use claviger_kmip::attributes::{UsageLimits, kinds};
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateDates;
use claviger_plugin_sdk::record::Record;

/// The facts of one version of an object.
pub(crate) struct AdmissionFacts {
    /// The dates that decide the state.
    pub(crate) states: StateDates,
    /// Whether it must be recovered before it is used.
    pub(crate) archived: bool,
    /// The bits of the Cryptographic Usage Mask; none if there is no mask.
    pub(crate) usage: u32,
    /// Protect Stop Date.
    pub(crate) protect_stop: Option<DateTime>,
    /// Process Start Date.
    pub(crate) process_start: Option<DateTime>,
    /// Usage Limits.
    pub(crate) limits: Option<UsageLimits>,
}

impl AdmissionFacts {
    /// Reads them.
    pub(crate) fn of(record: &Record) -> Self {
        let attributes = &record.attributes;
        Self {
            states: record.state_dates(),
            archived: attributes.contains(Tag::ARCHIVE_DATE),
            usage: attributes.one::<kinds::CryptographicUsageMask>().unwrap_or(0).cast_unsigned(),
            protect_stop: attributes.one::<kinds::ProtectStopDate>(),
            process_start: attributes.one::<kinds::ProcessStartDate>(),
            limits: attributes.one::<kinds::UsageLimits>(),
        }
    }
}
