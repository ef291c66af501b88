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
    CipherInput, KeyPair, PairTemplates, RekeySources, Rekeyed, Scheme, Source,
};
use claviger_plugin_sdk::testkit::SeededRandom;
use claviger_plugin_sdk::testkit::scheme::RelatedSubject;
use claviger_plugin_sdk::{Result, scheme_conformance};

use crate::cipher::CIPHER;
use crate::issue::{PAIR, USER_KEY};
use crate::key::{COVERCRYPT, SECRET_KEY};
use crate::layout::append_vec;
use crate::rekey::REKEY;

const V1: &[u8] = include_bytes!("vectors/generation_12/policy.json");
const V2: &[u8] = include_bytes!("vectors/generation_14/policy.json");
const STRUCTURE: &[u8] = br#"{"Level::<":["Low","Top"],"Department":["FIN","HR"]}"#;

/// Attributes of any key of Covercrypt, with one of the vendor's.
fn attributes(name: &str, value: &[u8]) -> Attributes {
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

fn action(json: &str) -> Attributes {
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

fn source(id: &str, object_type: ObjectType, attributes: Attributes, material: Option<Material>) -> Source {
    Source { id: ObjectId::new(id).unwrap(), object_type, attributes, material }
}

/// A master pair of generation 14.
fn masters() -> (Source, Source) {
    let pair = pair(attributes("cover_crypt_policy", V2));
    let of = |block| Some(Material::of_block(block).unwrap());
    let attributes = || attributes("cover_crypt_policy", V2);
    (
        source("private", ObjectType::PRIVATE_KEY, attributes(), of(&pair.private)),
        source("public", ObjectType::PUBLIC_KEY, attributes(), of(&pair.public)),
    )
}

fn issued(private: &Source, id: &str, policy: &str) -> Source {
    let Scheme::GenerateFrom(scheme) = USER_KEY.scheme else { unreachable!() };
    let parent = source("private", private.object_type, private.attributes.clone(), copied(private));
    let produced = scheme.generate_from(&user(policy), &[parent], &mut SeededRandom::new(1)).unwrap();
    source(id, ObjectType::PRIVATE_KEY, user(policy), Some(Material::of_block(&produced.key).unwrap()))
}

fn copied(source: &Source) -> Option<Material> {
    source.material.as_ref().map(|material| Material::new(material.format(), material.value().clone()))
}

fn rekeyed(asked: &Attributes, masters: (Source, Source), dependents: Vec<Source>) -> Result<Rekeyed> {
    let Scheme::Rekey(scheme) = REKEY.scheme else { unreachable!() };
    let keys = RekeySources { private: masters.0, public: masters.1, dependents };
    scheme.rekey(asked, &keys, &mut SeededRandom::new(1))
}

#[test]
fn a_wrapped_user_key_is_named_where_the_action_concerns_it() {
    let masters = masters();
    let wrapped = |id, policy| source(id, ObjectType::PRIVATE_KEY, user(policy), None);
    let dependents = vec![
        wrapped("hr", "Department::HR"),
        wrapped("fin", "Department::FIN"),
        wrapped("top", "Level::Top"),
    ];
    let done = rekeyed(&action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#), masters, dependents).unwrap();
    assert_eq!(done.skipped.iter().map(ToString::to_string).collect::<Vec<_>>(), ["fin", "top"]);
    assert!(done.dependents.is_empty());
}

/// It keeps the old name, by which later actions do not find it.
#[test]
fn a_wrapped_user_key_is_named_where_its_policy_has_another_name_now() {
    let wrapped = |id, policy| source(id, ObjectType::PRIVATE_KEY, user(policy), None);
    let dependents = || {
        vec![
            wrapped("hr", "Department::HR"),
            wrapped("fin", "Department::FIN"),
            wrapped("old", "Department::Before"),
        ]
    };
    for json in [
        r#"{"RenameAttribute":[["Department::FIN","Finance"]]}"#,
        r#"{"RekeyAccessPolicy":"Department::FIN"}"#,
    ] {
        let done = rekeyed(&action(json), masters(), dependents()).unwrap();
        let skipped: Vec<_> = done.skipped.iter().map(ToString::to_string).collect();
        match json.contains("Rename") {
            true => assert_eq!(skipped, ["fin"]),
            false => assert_eq!(skipped, ["fin", "old"]),
        }
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
fn objects_that_are_no_user_keys_are_left_alone() {
    let (one, other) = (masters(), masters());
    let foreign = issued(&other.0, "foreign", "Department::FIN");
    let garbage = Material::new(SECRET_KEY, Value::ByteString(vec![7; 200].into()));
    let garbage = source("garbage", ObjectType::PRIVATE_KEY, user("Department::FIN"), Some(garbage));
    let bare = source("bare", ObjectType::PRIVATE_KEY, Attributes::new(), copied(&foreign));
    let asked = action(r#"{"RekeyAccessPolicy":"Department::FIN"}"#);
    let done = rekeyed(&asked, one, vec![foreign, garbage, bare]).unwrap();
    assert!(done.dependents.is_empty() && done.skipped.is_empty());
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
