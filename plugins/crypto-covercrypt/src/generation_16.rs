//! Generation 16: the access structure stands in the keys, master keys know their user keys, attributes may be
//! post-quantum alone.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::{Error, Result};
use cover_crypt_16::encrypted_header::EncryptedHeader;
use cover_crypt_16::{
    AccessPolicy, AccessStructure, Covercrypt, EncryptionHint, MasterPublicKey, MasterSecretKey,
    QualifiedAttribute, UserSecretKey,
};
use crypto_core_11::bytes_ser_de::Serializable;

use crate::access_policy::{self, Attribute, Clause};
use crate::action::{Action, Hint, NewAttribute};
use crate::generation::{
    Attempts, Decapsulator, Encapsulator, Generation, Header, Issued, KeyKind, Master, Opened, Refresher,
    User, guarded, malformed, message_key, not_allowed, wrong,
};
use crate::layout::{MasterFacts, Reader};
use crate::layout_16::{
    HIGHEST_NUMBER, UserLayout, attribute_numbers, master_private, master_public, user_key, walk_header,
};
use crate::structure_16::{Dimension, Structure};

/// Keys and ciphertexts of `cosmian_cover_crypt` 16.
pub(crate) struct Generation16;

impl Generation for Generation16 {
    #[cfg(test)]
    fn name(&self) -> &'static str {
        "Covercrypt, generation 16"
    }

    fn setup(&self, structure: &[u8]) -> Result<Master> {
        let structure = Structure::from_json(structure)?;
        guarded(|| {
            let covercrypt = Covercrypt::default();
            let (mut private, _) = covercrypt.setup().map_err(refused)?;
            private.access_structure = theirs(&structure)?;
            let public = covercrypt.update_msk(&mut private).map_err(refused)?;
            master(&private, &public, structure.to_json()?)
        })
    }

    fn user_key(&self, private: &[u8], _: &[u8], policy: &str) -> Result<Issued> {
        let policy = parsed(policy)?;
        let (mut private, _) = master_private(private)?;
        guarded(|| {
            let user =
                Covercrypt::default().generate_user_secret_key(&mut private, &policy).map_err(refused)?;
            Ok(Issued { user: bytes(&user)?, private: Some(bytes(&private)?) })
        })
    }

    fn encapsulator(&self, public: &[u8], _: &[u8]) -> Result<Box<dyn Encapsulator>> {
        Ok(Box::new(Public(master_public(public)?)))
    }

    fn decapsulator(&self, user: &[u8]) -> Result<Box<dyn Decapsulator>> {
        let layout = UserLayout::read(user)?;
        let secrets = layout.secrets;
        let keys = layout.by_length()?.iter().map(|bytes| user_key(bytes)).collect::<Result<_>>()?;
        Ok(Box::new(Secret { keys, secrets }))
    }

    fn change(&self, before: &Master, action: &Action) -> Result<Master> {
        let mut structure = Structure::from_json(&before.structure)?;
        structure.edit(action)?;
        let (mut private, _) = master_private(&before.private)?;
        guarded(|| {
            let covercrypt = Covercrypt::default();
            match action {
                Action::Rekey(policy) => {
                    covercrypt.rekey(&mut private, &parsed(policy)?).map_err(refused).map(drop)?
                }
                Action::Prune(policy) => {
                    covercrypt
                        .prune_master_secret_key(&mut private, &parsed(policy)?)
                        .map_err(refused)
                        .map(drop)?;
                }
                edit => edited(&mut private.access_structure, edit)?,
            }
            // After new secrets, too: the library enables with them what was disabled.
            let public = covercrypt.update_msk(&mut private).map_err(refused)?;
            master(&private, &public, structure.to_json()?)
        })
    }

    fn refresher<'a>(&self, private: &'a [u8], _: &'a [u8]) -> Result<Box<dyn Refresher + 'a>> {
        match master_private(private)? {
            (key, facts) if facts.signs => {
                Ok(Box::new(Issuer { key, facts, length: private.len(), may_be_half_changed: false }))
            }
            // A master key that does not sign its user keys proves nothing of them.
            _ => Err(malformed("master private key that can refresh user keys")),
        }
    }

    fn has_form(&self, kind: KeyKind, bytes: &[u8]) -> bool {
        match kind {
            KeyKind::MasterPrivate => master_private(bytes).is_ok(),
            KeyKind::MasterPublic => master_public(bytes).is_ok(),
            KeyKind::User => self.decapsulator(bytes).is_ok(),
        }
    }
}

