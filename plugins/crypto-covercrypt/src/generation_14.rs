//! Generation 14: policies of version V2, user keys that a KMAC binds to their master key, secrets in chains of
//! revisions.

use std::collections::{BTreeMap, HashMap, HashSet};

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};
use cover_crypt_14::abe_policy::{AccessPolicy, Attribute, EncryptionHint, Partition, Policy};
use cover_crypt_14::core::primitives;
use cover_crypt_14::{Covercrypt, Encapsulation, MasterPublicKey, MasterSecretKey, UserSecretKey};
use crypto_core_9::CsRng;
use crypto_core_9::bytes_ser_de::Serializable;
use crypto_core_9::reexport::rand_core::SeedableRng;

use crate::access_policy;
use crate::action::{Action, Hint};
use crate::generation::{
    Decapsulator, Encapsulator, Generation, Header, Issued, KeyKind, MOST_RIGHTS, Master, Refresher, User,
    guarded, malformed, message_key, not_allowed, wrong,
};
use crate::header::{self, POINT, secret_subkey};
use crate::layout::{MasterFacts, Reader};

/// Length of the KMAC of a user key.
const KMAC: usize = 32;
/// Length of the key with which a master key makes it.
const KMAC_KEY: usize = 16;

/// Keys and ciphertexts of `cosmian_cover_crypt` 14.
pub(crate) struct Generation14;

impl Generation for Generation14 {
    #[cfg(test)]
    fn name(&self) -> &'static str {
        "Covercrypt, generation 14"
    }

    fn setup(&self, structure: &[u8]) -> Result<Master> {
        let policy = policy(structure)?;
        guarded(|| {
            let (private, public) = Covercrypt::default().generate_master_keys(&policy).map_err(refused)?;
            master(&private, &public, structure.to_vec())
        })
    }

    fn user_key(&self, private: &[u8], structure: &[u8], policy_text: &str) -> Result<Issued> {
        let rights = rights(&policy(structure)?, policy_text, true)?;
        let (private, _) = master_private(private)?;
        guarded(|| {
            let user = primitives::keygen(&mut CsRng::from_entropy(), &private, &rights).map_err(refused)?;
            Ok(Issued { user: bytes(&user)?, private: None })
        })
    }

    fn encapsulator(&self, public: &[u8], structure: &[u8]) -> Result<Box<dyn Encapsulator>> {
        Ok(Box::new(Public { key: master_public(public)?, policy: policy(structure)? }))
    }

    fn decapsulator(&self, user: &[u8]) -> Result<Box<dyn Decapsulator>> {
        let (key, UserFacts { secrets, .. }) = user_key(user)?;
        Ok(header::decapsulator(secrets, move |encapsulation| {
            let encapsulation = Encapsulation::deserialize(encapsulation).map_err(|_| not_allowed())?;
            message_key(&primitives::decaps(&key, &encapsulation).map_err(|_| not_allowed())?)
        }))
    }

    fn change(&self, before: &Master, action: &Action) -> Result<Master> {
        let mut policy = policy(&before.structure)?;
        let (mut private, _) = master_private(&before.private)?;
        let mut public = master_public(&before.public)?;
        match action {
            Action::Rekey(text) => {
                let rights = rights(&policy, text, false)?;
                guarded(|| {
                    let rng = &mut CsRng::from_entropy();
                    primitives::rekey(rng, &mut private, &mut public, rights).map_err(refused)
                })?;
            }
            Action::Prune(text) => {
                primitives::prune(&mut private, &rights(&policy, text, false)?).map_err(refused)?;
            }
            edit => {
                guarded(|| edited(&mut policy, edit))?;
                check(&policy)?;
                guarded(|| {
                    let covercrypt = Covercrypt::default();
                    covercrypt.update_master_keys(&policy, &mut private, &mut public).map_err(refused)
                })?;
            }
        }
        master(&private, &public, json(&policy)?)
    }

    fn refresher<'a>(&self, private: &'a [u8], _: &'a [u8]) -> Result<Box<dyn Refresher + 'a>> {
        match master_private(private)? {
            (key, facts) if facts.signs => Ok(Box::new(Issuer { key, facts })),
            // A master key that does not sign its user keys proves nothing of them.
            _ => Err(malformed("master private key that can refresh user keys")),
        }
    }

    fn has_form(&self, kind: KeyKind, bytes: &[u8]) -> bool {
        match kind {
            KeyKind::MasterPrivate => master_private(bytes).is_ok(),
            KeyKind::MasterPublic => master_public(bytes).is_ok(),
            KeyKind::User => user_key(bytes).is_ok(),
        }
    }
}

