//! Generation 12: policies of version V1 and older, user keys without proof of their own, attributes that are rotated by
//! getting one more number.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};
use cover_crypt_12::abe_policy::{AccessPolicy, Attribute, Partition, Policy};
use cover_crypt_12::core::primitives;
use cover_crypt_12::{Covercrypt, Encapsulation, MasterPublicKey, MasterSecretKey, UserSecretKey};
use crypto_core_9::bytes_ser_de::Serializable;
use crypto_core_9::reexport::rand_core::SeedableRng;
use crypto_core_9::{CsRng, R25519PrivateKey};

use crate::access_policy;
use crate::action::Action;
use crate::generation::{
    Decapsulator, Encapsulator, Generation, Header, Issued, KeyKind, MOST_RIGHTS, Master, Refresher, User,
    guarded, malformed, message_key, not_allowed, wrong,
};
use crate::header::{self, POINT, secret_subkey};
use crate::layout::Reader;

/// Keys and ciphertexts of `cosmian_cover_crypt` 12.
pub(crate) struct Generation12;

impl Generation for Generation12 {
    #[cfg(test)]
    fn name(&self) -> &'static str {
        "Covercrypt, generation 12"
    }

    fn setup(&self, structure: &[u8]) -> Result<Master> {
        let policy = policy(structure)?;
        guarded(|| {
            let (private, public) = Covercrypt::default().generate_master_keys(&policy).map_err(refused)?;
            master(&private, &public, structure.to_vec())
        })
    }

    fn user_key(&self, private: &[u8], structure: &[u8], policy_text: &str) -> Result<Issued> {
        let rights: HashSet<_> = rights(&policy(structure)?, policy_text, true)?.into_values().collect();
        let secrets = MasterSecrets::read(private)?;
        // The library leaves out what the master key does not have.
        if rights.iter().any(|right| !secrets.of_rights.contains_key(&right[..])) {
            return Err(out_of_step());
        }
        let private = master_private(private)?;
        guarded(|| {
            let user = primitives::keygen(&mut CsRng::from_entropy(), &private, &rights);
            Ok(Issued { user: bytes(&user)?, private: None })
        })
    }

    fn encapsulator(&self, public: &[u8], structure: &[u8]) -> Result<Box<dyn Encapsulator>> {
        Ok(Box::new(Public { key: master_public(public)?, policy: policy(structure)? }))
    }

    fn decapsulator(&self, user: &[u8]) -> Result<Box<dyn Decapsulator>> {
        let secrets = UserSecrets::read(user)?.subkeys.len();
        let key = guarded(|| UserSecretKey::deserialize(user).map_err(|_| malformed("user key")))?;
        Ok(header::decapsulator(secrets, move |encapsulation| {
            let encapsulation = Encapsulation::deserialize(encapsulation).map_err(|_| not_allowed())?;
            message_key(&primitives::decaps(&key, &encapsulation).map_err(|_| not_allowed())?)
        }))
    }

    fn change(&self, before: &Master, action: &Action) -> Result<Master> {
        let mut policy = policy(&before.structure)?;
        for attribute in rotated(action)? {
            policy.rotate(&Attribute::new(&attribute.dimension, &attribute.name)).map_err(refused)?;
        }
        check(&policy)?;
        let mut private = master_private(&before.private)?;
        let mut public = master_public(&before.public)?;
        guarded(|| {
            let covercrypt = Covercrypt::default();
            covercrypt.update_master_keys(&policy, &mut private, &mut public).map_err(refused)?;
            let structure: Vec<u8> = (&policy).try_into().map_err(refused)?;
            master(&private, &public, structure)
        })
    }

    fn refresher<'a>(&self, private: &'a [u8], structure: &'a [u8]) -> Result<Box<dyn Refresher + 'a>> {
        Ok(Box::new(Issuer {
            private: master_private(private)?,
            secrets: MasterSecrets::read(private)?,
            policy: policy(structure)?,
        }))
    }

    fn has_form(&self, kind: KeyKind, bytes: &[u8]) -> bool {
        match kind {
            KeyKind::MasterPrivate => master_private(bytes).is_ok(),
            KeyKind::MasterPublic => master_public(bytes).is_ok(),
            KeyKind::User => self.decapsulator(bytes).is_ok(),
        }
    }
}

