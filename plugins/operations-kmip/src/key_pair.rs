//! Key pairs: what Create Key Pair and Re-key Key Pair share (KMIP 2.1 sections 6.1.9 and 6.1.47).

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, Instance, Occurs};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, Key, KeyBlock, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId};
use claviger_plugin_sdk::scheme::{Capability, PairTemplates, Scheme};

use crate::born::{self, Newborn};
use crate::{generated, links, related_keys};

/// Something of a private key and of its public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair<T> {
    /// Of the private key.
    pub(crate) private: T,
    /// Of the public key.
    pub(crate) public: T,
}

/// What both keys of a pair have alike (table 191).
const SHARED: [Tag; 4] = [
    Tag::CRYPTOGRAPHIC_ALGORITHM,
    Tag::CRYPTOGRAPHIC_LENGTH,
    Tag::CRYPTOGRAPHIC_DOMAIN_PARAMETERS,
    Tag::CRYPTOGRAPHIC_PARAMETERS,
];

/// The attributes of each key: its own go before the common ones, and all instances of multi-valued attributes count.
pub(crate) fn with_common(
    table: &AttributeTable,
    common: &Attributes,
    own: Pair<Option<Attributes>>,
) -> Pair<Attributes> {
    let complete = |own: Option<Attributes>| {
        let mut attributes = own.unwrap_or_default();
        let single = |tag| table.rule(tag).is_some_and(|rule| rule.occurs == Occurs::Once);
        let missing = |instance: &&Instance| !single(instance.tag) || !attributes.contains(instance.tag);
        let added: Vec<Instance> = common.iter().filter(missing).cloned().collect();
        added.into_iter().for_each(|instance| {
            attributes.add(instance.tag, instance.value);
        });
        attributes
    };
    Pair { private: complete(own.private), public: complete(own.public) }
}

/// Checks what a client asks for of a new pair, and lets each key have what the other one shares with it.
///
/// # Errors
/// Invalid Attribute Value: the keys of a pair cannot differ so. What the attribute table says.
pub(crate) fn check_asked(catalogue: &dyn Catalogue, asked: &mut Pair<Attributes>) -> Result<()> {
    let checked = |object_type, attributes: &Attributes| {
        born::check_attributes(catalogue, Making::Generated, object_type, attributes)
    };
    checked(ObjectType::PRIVATE_KEY, &asked.private)?;
    checked(ObjectType::PUBLIC_KEY, &asked.public)?;
    share(asked)
}

/// Checks that a pair can be made from these attributes.
///
/// # Errors
/// What the kinds say.
pub(crate) fn check_templates(catalogue: &dyn Catalogue, wanted: &Pair<Attributes>) -> Result<()> {
    born::kind(catalogue, ObjectType::PRIVATE_KEY)?.check_template(&wanted.private)?;
    born::kind(catalogue, ObjectType::PUBLIC_KEY)?.check_template(&wanted.public)
}

fn share(wanted: &mut Pair<Attributes>) -> Result<()> {
    let values =
        |of: &Attributes, tag: Tag| of.instances(tag).map(|i| i.value.clone()).collect::<Vec<Value>>();
    for tag in SHARED {
        let (private, public) = (values(&wanted.private, tag), values(&wanted.public, tag));
        let (lacking, given) = match (private.is_empty(), public.is_empty()) {
            (true, _) => (&mut wanted.private, public),
            (_, true) => (&mut wanted.public, private),
            _ if private == public => continue,
            _ => {
                return Err(Error::invalid(format!("both keys of a pair have the same {tag:?}"))
                    .with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE));
            }
        };
        for value in given {
            lacking.add(tag, value);
        }
    }
    Ok(())
}

/// Has the scheme of the algorithm make a pair, each key in the format that its attributes ask for, and returns the
/// attributes with it.
///
/// # Errors
/// Unsupported Cryptographic Parameters: no scheme makes such pairs. What the scheme says of length, curve and format.
pub(crate) async fn generate(
    cx: &mut Context<'_>,
    wanted: Pair<Attributes>,
) -> Result<(Pair<ManagedObject>, Pair<Attributes>)> {
    let facts = KeyFacts::of(ObjectType::PRIVATE_KEY, None, &wanted.private);
    let scheme = match cx.scheme(Capability::GeneratePair, &facts, &CryptographicParameters::NONE)? {
        Scheme::GeneratePair(scheme) => *scheme,
        _ => return Err(Error::server("a scheme that makes key pairs does something else")),
    };
    let cost = scheme.cost(templates(&wanted));
    let (pair, mut wanted) =
        cx.compute(cost, move |rng| Ok((scheme.generate_pair(templates(&wanted), rng)?, wanted))).await?;
    related_keys::overlay(&mut wanted.private, pair.attributes.clone())?;
    related_keys::overlay(&mut wanted.public, pair.attributes)?;
    let key = |key_block: KeyBlock| Key { key_block };
    let objects = Pair {
        private: ManagedObject::PrivateKey(key(pair.private)),
        public: ManagedObject::PublicKey(key(pair.public)),
    };
    Ok((objects, wanted))
}

