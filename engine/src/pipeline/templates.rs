//! Templates of 1.x: what a request takes from the templates that it names, in the place of the names.
//!
//! The caller comes to know what a template holds, so the right is that of Get Attributes. Requests of 2.x name none.

use claviger_kmip::attributes::{Attributes, Name};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::objects::ManagedObject;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode};
use claviger_kmip::{Tag, Value, legacy};
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::target::{Right, Role, Target};

use super::host::ItemHost;
use super::{request_attributes, resolve};

/// What a template is to the operation.
const TEMPLATE: Role = Role("template");

/// The payload with the attributes of templates in the place of their names.
///
/// # Errors
/// Item Not Found: there is no such template, or the caller may not know its attributes. Object Archived. Server Limit
/// Exceeded: there are too many of them, or with them a set of attributes is too large.
pub(crate) async fn apply(host: &mut ItemHost<'_, '_>, payload: Value) -> Result<Value> {
    let message = host.message();
    let most = message.engine.options.limits.attributes;
    let names = legacy::templates_named(&payload, message.version, most)?;
    if names.is_empty() {
        return Ok(payload);
    }
    // Boxed: hardly any request names a template, and all others need no room for this.
    Box::pin(take(host, payload, names)).await
}

async fn take(host: &mut ItemHost<'_, '_>, payload: Value, names: Vec<Name>) -> Result<Value> {
    let message = host.message();
    let most = message.engine.options.limits.attributes;
    let mut templates = Vec::with_capacity(names.len());
    for name in names {
        // The first that is absent ends the request below.
        let Some(attributes) = find(host, &name).await? else { break };
        templates.push((name, attributes));
    }
    let table = message.engine.registry.attribute_table();
    let payload = legacy::apply_templates(payload, &templates, table)?;
    request_attributes::check(table, most, &payload)?;
    Ok(payload)
}

/// What the newest template of this name holds.
async fn find(host: &mut ItemHost<'_, '_>, name: &Name) -> Result<Option<Attributes>> {
    let by = OperationCode::GET_ATTRIBUTES;
    let filter = Filter::All(vec![
        Filter::Type(vec![ObjectType::TEMPLATE]),
        called(name),
        resolve::visible(host, Right::Operation(by)),
    ]);
    let Some(loaded) = host.find(filter, Page::first(1)).await?.loaded.into_iter().next() else {
        return Ok(None);
    };
    let target = Target::subject(None, by).role(TEMPLATE).types(&[ObjectType::TEMPLATE]);
    host.admit(&target, &loaded, &name.value)?;
    host.note_object(loaded.entry.record.id.clone());
    Ok(match &loaded.entry.record.object {
        ManagedObject::Template(template) => Some(template.attributes.clone()),
        _ => None,
    })
}

/// Objects with this Name.
fn called(name: &Name) -> Filter {
    let Value::Structure(fields) = name.clone().into_value() else { return Filter::Any(Vec::new()) };
    let tests = fields.iter().map(|field| FieldTest {
        field: Some(field.tag),
        compare: Compare::Equal(IndexValue::of(&field.value)),
    });
    Filter::Attribute { tag: Tag::NAME, tests: tests.collect() }
}
