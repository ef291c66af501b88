//! Add, Modify, Set and Delete Attribute, and reading them.

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{
    AttributeReference, CurrentAttribute, Name, NewAttribute, UsageLimits, VendorAttribute, kinds,
};
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payloads::{
    AddAttributeRequest, AddAttributeResponse, AdjustAttributeRequest, AdjustAttributeResponse,
    DeleteAttributeRequest, DeleteAttributeResponse, GetAttributeListRequest, GetAttributeListResponse,
    ModifyAttributeRequest, ModifyAttributeResponse, SetAttributeRequest, SetAttributeResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{AdjustmentType, NameType, UsageLimitsUnit};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes};
use crate::server::{START, Server};

fn text(tag: Tag, value: &str) -> NewAttribute {
    NewAttribute { tag, value: Value::TextString(value.into()) }
}

impl Server {
    pub(crate) async fn add(&self, id: &str, new_attribute: NewAttribute) -> Result<AddAttributeResponse> {
        let request = AddAttributeRequest { unique_identifier: Some(id.into()), new_attribute };
        self.run(OperationCode::ADD_ATTRIBUTE, request).await
    }

    async fn set(&self, id: &str, new_attribute: NewAttribute) -> Result<SetAttributeResponse> {
        let request = SetAttributeRequest { unique_identifier: Some(id.into()), new_attribute };
        self.run(OperationCode::SET_ATTRIBUTE, request).await
    }

    async fn modify(
        &self,
        id: &str,
        current_attribute: Option<CurrentAttribute>,
        new_attribute: NewAttribute,
    ) -> Result<ModifyAttributeResponse> {
        let request =
            ModifyAttributeRequest { unique_identifier: Some(id.into()), current_attribute, new_attribute };
        self.run(OperationCode::MODIFY_ATTRIBUTE, request).await
    }

    async fn delete(
        &self,
        id: &str,
        current_attribute: Option<CurrentAttribute>,
        attribute_reference: Option<AttributeReference>,
    ) -> Result<DeleteAttributeResponse> {
        let request = DeleteAttributeRequest {
            unique_identifier: Some(id.into()),
            current_attribute,
            attribute_reference,
        };
        self.run(OperationCode::DELETE_ATTRIBUTE, request).await
    }

    async fn groups(&self, id: &str) -> Vec<String> {
        self.attributes(id).await.all::<kinds::ObjectGroup>().collect()
    }
}

/// Transitions 4 and 6 of section 4.57, and that none leads back.
#[tokio::test]
async fn a_changed_date_activates_or_deactivates_and_stays_from_then_on() {
    let server = Server::new();
    let date = |tag, at| NewAttribute { tag, value: Value::DateTime(at) };
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START + 100));
    attributes.put::<kinds::DeactivationDate>(DateTime(START + 200));
    let id = server.create(attributes).await;
    for (tag, state) in [(Tag::ACTIVATION_DATE, State::ACTIVE), (Tag::DEACTIVATION_DATE, State::DEACTIVATED)]
    {
        server.modify(&id, None, date(tag, START + 300)).await.unwrap();
        assert_ne!(server.state(&id).await, state);
        server.modify(&id, None, date(tag, START)).await.unwrap();
        assert_eq!(server.state(&id).await, state);
        let back = server.modify(&id, None, date(tag, START + 100)).await.unwrap_err();
        assert_eq!(back.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
        let set = server.set(&id, date(tag, START + 100)).await.unwrap_err();
        assert_eq!(set.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
        assert_eq!(server.state(&id).await, state);
    }
}

#[tokio::test]
async fn dates_stay_in_order_whatever_changes_them() {
    let server = Server::new();
    let date = |tag, at| NewAttribute { tag, value: Value::DateTime(at) };
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START + 100));
    attributes.put::<kinds::ProtectStopDate>(DateTime(START + 300));
    let wrong = ResultReason::INVALID_ATTRIBUTE_VALUE;
    let mut early = attributes.clone();
    early.put::<kinds::ProcessStartDate>(DateTime(START + 99));
    assert_eq!(server.try_create(early).await.unwrap_err().reason(), wrong);
    let id = server.create(attributes).await;
    let early = server.add(&id, date(Tag::PROCESS_START_DATE, START + 99)).await;
    assert_eq!(early.unwrap_err().reason(), wrong);
    server.add(&id, date(Tag::PROCESS_START_DATE, START + 100)).await.unwrap();
    let late = server.set(&id, date(Tag::DEACTIVATION_DATE, START + 299)).await;
    assert_eq!(late.unwrap_err().reason(), wrong);
    server.set(&id, date(Tag::DEACTIVATION_DATE, START + 300)).await.unwrap();
    let late = server.modify(&id, None, date(Tag::PROTECT_STOP_DATE, START + 301)).await;
    assert_eq!(late.unwrap_err().reason(), wrong);
}

