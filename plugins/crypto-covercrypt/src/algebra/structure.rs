//! Access structures of the algebra: dimensions with attributes, and the rights that they make.

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::testkit::SeededRandom;

use crate::action::Hint;

/// The generation by whose rules rights are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rules {
    /// A right has an attribute of each dimension; attributes are rotated, and nothing else.
    Twelve,
    /// A right has an attribute of each dimension; ordered dimensions keep their attributes.
    Fourteen,
    /// A right may leave dimensions out.
    Sixteen,
}

/// A right, or a conjunction of a policy: numbers of attributes by dimension.
pub(super) type Right = BTreeMap<String, u32>;

/// Where an attribute stands: which dimension, and which attribute of that.
pub(super) type Place = (usize, usize);

/// An attribute, which keeps its number when it gets another name.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) hint: Hint,
    pub(super) disabled: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Dimension {
    pub(super) name: String,
    pub(super) ordered: bool,
    /// The lowest first.
    pub(super) attributes: Vec<Attribute>,
}

#[derive(Clone, Debug)]
pub(super) struct Structure {
    pub(super) rules: Rules,
    pub(super) dimensions: Vec<Dimension>,
    /// The last number of an attribute.
    last: u32,
    /// How many names there were.
    names: u32,
    /// Names that an attribute had, and none has now.
    given_up: Vec<String>,
}

impl Structure {
    pub(super) fn random(rules: Rules, rng: &mut SeededRandom) -> Self {
        let mut structure = Self { rules, dimensions: Vec::new(), last: 0, names: 0, given_up: Vec::new() };
        for place in 0..1 + rng.below(3) {
            let attributes = (0..1 + rng.below(3)).map(|_| structure.new_attribute(rng)).collect();
            let dimension = Dimension { name: format!("Dim {place}"), ordered: rng.one_in(2), attributes };
            structure.dimensions.push(dimension);
        }
        structure
    }

    /// An attribute that is in no dimension yet.
    pub(super) fn new_attribute(&mut self, rng: &mut SeededRandom) -> Attribute {
        let hints = match self.rules {
            Rules::Twelve | Rules::Fourteen => {
                [Hint::Classic, Hint::Classic, Hint::Classic, Hint::Hybridized]
            }
            Rules::Sixteen => [Hint::Classic, Hint::Classic, Hint::Hybridized, Hint::PostQuantum],
        };
        self.last += 1;
        Attribute { number: self.last, name: self.new_name(), hint: *rng.pick(&hints), disabled: false }
    }

    /// A name that no attribute has: one that was given up, if there is any.
    pub(super) fn new_name(&mut self) -> String {
        if let Some(name) = self.given_up.pop() {
            return name;
        }
        self.names += 1;
        format!("a{}", self.names)
    }

    pub(super) fn rename(&mut self, (dimension, place): Place, name: &str) {
        let before = &mut self.dimensions[dimension].attributes[place].name;
        self.given_up.push(std::mem::replace(before, name.to_owned()));
    }

    pub(super) fn remove(&mut self, places: &BTreeSet<Place>) {
        let removed: BTreeSet<u32> = places.iter().map(|place| self.attribute(*place).number).collect();
        for place in places {
            self.given_up.push(self.attribute(*place).name.clone());
        }
        for dimension in &mut self.dimensions {
            dimension.attributes.retain(|attribute| !removed.contains(&attribute.number));
        }
        if self.rules == Rules::Sixteen {
            // The next one gets the number of what was removed, if that was the highest.
            let all = self.dimensions.iter().flat_map(|dimension| &dimension.attributes);
            self.last = all.map(|attribute| attribute.number).max().unwrap_or(0);
        }
    }

    /// Where some attribute stands.
    pub(super) fn any(&self, rng: &mut SeededRandom) -> Place {
        let dimension = rng.below(self.dimensions.len());
        (dimension, rng.below(self.dimensions[dimension].attributes.len()))
    }

    pub(super) fn attribute(&self, (dimension, place): Place) -> &Attribute {
        &self.dimensions[dimension].attributes[place]
    }

    /// The number of the attribute of this name.
    pub(super) fn number(&self, dimension: &str, name: &str) -> Option<u32> {
        let dimension = self.dimensions.iter().find(|one| one.name == dimension)?;
        Some(dimension.attributes.iter().find(|one| one.name == name)?.number)
    }

    /// The attributes of a right.
    pub(super) fn attributes<'a>(&'a self, right: &'a Right) -> impl Iterator<Item = &'a Attribute> {
        let all = self.dimensions.iter().flat_map(|dimension| &dimension.attributes);
        all.filter(|attribute| right.values().any(|number| *number == attribute.number))
    }

    /// Every right that there is.
    pub(super) fn rights(&self) -> BTreeSet<Right> {
        self.to_decrypt(&Right::new())
    }

