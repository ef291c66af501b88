//! The transitions between states that clients cause (KMIP 2.1 section 4.57). No others are permitted; those that time
//! causes are [`StateDates`](claviger_plugin_sdk::kmip::lifecycle::StateDates).

use claviger_plugin_sdk::kmip::tables::enumerations::RevocationReasonCode;
use claviger_plugin_sdk::prelude::*;

/// The types whose objects have a state: all but the templates of 1.x.
pub(crate) const WITH_STATE: &[ObjectType] = &[
    ObjectType::CERTIFICATE,
    ObjectType::CERTIFICATE_REQUEST,
    ObjectType::OPAQUE_OBJECT,
    ObjectType::PGP_KEY,
    ObjectType::PRIVATE_KEY,
    ObjectType::PUBLIC_KEY,
    ObjectType::SECRET_DATA,
    ObjectType::SPLIT_KEY,
    ObjectType::SYMMETRIC_KEY,
];

/// The states in which Activate is allowed; it leads to Active.
pub(crate) const ACTIVATABLE: StateSet = StateSet::PRE_ACTIVE;

/// The states in which Destroy is allowed.
pub(crate) const DESTROYABLE: StateSet =
    StateSet::of(&[State::PRE_ACTIVE, State::DEACTIVATED, State::COMPROMISED]);

/// The states in which an object is destroyed with the one that it names as its parent. One that is Active goes over Deactivated
/// (transitions 6 and 7): its parent's end is a reason to deactivate it.
pub(crate) const DESTROYABLE_ALONG: StateSet = DESTROYABLE.or(StateSet::ACTIVE);

/// Whether a revocation for this reason says that the object was compromised.
pub(crate) fn is_compromise(reason: RevocationReasonCode) -> bool {
    [RevocationReasonCode::KEY_COMPROMISE, RevocationReasonCode::CA_COMPROMISE].contains(&reason)
}

/// The states in which Revoke for this reason is allowed.
pub(crate) fn revocable(reason: RevocationReasonCode) -> StateSet {
    if is_compromise(reason) {
        StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE, State::DEACTIVATED, State::DESTROYED])
    } else {
        StateSet::ACTIVE
    }
}

/// The states in which an object is revoked for this reason with the one that it names as its parent. One that is Pre-Active
/// goes over Active (transitions 4 and 6), or else it would be put to use when its Activation Date comes.
pub(crate) fn revocable_along(reason: RevocationReasonCode) -> StateSet {
    revocable(reason).or(StateSet::PRE_ACTIVE)
}

/// The state to which Revoke for this reason leads.
pub(crate) fn revoked(from: State, reason: RevocationReasonCode) -> State {
    match (is_compromise(reason), from) {
        (true, State::DESTROYED) => State::DESTROYED_COMPROMISED,
        (true, _) => State::COMPROMISED,
        (false, _) => State::DEACTIVATED,
    }
}

/// The state to which Destroy leads.
pub(crate) fn destroyed(from: State) -> State {
    if from == State::COMPROMISED { State::DESTROYED_COMPROMISED } else { State::DESTROYED }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [State; 6] = [
        State::PRE_ACTIVE,
        State::ACTIVE,
        State::DEACTIVATED,
        State::COMPROMISED,
        State::DESTROYED,
        State::DESTROYED_COMPROMISED,
    ];

    /// The transitions of section 4.57 that an operation causes, by their numbers there.
    fn permitted(from: State, operation: &str) -> Option<State> {
        Some(match (operation, from) {
            ("activate", State::PRE_ACTIVE) => State::ACTIVE,    // 4
            ("destroy", State::PRE_ACTIVE) => State::DESTROYED,  // 2
            ("destroy", State::DEACTIVATED) => State::DESTROYED, // 7
            ("destroy", State::COMPROMISED) => State::DESTROYED_COMPROMISED, // 9
            ("compromise", State::PRE_ACTIVE) => State::COMPROMISED, // 3
            ("compromise", State::ACTIVE) => State::COMPROMISED, // 5
            ("compromise", State::DEACTIVATED) => State::COMPROMISED, // 8
            ("compromise", State::DESTROYED) => State::DESTROYED_COMPROMISED, // 10
            ("retire", State::ACTIVE) => State::DEACTIVATED,     // 6
            _ => return None,
        })
    }

    #[test]
    fn only_the_transitions_of_the_specification_are_permitted() {
        for from in ALL {
            let compromise = RevocationReasonCode::KEY_COMPROMISE;
            let superseded = RevocationReasonCode::SUPERSEDED;
            let when = |allowed: StateSet, to: State| allowed.contains(from).then_some(to);
            assert_eq!(when(ACTIVATABLE, State::ACTIVE), permitted(from, "activate"), "{from:?}");
            assert_eq!(when(DESTROYABLE, destroyed(from)), permitted(from, "destroy"), "{from:?}");
            let compromised = when(revocable(compromise), revoked(from, compromise));
            assert_eq!(compromised, permitted(from, "compromise"), "{from:?}");
            assert_eq!(
                when(revocable(superseded), revoked(from, superseded)),
                permitted(from, "retire"),
                "{from:?}"
            );
        }
    }

    /// Each of the two stands for two permitted transitions, one after the other.
    #[test]
    fn what_goes_along_takes_no_other_way() {
        let superseded = RevocationReasonCode::SUPERSEDED;
        for from in ALL {
            let along = DESTROYABLE_ALONG.contains(from).then_some(destroyed(from));
            let over = permitted(from, "retire").and_then(|between| permitted(between, "destroy"));
            assert_eq!(along, permitted(from, "destroy").or(over), "{from:?}");
            let along = revocable_along(superseded).contains(from).then_some(revoked(from, superseded));
            let over = permitted(from, "activate").and_then(|between| permitted(between, "retire"));
            assert_eq!(along, permitted(from, "retire").or(over), "{from:?}");
        }
    }

    #[test]
    fn a_compromised_authority_compromises_its_objects() {
        assert!(is_compromise(RevocationReasonCode::CA_COMPROMISE));
        assert!(!is_compromise(RevocationReasonCode::PRIVILEGE_WITHDRAWN));
    }
}
