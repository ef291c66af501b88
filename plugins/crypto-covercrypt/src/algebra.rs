//! A user key opens a message exactly when the algebra of policies says so: before and after every change of the master key.
//!
//! The algebra is worked out here on sets, apart from the generations: a right is a set of attributes, a secret of it has a
//! number; a message has the current secrets of its rights, a user key those that it was given and that were not taken from
//! it.

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::testkit::SeededRandom;
use proptest::prelude::*;

use crate::action::Action;
use crate::generation::{Generation, Master, User};
use crate::generation_12::Generation12;
use crate::generation_14::Generation14;
use crate::generation_16::Generation16;
use crate::layout::append_vec;
use crate::message;

/// A right: attributes by dimension.
type Right = BTreeMap<String, String>;
/// Numbers of secrets by right.
type Secrets = BTreeMap<Right, BTreeSet<u32>>;

/// How a generation makes rights of policies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rights {
    /// A right has an attribute of each dimension.
    Full,
    /// A right may leave dimensions out.
    Partial,
}

struct Dimension {
    name: String,
    ordered: bool,
    attributes: Vec<String>,
}

struct World {
    generation: &'static dyn Generation,
    rights: Rights,
    rng: SeededRandom,
    dimensions: Vec<Dimension>,
    names: usize,
    last_secret: u32,
    secrets: Secrets,
    master: Master,
    users: Vec<(ByteString, String, Secrets)>,
    messages: Vec<(ByteString, BTreeSet<(Right, u32)>)>,
}

impl World {
    fn new(generation: &'static dyn Generation, rights: Rights, seed: u64) -> Self {
        let mut rng = SeededRandom::new(seed);
        let mut names = 0;
        let dimensions: Vec<_> = (0..1 + rng.below(3))
            .map(|place| {
                let attributes = (0..1 + rng.below(3)).map(|_| fresh(&mut names)).collect();
                Dimension { name: format!("Dim {place}"), ordered: rng.one_in(2), attributes }
            })
            .collect();
        let structure = written(generation, &dimensions, &mut rng);
        let master = generation.setup(structure.as_bytes()).unwrap();
        let mut world = Self {
            generation,
            rights,
            rng,
            dimensions,
            names,
            last_secret: 0,
            secrets: Secrets::new(),
            master,
            users: Vec::new(),
            messages: Vec::new(),
        };
        world.give_secrets_to_new_rights();
        world
    }

    /// Every right of the structure has a secret, and no other has.
    fn give_secrets_to_new_rights(&mut self) {
        let mut all = vec![Right::new()];
        for dimension in &self.dimensions {
            let attributes = dimension.attributes.iter().collect();
            all = self.extended(all, &dimension.name, attributes);
        }
        self.secrets.retain(|right, _| all.contains(right));
        for right in all {
            if !self.secrets.contains_key(&right) {
                self.last_secret += 1;
                self.secrets.insert(right, [self.last_secret].into());
            }
        }
    }

    /// Each right with each of the attributes; without any, too, where rights may be partial.
    fn extended(&self, rights: Vec<Right>, dimension: &str, attributes: Vec<&String>) -> Vec<Right> {
        let with = |right: &Right, attribute: &String| {
            let mut right = right.clone();
            right.insert(dimension.to_owned(), attribute.clone());
            right
        };
        let mut extended: Vec<_> = rights
            .iter()
            .flat_map(|right| attributes.iter().map(|attribute| with(right, attribute)))
            .collect();
        if self.rights == Rights::Partial {
            extended.extend(rights);
        }
        extended
    }

    /// The rights for which is encrypted.
    fn to_encrypt(&self, clause: &Right) -> Vec<Right> {
        if self.rights == Rights::Partial {
            return vec![clause.clone()];
        }
        self.dimensions.iter().fold(vec![Right::new()], |rights, dimension| {
            let attributes = match clause.get(&dimension.name) {
                Some(attribute) => vec![attribute],
                None => dimension.attributes.iter().collect(),
            };
            self.extended(rights, &dimension.name, attributes)
        })
    }

    /// The rights of a user.
    fn to_decrypt(&self, clause: &Right) -> Vec<Right> {
        self.dimensions.iter().fold(vec![Right::new()], |rights, dimension| {
            let attributes = match clause.get(&dimension.name) {
                Some(attribute) if dimension.ordered => {
                    let place = dimension.attributes.iter().position(|one| one == attribute).unwrap();
                    dimension.attributes[..=place].iter().collect()
                }
                Some(attribute) => vec![attribute],
                None => dimension.attributes.iter().collect(),
            };
            self.extended(rights, &dimension.name, attributes)
        })
    }

    /// A random policy: its text and the conjunctions that it is made of.
    fn policy(&mut self) -> (String, Vec<Right>) {
        let clauses: Vec<Right> = (0..1 + self.rng.below(3)).map(|_| self.clause()).collect();
        let conjunction = |clause: &Right| {
            let terms: Vec<_> =
                clause.iter().map(|(dimension, name)| format!("{dimension}::{name}")).collect();
            format!("({})", terms.join(" && "))
        };
        (clauses.iter().map(conjunction).collect::<Vec<_>>().join("||"), clauses)
    }