/// A parsed master private key that signs its user keys.
struct Issuer<'a> {
    key: MasterSecretKey,
    facts: MasterFacts<'a>,
    /// How long it was.
    length: usize,
    /// Whether the library failed to refresh a user key, after it had begun to change this one perhaps.
    may_be_half_changed: bool,
}

impl Refresher for Issuer<'_> {
    fn refresh(&mut self, user: &User<'_>) -> Result<Option<ByteString>> {
        self.facts.demand_own(&UserLayout::read(user.key)?.newest)?;
        let mut key = user_key(user.key)?;
        let refreshed = guarded(|| {
            Covercrypt::default().refresh_usk(&mut self.key, &mut key, true).map_err(refused)?;
            bytes(&key)
        });
        self.may_be_half_changed |= refreshed.is_err();
        Ok(Some(refreshed?).filter(|new| new[..] != *user.key))
    }

    fn changed(&self) -> Result<Option<ByteString>> {
        // Its rights have no order; it grows or shrinks when it changes here.
        match Some(bytes(&self.key)?).filter(|key| key.len() != self.length) {
            Some(_) if self.may_be_half_changed => Err(Error::cryptographic(
                "the master key changes with its user keys, of which one is malformed",
            )),
            changed => Ok(changed),
        }
    }
}

/// A parsed master public key.
struct Public(MasterPublicKey);

impl Encapsulator for Public {
    fn encapsulate(
        &self,
        policy: &str,
        metadata: Option<&[u8]>,
        additional: &[u8],
        _: &mut dyn RandomSource,
    ) -> Result<Header> {
        let policy = parsed(policy)?;
        guarded(|| {
            let additional = Some(additional).filter(|additional| !additional.is_empty());
            let covercrypt = Covercrypt::default();
            let (secret, header) =
                EncryptedHeader::generate(&covercrypt, &self.0, &policy, metadata, additional)
                    .map_err(refused)?;
            Ok(Header { bytes: bytes(&header)?.to_vec(), key: message_key(&secret[..])? })
        })
    }
}

/// A parsed user key.
///
/// The library stops looking for a secret at the end of the shortest chain of revisions: after a rekey of some of a key's
/// rights it no longer finds the old secrets of these. So the rights are tried by the length of their chains, each with
/// the others of the same length alone.
struct Secret {
    keys: Vec<UserSecretKey>,
    /// How many secrets they have.
    secrets: usize,
}

impl Decapsulator for Secret {
    fn open(&self, message: &[u8], additional: &[u8], attempts: &mut Attempts) -> Result<Opened> {
        let mut reader = Reader::new(message, "header");
        let rights = walk_header(&mut reader).map_err(|_| not_allowed())?;
        attempts.take(rights, self.secrets)?;
        let length = message.len() - reader.left();
        let bytes = message.get(..length).unwrap_or_default();
        guarded(|| {
            let header = EncryptedHeader::deserialize(bytes).map_err(|_| not_allowed())?;
            let additional = Some(additional).filter(|additional| !additional.is_empty());
            let covercrypt = Covercrypt::default();
            for key in &self.keys {
                if let Some(opened) =
                    header.decrypt(&covercrypt, key, additional).map_err(|_| not_allowed())?
                {
                    let metadata = opened.metadata.unwrap_or_default().into();
                    return Ok(Opened { length, key: message_key(&opened.secret[..])?, metadata });
                }
            }
            Err(not_allowed())
        })
    }
}

/// An access policy as the library has it.
fn parsed(policy: &str) -> Result<AccessPolicy> {
    let conjunction = |clause: &Clause| {
        let terms = clause
            .iter()
            .map(|(dimension, name)| AccessPolicy::Term(QualifiedAttribute::new(dimension, name)));
        terms.reduce(|left, right| left & right).unwrap_or(AccessPolicy::Broadcast)
    };
    let clauses = access_policy::AccessPolicy::parse(policy)?.clauses()?;
    // Not with the library's operator, to which everybody or somebody is everybody.
    let either = |left, right| AccessPolicy::Disjunction(Box::new(left), Box::new(right));
    clauses.iter().map(conjunction).reduce(either).ok_or_else(|| wrong("the access policy is empty"))
}

