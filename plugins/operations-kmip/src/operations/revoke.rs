//! Revoke (KMIP 2.1 section 6.1.44).

use claviger_plugin_sdk::kmip::attributes::{Attributes, RevocationReason, kinds};
use claviger_plugin_sdk::kmip::payloads::{RevokeRequest, RevokeResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::RevocationReasonCode;
use claviger_plugin_sdk::prelude::*;

use crate::transition;

/// Ends the use of objects: they become Deactivated, or Compromised if the reason says so.
struct Revoke;

register_operation!(Revoke);

impl Operation for Revoke {
    type Request = RevokeRequest;
    type Response = RevokeResponse;

    const NAME: &'static str = "Revoke";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::REVOKE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &RevokeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        let reason = request.revocation_reason.code;
        let target = Target::subject(id, OperationCode::REVOKE).types(transition::WITH_STATE);
        let target = target.states(transition::revocable(reason)).along(transition::revocable_along(reason));
        Targets::one(target)
    }

    fn about(object: &str) -> Option<RevokeRequest> {
        // That of every state that may be left by Revoke but those for which the reason is a compromise.
        let reason = RevocationReason { code: RevocationReasonCode::UNSPECIFIED, message: None };
        Some(RevokeRequest {
            unique_identifier: Some(object.into()),
            revocation_reason: reason,
            compromise_occurrence_date: None,
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: RevokeRequest) -> Result<RevokeResponse> {
        let reason = request.revocation_reason.code;
        if request.compromise_occurrence_date.is_some() && !transition::is_compromise(reason) {
            return Err(Error::invalid(
                "Compromise Occurrence Date is for revocations because of a compromise",
            ));
        }
        let now = cx.now();
        let targets = cx.targets(Role::SUBJECT);
        for target in &targets {
            cx.transition(target, transition::revoked(target.state(), reason), |attributes| {
                date(attributes, target.state(), &request, now);
                attributes.put::<kinds::RevocationReason>(request.revocation_reason.clone());
                Ok(())
            })?;
        }
        Ok(RevokeResponse { unique_identifier: super::first_identifier(&targets)? })
    }
}

/// Sets the dates that say when the object was deactivated or compromised. A compromise of which nobody knows since
/// when may be as old as the object. What is deactivated with its parent before it was Active is so for no time.
fn date(attributes: &mut Attributes, from: State, request: &RevokeRequest, now: DateTime) {
    if transition::is_compromise(request.revocation_reason.code) {
        let since = request.compromise_occurrence_date.or_else(|| attributes.one::<kinds::InitialDate>());
        attributes.put::<kinds::CompromiseDate>(now);
        attributes.put::<kinds::CompromiseOccurrenceDate>(since.unwrap_or(now));
    } else {
        if from == State::PRE_ACTIVE {
            attributes.put::<kinds::ActivationDate>(now);
        }
        attributes.put::<kinds::DeactivationDate>(now);
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::RevocationReason;
    use claviger_plugin_sdk::kmip::tables::enumerations::RevocationReasonCode;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Revoke,
        RevokeRequest {
            unique_identifier: Some("a".into()),
            revocation_reason: RevocationReason {
                code: RevocationReasonCode::KEY_COMPROMISE,
                message: Some("found on a bus".into()),
            },
            compromise_occurrence_date: Some(DateTime(1)),
        },
    );

    fn dated(from: State, code: RevocationReasonCode, since: Option<i64>) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::InitialDate>(DateTime(10));
        let request = RevokeRequest {
            unique_identifier: None,
            revocation_reason: RevocationReason { code, message: None },
            compromise_occurrence_date: since.map(DateTime),
        };
        date(&mut attributes, from, &request, DateTime(50));
        attributes
    }

    #[test]
    fn a_compromise_is_dated_now_and_since_when_it_may_have_been() {
        let told = dated(State::ACTIVE, RevocationReasonCode::KEY_COMPROMISE, Some(30));
        assert_eq!(told.one::<kinds::CompromiseDate>(), Some(DateTime(50)));
        assert_eq!(told.one::<kinds::CompromiseOccurrenceDate>(), Some(DateTime(30)));
        let untold = dated(State::ACTIVE, RevocationReasonCode::KEY_COMPROMISE, None);
        assert_eq!(untold.one::<kinds::CompromiseOccurrenceDate>(), Some(DateTime(10)));
    }

    #[test]
    fn any_other_revocation_deactivates_now() {
        let attributes = dated(State::ACTIVE, RevocationReasonCode::SUPERSEDED, None);
        assert!(!attributes.contains(Tag::ACTIVATION_DATE));
        assert_eq!(attributes.one::<kinds::DeactivationDate>(), Some(DateTime(50)));
        assert!(!attributes.contains(Tag::COMPROMISE_DATE));
    }

    #[test]
    fn what_is_deactivated_before_it_was_active_was_active_for_no_time() {
        let attributes = dated(State::PRE_ACTIVE, RevocationReasonCode::SUPERSEDED, None);
        assert_eq!(attributes.one::<kinds::ActivationDate>(), Some(DateTime(50)));
        assert_eq!(attributes.one::<kinds::DeactivationDate>(), Some(DateTime(50)));
    }
}
