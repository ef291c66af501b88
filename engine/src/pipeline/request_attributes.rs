//! What holds for attributes in a request wherever they stand: not too many, and none that is the server's own.

use claviger_kmip::attributes::{AttributeTable, Visibility};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_kmip::{ItemType, Tag, Ttlv, Value};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

/// Checks a payload before it is decoded, since the work on a set grows faster than the set.
///
/// # Errors
/// Server Limit Exceeded: one set has more than `most` instances. Invalid Attribute: it holds an attribute which only the
/// server gives; a dialect may put one there afterwards, a client may not.
pub(crate) fn check(table: &AttributeTable, most: usize, payload: &Value) -> Result<()> {
    let Value::Structure(fields) = payload else { return Ok(()) };
    fields.iter().try_for_each(|field| {
        if is_set(field.tag) && field.children().len() > most {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Request,
                format!("{:?} holds more than {most} attributes", field.tag),
            ));
        }
        if is_the_servers(table, field) {
            return Err(Error::invalid(format!("{:?} is not an attribute that a client gives", field.tag))
                .with_reason(ResultReason::INVALID_ATTRIBUTE));
        }
        check(table, most, &field.value)
    })
}

/// Whether an item of a payload is one that [`check`] looks at.
#[inline]
pub(crate) fn is_checked(tag: Tag, item_type: ItemType) -> bool {
    tag.is_extension() || (item_type == ItemType::Structure && is_set(tag))
}

/// Whether the structure holds attributes.
fn is_set(tag: Tag) -> bool {
    matches!(
        tag,
        Tag::ATTRIBUTES | Tag::COMMON_ATTRIBUTES | Tag::PRIVATE_KEY_ATTRIBUTES | Tag::PUBLIC_KEY_ATTRIBUTES
    )
}

fn is_the_servers(table: &AttributeTable, field: &Ttlv) -> bool {
    field.tag.is_extension()
        && table.rule(field.tag).is_some_and(|rule| rule.visibility == Visibility::ServerOnly)
}

#[cfg(test)]
mod tests {
    use claviger_kmip::attributes::{
        AttributeRule, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source,
    };
    use claviger_kmip::version::ProtocolVersion;

    use super::*;

    const MARK: Tag = Tag(0x54_0001);

    fn table(visibility: Visibility) -> AttributeTable {
        let rule = AttributeRule {
            tag: MARK,
            name: "mark",
            shape: Shape::Any,
            occurs: Occurs::Once,
            presence: Presence::Maybe,
            source: Source::Server,
            modify: ClientMay::Never,
            delete: ClientMay::Never,
            rekey: OnRekey::Copied,
            since: ProtocolVersion::V2_1,
            until: None,
            objects: ObjectTypes::All,
            implicit: &[],
            visibility,
        };
        AttributeTable::standard().extended(&[rule]).unwrap()
    }

    #[test]
    fn an_attribute_of_the_server_is_refused_wherever_it_stands() {
        let mark = Ttlv::new(MARK, Value::Integer(1));
        let payload = Value::Structure(vec![Ttlv::structure(Tag::ATTRIBUTES, vec![mark])]);
        let refused = check(&table(Visibility::ServerOnly), 9, &payload).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_ATTRIBUTE);
        assert!(check(&table(Visibility::Wire), 9, &payload).is_ok());
    }
    #[test]
    fn a_set_with_too_many_instances_is_refused_wherever_it_stands() {
        let names = vec![Ttlv::new(Tag::COMMENT, Value::Integer(1)); 3];
        let set = Ttlv::structure(Tag::PRIVATE_KEY_ATTRIBUTES, names);
        let payload = Value::Structure(vec![Ttlv::structure(Tag::KEY_VALUE, vec![set])]);
        assert!(check(AttributeTable::standard(), 3, &payload).is_ok());
        let refused = check(AttributeTable::standard(), 2, &payload).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }
}