/// A structure as the library has it.
fn theirs(structure: &Structure) -> Result<AccessStructure> {
    let mut theirs = AccessStructure::new();
    for (name, Dimension { ordered, attributes }) in &structure.dimensions {
        match ordered {
            true => theirs.add_hierarchy(name.clone()),
            false => theirs.add_anarchy(name.clone()),
        }
        .map_err(refused)?;
        let mut after: Option<&str> = None;
        for (attribute, hint) in attributes {
            let qualified = QualifiedAttribute::new(name, attribute);
            theirs.add_attribute(qualified, mode(*hint), after).map_err(refused)?;
            after = Some(attribute);
        }
    }
    Ok(theirs)
}

/// Applies an action that changes the structure.
fn edited(structure: &mut AccessStructure, action: &Action) -> Result<()> {
    let named = |attribute: &Attribute| QualifiedAttribute::new(&attribute.dimension, &attribute.name);
    match action {
        Action::Rekey(_) | Action::Prune(_) => Ok(()),
        Action::Remove(attributes) => {
            attributes.iter().try_for_each(|one| structure.del_attribute(&named(one)))
        }
        Action::Disable(attributes) => {
            attributes.iter().try_for_each(|one| structure.disable_attribute(&named(one)))
        }
        Action::Rename(pairs) => {
            pairs.iter().try_for_each(|(one, name)| structure.rename_attribute(&named(one), name.clone()))
        }
        Action::Add(attributes) => return add(structure, attributes),
    }
    .map_err(refused)
}

/// Adds attributes with numbers that none has.
///
/// The library numbers a new attribute by how many there are, so after one was removed, by the number of another: both
/// would have the same rights. Attributes that are taken out again bring the count above all numbers.
fn add(structure: &mut AccessStructure, attributes: &[NewAttribute]) -> Result<()> {
    // No dimension has this name: a name is not empty.
    const FILLERS: &str = "";
    let numbers = attribute_numbers(&bytes(structure)?)?;
    let free = numbers.iter().max().map_or(0, |highest| highest + 1);
    if free + attributes.len() > HIGHEST_NUMBER + 1 {
        return Err(Error::invalid("the Covercrypt master key has had as many attributes as it can number"));
    }
    structure.add_anarchy(FILLERS.into()).map_err(refused)?;
    for place in numbers.len()..free {
        let filler = QualifiedAttribute::new(FILLERS, &place.to_string());
        structure.add_attribute(filler, EncryptionHint::Classic, None).map_err(refused)?;
    }
    for NewAttribute { attribute, hint, after } in attributes {
        let attribute = QualifiedAttribute::new(&attribute.dimension, &attribute.name);
        structure.add_attribute(attribute, mode(*hint), after.as_deref()).map_err(refused)?;
    }
    structure.del_dimension(FILLERS).map_err(refused)
}

fn mode(hint: Hint) -> EncryptionHint {
    match hint {
        Hint::Classic => EncryptionHint::Classic,
        Hint::PostQuantum => EncryptionHint::PostQuantum,
        Hint::Hybridized => EncryptionHint::Hybridized,
    }
}