/// The attributes that an action rotates.
fn rotated(action: &Action) -> Result<Vec<access_policy::Attribute>> {
    let Action::Rekey(text) = action else {
        return Err(Error::unsupported(
            "keys of a Covercrypt policy of version V1 can be rotated, and not changed otherwise",
        ));
    };
    let single = |clause: access_policy::Clause| {
        let mut parts =
            clause.into_iter().map(|(dimension, name)| access_policy::Attribute { dimension, name });
        parts.next().filter(|_| parts.next().is_none())
    };
    let clauses = access_policy::AccessPolicy::parse(text)?.clauses()?;
    clauses.into_iter().map(single).collect::<Option<Vec<_>>>().ok_or_else(|| {
        Error::unsupported("a Covercrypt policy of version V1 is rotated by single attributes")
    })
}

/// A parsed master private key and its policy.
struct Issuer<'a> {
    private: MasterSecretKey,
    secrets: MasterSecrets<'a>,
    policy: Policy,
}

impl Refresher for Issuer<'_> {
    fn refresh(&mut self, user: &User<'_>) -> Result<Option<ByteString>> {
        let granted = proven_rights(&self.policy, &self.secrets, user)?;
        let refreshed = guarded(|| {
            let mut key = UserSecretKey::deserialize(user.key).map_err(|_| malformed("user key"))?;
            primitives::refresh(&self.private, &mut key, &granted, true);
            bytes(&key)
        })?;
        // It only grows, and its secrets have no order.
        Ok(Some(refreshed).filter(|new| new.len() != user.key.len()))
    }

    fn changed(&self) -> Result<Option<ByteString>> {
        Ok(None)
    }

    fn unproven(&self) -> &'static str {
        WITHOUT_POLICY
    }
}

/// Why a key is not refreshed that is another's, or whose access policy is not there or cannot be read. Old secrets are never
/// forgotten, so that no key is too old.
pub(crate) const WITHOUT_POLICY: &str =
    "none of the master key's, or without an access policy that names its rights,";

/// A parsed master public key and its policy.
struct Public {
    key: MasterPublicKey,
    policy: Policy,
}

impl Encapsulator for Public {
    fn encapsulate(
        &self,
        policy: &str,
        metadata: Option<&[u8]>,
        additional: &[u8],
        rng: &mut dyn RandomSource,
    ) -> Result<Header> {
        let rights: HashSet<_> = rights(&self.policy, policy, false)?.into_values().collect();
        // The library leaves out what the public key does not have.
        if rights.iter().any(|right| !self.key.subkeys.contains_key(right)) {
            return Err(out_of_step());
        }
        let (key, encapsulation) =
            guarded(|| primitives::encaps(&mut CsRng::from_entropy(), &self.key, &rights).map_err(refused))?;
        header::close(&bytes(&encapsulation)?, message_key(&key)?, metadata, additional, rng)
    }
}

/// Reads a policy of version V1, or an older one without version.
fn policy(json: &[u8]) -> Result<Policy> {
    let unreadable = |error: cover_crypt_12::Error| {
        wrong("the Covercrypt policy cannot be read; it is JSON of version V1").because(error)
    };
    let policy = guarded(|| Policy::parse_and_convert(json).map_err(unreadable))?;
    check(&policy)?;
    Ok(policy)
}

