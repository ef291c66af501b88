//! Links between objects (KMIP 2.1 section 4.31).

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, Instance, Link, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

/// What the first link of this type names.
pub(crate) fn linked(attributes: &Attributes, link_type: LinkType) -> Option<UniqueIdentifier> {
    attributes
        .all::<kinds::Link>()
        .find(|link| link.link_type == link_type)
        .map(|link| link.linked_object_identifier)
}

/// Makes a link the only one of its type.
pub(crate) fn set(attributes: &mut Attributes, link_type: LinkType, to: &ObjectId) {
    remove_all(attributes, link_type);
    add(attributes, link_type, to);
}

/// Adds a link to those that there are, unless it is there already.
pub(crate) fn add(attributes: &mut Attributes, link_type: LinkType, to: &ObjectId) {
    let link = Link { link_type, linked_object_identifier: to.as_str().into() };
    if !attributes.all::<kinds::Link>().any(|known| known == link) {
        attributes.push::<kinds::Link>(link);
    }
}

/// Removes the link of this type to an object.
pub(crate) fn remove(attributes: &mut Attributes, link_type: LinkType, to: &ObjectId) {
    let link = Link { link_type, linked_object_identifier: to.as_str().into() }.into_value();
    attributes.retain(|instance| instance.tag != Tag::LINK || instance.value != link);
}

/// Removes all links of this type.
pub(crate) fn remove_all(attributes: &mut Attributes, link_type: LinkType) {
    attributes.retain(|instance| !is_of_type(instance, link_type));
}

/// What all links of this type name, in their order.
pub(crate) fn all_linked(
    attributes: &Attributes,
    link_type: LinkType,
) -> impl Iterator<Item = UniqueIdentifier> {
    let links = attributes.all::<kinds::Link>().filter(move |link| link.link_type == link_type);
    links.map(|link| link.linked_object_identifier)
}

/// The newest object of a type that has a link of this type to an object.
///
/// # Errors
/// The store fails.
pub(crate) async fn from(
    cx: &mut Context<'_>,
    link_type: LinkType,
    id: &ObjectId,
    object_type: ObjectType,
) -> Result<Option<ObjectId>> {
    let filter = Filter::Type(vec![object_type]).and(Filter::linked(link_type, id));
    Ok(cx.locate(filter, Page::first(1)).await?.ids.into_iter().next())
}

fn is_of_type(instance: &Instance, link_type: LinkType) -> bool {
    instance.tag == Tag::LINK
        && Link::from_value(Tag::LINK, instance.value.clone()).is_ok_and(|link| link.link_type == link_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_removed_by_its_type_and_what_it_names() {
        let id = |text| ObjectId::new(text).unwrap();
        let mut attributes = Attributes::new();
        for to in ["one", "two"] {
            add(&mut attributes, LinkType::CERTIFICATE_LINK, &id(to));
        }
        remove(&mut attributes, LinkType::PUBLIC_KEY_LINK, &id("one"));
        remove(&mut attributes, LinkType::CERTIFICATE_LINK, &id("one"));
        let left: Vec<_> = all_linked(&attributes, LinkType::CERTIFICATE_LINK).collect();
        assert_eq!(left, ["two".into()]);
    }

    #[test]
    fn setting_a_link_replaces_those_of_its_type_alone() {
        let id = |text| ObjectId::new(text).unwrap();
        let mut attributes = Attributes::new();
        add(&mut attributes, LinkType::PUBLIC_KEY_LINK, &id("one"));
        add(&mut attributes, LinkType::PUBLIC_KEY_LINK, &id("two"));
        add(&mut attributes, LinkType::PUBLIC_KEY_LINK, &id("two"));
        assert_eq!(attributes.all::<kinds::Link>().count(), 2);
        add(&mut attributes, LinkType::CERTIFICATE_LINK, &id("three"));
        set(&mut attributes, LinkType::PUBLIC_KEY_LINK, &id("four"));
        assert_eq!(linked(&attributes, LinkType::PUBLIC_KEY_LINK), Some("four".into()));
        assert_eq!(linked(&attributes, LinkType::CERTIFICATE_LINK), Some("three".into()));
        assert_eq!(attributes.all::<kinds::Link>().count(), 2);
    }
}
