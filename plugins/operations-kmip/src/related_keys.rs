//! Keys that are made from others and change with them: what Create and Re-key Key Pair let the scheme of an algorithm do.
//!
//! The scheme says which objects it needs and what has become of them; here they are admitted, handed to it and changed. All
//! of it is one change set: if another writer was faster, the operation begins again.

use std::collections::{BTreeMap, HashMap};

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Instance, kinds};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, Key, KeyBlock, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId};
use claviger_plugin_sdk::scheme::{
    Capability, Change, GenerateFrom, Input, Rekey, RekeySources, Scheme, Skipped, Source,
};

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::key_pair::Pair;
use crate::{generated, links, wrapping};

/// How many keys that were left out for one reason a client is told by name.
const NAMED: usize = 20;

/// The scheme that makes a key of this type from others, for these attributes.
pub(crate) fn generator(
    catalogue: &dyn Catalogue,
    object_type: ObjectType,
    attributes: &Attributes,
) -> Option<&'static dyn GenerateFrom> {
    let facts = facts(object_type, attributes);
    match catalogue.scheme(Capability::GenerateFrom, &facts, &CryptographicParameters::NONE) {
        Some(Scheme::GenerateFrom(scheme)) => Some(*scheme),
        _ => None,
    }
}

fn facts(object_type: ObjectType, attributes: &Attributes) -> KeyFacts<'_> {
    KeyFacts {
        format: attributes.one::<kinds::KeyFormatType>(),
        ..KeyFacts::of(object_type, None, attributes)
    }
}

/// Creates a key from others, with these attributes and the defaults that are laid down.
///
/// # Errors
/// Missing Data: the template does not name a key that is needed. What admission says of that one; Key Wrap Type Not
/// Supported: it is stored wrapped. What the scheme says, and wrapping.
pub(crate) async fn create(
    cx: &mut Context<'_>,
    scheme: &'static dyn GenerateFrom,
    object_type: ObjectType,
    mut attributes: Attributes,
    storage: Option<ProtectionStorageMasks>,
) -> Result<ObjectId> {
    defaults::complete(cx, object_type, Origin::Template, &mut attributes).await?;
    born::check_template(cx.catalogue(), object_type, &attributes)?;
    // The operator's policy has a say in what is made.
    cx.scheme(Capability::GenerateFrom, &facts(object_type, &attributes), &CryptographicParameters::NONE)?;
    let mut inputs = Vec::new();
    for input in scheme.inputs(&attributes).map_err(|error| error.about(&attributes))? {
        let found = admitted(cx, &attributes, input).await?;
        links::set(&mut attributes, input.link, found.id());
        cx.named_by_scheme(&found)?;
        inputs.push(found);
    }
    let mut sources = Vec::with_capacity(inputs.len());
    for input in &inputs {
        sources.push(plain(cx, input).await?);
    }
    let cost = scheme.cost(&attributes);
    let (produced, mut attributes) = cx
        .compute(cost, move |rng| {
            let produced = scheme.generate_from(&attributes, &sources, rng);
            Ok((produced.map_err(|error| error.about(&attributes))?, attributes))
        })
        .await?;
    apply(cx, &inputs, produced.updated)?;
    overlay(&mut attributes, produced.attributes)?;
    let object = object_of(object_type, produced.key)?;
    let proposed = generated::proposed_identifier(&attributes)?;
    let newborn = Newborn { making: Making::Generated, object, attributes, storage };
    let new = newborn.completed(cx).await?;
    let mut new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
    new.id = proposed;
    cx.create(new).await
}

/// The key that a template names for an input.
async fn admitted(cx: &mut Context<'_>, template: &Attributes, input: Input) -> Result<Authorized> {
    let Some(id) = links::linked(template, input.link) else {
        return Err(Error::invalid(format!(
            "such a key is made from another: name that one in a {:?}",
            input.link
        )));
    };
    let target =
        Target::subject(Some(id), input.right).role(Role::LINKED).states(StateSet::ACTIVE).types(input.types);
    let found = cx.load(target).await?;
    found.into_iter().next().ok_or_else(|| Error::server("a target resolved to no object"))
}

fn object_of(object_type: ObjectType, key_block: KeyBlock) -> Result<ManagedObject> {
    let key = Key { key_block };
    match object_type {
        ObjectType::PRIVATE_KEY => Ok(ManagedObject::PrivateKey(key)),
        ObjectType::PUBLIC_KEY => Ok(ManagedObject::PublicKey(key)),
        ObjectType::SYMMETRIC_KEY => Ok(ManagedObject::SymmetricKey(key)),
        other => Err(generated::not_made(other)),
    }
}

