//! Template objects of 1.x, and the names by which requests refer to them.
//!
//! KMIP 2.0 dropped both. Inside the server a template is a [`Template`](crate::objects::Template) object, and a
//! Name in a Template-Attribute stands as a `Template` item, which holds that name, among the attributes. Such an item
//! is no attribute: a payload that still has one does not decode. So the engine asks [`templates_named`] what to load,
//! with the caller's rights, and lets [`apply_templates`] put the attributes in the place of the names before it decodes
//! the payload.

use super::attribute::{undecodable, violation};
use crate::attributes::rules::RuleViolation;
use crate::attributes::{AttributeKey, AttributeTable, Attributes, Name, Occurs};
use crate::field::TtlvValue;
use crate::tables::enumerations::ResultReason;
use crate::ttlv::{Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

/// The names of the templates that an adapted request payload refers to, each once, in the order in which they stand.
/// None in a request of 2.0 or later.
///
/// Only the text of a name tells templates apart for the store, so a server looks for an object of the type Template
/// that has this Name.
///
/// # Errors
/// Server Limit Exceeded: the payload refers to templates more than `most` times.
pub fn templates_named(
    payload: &Value,
    version: ProtocolVersion,
    most: usize,
) -> Result<Vec<Name>, RuleViolation> {
    let mut names = Vec::new();
    if version >= ProtocolVersion::V2_0 {
        return Ok(names);
    }
    let Value::Structure(fields) = payload else { return Ok(names) };
    let sets = fields.iter().filter(|field| SETS.contains(&field.tag));
    for (number, item) in sets.flat_map(Ttlv::children).filter(|item| item.tag == Tag::TEMPLATE).enumerate() {
        if number >= most {
            let message = format!("a request names {most} templates at most on this server");
            return Err(violation(ResultReason::SERVER_LIMIT_EXCEEDED, message));
        }
        if let Ok(name) = Name::from_value(item.tag, item.value.clone())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// Puts the attributes of templates in the place of their names (KMIP 1.4 section 4).
///
/// Within one set, a single-valued attribute that the request states goes before that of a template, and that of a
/// later template before that of an earlier one; of other attributes every value counts, once. The names of the
/// templates themselves are not those of the new object.
///
/// # Errors
/// Item Not Found: the payload names a template that is not among `templates`.
pub fn apply_templates(
    payload: Value,
    templates: &[(Name, Attributes)],
    table: &AttributeTable,
) -> Result<Value, RuleViolation> {
    let Value::Structure(fields) = payload else { return Ok(payload) };
    let applied = fields.into_iter().map(|field| match field {
        Ttlv { tag, value: Value::Structure(items) } if SETS.contains(&tag) => {
            complete(items, templates, table).map(|items| Ttlv::structure(tag, items))
        }
        other => Ok(other),
    });
    applied.collect::<Result<_, _>>().map(Value::Structure)
}

/// The structures that hold the attributes of new objects.
const SETS: [Tag; 4] =
    [Tag::ATTRIBUTES, Tag::COMMON_ATTRIBUTES, Tag::PRIVATE_KEY_ATTRIBUTES, Tag::PUBLIC_KEY_ATTRIBUTES];

fn complete(
    items: Vec<Ttlv>,
    templates: &[(Name, Attributes)],
    table: &AttributeTable,
) -> Result<Vec<Ttlv>, RuleViolation> {
    let (names, mut given): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.tag == Tag::TEMPLATE);
    let stated = given.len();
    for name in names {
        let name = Name::from_value(name.tag, name.value).map_err(|error| undecodable(&error))?;
        let Some((_, attributes)) = templates.iter().find(|(known, _)| *known == name) else {
            let message = format!("there is no template called {:?}", name.value);
            return Err(violation(ResultReason::ITEM_NOT_FOUND, message));
        };
        for instance in attributes.iter().filter(|instance| instance.tag != Tag::NAME) {
            give(&mut given, stated, table, Ttlv::new(instance.tag, instance.value.clone()));
        }
    }
    Ok(given)
}

/// Adds one attribute of a template to those given, of which the request states the first `stated`.
fn give(given: &mut Vec<Ttlv>, stated: usize, table: &AttributeTable, item: Ttlv) {
    let is_single = table.rule(item.tag).is_none_or(|rule| rule.occurs == Occurs::Once);
    let key = AttributeKey::of(item.tag, &item.value);
    let same = |known: &Ttlv| match is_single {
        true => AttributeKey::of(known.tag, &known.value) == key,
        false => *known == item,
    };
    match given.iter().position(same) {
        None => given.push(item),
        Some(position) if position >= stated => {
            if let Some(earlier) = given.get_mut(position) {
                *earlier = item;
            }
        }
        Some(_) => {}
    }
}

/// The item that stands for a Name in a Template-Attribute.
///
/// # Errors
/// Invalid Message, Invalid Data Type: it is no Name.
pub(super) fn reference(name: Value) -> Result<Ttlv, RuleViolation> {
    let name = Name::from_value(Tag::NAME, name).map_err(|error| undecodable(&error))?;
    Ok(Ttlv::new(Tag::TEMPLATE, name.into_value()))
}

/// Gives a template that comes in the names that stand in it: clients of 1.0 put them there, and not into the
/// Template-Attribute beside it.
pub(super) fn take_names(fields: &mut [Ttlv]) {
    let names: Vec<Ttlv> = fields
        .iter()
        .filter(|field| field.tag == Tag::TEMPLATE)
        .flat_map(|template| template.children().iter().flat_map(Ttlv::children))
        .filter(|item| item.tag == Tag::NAME)
        .cloned()
        .collect();
    let Some(Ttlv { value: Value::Structure(own), .. }) =
        fields.iter_mut().find(|field| field.tag == Tag::ATTRIBUTES)
    else {
        return;
    };
    for name in names {
        if !own.contains(&name) {
            own.push(name);
        }
    }
}
