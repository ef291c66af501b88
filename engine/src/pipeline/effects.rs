//! What a handler did against what its operation declares.

use claviger_plugin_sdk::context::Effect;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::operation::{OperationSpec, Writes};

use crate::unit_of_work::EffectLog;

/// Fails an item whose handler did more than its spec says: nothing of it is written.
///
/// # Errors
/// Internal Server Error: the plugin is wrong.
pub(crate) fn check(spec: &OperationSpec, log: &EffectLog) -> Result<()> {
    let (objects, targets, grants, documents) = match spec.writes {
        Writes::Nothing => (false, false, false, false),
        Writes::NewObjects => (true, false, false, false),
        Writes::Targets => (false, true, false, false),
        Writes::NewObjectsAndTargets | Writes::DeclaredByScheme => (true, true, false, false),
        Writes::Grants => (false, false, true, false),
        Writes::Documents => (false, false, false, true),
        Writes::NewObjectsAndDocuments => (true, false, false, true),
    };
    let undeclared = [
        (!log.created.is_empty() && !objects, "creates objects"),
        (log.changed.iter().any(|(_, effect)| *effect != Effect::Owner) && !targets, "changes objects"),
        (log.changed.iter().any(|(_, effect)| *effect == Effect::Owner) && !grants, "changes owners"),
        (!log.granted.is_empty() && !grants, "changes grants"),
        (log.documents && !documents, "writes documents"),
    ];
    match undeclared.iter().find(|(undeclared, _)| *undeclared) {
        None => Ok(()),
        Some((_, what)) => {
            tracing::error!(operation = ?spec.code, what, "a handler does what its operation does not declare");
            Err(Error::server("the operation did something that it does not declare; nothing was written"))
        }
    }
}
