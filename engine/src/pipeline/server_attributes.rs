//! Attributes that are the server's own never come from outside.

use claviger_kmip::Value;
use claviger_kmip::attributes::{AttributeTable, Visibility};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, Result};

/// Refuses a payload that holds an attribute which only the server gives: a dialect may put one there afterwards, a
/// client may not.
///
/// # Errors
/// Invalid Attribute.
pub(crate) fn refuse(table: &AttributeTable, payload: &Value) -> Result<()> {
    let Value::Structure(fields) = payload else { return Ok(()) };
    fields.iter().try_for_each(|field| {
        let is_ours = field.tag.is_extension()
            && table.rule(field.tag).is_some_and(|rule| rule.visibility == Visibility::ServerOnly);
        if is_ours {
            return Err(Error::invalid(format!("{:?} is not an attribute that a client gives", field.tag))
                .with_reason(ResultReason::INVALID_ATTRIBUTE));
        }
        refuse(table, &field.value)
    })
}

#[cfg(test)]
mod tests {
    use claviger_kmip::attributes::{
        AttributeRule, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source,
    };
    use claviger_kmip::version::ProtocolVersion;
    use claviger_kmip::{Tag, Ttlv};

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
        let refused = refuse(&table(Visibility::ServerOnly), &payload).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_ATTRIBUTE);
        assert!(refuse(&table(Visibility::Wire), &payload).is_ok());
    }
}