/// A parsed master private key that signs its user keys.
struct Issuer<'a> {
    key: MasterSecretKey,
    facts: MasterFacts<'a>,
}

impl Refresher for Issuer<'_> {
    fn refresh(&mut self, user: &User<'_>) -> Result<Option<ByteString>> {
        let (mut key, facts) = user_key(user.key)?;
        self.facts.demand_own(&facts.newest)?;
        let refreshed = guarded(|| {
            primitives::refresh(&self.key, &mut key, true).map_err(refused)?;
            bytes(&key)
        })?;
        Ok(Some(refreshed).filter(|new| new[..] != *user.key))
    }

    fn changed(&self) -> Result<Option<ByteString>> {
        Ok(None)
    }
}

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
        let rights = rights(&self.policy, policy, false)?;
        let (key, encapsulation) =
            guarded(|| primitives::encaps(&mut CsRng::from_entropy(), &self.key, &rights).map_err(refused))?;
        header::close(&bytes(&encapsulation)?, message_key(&key)?, metadata, additional, rng)
    }
}

/// Reads a policy.
fn policy(json: &[u8]) -> Result<Policy> {
    let unreadable =
        |error| wrong("the Covercrypt policy cannot be read; it is JSON of version V2").because(error);
    let policy: Policy = guarded(|| serde_json::from_slice(json).map_err(unreadable))?;
    check(&policy)?;
    Ok(policy)
}

/// Rights are made of the numbers of attributes, so each has one of its own.
fn check(policy: &Policy) -> Result<()> {
    let mut numbers = HashSet::new();
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for attribute in policy.attributes() {
        if !numbers.insert(policy.get_attribute_id(&attribute).map_err(refused)?) {
            return Err(wrong("two attributes of the Covercrypt policy have the same number"));
        }
        *sizes.entry(attribute.dimension).or_default() += 1;
    }
    let rights = sizes.values().fold(1usize, |product, size| product.saturating_mul(*size));
    if sizes.is_empty() || rights > MOST_RIGHTS {
        return Err(wrong(format!(
            "a Covercrypt policy has attributes, and at most {MOST_RIGHTS} combinations of them"
        )));
    }
    match policy.generate_all_partitions().map_err(refused)?.is_empty() {
        false => Ok(()),
        true => Err(wrong("a dimension of the Covercrypt policy has no attribute")),
    }
}

fn json(policy: &Policy) -> Result<Vec<u8>> {
    serde_json::to_vec(policy).map_err(|error| Error::server("a policy cannot be written").because(error))
}

/// The rights of an access policy: of those who decrypt with what ranks below, too.
fn rights(policy: &Policy, text: &str, with_lower: bool) -> Result<HashSet<Partition>> {
    let mut rights = HashSet::new();
    // One by one, since the library refuses an expression whose parts have a right in common.
    for clause in access_policy::AccessPolicy::parse(text)?.clauses()? {
        let terms = clause.iter().map(|(dimension, name)| AccessPolicy::new(dimension, name));
        let conjunction = terms.reduce(|left, right| left & right);
        let conjunction =
            conjunction.ok_or_else(|| wrong("an access policy of this generation names an attribute"))?;
        rights.extend(policy.access_policy_to_partitions(&conjunction, with_lower).map_err(refused)?);
    }
    Ok(rights)
}