/// Rights are made of the numbers of attributes, so each number is of one attribute.
fn check(policy: &Policy) -> Result<()> {
    let mut numbers = HashSet::new();
    let mut rights = 1usize;
    let mut known = 0;
    for (axis, parameters) in &policy.axes {
        let mut of_axis = 0;
        for name in &parameters.attribute_names {
            let attribute = Attribute::new(axis, name);
            let values = policy.attribute_values(&attribute).map_err(refused)?;
            if values.is_empty() || !values.iter().all(|value| numbers.insert(*value)) {
                return Err(wrong(format!("{attribute} of the Covercrypt policy has no number of its own")));
            }
            of_axis += values.len();
            known += 1;
        }
        rights = rights.saturating_mul(of_axis);
    }
    if policy.axes.is_empty() || known != policy.attributes.len() {
        return Err(wrong("axes and attributes of the Covercrypt policy contradict each other"));
    }
    match rights {
        0 => Err(wrong("an axis of the Covercrypt policy has no attribute")),
        1..=MOST_RIGHTS => Ok(()),
        _ => Err(wrong(format!(
            "a Covercrypt policy has at most {MOST_RIGHTS} combinations of attributes, those before rotations included"
        ))),
    }
}

/// A right by name: an attribute of each axis.
type Combination = BTreeSet<access_policy::Attribute>;

/// The rights of an access policy, by name and as the policy numbers them now: of those who decrypt with what ranks below,
/// too.
fn rights(policy: &Policy, text: &str, with_lower: bool) -> Result<BTreeMap<Combination, Partition>> {
    let mut rights = BTreeMap::new();
    for combination in combinations(policy, text, with_lower)? {
        let numbers = combination
            .iter()
            .map(|one| {
                policy.attribute_current_value(&Attribute::new(&one.dimension, &one.name)).map_err(refused)
            })
            .collect::<Result<_>>()?;
        rights.insert(combination, Partition::from_attribute_values(numbers).map_err(refused)?);
    }
    Ok(rights)
}

fn combinations(policy: &Policy, text: &str, with_lower: bool) -> Result<BTreeSet<Combination>> {
    let mut combinations = BTreeSet::new();
    for clause in access_policy::AccessPolicy::parse(text)?.clauses()? {
        let terms = clause.iter().map(|(axis, name)| AccessPolicy::new(axis, name));
        let conjunction = terms.reduce(|left, right| left & right);
        let conjunction =
            conjunction.ok_or_else(|| wrong("an access policy of this generation names an attribute"))?;
        for named in conjunction.to_attribute_combinations(policy, with_lower).map_err(refused)? {
            let mut of_clause = vec![Combination::new()];
            for (axis, parameters) in &policy.axes {
                let here = named.iter().filter(|one| one.axis == *axis).map(|one| &one.name);
                let mut names: Vec<_> = here.collect();
                if names.is_empty() {
                    names = parameters.attribute_names.iter().collect();
                }
                of_clause = of_clause
                    .iter()
                    .flat_map(|before| names.iter().map(|name| with(before, axis, name)))
                    .collect();
            }
            combinations.extend(of_clause);
        }
    }
    Ok(combinations)
}

fn with(before: &Combination, axis: &str, name: &str) -> Combination {
    let mut combination = before.clone();
    combination.insert(access_policy::Attribute { dimension: axis.to_owned(), name: name.to_owned() });
    combination
}

/// The rights of a user key's policy that its secrets prove: those of which it has a secret, be it an old one.
///
/// # Errors
/// Cryptographic Failure: the user key is none of this master key.
fn proven_rights(policy: &Policy, master: &MasterSecrets<'_>, user: &User<'_>) -> Result<HashSet<Partition>> {
    let secrets = UserSecrets::read(user.key)?;
    if secrets.b != &(&master.s - &(&secrets.a * &master.s1)) / &master.s2 {
        return Err(malformed("user key of this master key"));
    }
    let mut proven = HashSet::new();
    for (combination, right) in rights(policy, user.policy, true)? {
        let mut numbers: Vec<Vec<u32>> = vec![Vec::new()];
        for one in &combination {
            let values =
                policy.attribute_values(&Attribute::new(&one.dimension, &one.name)).map_err(refused)?;
            numbers = numbers
                .iter()
                .flat_map(|before| values.iter().map(move |value| [&before[..], &[*value]].concat()))
                .collect();
        }
        for numbers in numbers {
            let earlier = Partition::from_attribute_values(numbers).map_err(refused)?;
            if master.of_rights.get(&earlier[..]).is_some_and(|secret| secrets.subkeys.contains(secret)) {
                proven.insert(right);
                break;
            }
        }
    }
    Ok(proven)
}

