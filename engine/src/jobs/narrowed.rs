//! What narrows a user still narrows the jobs that were submitted so: what is kept of it until they run.

use std::future::ready;
use std::sync::Arc;

use claviger_kmip::structure;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{Principal, Restriction};
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::Filter;

use super::document::JobHeader;

structure! {
    /// What credentials that narrow say of a job that they allow with every object.
    pub struct Narrowed {
        /// Whether it may make objects, if its operation alone does not say so.
        creates: bool = EPHEMERAL,
        /// The second since 1970 until which it may run, if there is an end.
        until: Option<i64> = VALIDITY_DATE,
    }
}

impl Narrowed {
    /// What is to be kept for a job of a user, whose credentials allow the operation with every object; nothing if they
    /// narrow nothing.
    pub(super) fn of(principal: &Principal, operation: OperationCode) -> Option<Self> {
        let restriction = principal.restriction.as_ref()?;
        let creates = restriction.allows(OperationCode::CREATE);
        let also_creates = Some(OperationCode::CREATE).filter(|_| creates);
        let all = [Some(operation), also_creates].into_iter().flatten();
        Some(Self { creates, until: all.filter_map(|each| restriction.holds_until(each)).min() })
    }

    /// That the job may still run.
    ///
    /// # Errors
    /// Permission Denied: what the credentials said of it has ended.
    pub(super) fn check(&self, now: i64) -> Result<()> {
        match self.until {
            Some(until) if now > until => {
                Err(Error::denied("the credentials of the request ended before it was processed"))
            }
            _ => Ok(()),
        }
    }
}

impl JobHeader {
    /// What narrows the user while the job runs.
    pub(super) fn restriction(&self) -> Option<Arc<dyn Restriction>> {
        let creates = self.narrowed.as_ref()?.creates;
        Some(Arc::new(OnlyThisJob { operation: self.operation, creates }))
    }
}

/// Allows what a job does.
struct OnlyThisJob {
    operation: OperationCode,
    creates: bool,
}

impl Restriction for OnlyThisJob {
    fn allows(&self, operation: OperationCode) -> bool {
        operation == self.operation || (self.creates && operation == OperationCode::CREATE)
    }

    fn objects(&self, operation: OperationCode) -> Filter {
        match self.allows(operation) {
            true => Filter::All(Vec::new()),
            false => Filter::Any(Vec::new()),
        }
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        self.allows(operation)
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        None
    }

    /// The item was counted when the job was submitted. Who counts is not known any more when it shows to be bulk data.
    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, _: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Err(Error::denied(
            "bulk data with credentials that narrow is not processed asynchronously; leave out Asynchronous Indicator",
        ))))
    }
}
