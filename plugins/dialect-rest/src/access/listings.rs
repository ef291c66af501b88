//! `GET /access/owned`, `/access/obtained` and `/access/list/{id}`.

use claviger_plugin_sdk::kmip::codec::rest_json::spelling;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::payloads::access::{
    self, ListRightsRequest, ListRightsResponse, ObtainedResponse, OwnedResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::KeyWrapType;
use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::routes::{RouteAnswer, RouteRequest, RoutedOperation};
use serde_json::json;

use super::{json as answer, rights};
use crate::direct_json;

pub(super) fn ask_owned(_: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    Ok(RoutedOperation { operation: access::OWNED, payload: Empty {}.into_value() })
}

pub(super) fn tell_owned(_: &RouteRequest<'_>, payload: Value) -> Result<RouteAnswer> {
    let owned = OwnedResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let records: Vec<_> = owned
        .objects
        .into_iter()
        .map(|object| {
            json!({
                "object_id": object.unique_identifier,
                "state": state(object.state),
                "attributes": direct_json::attributes(object.attributes),
                "is_wrapped": object.key_wrap_type == KeyWrapType::AS_REGISTERED,
            })
        })
        .collect();
    Ok(answer(&records.into()))
}

pub(super) fn ask_obtained(_: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    Ok(RoutedOperation { operation: access::OBTAINED, payload: Empty {}.into_value() })
}

pub(super) fn tell_obtained(_: &RouteRequest<'_>, payload: Value) -> Result<RouteAnswer> {
    let obtained = ObtainedResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let records: Vec<_> = obtained
        .objects
        .into_iter()
        .map(|object| {
            json!({
                "object_id": object.unique_identifier,
                "owner_id": object.username,
                "state": state(object.state),
                "operations": rights::names(&object.operation),
            })
        })
        .collect();
    Ok(answer(&records.into()))
}

pub(super) fn ask_rights(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    let payload = ListRightsRequest { unique_identifier: Some(request.segment.into()) }.into_value();
    Ok(RoutedOperation { operation: access::LIST_RIGHTS, payload })
}

pub(super) fn tell_rights(_: &RouteRequest<'_>, payload: Value) -> Result<RouteAnswer> {
    let listed = ListRightsResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let records: Vec<_> = listed
        .right
        .into_iter()
        .map(|right| json!({ "user_id": right.username, "operations": rights::names(&right.operation) }))
        .collect();
    Ok(answer(&records.into()))
}

fn state(state: State) -> String {
    spelling(Vocabulary::standard(), Tag::STATE, state.0).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::payloads::access::{AccessRight, OwnedObject};

    const REQUEST: RouteRequest<'static> =
        RouteRequest { segment: "k", body: b"", content_type: None, user: "ann" };

    #[test]
    fn an_owned_object_is_told_with_what_either_generation_reads() {
        let object = |id: &str, state, key_wrap_type| OwnedObject {
            unique_identifier: id.into(),
            state,
            key_wrap_type,
            attributes: Attributes::new(),
        };
        let objects = vec![
            object("k", State::DESTROYED_COMPROMISED, KeyWrapType::NOT_WRAPPED),
            object("w", State::ACTIVE, KeyWrapType::AS_REGISTERED),
        ];
        let told = tell_owned(&REQUEST, OwnedResponse { objects }.into_value()).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
        let expected = json!([
            {"object_id": "k", "state": "Destroyed_Compromised", "attributes": {}, "is_wrapped": false},
            {"object_id": "w", "state": "Active", "attributes": {}, "is_wrapped": true},
        ]);
        assert_eq!(told, expected);
    }

    #[test]
    fn rights_are_told_by_user_in_lower_case() {
        let right = AccessRight {
            username: "bob@example.org".into(),
            operation: vec![OperationCode::ENCRYPT, OperationCode::GET],
        };
        let response = ListRightsResponse { unique_identifier: "k".into(), right: vec![right] };
        let told = tell_rights(&REQUEST, response.into_value()).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
        // As recorded.
        assert_eq!(told, json!([{"user_id": "bob@example.org", "operations": ["encrypt", "get"]}]));
    }
}