/// What the library says, for the client.
fn refused(error: cover_crypt_16::Error) -> Error {
    use cover_crypt_16::Error as Theirs;
    match error {
        Theirs::AttributeNotFound(attribute) => wrong(format!("attribute not found: {attribute}")),
        Theirs::DimensionNotFound(dimension) => wrong(format!("dimension not found: {dimension}")),
        Theirs::OperationNotPermitted(what) => Error::invalid(what),
        Theirs::KeyError(_) => {
            Error::cryptographic("the key has not all rights that the access policy names")
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

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::layout::append_number;

    const STRUCTURE: &str = r#"{"D":["a","b","c"],"L::<":["low","top"]}"#;

    fn setup(structure: &str) -> Master {
        Generation16.setup(structure.as_bytes()).unwrap()
    }

    fn user(master: &mut Master, policy: &str) -> ByteString {
        let issued = Generation16.user_key(&master.private, b"", policy).unwrap();
        master.private = issued.private.unwrap();
        issued.user
    }

    fn header(master: &Master, policy: &str) -> Result<Vec<u8>> {
        let public = Generation16.encapsulator(&master.public, b"")?;
        Ok(public.encapsulate(policy, None, b"", &mut SeededRandom::new(1))?.bytes)
    }

    fn opens(user: &[u8], header: &[u8]) -> bool {
        Generation16.decapsulator(user).unwrap().open(header, b"", &mut Attempts::of_a_call()).is_ok()
    }

    fn changed(master: &Master, json: &str) -> Result<Master> {
        Generation16.change(master, &Action::from_json(json.as_bytes())?)
    }

    fn refreshed(master: &Master, key: &[u8]) -> Result<ByteString> {
        let refreshed = Generation16.refresh(&master.private, b"", &User { key, policy: "" })?;
        Ok(refreshed.unwrap_or_else(|| key.into()))
    }

    /// The published library alone no longer opens the earlier message here.
    #[test]
    fn a_key_of_two_attributes_opens_earlier_messages_after_a_rekey_of_one() {
        for structure in [STRUCTURE, r#"{"D":["a::+","b::+"]}"#, r#"{"D":["a::pq","b::pq"]}"#] {
            let mut master = setup(structure);
            let key = user(&mut master, "D::a || D::b");
            let earlier = header(&master, "D::a").unwrap();
            let structure = Structure::from_json(structure.as_bytes()).unwrap();
            // Those of one attribute alone, as a rekey of the whole structure would leave the chains equally long.
            let mut master = changed(&master, r#"{"RekeyAccessPolicy":"D::a"}"#).unwrap();
            let later = header(&master, "D::a").unwrap();
            let key = refreshed(&master, &key).unwrap();
            assert!(opens(&key, &earlier) && opens(&key, &later), "{structure:?}");
            let lengths = UserLayout::read(&key).unwrap().chains;
            assert_eq!(
                lengths.keys().copied().collect::<Vec<_>>(),
                [1, 2],
                "the case is not the one to test"
            );
            let new = user(&mut master, "D::a || D::b");
            assert!(!opens(&new, &earlier) && opens(&new, &later));
            let pruned = changed(&master, r#"{"PruneAccessPolicy":"D::a"}"#).unwrap();
            let key = refreshed(&pruned, &key).unwrap();
            assert!(!opens(&key, &earlier) && opens(&key, &later));
        }
    }

    #[test]
    fn a_new_attribute_shares_no_right_with_another_after_one_was_removed() {
        let master = changed(&setup(STRUCTURE), r#"{"RemoveAttribute":["D::a"]}"#).unwrap();
        let mut master = changed(&master, r#"{"AddAttribute":[["D::d","Classic"]]}"#).unwrap();
        let (of_top, of_d) = (user(&mut master, "L::top && D::b"), user(&mut master, "D::d && L::low"));
        for (policy, by_top, by_d) in [("L::top", true, false), ("D::d", false, true), ("D::c", false, false)]
        {
            let message = header(&master, policy).unwrap();
            assert_eq!((opens(&of_top, &message), opens(&of_d, &message)), (by_top, by_d), "{policy}");
        }
    }

    #[test]
    fn new_attributes_have_numbers_of_their_own() {
        let mut structure = theirs(&Structure::from_json(STRUCTURE.as_bytes()).unwrap()).unwrap();
        structure.del_attribute(&QualifiedAttribute::new("D", "a")).unwrap();
        let json = r#"{"AddAttribute":[["L::mid","Classic","low"],["D::d","Classic"],["D::e","Classic"]]}"#;
        edited(&mut structure, &Action::from_json(json.as_bytes()).unwrap()).unwrap();
        let mut numbers = attribute_numbers(&bytes(&structure).unwrap()).unwrap();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(structure.dimensions().count(), 2);
    }

    /// Such keys would keep the library busy for years, or with more memory than there is.
    #[test]
    fn keys_whose_own_structure_is_too_large_are_refused() {
        let master = setup(r#"{"D":["zebra"]}"#);
        let with_dimensions = |dimensions: u32, with_attribute: bool| {
            let (mut key, _) = master_private(&master.private).unwrap();
            key.access_structure = AccessStructure::new();
            for place in 0..dimensions {
                let name = format!("D{place}");
                key.access_structure.add_anarchy(name.clone()).unwrap();
                if with_attribute {
                    let attribute = QualifiedAttribute::new(&name, "a");
                    key.access_structure.add_attribute(attribute, EncryptionHint::Classic, None).unwrap();
                }
            }
            bytes(&key).unwrap().to_vec()
        };
        let with_number = |number: usize| {
            let end = b"\x05zebra\x00\x00\x01";
            let Some(start) = master.private.strip_suffix(end) else { panic!("the layout is another") };
            let mut key = [start, b"\x05zebra"].concat();
            append_number(number, &mut key);
            key.extend([0, 1]);
            key
        };
        let fits = |private: Vec<u8>| Generation16.has_form(KeyKind::MasterPrivate, &private);
        assert!(fits(with_dimensions(13, true)) && !fits(with_dimensions(14, true)));
        assert!(fits(with_dimensions(64, false)) && !fits(with_dimensions(65, false)));
        assert!(fits(with_number(0)) && fits(with_number(HIGHEST_NUMBER)));
        assert!(!fits(with_number(HIGHEST_NUMBER + 1)) && !fits(with_number(1 << 62)));
        // The highest leaves no number for another attribute.
        for (number, can) in [(HIGHEST_NUMBER - 1, true), (HIGHEST_NUMBER, false)] {
            let full = Master { private: with_number(number).into(), ..master.clone() };
            assert_eq!(changed(&full, r#"{"AddAttribute":[["D::new","Classic"]]}"#).is_ok(), can);
        }
    }

    #[test]
    fn who_missed_the_removal_of_his_attribute_gets_none_that_took_its_number() {
        let mut master = setup(r#"{"D":["a","b"]}"#);
        let stale = user(&mut master, "D::b");
        let master = changed(&master, r#"{"RemoveAttribute":["D::b"]}"#).unwrap();
        assert!(refreshed(&master, &stale).is_ok());
        let master = changed(&master, r#"{"AddAttribute":[["D::c","Classic"]]}"#).unwrap();
        assert!(refreshed(&master, &stale).is_err());
    }

    #[test]
    fn nobody_encrypts_for_a_disabled_attribute_not_even_after_a_rekey() {
        let mut master = setup(STRUCTURE);
        let key = user(&mut master, "D::a");
        let earlier = header(&master, "D::a").unwrap();
        let disabled = changed(&master, r#"{"DisableAttribute":["D::a"]}"#).unwrap();
        assert!(header(&disabled, "D::a").is_err() && header(&disabled, "D::b").is_ok());
        let rekeyed = changed(&disabled, r#"{"RekeyAccessPolicy":"D::a"}"#).unwrap();
        assert!(header(&rekeyed, "D::a").is_err());
        assert!(opens(&refreshed(&rekeyed, &key).unwrap(), &earlier));
    }

    #[test]
    fn a_message_is_for_attributes_that_are_protected_alike() {
        let master = setup(r#"{"D":["a","b::pq"]}"#);
        let error = header(&master, "D::a || D::b").unwrap_err();
        assert_eq!(error.message(), "cannot select subkeys with different security modes");
        assert!(header(&master, "D::b").is_ok());
    }

    #[test]
    fn a_key_of_another_master_key_is_not_refreshed() {
        let (mut one, two) = (setup(STRUCTURE), setup(STRUCTURE));
        let key = user(&mut one, "D::a");
        assert!(refreshed(&two, &key).is_err() && refreshed(&one, &key).is_ok());
    }

    #[test]
    fn a_master_key_that_changed_and_may_be_half_changed_is_not_stored() {
        let mut master = setup(STRUCTURE);
        let before = master.private.clone();
        user(&mut master, "D::a");
        let issuer = |private: &[u8], may_be_half_changed| {
            let (key, facts) = master_private(private).unwrap();
            Issuer { key, facts, length: before.len(), may_be_half_changed }.changed()
        };
        assert!(issuer(&master.private, false).unwrap().is_some());
        assert!(issuer(&master.private, true).is_err());
        // As it was, so that the key as it was is stored.
        assert!(issuer(&before, true).unwrap().is_none());
    }
}