    fn clause(&mut self) -> Right {
        let mut clause = Right::new();
        let must = self.rng.below(self.dimensions.len());
        for (place, dimension) in self.dimensions.iter().enumerate() {
            if place == must || self.rng.one_in(2) {
                clause.insert(dimension.name.clone(), self.rng.pick(&dimension.attributes).clone());
            }
        }
        clause
    }

    fn add_user(&mut self) {
        let (text, clauses) = self.policy();
        let issued = self.generation.user_key(&self.master.private, &self.master.structure, &text).unwrap();
        if let Some(private) = issued.private {
            self.master.private = private;
        }
        let rights = clauses.iter().flat_map(|clause| self.to_decrypt(clause));
        let secrets = rights.map(|right| (right.clone(), [self.newest(&right)].into())).collect();
        self.users.push((issued.user, text, secrets));
    }

    fn add_message(&mut self) {
        let (text, clauses) = self.policy();
        let mut data = Vec::new();
        append_vec(text.as_bytes(), &mut data);
        append_vec(b"", &mut data);
        data.extend_from_slice(b"plain");
        let public = self.generation.encapsulator(&self.master.public, &self.master.structure).unwrap();
        let message = message::encrypt(&*public, &data, b"", false, &mut self.rng).unwrap();
        let rights = clauses.iter().flat_map(|clause| self.to_encrypt(clause));
        let secrets = rights.map(|right| (right.clone(), self.newest(&right))).collect();
        self.messages.push((message, secrets));
    }

    fn newest(&self, right: &Right) -> u32 {
        *self.secrets[right].last().unwrap()
    }

    /// Some random action, where the generation can do it.
    fn act(&mut self, can_edit: bool) {
        match self.rng.below(if can_edit { 5 } else { 2 }) {
            0 | 1 => self.rekey(),
            2 => self.prune(),
            3 => self.add(),
            _ => self.remove(),
        }
    }

    fn changed_rights(&self, clauses: &[Right]) -> Vec<Right> {
        let of_clause = |clause| match self.rights {
            Rights::Full => self.to_encrypt(clause),
            Rights::Partial => self.to_decrypt(clause),
        };
        let rights: BTreeSet<_> = clauses.iter().flat_map(of_clause).collect();
        rights.into_iter().collect()
    }

    fn rekey(&mut self) {
        let (text, clauses) = match self.generation.name().ends_with("12") {
            // It rotates attributes.
            true => {
                let clause: Right = self.clause().into_iter().take(1).collect();
                (
                    clause.iter().map(|(dimension, name)| format!("{dimension}::{name}")).collect(),
                    vec![clause],
                )
            }
            false => self.policy(),
        };
        for right in self.changed_rights(&clauses) {
            self.last_secret += 1;
            self.secrets.get_mut(&right).unwrap().insert(self.last_secret);
        }
        self.change(&Action::Rekey(text));
    }

    fn prune(&mut self) {
        let (text, clauses) = self.policy();
        for right in self.changed_rights(&clauses) {
            let newest = self.newest(&right);
            self.secrets.insert(right, [newest].into());
        }
        self.change(&Action::Prune(text));
    }

