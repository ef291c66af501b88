//! Access policies of the algebra: random expressions, their text, and what they mean.

use std::collections::BTreeSet;

use claviger_plugin_sdk::testkit::SeededRandom;

use super::structure::{Right, Rules, Structure};

#[derive(Clone, Debug)]
pub(super) enum Policy {
    Everybody,
    /// Dimension and name of an attribute.
    Attribute(String, String),
    And(Box<Policy>, Box<Policy>),
    Or(Box<Policy>, Box<Policy>),
}

impl Policy {
    /// Some policy of the structure. Now and then it is one that must be refused.
    pub(super) fn random(structure: &Structure, rng: &mut SeededRandom) -> Self {
        let dimensions: Vec<_> = (0..structure.dimensions.len()).collect();
        Self::over(structure, &dimensions, 3, rng)
    }

    fn over(structure: &Structure, dimensions: &[usize], depth: usize, rng: &mut SeededRandom) -> Self {
        let boxed = |dimensions: &[usize], rng: &mut SeededRandom| {
            Box::new(Self::over(structure, dimensions, depth - 1, rng))
        };
        if depth == 0 || rng.one_in(2) {
            if rng.one_in(10) {
                return Self::Everybody;
            }
            let dimension = &structure.dimensions[*rng.pick(dimensions)];
            let attribute = rng.pick(&dimension.attributes);
            return Self::Attribute(dimension.name.clone(), attribute.name.clone());
        }
        if rng.one_in(2) {
            return Self::Or(boxed(dimensions, rng), boxed(dimensions, rng));
        }
        // Mostly of different dimensions, as nobody has two attributes of one.
        let (left, right) = match dimensions.len() > 1 && !rng.one_in(10) {
            true => dimensions.split_at(1 + rng.below(dimensions.len() - 1)),
            false => (dimensions, dimensions),
        };
        Self::And(boxed(left, rng), boxed(right, rng))
    }

    /// One that names an attribute, or several of which one is enough.
    pub(super) fn of_single_attributes(structure: &Structure, rng: &mut SeededRandom) -> Self {
        let (dimension, place) = structure.any(rng);
        let dimension = &structure.dimensions[dimension];
        let one = Self::Attribute(dimension.name.clone(), dimension.attributes[place].name.clone());
        match rng.one_in(3) {
            true => Self::Or(Box::new(one), Box::new(Self::of_single_attributes(structure, rng))),
            false => one,
        }
    }

    /// The policy as a client may write it: operators bind from the right, so that a left operand needs parentheses and a
    /// right one does not.
    pub(super) fn text(&self, rng: &mut SeededRandom) -> String {
        let (left, operator, right) = match self {
            Self::Everybody => return "*".into(),
            Self::Attribute(dimension, name) => {
                return format!("{dimension}{}{name}", rng.pick(&["::", " :: "]));
            }
            Self::And(left, right) => (left, "&&", right),
            Self::Or(left, right) => (left, "||", right),
        };
        let is_single = |policy: &Self| matches!(policy, Self::Everybody | Self::Attribute(..));
        let mut operand = |policy: &Self, bare: bool| match bare && !rng.one_in(4) {
            true => policy.text(rng),
            false => format!("({})", policy.text(rng)),
        };
        let (left, right) = (operand(left, is_single(left)), operand(right, true));
        format!("{left} {operator} {right}")
    }

    /// The ways to meet the policy. Nothing if it must be refused: a name is not there, two attributes of one dimension are
    /// demanded at once, or everybody meets it where rights are whole.
    pub(super) fn clauses(&self, structure: &Structure) -> Option<BTreeSet<Right>> {
        let clauses = self.expanded(structure)?;
        let refused = structure.rules != Rules::Sixteen && clauses.contains(&Right::new());
        (!refused).then_some(clauses)
    }

    fn expanded(&self, structure: &Structure) -> Option<BTreeSet<Right>> {
        match self {
            Self::Everybody => Some([Right::new()].into()),
            Self::Attribute(dimension, name) => {
                Some([[(dimension.clone(), structure.number(dimension, name)?)].into()].into())
            }
            Self::Or(left, right) => {
                Some(left.expanded(structure)?.union(&right.expanded(structure)?).cloned().collect())
            }
            Self::And(left, right) => {
                let (left, right) = (left.expanded(structure)?, right.expanded(structure)?);
                left.iter().flat_map(|one| right.iter().map(move |other| both(one, other))).collect()
            }
        }
    }

    /// Its attributes in the order of the text.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        match self {
            Self::Everybody => Vec::new(),
            Self::Attribute(dimension, name) => vec![(dimension.clone(), name.clone())],
            Self::And(left, right) | Self::Or(left, right) => [left.names(), right.names()].concat(),
        }
    }

    /// Gives an attribute another name.
    pub(super) fn rename(&mut self, dimension: &str, from: &str, to: &str) {
        match self {
            Self::Attribute(of, name) if of == dimension && name == from => to.clone_into(name),
            Self::Everybody | Self::Attribute(..) => {}
            Self::And(left, right) | Self::Or(left, right) => {
                left.rename(dimension, from, to);
                right.rename(dimension, from, to);
            }
        }
    }
}

fn both(one: &Right, other: &Right) -> Option<Right> {
    let mut clause = one.clone();
    for (dimension, number) in other {
        if clause.insert(dimension.clone(), *number).is_some_and(|before| before != *number) {
            return None;
        }
    }
    Some(clause)
}