/// Changes a key pair in its place, if its scheme takes the request for such a change.
///
/// # Errors
/// Invalid Field: the private key has no Public Key Link. What admission says of either key; Key Wrap Type Not Supported: it
/// is stored wrapped. What the scheme says.
pub(crate) async fn rekey(
    cx: &mut Context<'_>,
    private: &Authorized,
    asked: &Attributes,
) -> Result<Option<Pair<ObjectId>>> {
    let Some((scheme, dependents)) = concerned(cx, private, asked)? else { return Ok(None) };
    let active = |id, object_types| {
        Target::subject(Some(id), OperationCode::RE_KEY_KEY_PAIR).states(StateSet::ACTIVE).types(object_types)
    };
    let private = cx.load_one(active(private.id().as_str().into(), &[ObjectType::PRIVATE_KEY])).await?;
    let public = links::linked(private.attributes(), LinkType::PUBLIC_KEY_LINK).ok_or_else(no_public_key)?;
    let public = cx.load_one(active(public, &[ObjectType::PUBLIC_KEY]).role(Role::LINKED)).await?;
    cx.named_by_scheme(&private)?;
    cx.named_by_scheme(&public)?;
    let dependents = match dependents {
        Some(link) => of_same_algorithm(&private, cx.dependents(&private, link).await?),
        None => Vec::new(),
    };
    let mut keys = RekeySources {
        private: plain(cx, &private).await?,
        public: plain(cx, &public).await?,
        dependents: Vec::with_capacity(dependents.len()),
    };
    for dependent in &dependents {
        keys.dependents.push(source(cx, dependent).await?);
    }
    let cost = scheme.cost(asked, dependents.len());
    let asked = asked.clone();
    let changed = cx.compute(cost, move |rng| scheme.rekey(&asked, &keys, rng)).await?;
    let pair = [private, public];
    apply(cx, &pair, changed.updated)?;
    apply(cx, &dependents, changed.dependents)?;
    if let Some(text) = left_out(&changed.skipped) {
        cx.remark(text)?;
    }
    let [private, public] = pair.map(|key| key.id().clone());
    Ok(Some(Pair { private, public }))
}

/// The error for a private key that does not tell its public key.
pub(crate) fn no_public_key() -> Error {
    Error::invalid("the private key has no Public Key Link to the key of its pair")
}