/// What a master private key holds.
struct MasterSecrets<'a> {
    s1: R25519PrivateKey,
    s2: R25519PrivateKey,
    s: R25519PrivateKey,
    /// The secret subkey of each right.
    of_rights: HashMap<&'a [u8], &'a [u8]>,
}

impl<'a> MasterSecrets<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let what = "master private key";
        let mut reader = Reader::new(bytes, what);
        let (s1, s2, s) =
            (scalar(&mut reader, what)?, scalar(&mut reader, what)?, scalar(&mut reader, what)?);
        let mut of_rights = HashMap::new();
        reader.each(1 + 1 + POINT, |reader| {
            let right = reader.vec()?;
            of_rights.insert(right, secret_subkey(reader)?);
            Ok(())
        })?;
        reader.end()?;
        Ok(Self { s1, s2, s, of_rights })
    }
}

/// What a user key holds.
struct UserSecrets<'a> {
    a: R25519PrivateKey,
    b: R25519PrivateKey,
    subkeys: HashSet<&'a [u8]>,
}

impl<'a> UserSecrets<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self> {
        let what = "user key";
        let mut reader = Reader::new(bytes, what);
        let (a, b) = (scalar(&mut reader, what)?, scalar(&mut reader, what)?);
        let mut subkeys = HashSet::new();
        reader.each(1 + POINT, |reader| {
            subkeys.insert(secret_subkey(reader)?);
            Ok(())
        })?;
        reader.end()?;
        Ok(Self { a, b, subkeys })
    }
}

fn scalar(reader: &mut Reader<'_>, what: &str) -> Result<R25519PrivateKey> {
    let bytes = reader.take(POINT)?.try_into().map_err(|_| malformed(what))?;
    guarded(|| R25519PrivateKey::try_from_bytes(bytes).map_err(|_| malformed(what)))
}

fn out_of_step() -> Error {
    Error::cryptographic("the key has not all rights of its Covercrypt policy")
}

/// What the library says, for the client.
fn refused(error: cover_crypt_12::Error) -> Error {
    use cover_crypt_12::Error as Theirs;
    match error {
        Theirs::AttributeNotFound(attribute) => wrong(format!("attribute not found: {attribute}")),
        Theirs::AxisNotFound(axis) => wrong(format!("axis not found: {axis}")),
        Theirs::CapacityOverflow => Error::invalid("the Covercrypt policy allows no more attributes"),
        other => Error::cryptographic(format!("Covercrypt: {other}")),
    }
}

fn master(private: &MasterSecretKey, public: &MasterPublicKey, structure: Vec<u8>) -> Result<Master> {
    Ok(Master { private: bytes(private)?, public: bytes(public)?, structure })
}

fn bytes<T: Serializable>(object: &T) -> Result<ByteString> {
    object
        .serialize()
        .map(|bytes| ByteString::from(&bytes[..]))
        .map_err(|_| Error::cryptographic("a Covercrypt object cannot be written"))
}

fn master_private(bytes: &[u8]) -> Result<MasterSecretKey> {
    MasterSecrets::read(bytes)?;
    guarded(|| MasterSecretKey::deserialize(bytes).map_err(|_| malformed("master private key")))
}

