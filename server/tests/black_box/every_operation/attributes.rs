//! The operations on attributes, which are defined on all objects, destroyed ones among them (section 6.1.15).

use claviger_kmip::attributes::{AttributeReference, NewAttribute, kinds};
use claviger_kmip::field::Interval;
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{AdjustmentType, OperationCode as Op, ResultReason, State};
use claviger_kmip::{Tag, Value};

use super::objects::TYPES;
use super::scene::{Scene, payload, read};
use super::{About, Row, about};

/// The rows.
pub(super) fn rows() -> Vec<Row> {
    vec![
        about(
            Op::GET_ATTRIBUTES,
            About::on(&TYPES, |_, _, id| get(id, Vec::new()))
                .check(|scene, object_type, _, answer| {
                    let told: GetAttributesResponse = read(answer);
                    let told = told.attributes.one::<kinds::ObjectType>();
                    scene.expect(told == Some(object_type), "another Object Type");
                })
                // A message is no attribute.
                .wrong(
                    |_, _, id| get(id, vec![AttributeReference::Tagged(Tag::REQUEST_MESSAGE)]),
                    ResultReason::INVALID_ATTRIBUTE,
                ),
        ),
        about(
            Op::GET_ATTRIBUTE_LIST,
            About::on(&TYPES, |_, _, id| {
                payload(GetAttributeListRequest { unique_identifier: Some(id.into()) })
            })
            .check(|scene, _, _, answer| {
                let told: GetAttributeListResponse = read(answer);
                let state = AttributeReference::Tagged(Tag::STATE);
                scene.expect(told.attribute_reference.contains(&state), "no State");
            }),
        ),
        about(
            Op::ADD_ATTRIBUTE,
            About::on(&TYPES, |_, _, id| add(id, comment("new")))
                .check(|scene, _, id, _| scene.expect_comment(id, Some("new")))
                .wrong(|_, _, id| add(id, state()), ResultReason::READ_ONLY_ATTRIBUTE),
        ),
        about(
            Op::MODIFY_ATTRIBUTE,
            About::on(&TYPES, |scene, _, id| {
                scene.good(Op::ADD_ATTRIBUTE, add(id, comment("old")));
                modify(id, comment("new"))
            })
            .check(|scene, _, id, _| scene.expect_comment(id, Some("new")))
            .wrong(|_, _, id| modify(id, state()), ResultReason::ATTRIBUTE_READ_ONLY),
        ),
        about(
            Op::SET_ATTRIBUTE,
            About::on(&TYPES, |_, _, id| set(id, comment("set")))
                .check(|scene, _, id, _| scene.expect_comment(id, Some("set")))
                .wrong(|_, _, id| set(id, state()), ResultReason::READ_ONLY_ATTRIBUTE),
        ),
        about(
            Op::ADJUST_ATTRIBUTE,
            About::on(&TYPES, |scene, _, id| {
                let ten = NewAttribute { tag: Tag::PROTECTION_PERIOD, value: Value::Interval(10) };
                scene.good(Op::SET_ATTRIBUTE, set(id, ten));
                adjust(id, Tag::PROTECTION_PERIOD, Value::Interval(5))
            })
            .check(|scene, _, id, _| {
                let period = scene.attributes(id).one::<kinds::ProtectionPeriod>();
                scene.expect(period == Some(Interval(15)), "10 and 5 are 15");
            })
            .wrong(
                |_, _, id| adjust(id, Tag::PROTECTION_PERIOD, Value::Boolean(true)),
                ResultReason::INVALID_DATA_TYPE,
            ),
        ),
        about(
            Op::DELETE_ATTRIBUTE,
            About::on(&TYPES, |scene, _, id| {
                scene.good(Op::ADD_ATTRIBUTE, add(id, comment("old")));
                delete(id, Tag::COMMENT)
            })
            .check(|scene, _, id, _| scene.expect_comment(id, None))
            .wrong(|_, _, id| delete(id, Tag::STATE), ResultReason::ATTRIBUTE_READ_ONLY),
        ),
    ]
}

fn comment(text: &str) -> NewAttribute {
    NewAttribute { tag: Tag::COMMENT, value: Value::TextString(text.into()) }
}

/// What the server alone says.
fn state() -> NewAttribute {
    NewAttribute { tag: Tag::STATE, value: Value::Enumeration(State::ACTIVE.0) }
}

fn get(id: &str, attribute_reference: Vec<AttributeReference>) -> Value {
    payload(GetAttributesRequest { unique_identifier: Some(id.into()), attribute_reference })
}

fn add(id: &str, new_attribute: NewAttribute) -> Value {
    payload(AddAttributeRequest { unique_identifier: Some(id.into()), new_attribute })
}

fn modify(id: &str, new_attribute: NewAttribute) -> Value {
    payload(ModifyAttributeRequest {
        unique_identifier: Some(id.into()),
        current_attribute: None,
        new_attribute,
    })
}

fn set(id: &str, new_attribute: NewAttribute) -> Value {
    payload(SetAttributeRequest { unique_identifier: Some(id.into()), new_attribute })
}

fn adjust(id: &str, tag: Tag, by: Value) -> Value {
    payload(AdjustAttributeRequest {
        unique_identifier: Some(id.into()),
        attribute_reference: AttributeReference::Tagged(tag),
        adjustment_type: AdjustmentType::INCREMENT,
        adjustment_value: Some(by),
    })
}

fn delete(id: &str, tag: Tag) -> Value {
    payload(DeleteAttributeRequest {
        unique_identifier: Some(id.into()),
        current_attribute: None,
        attribute_reference: Some(AttributeReference::Tagged(tag)),
    })
}

impl Scene {
    fn expect_comment(&mut self, id: &str, expected: Option<&str>) {
        let comment = self.attributes(id).one::<kinds::Comment>();
        self.expect(comment.as_deref() == expected, &format!("the Comment is {comment:?}"));
    }
}
