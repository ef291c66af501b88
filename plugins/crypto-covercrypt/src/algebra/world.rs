//! A master key with its user keys and messages, and what the algebra says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Rekeyed, Scheme, Skipped, Source};
use claviger_plugin_sdk::testkit::SeededRandom;

use super::act::{Act, Renamed};
use super::policy::Policy;
use super::structure::{Right, Rules, Structure};
use crate::action::Hint;
use crate::generation::{Generation, UNPROVEN};
use crate::generation_12::Generation12;
use crate::generation_14::Generation14;
use crate::generation_16::Generation16;
use crate::layout::append_vec;
use crate::rekey::REKEY;
use crate::related::{action, attributes, copy, issued_by, masters_with, rekeyed, take};
use crate::{key, message};

/// Numbers of secrets by right, the newest the highest.
type Secrets = BTreeMap<Right, BTreeSet<u32>>;

struct User {
    key: Source,
    policy: Policy,
    held: Secrets,
}

struct Message {
    bytes: ByteString,
    secrets: BTreeSet<(Right, u32)>,
}

/// What a change does to a user key.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// It is given to the scheme with its material.
    Given,
    /// It is stored wrapped at the time.
    Wrapped,
    /// The scheme is not told of it, as of a copy that is kept elsewhere and comes back later.
    Left,
}

pub(super) struct World {
    rules: Rules,
    seed: u64,
    rng: SeededRandom,
    structure: Structure,
    /// Those of the master key.
    secrets: Secrets,
    last_secret: u32,
    private: Source,
    public: Source,
    users: Vec<User>,
    messages: Vec<Message>,
    history: Vec<String>,
    pub(super) seen: Seen,
}

/// How often there was what the test is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Users who opened a message, and not another that is for a right of theirs.
    pub(super) stale: usize,
    /// User keys that a change has refreshed.
    pub(super) refreshed: usize,
    /// Those that it has refused, and named.
    pub(super) refused: usize,
}

impl World {
    pub(super) fn new(rules: Rules, seed: u64) -> Self {
        let mut rng = SeededRandom::new(seed);
        let structure = Structure::random(rules, &mut rng);
        let json = structure.json();
        let name = match rules {
            Rules::Twelve | Rules::Fourteen => "cover_crypt_policy",
            Rules::Sixteen => "cover_crypt_access_structure",
        };
        let (private, public) = masters_with(attributes(name, json.as_bytes()));
        let mut world = Self {
            rules,
            seed,
            rng,
            structure,
            secrets: Secrets::new(),
            last_secret: 0,
            private,
            public,
            users: Vec::new(),
            messages: Vec::new(),
            history: vec![format!("a master key is made for {json}")],
            seen: Seen::default(),
        };
        world.give_secrets_to_new_rights();
        world
    }