#[tokio::test]
async fn dates_that_the_server_put_out_of_order_do_not_stop_a_change_of_others() {
    let server = Server::new();
    let date = |tag, at| NewAttribute { tag, value: Value::DateTime(at) };
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ProcessStartDate>(DateTime(START + 100));
    let id = server.create(attributes).await;
    server.clock.advance(200);
    server.activate(&id).await;
    server.add(&id, date(Tag::DEACTIVATION_DATE, START + 500)).await.unwrap();
    server.add(&id, date(Tag::PROTECT_STOP_DATE, START + 400)).await.unwrap();
    let late = server.modify(&id, None, date(Tag::DEACTIVATION_DATE, START + 399)).await;
    assert_eq!(late.unwrap_err().reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
}

#[tokio::test]
async fn an_instance_is_modified_and_deleted_by_its_value_or_its_index() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    for group in ["a", "b", "c"] {
        server.add(&id, text(Tag::OBJECT_GROUP, group)).await.unwrap();
    }
    let value = |value: &str| CurrentAttribute::Value {
        tag: Tag::OBJECT_GROUP,
        value: Value::TextString(value.into()),
    };
    let index = |index| CurrentAttribute::Instance {
        reference: AttributeReference::Tagged(Tag::OBJECT_GROUP),
        index,
    };
    server.modify(&id, Some(value("b")), text(Tag::OBJECT_GROUP, "B")).await.unwrap();
    let touched = server.modify(&id, Some(index(2)), text(Tag::OBJECT_GROUP, "C")).await.unwrap();
    assert_eq!(touched.current_attribute.unwrap().index, 2);
    server.delete(&id, Some(value("a")), None).await.unwrap();
    assert_eq!(server.groups(&id).await, ["B", "C"]);
    // The index of C did not move.
    server.delete(&id, Some(index(2)), None).await.unwrap();
    assert_eq!(server.groups(&id).await, ["B"]);
}

#[tokio::test]
async fn a_reference_deletes_all_instances() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    for group in ["a", "b"] {
        server.add(&id, text(Tag::OBJECT_GROUP, group)).await.unwrap();
    }
    let reference = || Some(AttributeReference::Tagged(Tag::OBJECT_GROUP));
    server.delete(&id, None, reference()).await.unwrap();
    assert!(server.groups(&id).await.is_empty());
    let again = server.delete(&id, None, reference()).await.unwrap_err();
    assert_eq!(again.reason(), ResultReason::ATTRIBUTE_NOT_FOUND);
}

