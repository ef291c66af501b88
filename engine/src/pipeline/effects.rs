//! What a handler did against what its operation declares.

use claviger_plugin_sdk::context::Effect;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::operation::{OperationSpec, Writes};
use claviger_plugin_sdk::record::ObjectId;

use crate::unit_of_work::EffectLog;

/// Fails an item whose handler did more than its spec says: nothing of it is written.
///
/// # Errors
/// Internal Server Error: the plugin is wrong.
pub(crate) fn check(spec: &OperationSpec, log: &EffectLog) -> Result<()> {
    let (objects, targets, grants, documents) = match spec.writes {
        Writes::Nothing => (false, false, false, false),
        Writes::NewObjects | Writes::DeclaredByScheme => (true, false, false, false),
        Writes::Targets => (false, true, false, false),
        Writes::NewObjectsAndTargets | Writes::TargetsAndDeclaredByScheme => (true, true, false, false),
        Writes::Grants => (false, false, true, false),
        Writes::Documents => (false, false, false, true),
        Writes::NewObjectsAndDocuments => (true, false, false, true),
    };
    let does = |wanted: &[Effect]| log.changed.iter().any(|(_, effect)| wanted.contains(effect));
    let of_targets = [Effect::Update, Effect::Transition, Effect::Destroy, Effect::Purge];
    let unnamed =
        |(id, effect): &(ObjectId, Effect)| *effect == Effect::Rekey && !log.named_by_scheme.contains(id);
    let undeclared = [
        (!log.created.is_empty() && !objects, "creates objects"),
        (does(&of_targets) && !targets, "changes objects"),
        (does(&[Effect::Owner]) && !grants, "changes owners"),
        (does(&[Effect::Rekey]) && !spec.writes.lets_schemes_change_keys(), "changes keys"),
        (log.changed.iter().any(unnamed), "changes keys that the scheme did not name"),
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