    fn generation(&self) -> &'static dyn Generation {
        match self.rules {
            Rules::Twelve => &Generation12,
            Rules::Fourteen => &Generation14,
            Rules::Sixteen => &Generation16,
        }
    }

    /// Every right of the structure has a secret, and no other has.
    fn give_secrets_to_new_rights(&mut self) {
        let all = self.structure.rights();
        self.secrets.retain(|right, _| all.contains(right));
        for right in all {
            if !self.secrets.contains_key(&right) {
                self.last_secret += 1;
                self.secrets.insert(right, [self.last_secret].into());
            }
        }
    }

    fn newest(&self, right: &Right) -> u32 {
        *self.secrets[right].last().unwrap()
    }

    pub(super) fn add_users_and_messages(&mut self) {
        for _ in 0..2 {
            self.add_user();
            self.add_message();
        }
    }

    fn add_user(&mut self) {
        let policy = Policy::random(&self.structure, &mut self.rng);
        let text = policy.text(&mut self.rng);
        let Some(clauses) = policy.clauses(&self.structure) else {
            self.history.push(format!("nobody gets a user key for {text}"));
            let (private, structure) = (bytes(&self.private), self.structure_of_private());
            assert!(self.generation().user_key(private, &structure, &text).is_err());
            return;
        };
        let number = self.users.len();
        self.history.push(format!("user {number} gets a key for {text}"));
        let rights = clauses.iter().flat_map(|clause| self.structure.to_decrypt(clause));
        let held = rights.map(|right| (right.clone(), [self.newest(&right)].into())).collect();
        let key = issued_by(&mut self.private, &format!("user {number}"), &text);
        self.users.push(User { key, policy, held });
    }

    fn structure_of_private(&self) -> Vec<u8> {
        key::StructureOf::demanded(&self.private.attributes).unwrap().bytes.to_vec()
    }

    fn add_message(&mut self) {
        let policy = Policy::random(&self.structure, &mut self.rng);
        let text = policy.text(&mut self.rng);
        let rights = policy.clauses(&self.structure).and_then(|clauses| {
            let rights: BTreeSet<Right> =
                clauses.iter().flat_map(|clause| self.structure.to_encrypt(clause)).collect();
            self.can_be_encrypted_for(&rights).then_some(rights)
        });
        let (number, can) = (self.messages.len(), rights.is_some());
        self.history.push(match can {
            true => format!("message {number} is encrypted for {text}"),
            false => format!("nothing is encrypted for {text}"),
        });
        let encrypted = self.encrypted(&text);
        assert_eq!(encrypted.is_ok(), can, "{encrypted:?}");
        if let (Ok(bytes), Some(rights)) = (encrypted, rights) {
            let secrets = rights.into_iter().map(|right| (right.clone(), self.newest(&right))).collect();
            self.messages.push(Message { bytes, secrets });
        }
    }

    /// None of them is disabled; in generation 16 all are protected alike.
    fn can_be_encrypted_for(&self, rights: &BTreeSet<Right>) -> bool {
        let enabled = |right| self.structure.attributes(right).all(|attribute| !attribute.disabled);
        let protection = |right| {
            let hints = self.structure.attributes(right).map(|attribute| match attribute.hint {
                Hint::Classic => 0,
                Hint::PostQuantum => 1,
                Hint::Hybridized => 2,
            });
            hints.max().unwrap_or(0)
        };
        let protections: BTreeSet<_> = rights.iter().map(protection).collect();
        rights.iter().all(enabled) && (self.rules != Rules::Sixteen || protections.len() == 1)
    }

    fn encrypted(&mut self, policy: &str) -> claviger_plugin_sdk::Result<ByteString> {
        let mut data = Vec::new();
        append_vec(policy.as_bytes(), &mut data);
        append_vec(b"", &mut data);
        data.extend_from_slice(b"plain");
        let public = self.generation().encapsulator(bytes(&self.public), &self.structure_of_private())?;
        message::encrypt(&*public, &data, b"", false, &mut self.rng)
    }

    /// Every user key opens what the algebra says, and nothing else.
    pub(super) fn check(&mut self) {
        for (user, User { key, held, .. }) in self.users.iter().enumerate() {
            let (mut opens_some, mut is_behind) = (false, false);
            let opener = self.generation().decapsulator(bytes(key)).unwrap();
            for (number, Message { bytes, secrets }) in self.messages.iter().enumerate() {
                let expected = secrets
                    .iter()
                    .any(|(right, secret)| held.get(right).is_some_and(|held| held.contains(secret)));
                opens_some |= expected;
                is_behind |= !expected && secrets.iter().any(|(right, _)| held.contains_key(right));
                let opened = message::decrypt(&*opener, bytes, b"", false);
                assert_eq!(opened.is_ok(), expected, "user {user} opens message {number}");
                assert!(opened.is_err() || opened.is_ok_and(|plain| plain[..] == *b"\0plain"));
            }
            self.seen.stale += usize::from(opens_some && is_behind);
        }
    }

    /// Asks for some change of the master key, and compares what becomes of all keys with what the algebra says.
    pub(super) fn change(&mut self) {
        let act = Act::random(&mut self.structure, &mut self.rng);
        let json = act.json(&self.structure, &mut self.rng);
        let fates: Vec<Fate> = self.users.iter().map(|_| some_fate(&mut self.rng)).collect();
        let reaches_users = !matches!(act, Act::Disable(_) | Act::Add(..));
        let concerned = concerned(&self.private, &json);
        let possible = act.is_possible(&self.structure);
        self.history.push(match (possible, reaches_users) {
            (false, _) => format!("{json} is refused"),
            (true, false) => format!("{json} is done"),
            (true, true) => format!("{json} is done, with the users {fates:?}"),
        });
        assert_eq!(concerned, reaches_users);
        let dependents = if concerned { self.dependents(&fates) } else { Vec::new() };
        let done = rekeyed(&action(&json), (copy(&self.private), copy(&self.public)), dependents);
        assert_eq!(done.is_ok(), possible, "{:?}", done.err());
        let Ok(done) = done else { return };
        let touched: Vec<bool> = self.users.iter().map(|user| self.is_named(&act, user)).collect();
        let renamed = act.renamed(&self.structure);
        self.apply(&act);
        for key in [&mut self.private, &mut self.public] {
            take(key, &done.updated);
        }
        match reaches_users {
            true => self.refresh(renamed.as_ref(), &fates, &touched, &done),
            false => assert!(done.dependents.is_empty() && done.skipped.is_empty()),
        }
    }

    fn dependents(&self, fates: &[Fate]) -> Vec<Source> {
        let source = |(user, fate): (&User, &Fate)| match fate {
            Fate::Given => Some(copy(&user.key)),
            Fate::Wrapped => Some(Source { material: None, ..copy(&user.key) }),
            Fate::Left => None,
        };
        self.users.iter().zip(fates).filter_map(source).collect()
    }

    /// Whether a user is named who cannot be refreshed, as the structure is before.
    fn is_named(&self, act: &Act, user: &User) -> bool {
        match act {
            Act::Rename(..) => {
                let renamed = act.renamed(&self.structure).map(|(dimension, from, _)| (dimension, from));
                renamed.is_some_and(|renamed| user.policy.names().contains(&renamed))
            }
            Act::Rekey(_) | Act::Prune(_) | Act::Remove(_) | Act::Disable(_) | Act::Add(..) => true,
        }
    }

    /// What the action does to the structure and the secrets of the master key.
    fn apply(&mut self, act: &Act) {
        let renewed = |structure: &Structure, policy: &Policy| -> BTreeSet<Right> {
            let clauses = policy.clauses(structure).unwrap();
            clauses.iter().flat_map(|clause| structure.to_renew(clause)).collect()
        };
        match act {
            Act::Rekey(policy) => {
                for right in renewed(&self.structure, policy) {
                    self.last_secret += 1;
                    self.secrets.get_mut(&right).unwrap().insert(self.last_secret);
                }
            }
            Act::Prune(policy) => {
                for right in renewed(&self.structure, policy) {
                    let newest = self.newest(&right);
                    self.secrets.insert(right, [newest].into());
                }
            }
            Act::Remove(places) => self.structure.remove(places),
            Act::Disable(places) => {
                for (dimension, place) in places {
                    self.structure.dimensions[*dimension].attributes[*place].disabled = true;
                }
            }
            Act::Add(dimension, after, hint) => {
                let mut new = self.structure.new_attribute(&mut self.rng);
                new.hint = *hint;
                self.structure.dimensions[*dimension].attributes.insert(*after, new);
            }
            Act::Rename(place, name) => self.structure.rename(*place, name),
        }
        self.give_secrets_to_new_rights();
    }

    /// What the change does to the user keys, compared with what the scheme did.
    fn refresh(&mut self, renamed: Option<&Renamed>, fates: &[Fate], touched: &[bool], done: &Rekeyed) {
        let mut expected: BTreeMap<String, &str> = BTreeMap::new();
        let (rules, secrets) = (self.rules, &self.secrets);
        for ((user, fate), touched) in self.users.iter_mut().zip(fates).zip(touched) {
            let refused = match fate {
                Fate::Left => continue,
                Fate::Wrapped => Some(Skipped::WRAPPED),
                Fate::Given if !user.proves_itself(rules, secrets) => Some(UNPROVEN),
                Fate::Given => None,
            };
            if let Some(why) = refused {
                if *touched {
                    expected.insert(user.key.id.to_string(), why);
                }
                continue;
            }
            let changed = user.takes_new_secrets(rules, secrets);
            if let Some((dimension, from, to)) = renamed {
                user.policy.rename(dimension, from, to);
            }
            let given = take(&mut user.key, &done.dependents);
            assert!(given || !changed, "{} is not refreshed", user.key.id);
            self.seen.refreshed += usize::from(changed);
        }
        self.seen.refused += expected.len();
        let skipped = done.skipped.iter().map(|skipped| (skipped.id.to_string(), skipped.why)).collect();
        assert_eq!(expected, skipped, "those who are named");
        for user in &self.users {
            let text = key::access_policy(&user.key.attributes).unwrap().unwrap();
            assert_eq!(names(text), user.policy.names(), "the policy of {}", user.key.id);
        }
    }
}