/// Clients of older versions claim no names, and what they take away is free.
#[tokio::test]
async fn a_name_that_an_older_client_takes_away_is_free() {
    let server = Server::new();
    let name = |value: &str| Name { value: value.into(), name_type: NameType::UNINTERPRETED_TEXT_STRING };
    let new = |value: &str| NewAttribute { tag: Tag::NAME, value: name(value).into_value() };
    let current =
        |value: &str| Some(CurrentAttribute::Value { tag: Tag::NAME, value: name(value).into_value() });
    let named = |names: &[&str]| {
        let mut attributes = aes(EVERY_USE);
        for value in names {
            attributes.push::<kinds::Name>(name(value));
        }
        attributes
    };
    let older = async |operation, request: Value| {
        let message = RequestMessage::of_one(ProtocolVersion::V2_0, operation, request);
        let caller = server.caller("alice").await;
        let mut outcomes = server.engine.handle_in(&caller, &Standard, message).await.unwrap();
        outcomes.remove(0).result.map(drop)
    };
    let rename = async |id: &str, from: &str, to: &str| {
        let request = ModifyAttributeRequest {
            unique_identifier: Some(id.into()),
            current_attribute: current(from),
            new_attribute: new(to),
        };
        older(OperationCode::MODIFY_ATTRIBUTE, request.into_value()).await.unwrap();
    };
    let taken = ResultReason::NON_UNIQUE_NAME_ATTRIBUTE;

    let first = server.create(named(&["x", "kept"])).await;
    rename(&first, "x", "y").await;
    // What stays is still claimed, and what the older client gave is not.
    assert_eq!(server.try_create(named(&["kept"])).await.unwrap_err().reason(), taken);
    let second = server.create(named(&["x", "y"])).await;
    assert_eq!(server.try_create(named(&["x"])).await.unwrap_err().reason(), taken);

    // The first has a name now that the second claims, and keeps it whatever else is renamed.
    rename(&first, "kept", "other").await;
    assert_eq!(server.try_create(named(&["y"])).await.unwrap_err().reason(), taken);
    let deleted = DeleteAttributeRequest {
        unique_identifier: Some(second.as_str().into()),
        current_attribute: current("y"),
        attribute_reference: None,
    };
    older(OperationCode::DELETE_ATTRIBUTE, deleted.into_value()).await.unwrap();
    server.create(named(&["y", "kept", "other"])).await;
}

#[tokio::test]
async fn set_adds_or_replaces_and_refuses_what_has_several_values() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.set(&id, text(Tag::COMMENT, "one")).await.unwrap();
    server.set(&id, text(Tag::COMMENT, "two")).await.unwrap();
    assert_eq!(server.attributes(&id).await.all::<kinds::Comment>().collect::<Vec<_>>(), ["two"]);
    for group in ["a", "b"] {
        server.add(&id, text(Tag::OBJECT_GROUP, group)).await.unwrap();
    }
    let refused = server.set(&id, text(Tag::OBJECT_GROUP, "c")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::MULTI_VALUED_ATTRIBUTE);
}

#[tokio::test]
async fn what_the_server_keeps_is_read_only() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let state = || NewAttribute { tag: Tag::STATE, value: State::ACTIVE.into_value() };
    assert_eq!(server.add(&id, state()).await.unwrap_err().reason(), ResultReason::READ_ONLY_ATTRIBUTE);
    assert_eq!(
        server.modify(&id, None, state()).await.unwrap_err().reason(),
        ResultReason::ATTRIBUTE_READ_ONLY
    );
    let name = server.delete(&id, None, Some(AttributeReference::Tagged(Tag::STATE))).await.unwrap_err();
    assert_eq!(name.reason(), ResultReason::ATTRIBUTE_READ_ONLY);
}

#[tokio::test]
async fn a_past_activation_date_activates() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let date = NewAttribute { tag: Tag::ACTIVATION_DATE, value: Value::DateTime(1) };
    server.add(&id, date).await.unwrap();
    assert_eq!(server.state(&id).await, State::ACTIVE);
}

#[tokio::test]
async fn a_key_that_stops_being_sensitive_was_not_always_so() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::Sensitive>(true);
    let id = server.create(attributes).await;
    assert_eq!(server.attributes(&id).await.one::<kinds::AlwaysSensitive>(), Some(true));
    let sensitive = |value| NewAttribute { tag: Tag::SENSITIVE, value: Value::Boolean(value) };
    server.modify(&id, None, sensitive(false)).await.unwrap();
    server.modify(&id, None, sensitive(true)).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::AlwaysSensitive>(), Some(false));
}

