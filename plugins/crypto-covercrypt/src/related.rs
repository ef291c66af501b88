//! Master keys and their user keys through the schemes: the SDK's suite for keys that change with one another, and what is
//! Covercrypt's own.

use claviger_plugin_sdk::kmip::attributes::{Attributes, Link};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::identifier::UniqueIdentifier;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, ObjectType, ResultReason};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId};
use claviger_plugin_sdk::scheme::{
    Change, CipherInput, KeyPair, PairTemplates, RekeySources, Rekeyed, Scheme, Skipped, Source,
};
use claviger_plugin_sdk::testkit::SeededRandom;
use claviger_plugin_sdk::testkit::scheme::RelatedSubject;
use claviger_plugin_sdk::{Result, scheme_conformance};

use crate::cipher::CIPHER;
use crate::generation::UNPROVEN;
use crate::generation_12::WITHOUT_POLICY;
use crate::issue::{PAIR, USER_KEY};
use crate::key::{self, COVERCRYPT, SECRET_KEY};
use crate::layout::append_vec;
use crate::rekey::{REKEY, UNSIGNED};

const V1: &[u8] = include_bytes!("vectors/generation_12/policy.json");
const V2: &[u8] = include_bytes!("vectors/generation_14/policy.json");
const STRUCTURE: &[u8] = br#"{"Level::<":["Low","Top"],"Department":["FIN","HR"]}"#;

/// Attributes of any key of Covercrypt, with one of the vendor's.
pub(crate) fn attributes(name: &str, value: &[u8]) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(COVERCRYPT.0));
    attributes.set_vendor("cosmian", name, Value::ByteString(value.into()));
    attributes
}

fn pair(template: Attributes) -> KeyPair {
    let Scheme::GeneratePair(scheme) = PAIR.scheme else { unreachable!() };
    let templates = PairTemplates { private: &template, public: &template };
    scheme.generate_pair(templates, &mut SeededRandom::new(1)).unwrap()
}

/// A template of a user key whose Parent Link names a key.
fn user(policy: &str) -> Attributes {
    let mut template = attributes("cover_crypt_access_policy", policy.as_bytes());
    let link = Link {
        link_type: LinkType::PARENT_LINK,
        linked_object_identifier: UniqueIdentifier::Text("master".into()),
    };
    template.add(Tag::LINK, link.into_value());
    template
}

pub(crate) fn action(json: &str) -> Attributes {
    attributes("cover_crypt_rekey_action", json.as_bytes())
}

/// Whether the user key opens what is encrypted now for somebody with all attributes that it has.
fn serves(key: &Source, public: &Source) -> bool {
    let policy = key.attributes.vendor("cosmian", "cover_crypt_access_policy").unwrap();
    let Value::ByteString(policy) = policy else { return false };
    encrypted(public, policy).is_ok_and(|data| decrypts(key, &data))
}

fn encrypted(public: &Source, policy: &[u8]) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    append_vec(policy, &mut data);
    append_vec(b"", &mut data);
    let key = prepared(public)?;
    let input = input(&data);
    Ok(key.encrypt(input, &mut SeededRandom::new(2))?.data.to_vec())
}

fn decrypts(key: &Source, data: &[u8]) -> bool {
    prepared(key).and_then(|key| key.decrypt(input(data))).is_ok()
}

fn prepared(key: &Source) -> Result<std::sync::Arc<dyn claviger_plugin_sdk::scheme::CipherKey>> {
    let Scheme::Cipher(scheme) = CIPHER.scheme else { unreachable!() };
    scheme.prepare(&KeyFacts::of(key.object_type, None, &key.attributes), key.material()?)
}

fn input(data: &[u8]) -> CipherInput<'_> {
    CipherInput {
        parameters: &CryptographicParameters::NONE,
        data,
        nonce: None,
        additional_data: b"",
        tag: None,
    }
}