impl User {
    /// Whether the newest secret of each right that there still is is one that the master key has still. Keys of generation 12
    /// are as good as their single secrets.
    fn proves_itself(&self, rules: Rules, secrets: &Secrets) -> bool {
        // A right is the numbers of its attributes, of which generation 16 gives that of a removed one to a new one.
        let numbers = |right: &Right| right.values().copied().collect::<BTreeSet<u32>>();
        let same = |right: &Right| secrets.keys().find(|one| numbers(one) == numbers(right));
        let of = |right: &Right| secrets.get(right).or_else(|| secrets.get(same(right)?));
        let is_known = |(right, held): (&Right, &BTreeSet<u32>)| match (of(right), held.last()) {
            (Some(all), Some(newest)) => all.contains(newest),
            _ => true,
        };
        rules == Rules::Twelve || self.held.iter().all(is_known)
    }

    /// Takes the secrets that a refresh gives, and loses those that the master key has forgotten; whether that changes any.
    fn takes_new_secrets(&mut self, rules: Rules, secrets: &Secrets) -> bool {
        let before = self.held.clone();
        self.held.retain(|right, _| secrets.contains_key(right));
        for (right, held) in &mut self.held {
            let all = &secrets[right];
            let newest = *held.last().unwrap();
            held.retain(|secret| all.contains(secret));
            match rules {
                // A right that was rotated more than once since then is a right of its own each time; the last one counts.
                Rules::Twelve => held.extend(all.last()),
                Rules::Fourteen | Rules::Sixteen => {
                    held.extend(all.iter().filter(|secret| **secret > newest))
                }
            }
        }
        self.held != before
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self { rules, seed, history, .. } = self;
            eprintln!("CLAVIGER_TEST_SEED={seed}, with the rules of {rules:?}:\n{}", history.join("\n"));
        }
    }
}

fn some_fate(rng: &mut SeededRandom) -> Fate {
    *rng.pick(&[Fate::Given, Fate::Given, Fate::Given, Fate::Wrapped, Fate::Left])
}

/// Whether the scheme asks for the user keys.
fn concerned(private: &Source, json: &str) -> bool {
    let Scheme::Rekey(scheme) = REKEY.scheme else { unreachable!() };
    let facts = KeyFacts::of(private.object_type, None, &private.attributes);
    scheme.concerns(&facts, &action(json)).unwrap().unwrap().dependents.is_some()
}

fn bytes(key: &Source) -> &[u8] {
    key::bytes(key.material.as_ref().unwrap()).unwrap()
}

/// The attributes in a policy's text, in its order.
fn names(text: &str) -> Vec<(String, String)> {
    let parts = text.split(['(', ')', '&', '|']).filter_map(|part| part.split_once("::"));
    parts.map(|(dimension, name)| (dimension.trim().to_owned(), name.trim().to_owned())).collect()
}