fn templates(wanted: &Pair<Attributes>) -> PairTemplates<'_> {
    PairTemplates { private: &wanted.private, public: &wanted.public }
}

/// Completes both objects, gives them identifiers and links them to one another.
///
/// The client may propose either identifier. A public key without a proposal is called as its private key with `_pk`
/// behind it.
///
/// # Errors
/// Private Protection Storage Unavailable, Public Protection Storage Unavailable, what completing says.
pub(crate) fn complete(
    cx: &mut Context<'_>,
    objects: Pair<ManagedObject>,
    attributes: Pair<Attributes>,
    storage: Pair<Option<ProtectionStorageMasks>>,
) -> Result<Pair<NewObject>> {
    let wanted = Pair {
        private: generated::proposed_identifier(&attributes.private)?,
        public: generated::proposed_identifier(&attributes.public)?,
    };
    let (catalogue, now) = (cx.catalogue(), cx.now());
    let newborn = |object, attributes, storage| {
        Newborn { making: Making::Generated, object, attributes, storage }.complete(catalogue, now)
    };
    let mut private = newborn(objects.private, attributes.private, storage.private)
        .map_err(|error| storage_of(error, ResultReason::PRIVATE_PROTECTION_STORAGE_UNAVAILABLE))?;
    let mut public = newborn(objects.public, attributes.public, storage.public)
        .map_err(|error| storage_of(error, ResultReason::PUBLIC_PROTECTION_STORAGE_UNAVAILABLE))?;
    let private_id = wanted.private.unwrap_or_else(|| ObjectId::random(cx.rng()));
    let public_id = match wanted.public {
        Some(id) => id,
        None => ObjectId::new(&format!("{private_id}_pk")).unwrap_or_else(|_| ObjectId::random(cx.rng())),
    };
    links::set(&mut private.attributes, LinkType::PUBLIC_KEY_LINK, &public_id);
    links::set(&mut public.attributes, LinkType::PRIVATE_KEY_LINK, &private_id);
    private.id = Some(private_id);
    public.id = Some(public_id);
    Ok(Pair { private, public })
}

fn storage_of(error: Error, reason: ResultReason) -> Error {
    match error.reason() {
        ResultReason::PROTECTION_STORAGE_UNAVAILABLE => error.with_reason(reason),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::kinds;

    use super::*;

    fn length(bits: i32) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicLength>(bits);
        attributes
    }

    fn group(attributes: &mut Attributes, name: &str) {
        attributes.push::<kinds::ObjectGroup>(name.into());
    }

    #[test]
    fn a_keys_own_attributes_go_before_the_common_ones_and_groups_add_up() {
        let mut common = length(1024);
        group(&mut common, "all");
        let mut private = length(2048);
        group(&mut private, "mine");
        let wanted =
            with_common(AttributeTable::standard(), &common, Pair { private: Some(private), public: None });
        let groups = |of: &Attributes| of.all::<kinds::ObjectGroup>().collect::<Vec<_>>();
        assert_eq!(wanted.private.one::<kinds::CryptographicLength>(), Some(2048));
        assert_eq!(groups(&wanted.private), ["mine", "all"]);
        assert_eq!(wanted.public.one::<kinds::CryptographicLength>(), Some(1024));
        assert_eq!(groups(&wanted.public), ["all"]);
    }

    #[test]
    fn what_both_keys_have_alike_is_said_once_or_twice_alike() {
        let mut wanted = Pair { private: length(2048), public: Attributes::new() };
        share(&mut wanted).unwrap();
        assert_eq!(wanted.public, wanted.private);
        share(&mut wanted).unwrap();
        wanted.public = length(4096);
        assert_eq!(share(&mut wanted).unwrap_err().reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
    }
}