    fn add(&mut self) {
        let place = self.rng.below(self.dimensions.len());
        let dimension = &mut self.dimensions[place];
        if dimension.ordered && self.rights == Rights::Full {
            return;
        }
        let name = fresh(&mut self.names);
        let after = self.rng.below(dimension.attributes.len() + 1);
        let below = after.checked_sub(1).map(|place| format!("\"{}\"", dimension.attributes[place]));
        let third = match dimension.ordered {
            true => below.unwrap_or("null".into()),
            false => "null".into(),
        };
        let json = format!(r#"{{"AddAttribute":[["{}::{name}","Classic",{third}]]}}"#, dimension.name);
        dimension.attributes.insert(after, name);
        self.give_secrets_to_new_rights();
        self.change(&Action::from_json(json.as_bytes()).unwrap());
    }

    fn remove(&mut self) {
        let place = self.rng.below(self.dimensions.len());
        let dimension = &mut self.dimensions[place];
        if dimension.attributes.len() == 1 || dimension.ordered && self.rights == Rights::Full {
            return;
        }
        let name = dimension.attributes.remove(self.rng.below(dimension.attributes.len()));
        let json = format!(r#"{{"RemoveAttribute":["{}::{name}"]}}"#, dimension.name);
        self.give_secrets_to_new_rights();
        self.change(&Action::from_json(json.as_bytes()).unwrap());
    }

    /// Applies the action to the real keys, and gives every user what the algebra says.
    fn change(&mut self, action: &Action) {
        self.master = self.generation.change(&self.master, action).unwrap();
        for (key, policy, secrets) in &mut self.users {
            let user = User { key, policy };
            let refreshed =
                self.generation.refresh(&self.master.private, &self.master.structure, &user).unwrap();
            if let Some(private) = refreshed.private {
                self.master.private = private;
            }
            if let Some(user) = refreshed.user {
                *key = user;
            }
            secrets.retain(|right, _| self.secrets.contains_key(right));
            for (right, held) in secrets {
                let all = &self.secrets[right];
                held.retain(|secret| all.contains(secret));
                held.extend(all.last());
            }
        }
    }

    fn check(&self, history: &[&str]) {
        for (place, (key, policy, secrets)) in self.users.iter().enumerate() {
            let user = self.generation.decapsulator(key).unwrap();
            for (number, (message, of_message)) in self.messages.iter().enumerate() {
                let expected = of_message
                    .iter()
                    .any(|(right, secret)| secrets.get(right).is_some_and(|held| held.contains(secret)));
                let opened = message::decrypt(&*user, message, b"", false);
                assert_eq!(
                    opened.is_ok(),
                    expected,
                    "user {place} ({policy}), message {number}, after {history:?}"
                );
                if let Ok(plain) = opened {
                    assert_eq!(&plain[..], b"\0plain");
                }
            }
        }
    }
}

fn fresh(names: &mut usize) -> String {
    *names += 1;
    format!("a{names}")
}

/// The structure in the form of the generation.
fn written(generation: &dyn Generation, dimensions: &[Dimension], rng: &mut SeededRandom) -> String {
    let number = |name: &str| name[1..].parse::<u32>().unwrap();
    let all = dimensions
        .iter()
        .flat_map(|dimension| dimension.attributes.iter().map(move |name| (dimension, name)));
    let last = all.clone().map(|(_, name)| number(name)).max().unwrap();
    let quoted =
        |names: &[String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(",");
    match generation.name().rsplit(' ').next().unwrap() {
        "12" => {
            let axis = |d: &Dimension| {
                let names = quoted(&d.attributes);
                format!(r#""{}":{{"attribute_names":[{names}],"is_hierarchical":{}}}"#, d.name, d.ordered)
            };
            let axes: Vec<_> = dimensions.iter().map(axis).collect();
            let attributes: Vec<_> = all
                .map(|(d, name)| {
                    let (hint, value) = (hint(rng), number(name));
                    format!(r#""{}::{name}":{{"values":[{value}],"encryption_hint":"{hint}"}}"#, d.name)
                })
                .collect();
            format!(
                r#"{{"version":"V1","last_attribute_value":{last},"max_attribute_creations":4294967295,"axes":{{{}}},"attributes":{{{}}}}}"#,
                axes.join(","),
                attributes.join(",")
            )
        }
        "14" => {
            let dimension = |d: &Dimension| {
                let order = if d.ordered { "Ordered" } else { "Unordered" };
                let attributes: Vec<_> = d
                    .attributes
                    .iter()
                    .map(|name| {
                        let (hint, id) = (hint(rng), number(name));
                        format!(r#""{name}":{{"id":{id},"encryption_hint":"{hint}","write_status":"EncryptDecrypt"}}"#)
                    })
                    .collect();
                format!(r#""{}":{{"{order}":{{{}}}}}"#, d.name, attributes.join(","))
            };
            let dimensions: Vec<_> = dimensions.iter().map(dimension).collect();
            format!(
                r#"{{"version":"V2","last_attribute_value":{last},"dimensions":{{{}}}}}"#,
                dimensions.join(",")
            )
        }
        _ => {
            // One way of encrypting for all: it takes rights of one way at a time.
            let dimension = |d: &Dimension| {
                let mark = if d.ordered { "::<" } else { "" };
                format!(r#""{}{mark}":[{}]"#, d.name, quoted(&d.attributes))
            };
            format!("{{{}}}", dimensions.iter().map(dimension).collect::<Vec<_>>().join(","))
        }
    }
}

fn hint(rng: &mut SeededRandom) -> &'static str {
    if rng.one_in(4) { "Hybridized" } else { "Classic" }
}

fn run(generation: &'static dyn Generation, rights: Rights, can_edit: bool, seed: u64) {
    let mut world = World::new(generation, rights, seed);
    let mut history = Vec::new();
    for _ in 0..4 {
        (0..2).for_each(|_| world.add_user());
        (0..2).for_each(|_| world.add_message());
        world.check(&history);
        world.act(can_edit);
        history.push("an action");
        world.check(&history);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn generation_12_follows_the_algebra(seed: u64) {
        run(&Generation12, Rights::Full, false, seed);
    }

    #[test]
    fn generation_14_follows_the_algebra(seed: u64) {
        run(&Generation14, Rights::Full, true, seed);
    }

    #[test]
    fn generation_16_follows_the_algebra(seed: u64) {
        run(&Generation16, Rights::Partial, true, seed);
    }
}