#[tokio::test]
async fn usage_limits_that_are_added_start_full() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let limits = UsageLimits { total: 7, count: None, unit: UsageLimitsUnit::OBJECT };
    server.add(&id, NewAttribute { tag: Tag::USAGE_LIMITS, value: limits.into_value() }).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::UsageLimits>().unwrap().count, Some(7));
}

#[tokio::test]
async fn attributes_are_read_by_reference_and_listed_once() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let vendor = |name: &str| VendorAttribute {
        vendor_identification: "acme".into(),
        attribute_name: name.into(),
        attribute_value: Value::Integer(1),
    };
    for name in ["one", "one", "two"] {
        server.add(&id, vendor(name).into()).await.unwrap();
    }
    let one = AttributeReference::Vendor { vendor: "acme".into(), name: "one".into() };
    let wanted =
        vec![one.clone(), AttributeReference::Tagged(Tag::STATE), AttributeReference::Tagged(Tag::COMMENT)];
    let read = server.attributes_of(&id, wanted).await;
    assert_eq!((read.len(), read.instances(&one).count()), (3, 2));
    let all = server.attributes_of(&id, vec![AttributeReference::Tagged(Tag::ATTRIBUTE)]).await;
    assert_eq!(all.len(), 3);
    let request = GetAttributeListRequest { unique_identifier: Some(id.as_str().into()) };
    let list: GetAttributeListResponse =
        server.run(OperationCode::GET_ATTRIBUTE_LIST, request).await.unwrap();
    assert_eq!(list.attribute_reference.iter().filter(|reference| **reference == one).count(), 1);
}

impl Server {
    async fn adjust(
        &self,
        id: &str,
        tag: Tag,
        adjustment_type: AdjustmentType,
        adjustment_value: Option<Value>,
    ) -> Result<AdjustAttributeResponse> {
        let request = AdjustAttributeRequest {
            unique_identifier: Some(id.into()),
            attribute_reference: AttributeReference::Tagged(tag),
            adjustment_type,
            adjustment_value,
        };
        self.run(OperationCode::ADJUST_ATTRIBUTE, request).await
    }
}

#[tokio::test]
async fn an_attribute_of_any_object_is_adjusted() {
    let server = Server::new();
    for (object_type, id) in server.one_of_each().await {
        let by = |value| server.adjust(&id, Tag::PROTECTION_PERIOD, AdjustmentType::INCREMENT, Some(value));
        by(Value::Interval(40)).await.unwrap();
        by(Value::Interval(2)).await.unwrap();
        let period = server.attributes(&id).await.one::<kinds::ProtectionPeriod>();
        assert_eq!(period, Some(Interval(42)), "{object_type:?}");
        let refused = by(Value::Integer(1)).await.unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_DATA_TYPE);
    }
}

#[tokio::test]
async fn adjusting_follows_the_rules_of_setting() {
    let server = Server::new();
    let id = server.active().await;
    let decrement = |tag| server.adjust(&id, tag, AdjustmentType::DECREMENT, None);
    let reason = |refused: Result<AdjustAttributeResponse>| refused.unwrap_err().reason();
    assert_eq!(reason(decrement(Tag::CRYPTOGRAPHIC_LENGTH).await), ResultReason::READ_ONLY_ATTRIBUTE);
    assert_eq!(reason(decrement(Tag::ACTIVATION_DATE).await), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    assert_eq!(reason(decrement(Tag::PROTECTION_PERIOD).await), ResultReason::NUMERIC_RANGE);
    server.adjust(&id, Tag::SENSITIVE, AdjustmentType::NEGATE, None).await.unwrap();
    server.adjust(&id, Tag::SENSITIVE, AdjustmentType::NEGATE, None).await.unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::Sensitive>(), Some(false));
}