/// Applies an action that changes the policy.
fn edited(policy: &mut Policy, action: &Action) -> Result<()> {
    match action {
        Action::Rekey(_) | Action::Prune(_) => Ok(()),
        Action::Remove(attributes) => {
            attributes.iter().try_for_each(|attribute| policy.remove_attribute(&theirs(attribute)))
        }
        Action::Disable(attributes) => {
            attributes.iter().try_for_each(|attribute| policy.disable_attribute(&theirs(attribute)))
        }
        Action::Add(attributes) => attributes.iter().try_for_each(|new| {
            let hint = match new.hint {
                Hint::Classic => EncryptionHint::Classic,
                Hint::Hybridized => EncryptionHint::Hybridized,
                Hint::PostQuantum => {
                    return Err(cover_crypt_14::Error::OperationNotPermitted(
                        "PostQuantum attributes exist from generation 16 on".into(),
                    ));
                }
            };
            policy.add_attribute(theirs(&new.attribute), hint)
        }),
        Action::Rename(pairs) => pairs
            .iter()
            .try_for_each(|(attribute, name)| policy.rename_attribute(&theirs(attribute), name.clone())),
    }
    .map_err(refused)
}

fn theirs(attribute: &access_policy::Attribute) -> Attribute {
    Attribute::new(&attribute.dimension, &attribute.name)
}

