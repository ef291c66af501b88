//! Constraints on new objects (KMIP 2.1 sections 6.1.22, 6.1.52, 7.6 and 7.7).
//!
//! A constraint is about objects of its types and in its groups; of each attribute that it names they must have what it
//! says. Where the attribute has one value, several in the constraint are alternatives; where it may have several, the
//! object has them all, and others if it likes. Of a structure the fields that the constraint gives count. A
//! Cryptographic Usage Mask is the most that an object may have.

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::kmip::attributes::{AttributeReference, AttributeTable, Attributes, Occurs, kinds};
use claviger_plugin_sdk::kmip::payloads::{Constraint, Constraints};
use claviger_plugin_sdk::new_object_rule::NewObjectRule;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_new_object_rule;

use crate::rulebook::Rulebook;

/// The constraints that are laid down.
pub(crate) const CONSTRAINTS: Rulebook = Rulebook { kind: "constraints", tag: Tag::CONSTRAINTS };

/// Constraints that one user, or the operators together, may lay down.
pub(crate) const MOST: usize = 100;

/// Holds new objects to the constraints.
struct ConstraintRule;

register_new_object_rule!(ConstraintRule);

impl NewObjectRule for ConstraintRule {
    fn name(&self) -> &'static str {
        "constraints"
    }

    fn check<'a>(&'a self, cx: &'a mut Context<'_>, new: &'a NewObject) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let laid_down: Vec<Constraints> = CONSTRAINTS.read(cx).await?;
            let table = cx.catalogue().attribute_table();
            laid_down
                .iter()
                .flat_map(|constraints| &constraints.constraint)
                .filter(|constraint| concerns(constraint, new.object.object_type(), &new.attributes))
                .try_for_each(|constraint| check(table, constraint, &new.attributes))
        })
    }
}

fn concerns(constraint: &Constraint, object_type: ObjectType, attributes: &Attributes) -> bool {
    let of_type =
        constraint.object_types.as_ref().is_none_or(|types| types.object_type.contains(&object_type));
    let in_group = constraint.object_groups.as_ref().is_none_or(|groups| {
        attributes.all::<kinds::ObjectGroup>().any(|group| groups.object_group.contains(&group))
    });
    of_type && in_group
}

fn check(table: &AttributeTable, constraint: &Constraint, attributes: &Attributes) -> Result<()> {
    let Some(demanded) = &constraint.attributes else { return Ok(()) };
    match demanded.references().into_iter().find(|name| !is_met(table, name, demanded, attributes)) {
        None => Ok(()),
        Some(name) => Err(Error::new(
            ResultReason::CONSTRAINT_VIOLATION,
            ErrorClass::Request,
            format!(
                "a constraint demands another {} of such objects; Get Constraints tells which",
                name.key()
            ),
        )),
    }
}

fn is_met(
    table: &AttributeTable,
    name: &AttributeReference,
    demanded: &Attributes,
    attributes: &Attributes,
) -> bool {
    let tag = name.key().tag();
    let has = |wanted: &Value| attributes.instances(name).any(|have| suits(tag, &have.value, wanted));
    let mut wanted = demanded.instances(name).map(|instance| &instance.value);
    match table.rule(tag).map(|rule| rule.occurs) {
        Some(Occurs::Many) => wanted.all(has),
        _ => wanted.any(has),
    }
}

fn suits(tag: Tag, have: &Value, wanted: &Value) -> bool {
    match (have, wanted) {
        (Value::Integer(have), Value::Integer(most)) if tag == Tag::CRYPTOGRAPHIC_USAGE_MASK => {
            have & !most == 0
        }
        (Value::Structure(have), Value::Structure(wanted)) => wanted.iter().all(|field| have.contains(field)),
        _ => have == wanted,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::CryptographicDomainParameters;
    use claviger_plugin_sdk::kmip::payloads::{ObjectGroups, ObjectTypes};
    use claviger_plugin_sdk::kmip::tables::enumerations::RecommendedCurve;

    use super::*;

    fn attributes(edit: impl FnOnce(&mut Attributes)) -> Attributes {
        let mut attributes = Attributes::new();
        edit(&mut attributes);
        attributes
    }

    fn demanding(edit: impl FnOnce(&mut Attributes)) -> Constraint {
        Constraint { object_types: None, object_groups: None, attributes: Some(attributes(edit)) }
    }

    fn meets(constraint: &Constraint, edit: impl FnOnce(&mut Attributes)) -> bool {
        check(AttributeTable::standard(), constraint, &attributes(edit)).is_ok()
    }

    #[test]
    fn several_values_of_an_attribute_with_one_value_are_alternatives() {
        let constraint = demanding(|of| {
            of.push::<kinds::CryptographicLength>(192);
            of.push::<kinds::CryptographicLength>(256);
        });
        assert!(meets(&constraint, |of| of.put::<kinds::CryptographicLength>(256)));
        assert!(!meets(&constraint, |of| of.put::<kinds::CryptographicLength>(128)));
        assert!(!meets(&constraint, |_| ()));
    }

    #[test]
    fn all_values_of_an_attribute_with_several_are_demanded() {
        let constraint = demanding(|of| {
            of.push::<kinds::ObjectGroup>("a".into());
            of.push::<kinds::ObjectGroup>("b".into());
        });
        let groups = |names: &'static [&str]| {
            move |of: &mut Attributes| {
                for name in names {
                    of.push::<kinds::ObjectGroup>((*name).into());
                }
            }
        };
        assert!(meets(&constraint, groups(&["c", "b", "a"])));
        assert!(!meets(&constraint, groups(&["a"])));
    }

    #[test]
    fn a_usage_mask_is_the_most_and_of_a_structure_the_given_fields_count() {
        let constraint = demanding(|of| of.put::<kinds::CryptographicUsageMask>(0xC));
        assert!(meets(&constraint, |of| of.put::<kinds::CryptographicUsageMask>(0x4)));
        assert!(!meets(&constraint, |of| of.put::<kinds::CryptographicUsageMask>(0x14)));
        let domain =
            |qlength, recommended_curve| CryptographicDomainParameters { qlength, recommended_curve };
        let curve = Some(RecommendedCurve::P_256);
        let constraint = demanding(|of| of.put::<kinds::CryptographicDomainParameters>(domain(None, curve)));
        assert!(
            meets(&constraint, |of| of.put::<kinds::CryptographicDomainParameters>(domain(Some(160), curve)))
        );
        assert!(!meets(&constraint, |of| of.put::<kinds::CryptographicDomainParameters>(domain(None, None))));
    }

    #[test]
    fn a_constraint_is_about_its_types_and_groups_alone() {
        let keys = Constraint {
            object_types: Some(ObjectTypes { object_type: vec![ObjectType::SYMMETRIC_KEY] }),
            object_groups: Some(ObjectGroups { object_group: vec!["g".into(), "h".into()] }),
            attributes: None,
        };
        let grouped = attributes(|of| {
            of.push::<kinds::ObjectGroup>("f".into());
            of.push::<kinds::ObjectGroup>("h".into());
        });
        assert!(concerns(&keys, ObjectType::SYMMETRIC_KEY, &grouped));
        assert!(!concerns(&keys, ObjectType::SECRET_DATA, &grouped));
        assert!(!concerns(&keys, ObjectType::SYMMETRIC_KEY, &Attributes::new()));
        assert!(concerns(&demanding(|_| ()), ObjectType::SECRET_DATA, &Attributes::new()));
    }
}