fn subject(pair: fn(&mut SeededRandom) -> KeyPair) -> RelatedSubject {
    RelatedSubject {
        generate_from: USER_KEY,
        rekey: REKEY,
        pair,
        attributes: || {
            let mut attributes = Attributes::new();
            attributes.set(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(COVERCRYPT.0));
            attributes
        },
        templates: || vec![user("Department::FIN"), user("Department::FIN && Level::Top")],
        refused: || vec![user("Department::None"), user("Department::FIN &&"), user(""), action("{}")],
        changes: || {
            vec![
                attributes("cover_crypt_attributes", br#"["Department::FIN"]"#),
                action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#),
            ]
        },
        impossible: || {
            vec![
                attributes("cover_crypt_attributes", br#"["Department::None"]"#),
                attributes("cover_crypt_attributes", b"[]"),
                action(r#"{"RekeyAccessPolicy":"Department::None"}"#),
                action(r#"{"AddAttribute":[["Department::FIN","Classic"]]}"#),
                action(r#"{"Unknown":"Department::FIN"}"#),
            ]
        },
        others: || vec![Attributes::new()],
        serves,
    }
}

scheme_conformance!(related generation_12: subject(|_| pair(attributes("cover_crypt_policy", V1))));
scheme_conformance!(related generation_14: subject(|_| pair(attributes("cover_crypt_policy", V2))));
scheme_conformance!(related generation_16: subject(|_| pair(attributes("cover_crypt_access_structure", STRUCTURE))));

pub(crate) fn source(
    id: &str,
    object_type: ObjectType,
    attributes: Attributes,
    material: Option<Material>,
) -> Source {
    Source { id: ObjectId::new(id).unwrap(), object_type, attributes, material }
}

/// A master pair of generation 14.
fn masters() -> (Source, Source) {
    masters_with(attributes("cover_crypt_policy", V2))
}

/// A master pair with this structure.
pub(crate) fn masters_with(structure: Attributes) -> (Source, Source) {
    let pair = pair(structure.clone());
    let of = |block| Some(Material::of_block(block).unwrap());
    (
        source("private", ObjectType::PRIVATE_KEY, structure.clone(), of(&pair.private)),
        source("public", ObjectType::PUBLIC_KEY, structure, of(&pair.public)),
    )
}

fn issued(private: &Source, id: &str, policy: &str) -> Source {
    issued_by(&mut copy(private), id, policy)
}

/// A new user key of a master key, which changes where its generation counts its users.
pub(crate) fn issued_by(private: &mut Source, id: &str, policy: &str) -> Source {
    let Scheme::GenerateFrom(scheme) = USER_KEY.scheme else { unreachable!() };
    let made = scheme.generate_from(&user(policy), &[copy(private)], &mut SeededRandom::new(1)).unwrap();
    if let [Change { key: Some(block), .. }] = &made.updated[..] {
        private.material = Some(Material::of_block(block).unwrap());
    }
    source(id, ObjectType::PRIVATE_KEY, user(policy), Some(Material::of_block(&made.key).unwrap()))
}

pub(crate) fn copy(key: &Source) -> Source {
    source(key.id.as_str(), key.object_type, key.attributes.clone(), copied(key))
}

pub(crate) fn copied(source: &Source) -> Option<Material> {
    source.material.as_ref().map(|material| Material::new(material.format(), material.value().clone()))
}

pub(crate) fn rekeyed(
    asked: &Attributes,
    masters: (Source, Source),
    dependents: Vec<Source>,
) -> Result<Rekeyed> {
    let Scheme::Rekey(scheme) = REKEY.scheme else { unreachable!() };
    let keys = RekeySources { private: masters.0, public: masters.1, dependents };
    scheme.rekey(asked, &keys, &mut SeededRandom::new(1))
}

/// Whoever changes or revokes the master key at the same moment sees by its revision that there is one more user key.
#[test]
fn the_master_key_is_written_with_each_user_key_that_it_issues() {
    let Scheme::GenerateFrom(scheme) = USER_KEY.scheme else { unreachable!() };
    for structure in [
        attributes("cover_crypt_policy", V1),
        attributes("cover_crypt_policy", V2),
        attributes("cover_crypt_access_structure", STRUCTURE),
    ] {
        let parent = masters_with(structure).0;
        let made =
            scheme.generate_from(&user("Department::FIN"), &[parent], &mut SeededRandom::new(1)).unwrap();
        assert_eq!(made.updated.iter().map(|change| change.id.as_str()).collect::<Vec<_>>(), ["private"]);
    }
}

/// Whatever its policy names: if it was wrapped at a renaming, the name may be another attribute's by now.
#[test]
fn a_wrapped_user_key_is_named_by_each_change_of_secrets_and_where_an_attribute_of_it_gets_another_name() {
    let wrapped = |id, policy| source(id, ObjectType::PRIVATE_KEY, user(policy), None);
    let dependents = || {
        vec![
            wrapped("hr", "Department::HR"),
            wrapped("fin", "Department::FIN"),
            wrapped("old", "Department::Before"),
        ]
    };
    for (json, expected) in [
        (r#"{"RenameAttribute":[["Department::FIN","Finance"]]}"#, &["fin"][..]),
        (r#"{"RekeyAccessPolicy":"Department::FIN"}"#, &["hr", "fin", "old"]),
        (r#"{"PruneAccessPolicy":"Department::FIN"}"#, &["hr", "fin", "old"]),
        (r#"{"RemoveAttribute":["Department::FIN"]}"#, &["hr", "fin", "old"]),
    ] {
        let done = rekeyed(&action(json), masters(), dependents()).unwrap();
        assert_eq!(named(&done, Skipped::WRAPPED), expected, "{json}");
        assert!(done.dependents.is_empty());
    }
}

#[test]
fn a_renamed_attribute_has_its_new_name_in_the_policies_of_user_keys() {
    let masters = masters();
    let key = issued(&masters.0, "fin", "Department::FIN && Level::Low");
    let asked = action(r#"{"RenameAttribute":[["Department::FIN","Finance"]]}"#);
    let done = rekeyed(&asked, masters, vec![key]).unwrap();
    let [change] = &done.dependents[..] else { panic!("{:?}", done.dependents) };
    let policy = change.attributes.vendor("cosmian", "cover_crypt_access_policy");
    assert_eq!(policy, Some(&Value::ByteString(b"Department::Finance && Level::Low".to_vec().into())));
    assert!(change.key.is_none());
}

#[test]
fn keys_that_do_not_prove_that_the_master_key_issued_them_are_named_and_do_not_change() {
    let (one, other) = (masters(), masters());
    let foreign = |id, policy| issued(&other.0, id, policy);
    let garbage = Material::new(SECRET_KEY, Value::ByteString(vec![7; 200].into()));
    let garbage = source("garbage", ObjectType::PRIVATE_KEY, user("Department::FIN"), Some(garbage));
    let bare = foreign("bare", "Department::FIN");
    let bare = source("bare", ObjectType::PRIVATE_KEY, Attributes::new(), copied(&bare));
    let dependents = vec![foreign("fin", "Department::FIN"), foreign("hr", "Department::HR"), garbage, bare];
    let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    let done = rekeyed(&asked, one, dependents).unwrap();
    assert!(done.dependents.is_empty());
    assert_eq!(named(&done, UNPROVEN), ["fin", "hr", "garbage", "bare"]);
    assert_eq!(done.skipped.len(), 4);
}

/// It missed a rekey and the prune that followed.
#[test]
fn a_user_key_that_is_older_than_a_prune_is_named() {
    for structure in
        [attributes("cover_crypt_policy", V2), attributes("cover_crypt_access_structure", STRUCTURE)]
    {
        let (mut private, mut public) = masters_with(structure);
        let stale = issued_by(&mut private, "stale", "Department::FIN");
        for json in
            [r#"{"RekeyAccessPolicy":"Department::FIN"}"#, r#"{"PruneAccessPolicy":"Department::FIN"}"#]
        {
            let keys = (copy(&private), copy(&public));
            let done = rekeyed(&action(json), keys, Vec::new()).unwrap();
            assert!(take(&mut private, &done.updated) && take(&mut public, &done.updated));
        }
        let keys = (copy(&private), copy(&public));
        let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
        let done = rekeyed(&asked, keys, vec![stale]).unwrap();
        assert!(done.dependents.is_empty());
        assert_eq!(named(&done, UNPROVEN), ["stale"]);
    }
}

#[test]
fn a_user_key_without_access_policy_is_refreshed_by_what_it_proves() {
    let masters = masters();
    let key = issued(&masters.0, "bare", "Department::FIN");
    let bare = source("bare", ObjectType::PRIVATE_KEY, Attributes::new(), copied(&key));
    let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    let done = rekeyed(&asked, masters, vec![bare]).unwrap();
    assert_eq!((done.dependents.len(), done.skipped.len()), (1, 0));
}

/// Its secrets say what they are secrets of to nobody, and no prune made it too old.
#[test]
fn a_user_key_of_generation_12_without_access_policy_is_named_with_that_reason() {
    let masters = masters_with(attributes("cover_crypt_policy", V1));
    let key = issued(&masters.0, "bare", "Department::FIN");
    let bare = source("bare", ObjectType::PRIVATE_KEY, Attributes::new(), copied(&key));
    let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    let done = rekeyed(&asked, masters, vec![bare]).unwrap();
    assert!(done.dependents.is_empty());
    assert_eq!(named(&done, WITHOUT_POLICY), ["bare"]);
}

/// Without the key with which it signs, as master keys of generation 13 are.
#[test]
fn user_keys_of_a_master_key_that_does_not_sign_are_named() {
    let (private, public) = masters();
    let key = issued(&private, "fin", "Department::FIN");
    let bytes = key::bytes(private.material.as_ref().unwrap()).unwrap();
    let unsigned = Value::ByteString(bytes[..bytes.len() - 16].into());
    let private = Source { material: Some(Material::new(SECRET_KEY, unsigned)), ..private };
    let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    let done = rekeyed(&asked, (private, public), vec![key]).unwrap();
    assert_eq!(named(&done, UNSIGNED), ["fin"]);
}

/// The keys that were skipped for a reason.
fn named(done: &Rekeyed, why: &str) -> Vec<String> {
    done.skipped.iter().filter(|skipped| skipped.why == why).map(|skipped| skipped.id.to_string()).collect()
}

/// Takes a change of the key over, if there is one.
pub(crate) fn take(key: &mut Source, changes: &[Change]) -> bool {
    let Some(change) = changes.iter().find(|change| change.id == key.id) else { return false };
    key.attributes.retain(|instance| !change.attributes.contains(instance.key()));
    key.attributes.extend(change.attributes.clone());
    if let Some(block) = &change.key {
        key.material = Some(Material::of_block(block).unwrap());
    }
    true
}

#[test]
fn what_the_structure_does_not_have_cannot_be_renewed() {
    let asked = action(r#"{"RekeyAccessPolicy":"Department::None"}"#);
    let error = rekeyed(&asked, masters(), Vec::new()).unwrap_err();
    assert_eq!(error.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
}

#[test]
fn a_master_private_key_decrypts_nothing_and_a_user_key_encrypts_nothing() {
    let (private, public) = masters();
    let key = issued(&private, "fin", "Department::FIN");
    let data = encrypted(&public, b"Department::FIN").unwrap();
    assert!(decrypts(&key, &data) && !decrypts(&private, &data) && !decrypts(&public, &data));
    assert!(encrypted(&key, b"Department::FIN").is_err());
}

#[test]
fn the_additional_data_come_back_as_the_tag() {
    let (private, public) = masters();
    let mut data = Vec::new();
    append_vec(b"Department::FIN", &mut data);
    append_vec(b"", &mut data);
    let with_aad = |data| CipherInput { additional_data: b"aad", ..input(data) };
    let encrypted = prepared(&public).unwrap().encrypt(with_aad(&data), &mut SeededRandom::new(2)).unwrap();
    assert_eq!((encrypted.tag.as_deref(), encrypted.nonce), (Some(&b"aad"[..]), None));
    let user = prepared(&issued(&private, "fin", "Department::FIN")).unwrap();
    assert!(user.decrypt(with_aad(&encrypted.data)).is_ok() && user.decrypt(input(&encrypted.data)).is_err());
    // As a dialect gives it that takes it for a cipher with nonce and tag.
    let (nonce, rest) = encrypted.data.split_at(12);
    let (text, tag) = rest.split_at(rest.len() - 16);
    let cut = CipherInput { nonce: Some(nonce), tag: Some(tag), ..with_aad(text) };
    assert!(user.decrypt(cut).is_ok());
}