type Concerned = (&'static dyn Rekey, Option<LinkType>);

/// The scheme that is to change the pair, and by which link objects depend on it.
fn concerned(cx: &Context<'_>, private: &Authorized, asked: &Attributes) -> Result<Option<Concerned>> {
    let (facts, none) = (private.key_facts(), CryptographicParameters::NONE);
    let Some(Scheme::Rekey(scheme)) = cx.catalogue().scheme(Capability::Rekey, &facts, &none) else {
        return Ok(None);
    };
    let Some(concerned) = scheme.concerns(&facts, asked)? else { return Ok(None) };
    // The operator's policy has a say in what is renewed.
    cx.scheme(Capability::Rekey, &facts, &none)?;
    Ok(Some((*scheme, concerned.dependents)))
}

/// Anything may be linked to a key; what is no key of the algorithm does not depend on it.
fn of_same_algorithm(private: &Authorized, mut dependents: Vec<Authorized>) -> Vec<Authorized> {
    dependents.retain(|dependent| dependent.key_facts().algorithm == private.key_facts().algorithm);
    dependents
}

/// A key that is changed: as it is stored again, it must not be stored wrapped.
async fn plain(cx: &mut Context<'_>, target: &Authorized) -> Result<Source> {
    if target.is_wrapped() {
        return Err(Error::state(format!(
            "{} is stored wrapped, so it cannot change with the keys that are made from it: import it unwrapped",
            target.id()
        ))
        .with_reason(ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED));
    }
    let material = Some(cx.material(target).await?);
    Ok(Source { material, ..without_material(target) })
}

/// A key that changes if it can: one that is stored wrapped, or is no key at all, has no material.
async fn source(cx: &mut Context<'_>, target: &Authorized) -> Result<Source> {
    let material = match target.is_wrapped() {
        true => None,
        false => if_there(cx.material(target).await)?,
    };
    Ok(Source { material, ..without_material(target) })
}

/// The material, nothing if the object has none that could be used. Whatever else fails says nothing of the object.
fn if_there<T>(material: Result<T>) -> Result<Option<T>> {
    match material {
        Err(error) if !matches!(error.class(), ErrorClass::State | ErrorClass::Unsupported) => Err(error),
        material => Ok(material.ok()),
    }
}

fn without_material(target: &Authorized) -> Source {
    Source {
        id: target.id().clone(),
        object_type: target.object_type(),
        attributes: target.attributes().clone(),
        material: None,
    }
}

/// Records what a scheme changed of the objects that it was given.
fn apply(cx: &mut Context<'_>, given: &[Authorized], changes: Vec<Change>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let catalogue = cx.shared_catalogue();
    let given: HashMap<&ObjectId, &Authorized> = given.iter().map(|object| (object.id(), object)).collect();
    for Change { id, key, attributes: changed } in changes {
        let target =
            given.get(&id).ok_or_else(|| Error::server("a scheme changes a key that it was not given"))?;
        cx.rekey(target, |object, attributes| {
            overlay(attributes, changed)?;
            let (Some(key), Some(block)) = (key, object.key_block_mut()) else { return Ok(()) };
            *block = key;
            if let Some(length) = block.cryptographic_length {
                attributes.put::<kinds::CryptographicLength>(length);
            }
            born::renew_digests(&*catalogue, object, attributes)
        })?;
    }
    Ok(())
}

/// Puts attributes that a scheme gives in the place of those of the same name.
///
/// # Errors
/// Internal Server Error: they are others than a vendor's, which follow from what happens to the object.
pub(crate) fn overlay(attributes: &mut Attributes, given: Attributes) -> Result<()> {
    let is_foreign = |instance: &Instance| instance.tag != Tag::ATTRIBUTE && !instance.tag.is_extension();
    if given.iter().any(is_foreign) {
        return Err(Error::server("a scheme sets attributes of KMIP's own"));
    }
    attributes.retain(|instance| !given.contains(instance.key()));
    attributes.extend(given);
    Ok(())
}

/// What the client is told of keys that did not change with the others.
fn left_out(skipped: &[Skipped]) -> Option<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Skipped { id, why } in skipped {
        by_reason.entry(why).or_default().push(id.as_str());
    }
    let told = |(why, ids): (&&str, &Vec<&str>)| {
        let (named, more) = ids.split_at(ids.len().min(NAMED));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        format!("{why} and therefore not refreshed: {}{more}", named.join(", "))
    };
    let told: Vec<_> = by_reason.iter().map(told).collect();
    Some(told.join("; ")).filter(|told| !told.is_empty())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::VendorAttribute;

    use super::*;

    fn vendor(name: &str, value: &str) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.add(Tag::ATTRIBUTE, VendorAttribute::value_of("v", name, Value::TextString(value.into())));
        attributes
    }

    #[test]
    fn what_a_scheme_gives_takes_the_place_of_what_was_and_leaves_the_rest() {
        let mut attributes = vendor("policy", "old");
        attributes.extend(vendor("other", "stays"));
        attributes.put::<kinds::CryptographicLength>(8);
        overlay(&mut attributes, vendor("policy", "new")).unwrap();
        let text = |name| attributes.vendor("v", name).cloned();
        assert_eq!(text("policy"), Some(Value::TextString("new".into())));
        assert_eq!(text("other"), Some(Value::TextString("stays".into())));
        assert_eq!(attributes.len(), 3);
    }

    #[test]
    fn what_has_no_material_is_told_from_what_cannot_be_read_now() {
        assert_eq!(if_there(Ok(1)).unwrap(), Some(1));
        for error in
            [Error::state("the key has no value"), Error::unsupported("an object of this type has no key")]
        {
            assert_eq!(if_there::<()>(Err(error)).unwrap(), None);
        }
        let failed = if_there::<()>(Err(Error::server("the store fails"))).unwrap_err();
        assert_eq!(failed.reason(), ResultReason::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn a_scheme_sets_no_attributes_of_kmip() {
        let mut given = Attributes::new();
        given.put::<kinds::State>(State::ACTIVE);
        let refused = overlay(&mut Attributes::new(), given).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn keys_that_were_left_out_are_told_by_name_and_many_by_number() {
        let id = |n| ObjectId::new(&format!("k{n}")).unwrap();
        let wrapped = |count| (0..count).map(|n| Skipped::wrapped(id(n))).collect::<Vec<_>>();
        assert_eq!(left_out(&[]), None);
        let two = "stored wrapped and therefore not refreshed: k0, k1";
        assert_eq!(left_out(&wrapped(2)).unwrap(), two);
        assert!(left_out(&wrapped(23)).unwrap().ends_with("k19 and 3 more"));
        let others = [vec![Skipped { id: id(7), why: "too old" }], wrapped(2)].concat();
        assert_eq!(left_out(&others).unwrap(), format!("{two}; too old and therefore not refreshed: k7"));
    }
}