fn master_public(bytes: &[u8]) -> Result<MasterPublicKey> {
    header::check_public(bytes)?;
    guarded(|| MasterPublicKey::deserialize(bytes).map_err(|_| malformed("master public key")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &[u8] = include_bytes!("vectors/generation_12/policy.json");

    fn setup() -> Master {
        Generation12.setup(POLICY).unwrap()
    }

    fn user(master: &Master, policy: &str) -> ByteString {
        Generation12.user_key(&master.private, &master.structure, policy).unwrap().user
    }

    fn rotated(master: &Master, attribute: &str) -> Master {
        let names = format!("[\"{attribute}\"]");
        Generation12.change(master, &Action::rotate(names.as_bytes()).unwrap()).unwrap()
    }

    fn refreshed(master: &Master, key: &[u8], policy: &str) -> Result<Option<ByteString>> {
        Generation12.refresh(&master.private, &master.structure, &User { key, policy })
    }

    #[test]
    fn a_rotation_concerns_those_who_have_the_attribute() {
        let before = setup();
        let (fin, hr) = (user(&before, "Department::FIN"), user(&before, "Department::HR && Level::Top"));
        let after = rotated(&before, "Department::FIN");
        assert!(refreshed(&after, &fin, "Department::FIN").unwrap().is_some());
        assert!(refreshed(&after, &hr, "Department::HR && Level::Top").unwrap().is_none());
    }

    /// Anybody may write any access policy into the attributes of his key.
    #[test]
    fn a_policy_gives_no_right_that_the_key_does_not_prove() {
        let before = setup();
        let key = user(&before, "Department::FIN && Level::Low");
        let after = rotated(&before, "Department::FIN");
        let (honest, greedy) = ("Department::FIN && Level::Low", "Level::Top");
        let of = |policy| {
            UserSecrets::read(&refreshed(&after, &key, policy).unwrap().unwrap()).unwrap().subkeys.len()
        };
        assert_eq!(of(honest), 2);
        assert_eq!(of(greedy), 2);
        // A key that names the same secrets and is none of the master key's.
        let mut forged = key.to_vec();
        let other = user(&setup(), honest);
        forged[..2 * POINT].copy_from_slice(&other[..2 * POINT]);
        assert!(refreshed(&after, &forged, honest).is_err());
    }

    /// Two rotations later: it was wrapped in between.
    #[test]
    fn a_key_that_missed_a_rotation_is_refreshed_by_the_next() {
        let before = setup();
        let key = user(&before, "Department::FIN && Level::Low");
        let after = rotated(&rotated(&before, "Department::FIN"), "Level::Low");
        assert!(refreshed(&after, &key, "Department::FIN && Level::Low").unwrap().is_some());
    }

    #[test]
    fn rotating_is_all_that_the_generation_can_do() {
        let master = setup();
        for json in [
            r#"{"PruneAccessPolicy":"Department::HR"}"#,
            r#"{"AddAttribute":[["Department::New","Classic"]]}"#,
            r#"{"RekeyAccessPolicy":"Department::HR && Level::Low"}"#,
        ] {
            let action = Action::from_json(json.as_bytes()).unwrap();
            assert!(Generation12.change(&master, &action).is_err(), "{json}");
        }
        let error =
            Generation12.change(&master, &Action::rotate(br#"["Department::None"]"#).unwrap()).err().unwrap();
        assert_eq!(error.message(), "attribute not found: Department::None");
    }

    /// Policies of the first clients have no version, and write a dimension as a list or as fields.
    #[test]
    fn policies_without_version_are_read() {
        for axes in
            [r#"{"A":[["a","b"],true]}"#, r#"{"A":{"attribute_names":["a","b"],"is_hierarchical":true}}"#]
        {
            let json = format!(
                r#"{{"last_attribute_value":2,"max_attribute_creations":10,"axes":{axes},"attributes":{{"A::a":[1],"A::b":[2]}}}}"#
            );
            let master = Generation12.setup(json.as_bytes()).unwrap();
            assert!(Generation12.user_key(&master.private, &master.structure, "A::b").is_ok());
        }
    }
}
