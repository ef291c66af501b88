//! Changes of the master key, as the algebra has them: random ones, what a client writes, and whether they can be made.

use std::collections::BTreeSet;

use claviger_plugin_sdk::testkit::SeededRandom;
use serde_json::json;

use super::policy::Policy;
use super::structure::{Place, Rules, Structure};
use crate::action::Hint;

pub(super) enum Act {
    Rekey(Policy),
    Prune(Policy),
    Remove(BTreeSet<Place>),
    Disable(BTreeSet<Place>),
    /// A dimension, and behind how many of its attributes.
    Add(usize, usize, Hint),
    /// Where the attribute stands, and its new name.
    Rename(Place, String),
}

/// A dimension, an old name of an attribute and its new one.
pub(super) type Renamed = (String, String, String);

impl Act {
    /// Some change. Now and then it is one that must be refused.
    pub(super) fn random(structure: &mut Structure, rng: &mut SeededRandom) -> Self {
        match rng.below(9) {
            0..=2 if structure.rules == Rules::Twelve => {
                Self::Rekey(Policy::of_single_attributes(structure, rng))
            }
            0..=2 => Self::Rekey(Policy::random(structure, rng)),
            3 | 4 => Self::Prune(Policy::random(structure, rng)),
            5 => Self::Remove((0..1 + rng.below(2)).map(|_| structure.any(rng)).collect()),
            6 => Self::Disable((0..1 + rng.below(2)).map(|_| structure.any(rng)).collect()),
            7 => {
                let (dimension, _) = structure.any(rng);
                let behind = rng.below(structure.dimensions[dimension].attributes.len() + 1);
                Self::Add(dimension, behind, *rng.pick(&[Hint::Classic, Hint::Hybridized, Hint::PostQuantum]))
            }
            _ => {
                let place = structure.any(rng);
                let taken = &structure.dimensions[place.0].attributes[0].name;
                let name = if rng.one_in(5) { taken.clone() } else { structure.new_name() };
                Self::Rename(place, name)
            }
        }
    }

    /// The action as a client writes it. A new attribute has the next new name of the structure.
    pub(super) fn json(&self, structure: &Structure, rng: &mut SeededRandom) -> String {
        let name = |place: &Place| {
            let dimension = &structure.dimensions[place.0];
            format!("{}::{}", dimension.name, structure.attribute(*place).name)
        };
        let names = |places: &BTreeSet<_>| places.iter().map(name).collect::<Vec<_>>();
        let json = match self {
            Self::Rekey(policy) => json!({"RekeyAccessPolicy": policy.text(rng)}),
            Self::Prune(policy) => json!({"PruneAccessPolicy": policy.text(rng)}),
            Self::Remove(places) => json!({"RemoveAttribute": names(places)}),
            Self::Disable(places) => json!({"DisableAttribute": names(places)}),
            Self::Add(dimension, behind, hint) => {
                let dimension = &structure.dimensions[*dimension];
                let behind = behind.checked_sub(1).map(|place| &dimension.attributes[place].name);
                let new = format!("{}::{}", dimension.name, structure.clone().new_name());
                json!({"AddAttribute": [[new, format!("{hint:?}"), behind]]})
            }
            Self::Rename(place, to) => json!({"RenameAttribute": [[name(place), to]]}),
        };
        json.to_string()
    }

    /// Whether the generation can do it, and the structure allows it.
    pub(super) fn is_possible(&self, structure: &Structure) -> bool {
        let of = |dimension: &usize| &structure.dimensions[*dimension];
        match (structure.rules, self) {
            (Rules::Twelve, Self::Rekey(policy)) => {
                let clauses = policy.clauses(structure);
                clauses.is_some_and(|clauses| clauses.iter().all(|clause| clause.len() == 1))
            }
            (Rules::Twelve, _) => false,
            (_, Self::Rekey(policy) | Self::Prune(policy)) => policy.clauses(structure).is_some(),
            (rules, Self::Remove(places)) => places.iter().all(|(dimension, _)| {
                let removed = places.iter().filter(|(one, _)| one == dimension).count();
                let immutable = rules == Rules::Fourteen && of(dimension).ordered;
                of(dimension).attributes.len() > removed && !immutable
            }),
            (_, Self::Disable(_)) => true,
            (Rules::Fourteen, Self::Add(dimension, _, hint)) => {
                !of(dimension).ordered && *hint != Hint::PostQuantum
            }
            // No right is made for which nobody may encrypt.
            (Rules::Sixteen, Self::Add(dimension, ..)) => {
                let others = structure.dimensions.iter().filter(|other| other.name != of(dimension).name);
                others.flat_map(|other| &other.attributes).all(|attribute| !attribute.disabled)
            }
            (_, Self::Rename((dimension, _), name)) => {
                of(dimension).attributes.iter().all(|attribute| attribute.name != *name)
            }
        }
    }

    /// What gets another name, before it has it.
    pub(super) fn renamed(&self, structure: &Structure) -> Option<Renamed> {
        let Self::Rename(place, to) = self else { return None };
        let dimension = structure.dimensions[place.0].name.clone();
        Some((dimension, structure.attribute(*place).name.clone(), to.clone()))
    }
}
