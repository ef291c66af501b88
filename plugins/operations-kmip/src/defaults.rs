//! Default attributes of new objects (KMIP 2.1 sections 6.1.53, 7.11 and 7.22).

use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, Source, kinds};
use claviger_plugin_sdk::kmip::payloads::{DefaultsInformation, ObjectDefaults, ObjectGroups};
use claviger_plugin_sdk::prelude::*;

use crate::rulebook::Rulebook;

/// The defaults that are laid down.
pub(crate) const DEFAULTS: Rulebook = Rulebook { kind: "defaults", tag: Tag::DEFAULTS_INFORMATION };

/// Object Defaults that one user, or the operators together, may lay down.
pub(crate) const MOST: usize = 100;

/// Where a new object comes from, which decides what may be assumed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The server makes it from its attributes.
    Template,
    /// It is there already, and tells its algorithm, length and the like itself.
    Object,
}

/// Gives the attributes of a new object those that are laid down for objects of its type, where it has none. What the
/// caller laid down himself goes before what operators did.
///
/// # Errors
/// The store fails.
pub(crate) async fn complete(
    cx: &mut Context<'_>,
    object_type: ObjectType,
    origin: Origin,
    attributes: &mut Attributes,
) -> Result<()> {
    let laid_down: Vec<DefaultsInformation> = DEFAULTS.read(cx).await?;
    let table = cx.catalogue().attribute_table();
    for defaults in laid_down.iter().rev().flat_map(|information| &information.object_defaults) {
        if concerns(defaults, object_type, attributes) {
            fill(table, &defaults.attributes, origin, attributes);
        }
    }
    Ok(())
}

/// The defaults that count for the caller, for objects in these groups if any are named.
///
/// # Errors
/// The store fails.
pub(crate) async fn information(
    cx: &mut Context<'_>,
    groups: Option<&ObjectGroups>,
) -> Result<DefaultsInformation> {
    let laid_down: Vec<DefaultsInformation> = DEFAULTS.read(cx).await?;
    let wanted = |defaults: &ObjectDefaults| match (groups, &defaults.object_groups) {
        (Some(asked), Some(of)) => of.object_group.iter().any(|group| asked.object_group.contains(group)),
        _ => true,
    };
    let object_defaults = laid_down.into_iter().flat_map(|information| information.object_defaults);
    Ok(DefaultsInformation { object_defaults: object_defaults.filter(wanted).collect() })
}

fn concerns(defaults: &ObjectDefaults, object_type: ObjectType, attributes: &Attributes) -> bool {
    let in_group = defaults.object_groups.as_ref().is_none_or(|groups| {
        attributes.all::<kinds::ObjectGroup>().any(|group| groups.object_group.contains(&group))
    });
    defaults.object_types.as_slice().contains(&object_type) && in_group
}

fn fill(table: &AttributeTable, defaults: &Attributes, origin: Origin, attributes: &mut Attributes) {
    let tells = |tag| table.rule(tag).is_some_and(|rule| rule.source == Source::Proposed);
    for name in defaults.references() {
        if attributes.contains(&name) || origin == Origin::Object && tells(name.key().tag()) {
            continue;
        }
        for instance in defaults.instances(&name) {
            attributes.add(instance.tag, instance.value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_is_assumed_and_an_object_is_asked_before() {
        let mut defaults = Attributes::new();
        defaults.put::<kinds::CryptographicLength>(256);
        defaults.put::<kinds::CryptographicUsageMask>(0xC);
        defaults.push::<kinds::ObjectGroup>("a".into());
        defaults.push::<kinds::ObjectGroup>("b".into());
        let mut given = Attributes::new();
        given.put::<kinds::CryptographicUsageMask>(0x4);
        let filled = |origin| {
            let mut attributes = given.clone();
            fill(AttributeTable::standard(), &defaults, origin, &mut attributes);
            attributes
        };
        let template = filled(Origin::Template);
        assert_eq!(template.one::<kinds::CryptographicLength>(), Some(256));
        assert_eq!(template.one::<kinds::CryptographicUsageMask>(), Some(0x4));
        assert_eq!(template.all::<kinds::ObjectGroup>().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(filled(Origin::Object).one::<kinds::CryptographicLength>(), None);
    }
}
