//! Destroy (KMIP 2.1 section 6.1.15).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{DestroyRequest, DestroyResponse};
use claviger_plugin_sdk::prelude::*;

use crate::transition;

/// Destroys the material of objects that are not in use; what is known of them stays, unless their owner wants nothing to
/// stay. Of a child of another owner that goes along with its parent it stays in any case.
struct Destroy;

register_operation!(Destroy);

impl Operation for Destroy {
    type Request = DestroyRequest;
    type Response = DestroyResponse;

    const NAME: &'static str = "Destroy";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DESTROY,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &DestroyRequest) -> Targets {
        let target = Target::subject(request.unique_identifier.clone(), OperationCode::DESTROY);
        Targets::one(if request.remove == Some(true) {
            // What is left of a destroyed object may go at any time.
            let states = |states: StateSet| states.or(StateSet::DESTROYED);
            let target = target.owner_only().states(states(transition::DESTROYABLE));
            target.along(states(transition::DESTROYABLE_ALONG))
        } else {
            target.states(transition::DESTROYABLE).along(transition::DESTROYABLE_ALONG)
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: DestroyRequest) -> Result<DestroyResponse> {
        let now = cx.now();
        let targets = cx.targets(Role::SUBJECT);
        for target in &targets {
            // What is left of a child that was destroyed before is its owner's to remove.
            let is_own = cx.principal().subjects().iter().any(|subject| subject.owns(target.owner()));
            if request.remove == Some(true) && !is_own && StateSet::DESTROYED.contains(target.state()) {
                continue;
            }
            // Of a template nothing stays (KMIP 1.4 section 4.21).
            if request.remove == Some(true) && is_own || target.object_type() == ObjectType::TEMPLATE {
                cx.purge(target)?;
                continue;
            }
            cx.destroy(target, transition::destroyed(target.state()), |attributes| {
                // Only what goes along with its parent is still Active.
                if target.state() == State::ACTIVE {
                    attributes.put::<kinds::DeactivationDate>(now);
                }
                attributes.put::<kinds::DestroyDate>(now);
                Ok(())
            })?;
        }
        Ok(DestroyResponse { unique_identifier: super::first_identifier(&targets)? })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Destroy,
        DestroyRequest { unique_identifier: Some("a".into()), remove: None },
        DestroyRequest { unique_identifier: Some("a".into()), remove: Some(true) },
    );
}