/// What the library says, for the client.
fn refused(error: cover_crypt_14::Error) -> Error {
    use cover_crypt_14::Error as Theirs;
    match error {
        Theirs::AttributeNotFound(attribute) => wrong(format!("attribute not found: {attribute}")),
        Theirs::DimensionNotFound(dimension) => wrong(format!("dimension not found: {dimension}")),
        Theirs::OperationNotPermitted(_) | Theirs::UnsupportedOperator(_) | Theirs::CapacityOverflow => {
            Error::invalid(error.to_string())
        }
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

/// Reads a master private key.
fn master_private(bytes: &[u8]) -> Result<(MasterSecretKey, MasterFacts<'_>)> {
    let what = "master private key";
    let mut reader = Reader::new(bytes, what);
    reader.take(3 * POINT)?;
    let mut secrets: HashMap<_, HashSet<_>> = HashMap::new();
    reader.each(1 + 1, |reader| {
        let of_right = secrets.entry(reader.vec()?).or_default();
        reader.each(1 + POINT, |reader| {
            of_right.insert(secret_subkey(reader)?);
            Ok(())
        })
    })?;
    let signs = reader.left() == KMAC_KEY;
    if signs {
        reader.take(KMAC_KEY)?;
    }
    reader.end()?;
    guarded(|| MasterSecretKey::deserialize(bytes).map_err(|_| malformed(what)))
        .map(|key| (key, MasterFacts { signs, secrets }))
}

fn master_public(bytes: &[u8]) -> Result<MasterPublicKey> {
    header::check_public(bytes)?;
    guarded(|| MasterPublicKey::deserialize(bytes).map_err(|_| malformed("master public key")))
}

/// What a user key tells of itself.
struct UserFacts<'a> {
    /// Each right with its newest secret.
    newest: Vec<(&'a [u8], &'a [u8])>,
    /// How many secrets there are.
    secrets: usize,
}

/// Reads a user key.
fn user_key(bytes: &[u8]) -> Result<(UserSecretKey, UserFacts<'_>)> {
    let what = "user key";
    let mut reader = Reader::new(bytes, what);
    reader.take(2 * POINT)?;
    let mut facts = UserFacts { newest: Vec::new(), secrets: 0 };
    reader.each(1 + 1, |reader| {
        let right = reader.vec()?;
        // A right without attribute does not exist: what begins so is a user key of generation 12.
        if right.is_empty() {
            return Err(malformed(what));
        }
        let mut first = true;
        reader.each(1 + POINT, |reader| {
            let secret = secret_subkey(reader)?;
            if std::mem::take(&mut first) {
                facts.newest.push((right, secret));
            }
            facts.secrets += 1;
            Ok(())
        })
    })?;
    if reader.left() == KMAC {
        reader.take(KMAC)?;
    }
    reader.end()?;
    guarded(|| UserSecretKey::deserialize(bytes).map_err(|_| malformed(what))).map(|key| (key, facts))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::generation::Attempts;
    use crate::layout::append_vec;

    /// As the published library writes it, `Top` hybridized.
    const POLICY: &[u8] = include_bytes!("vectors/generation_14/policy.json");

    fn setup() -> Master {
        Generation14.setup(POLICY).unwrap()
    }

    fn changed(master: &Master, json: &str) -> Result<Master> {
        Generation14.change(master, &Action::from_json(json.as_bytes())?)
    }

    fn header(master: &Master, policy: &str) -> Result<Vec<u8>> {
        let public = Generation14.encapsulator(&master.public, &master.structure)?;
        Ok(public.encapsulate(policy, None, b"", &mut SeededRandom::new(1))?.bytes)
    }

    #[test]
    fn a_policy_whose_parts_overlap_is_taken() {
        let master = setup();
        let policy = "Level::Top || (Level::Low && Department::HR)";
        let user = Generation14.user_key(&master.private, &master.structure, policy).unwrap().user;
        let opener = Generation14.decapsulator(&user).unwrap();
        assert!(
            opener
                .open(
                    &header(&master, "Level::Low && Department::HR").unwrap(),
                    b"",
                    &mut Attempts::of_a_call()
                )
                .is_ok()
        );
    }

    #[test]
    fn edits_that_the_library_does_not_allow_are_refused() {
        let master = setup();
        for json in [
            r#"{"AddAttribute":[["Level::New","Classic"]]}"#,
            r#"{"AddAttribute":[["Department::HR","Classic"]]}"#,
            r#"{"AddAttribute":[["Department::New","PostQuantum"]]}"#,
            r#"{"RemoveAttribute":["Level::Low"]}"#,
            r#"{"RemoveAttribute":["Department::FIN","Department::HR"]}"#,
            r#"{"RenameAttribute":[["Department::HR","FIN"]]}"#,
            r#"{"DisableAttribute":["Department::None"]}"#,
            r#"{"RekeyAccessPolicy":"Department::None"}"#,
        ] {
            assert!(changed(&master, json).is_err(), "{json}");
        }
    }

    #[test]
    fn nobody_encrypts_for_a_disabled_attribute_not_even_after_a_rekey() {
        let disabled = changed(&setup(), r#"{"DisableAttribute":["Department::HR"]}"#).unwrap();
        assert!(header(&disabled, "Department::HR && Level::Low").is_err());
        assert!(header(&disabled, "Department::FIN && Level::Low").is_ok());
        let rekeyed = changed(&disabled, r#"{"RekeyAccessPolicy":"Department::HR"}"#).unwrap();
        assert!(header(&rekeyed, "Department::HR && Level::Low").is_err());
    }

    #[test]
    fn a_renamed_attribute_keeps_its_rights() {
        let master = setup();
        let message = header(&master, "Department::HR && Level::Low").unwrap();
        let renamed =
            changed(&master, r#"{"RenameAttribute":[["Department::HR","Human Resources"]]}"#).unwrap();
        let issue = |policy| Generation14.user_key(&renamed.private, &renamed.structure, policy);
        assert_eq!(issue("Department::HR").err().unwrap().message(), "attribute not found: Department::HR");
        let user = issue("Department::Human Resources").unwrap().user;
        assert!(
            Generation14.decapsulator(&user).unwrap().open(&message, b"", &mut Attempts::of_a_call()).is_ok()
        );
    }

    #[test]
    fn user_keys_that_the_master_key_did_not_sign_are_not_refreshed() {
        let (one, two) = (setup(), setup());
        let user = Generation14.user_key(&one.private, &one.structure, "Department::HR").unwrap().user;
        let refresh = |private: &[u8], key: &[u8]| {
            Generation14.refresh(private, POLICY, &User { key, policy: "Department::HR" })
        };
        assert!(refresh(&one.private, &user).is_ok() && refresh(&two.private, &user).is_err());
        // Neither if neither has anything to prove it with.
        let (private, key) = (&one.private[..one.private.len() - KMAC_KEY], &user[..user.len() - KMAC]);
        assert!(refresh(private, key).is_err());
    }

    /// The library signs rights and secrets in a row, without their lengths: who cuts the row elsewhere has other rights.
    #[test]
    fn who_cuts_his_key_elsewhere_is_given_no_right_of_others() {
        let attributes = (1..=100)
            .map(|id| {
                format!(
                    r#""a{id}":{{"id":{id},"encryption_hint":"Hybridized","write_status":"EncryptDecrypt"}}"#
                )
            })
            .collect::<Vec<_>>()
            .join(",");
        let policy = format!(
            r#"{{"version":"V2","last_attribute_value":100,"dimensions":{{"A":{{"Unordered":{{{attributes}}}}}}}}}"#
        );
        let Master { private, structure, .. } = Generation14.setup(policy.as_bytes()).unwrap();
        let own = (1..=50).map(|id| format!("A::a{id}")).collect::<Vec<_>>().join(" || ");
        let user = Generation14.user_key(&private, &structure, &own).unwrap().user;
        let refresh = |key: &[u8]| Generation14.refresh(&private, &structure, &User { key, policy: &own });
        assert!(refresh(&user).is_ok());
        let forged = cut_elsewhere(&user, 51..=100);
        let master = master_private(&private).unwrap().0;
        // The library itself takes it.
        primitives::refresh(&master, &mut user_key(&forged).unwrap().0, true).unwrap();
        assert!(refresh(&forged).is_err());
    }

    /// The key as rights of other names: of them one of those given.
    fn cut_elsewhere(user: &[u8], rights: std::ops::RangeInclusive<u8>) -> Vec<u8> {
        let mut reader = Reader::new(user, "user key");
        let points = reader.take(2 * POINT).unwrap();
        let mut row = Vec::new();
        reader
            .each(2, |reader| {
                let right = reader.vec()?;
                reader.each(1, |reader| {
                    let [_, secret @ ..] = secret_subkey(reader)? else { unreachable!() };
                    row.extend([right, secret].concat());
                    Ok(())
                })
            })
            .unwrap();
        let kmac = reader.take(KMAC).unwrap();
        // A scalar, the right and another scalar, which are below the order of the group.
        let place = row.windows(2 * POINT + 1).skip(1).position(|window| {
            window[POINT - 1] < 0x10 && rights.contains(&window[POINT]) && window[2 * POINT] < 0x10
        });
        let (before, rest) = row.split_at(1 + place.unwrap());
        let (first, rest) = rest.split_at(POINT);
        let (right, rest) = rest.split_at(1);
        let (second, rest) = rest.split_at(POINT);
        let (after, last) = rest.split_at(rest.len() - POINT);
        let mut forged = [points, &[3]].concat();
        for (right, scalar) in [(before, first), (right, second), (after, last)] {
            append_vec(right, &mut forged);
            forged.extend([&[1, 0], scalar].concat());
        }
        forged.extend_from_slice(kmac);
        forged
    }

    #[test]
    fn policies_that_contradict_themselves_are_refused() {
        let attribute =
            |id| format!(r#"{{"id":{id},"encryption_hint":"Classic","write_status":"EncryptDecrypt"}}"#);
        let policy = |dimensions: String| {
            let json =
                format!(r#"{{"version":"V2","last_attribute_value":9,"dimensions":{{{dimensions}}}}}"#);
            Generation14.setup(json.as_bytes())
        };
        assert!(
            policy(format!(r#""A":{{"Unordered":{{"a":{},"b":{}}}}}"#, attribute(1), attribute(2))).is_ok()
        );
        assert!(
            policy(format!(r#""A":{{"Unordered":{{"a":{},"b":{}}}}}"#, attribute(1), attribute(1))).is_err()
        );
        assert!(policy(String::new()).is_err());
        assert!(
            policy(format!(r#""A":{{"Unordered":{{"a":{}}}}},"B":{{"Ordered":{{}}}}"#, attribute(1)))
                .is_err()
        );
        let many = |from: u32| {
            (from..from + 100).map(|id| format!(r#""a{id}":{}"#, attribute(id))).collect::<Vec<_>>()
        };
        let (a, b) = (many(0).join(","), many(100).join(","));
        assert!(policy(format!(r#""A":{{"Unordered":{{{a}}}}},"B":{{"Ordered":{{{b}}}}}"#)).is_err());
    }
}