    /// The rights for which is encrypted.
    pub(super) fn to_encrypt(&self, clause: &Right) -> BTreeSet<Right> {
        if self.rules == Rules::Sixteen {
            return [clause.clone()].into();
        }
        self.product(|dimension| match clause.get(&dimension.name) {
            Some(number) => vec![*number],
            None => numbers(&dimension.attributes),
        })
    }

    /// The rights of a user.
    pub(super) fn to_decrypt(&self, clause: &Right) -> BTreeSet<Right> {
        self.product(|dimension| match clause.get(&dimension.name) {
            Some(number) if dimension.ordered => {
                let place = dimension.attributes.iter().position(|one| one.number == *number).unwrap();
                numbers(&dimension.attributes[..=place])
            }
            Some(number) => vec![*number],
            None => numbers(&dimension.attributes),
        })
    }

    /// The rights that get new secrets, or lose their old ones, with a policy of this clause.
    pub(super) fn to_renew(&self, clause: &Right) -> BTreeSet<Right> {
        match self.rules {
            Rules::Sixteen => self.to_decrypt(clause),
            Rules::Twelve | Rules::Fourteen => self.to_encrypt(clause),
        }
    }

    /// The combinations of one of these attributes of each dimension; without any, too, where rights may be partial.
    fn product(&self, of: impl Fn(&Dimension) -> Vec<u32>) -> BTreeSet<Right> {
        self.dimensions.iter().fold([Right::new()].into(), |before: BTreeSet<Right>, dimension| {
            let with = |right: &Right, number| {
                let mut right = right.clone();
                right.insert(dimension.name.clone(), number);
                right
            };
            let numbers = of(dimension);
            let mut rights: BTreeSet<Right> = before
                .iter()
                .flat_map(|right| numbers.iter().map(move |number| with(right, *number)))
                .collect();
            if self.rules == Rules::Sixteen {
                rights.extend(before);
            }
            rights
        })
    }

    /// The structure in the form of its generation.
    pub(super) fn json(&self) -> String {
        match self.rules {
            Rules::Twelve => self.first_version(),
            Rules::Fourteen => self.second_version(),
            Rules::Sixteen => self.with_marks(),
        }
    }

    fn first_version(&self) -> String {
        let quoted = |attribute: &Attribute| format!("\"{}\"", attribute.name);
        let axes = self.dimensions.iter().map(|Dimension { name, ordered, attributes }| {
            let names = listed(attributes.iter().map(quoted));
            format!(r#""{name}":{{"attribute_names":[{names}],"is_hierarchical":{ordered}}}"#)
        });
        let attributes = self.dimensions.iter().flat_map(|dimension| {
            dimension.attributes.iter().map(|Attribute { number, name, hint, .. }| {
                let dimension = &dimension.name;
                format!(r#""{dimension}::{name}":{{"values":[{number}],"encryption_hint":"{hint:?}"}}"#)
            })
        });
        let (last, axes, attributes) = (self.last, listed(axes), listed(attributes));
        format!(
            r#"{{"version":"V1","last_attribute_value":{last},"max_attribute_creations":4294967295,"axes":{{{axes}}},"attributes":{{{attributes}}}}}"#
        )
    }

    fn second_version(&self) -> String {
        let dimensions = self.dimensions.iter().map(|Dimension { name, ordered, attributes }| {
            let order = if *ordered { "Ordered" } else { "Unordered" };
            let attributes = listed(attributes.iter().map(|Attribute { number, name, hint, .. }| {
                format!(
                    r#""{name}":{{"id":{number},"encryption_hint":"{hint:?}","write_status":"EncryptDecrypt"}}"#
                )
            }));
            format!(r#""{name}":{{"{order}":{{{attributes}}}}}"#)
        });
        let (last, dimensions) = (self.last, listed(dimensions));
        format!(r#"{{"version":"V2","last_attribute_value":{last},"dimensions":{{{dimensions}}}}}"#)
    }

    fn with_marks(&self) -> String {
        let dimensions = self.dimensions.iter().map(|Dimension { name, ordered, attributes }| {
            let order = if *ordered { "::<" } else { "" };
            let attributes = listed(attributes.iter().map(|Attribute { name, hint, .. }| {
                let mark = match hint {
                    Hint::Classic => "",
                    Hint::Hybridized => "::+",
                    Hint::PostQuantum => "::pq",
                };
                format!("\"{name}{mark}\"")
            }));
            format!(r#""{name}{order}":[{attributes}]"#)
        });
        format!("{{{}}}", listed(dimensions))
    }
}

fn numbers(attributes: &[Attribute]) -> Vec<u32> {
    attributes.iter().map(|attribute| attribute.number).collect()
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}
