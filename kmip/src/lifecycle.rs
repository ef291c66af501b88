//! The state of an object as time passes (KMIP 2.1 section 4.57).
//!
//! State is stored with its dates; the effective state is a pure function of both and the time. It never goes
//! back: the stored state is where the function starts.

use crate::attributes::Attributes;
use crate::attributes::kinds;
use crate::field::DateTime;
use crate::tables::enumerations::{ObjectType, State};

/// The dates that move an object from state to state by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateDates {
    /// The state that was written last.
    pub stored: State,
    /// From when on the object is Active.
    pub activation: Option<DateTime>,
    /// From when on the object is Deactivated.
    pub deactivation: Option<DateTime>,
}

impl StateDates {
    /// The dates among the attributes of an object. An object without State, as a template has none, counts as
    /// Pre-Active.
    pub fn of(attributes: &Attributes) -> Self {
        Self {
            stored: attributes.one::<kinds::State>().unwrap_or(State::PRE_ACTIVE),
            activation: attributes.one::<kinds::ActivationDate>(),
            deactivation: attributes.one::<kinds::DeactivationDate>(),
        }
    }

    /// The state at a time: Pre-Active objects become Active at their Activation Date, Active ones Deactivated at
    /// their Deactivation Date; no other state changes with time.
    pub fn at(&self, now: DateTime) -> State {
        let mut state = self.stored;
        if state == State::PRE_ACTIVE && self.activation.is_some_and(|date| date <= now) {
            state = State::ACTIVE;
        }
        if state == State::ACTIVE && self.deactivation.is_some_and(|date| date <= now) {
            state = State::DEACTIVATED;
        }
        state
    }
}

/// Whether objects of this type have a state. Templates of 1.x have none: they are not put to use (KMIP 1.4
/// appendix B).
pub fn has_state(object_type: ObjectType) -> bool {
    object_type != ObjectType::TEMPLATE
}

/// A set of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StateSet(u8);

impl StateSet {
    /// No state.
    pub const NONE: Self = Self(0);
    /// Every state.
    pub const ALL: Self = Self(0b111_1110);
    /// Pre-Active alone.
    pub const PRE_ACTIVE: Self = Self::of(&[State::PRE_ACTIVE]);
    /// Active alone: what may protect data (encrypt, sign, wrap, make a MAC).
    pub const ACTIVE: Self = Self::of(&[State::ACTIVE]);
    /// What may process protected data (decrypt, verify, unwrap): Active, Deactivated and Compromised.
    pub const PROCESSING: Self = Self::of(&[State::ACTIVE, State::DEACTIVATED, State::COMPROMISED]);
    /// Every state but the two destroyed ones.
    pub const NOT_DESTROYED: Self =
        Self::of(&[State::PRE_ACTIVE, State::ACTIVE, State::DEACTIVATED, State::COMPROMISED]);
    /// The two destroyed states.
    pub const DESTROYED: Self = Self::of(&[State::DESTROYED, State::DESTROYED_COMPROMISED]);

    /// The set of these states.
    #[allow(clippy::indexing_slicing)] // below the length; a constant function has no iterator
    pub const fn of(states: &[State]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < states.len() {
            bits |= Self::bit(states[i]);
            i += 1;
        }
        Self(bits)
    }

    /// Whether the set holds the state.
    pub const fn contains(self, state: State) -> bool {
        self.0 & Self::bit(state) != 0
    }

    /// The states that are in both sets.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The states that are in either set.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The states of the set, in the order of their codes.
    pub fn iter(self) -> impl Iterator<Item = State> {
        (1..=6).map(State).filter(move |state| self.contains(*state))
    }

    const fn bit(state: State) -> u8 {
        if state.0 >= 1 && state.0 <= 6 { 1 << state.0 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(stored: State, activation: Option<i64>, deactivation: Option<i64>) -> StateDates {
        StateDates { stored, activation: activation.map(DateTime), deactivation: deactivation.map(DateTime) }
    }

    #[test]
    fn an_object_becomes_active_and_deactivated_at_its_dates() {
        let object = dates(State::PRE_ACTIVE, Some(10), Some(20));
        assert_eq!(object.at(DateTime(9)), State::PRE_ACTIVE);
        assert_eq!(object.at(DateTime(10)), State::ACTIVE);
        assert_eq!(object.at(DateTime(20)), State::DEACTIVATED);
    }

    #[test]
    fn compromised_and_destroyed_objects_do_not_change_with_time() {
        for state in [State::COMPROMISED, State::DESTROYED, State::DESTROYED_COMPROMISED] {
            assert_eq!(dates(state, Some(0), Some(0)).at(DateTime(100)), state);
        }
    }

    #[test]
    fn a_deactivation_date_alone_does_not_deactivate_a_pre_active_object() {
        assert_eq!(dates(State::PRE_ACTIVE, None, Some(1)).at(DateTime(5)), State::PRE_ACTIVE);
    }
}
