//! `POST /access/explain`: whether somebody may do something with an object, and which rule says so.

use claviger_plugin_sdk::kmip::codec::rest_json::spelling;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::payloads::access::{EXPLAIN, ExplainRequest, ExplainResponse, ExplainedRule};
use claviger_plugin_sdk::kmip::tables::enumerations::ResultStatus;
use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::routes::{RouteAnswer, RouteRequest, RoutedOperation};
use serde::Deserialize;
use serde_json::json;

use super::{json as answer, refusal, rights};
use crate::request::NO_PLACEHOLDER;

/// What is asked.
#[derive(Deserialize)]
struct Question {
    unique_identifier: Option<String>,
    /// A right of the family, or an operation as KMIP names it.
    operation_type: String,
    /// The caller if absent.
    user_id: Option<String>,
    /// The groups of that user.
    #[serde(default)]
    groups: Vec<String>,
}

pub(super) fn ask(request: &RouteRequest<'_>) -> Result<RoutedOperation, RouteAnswer> {
    if request.content_type.is_none_or(|sent| sent != "application/json") {
        return Err(refusal(400, "Content type error: send application/json"));
    }
    let question: Question = serde_json::from_slice(request.body)
        .map_err(|error| refusal(400, format!("Json deserialize error: {error}")))?;
    let unique_identifier = question.unique_identifier.map(UniqueIdentifier::Text);
    if unique_identifier.is_none() {
        return Err(refusal(422, NO_PLACEHOLDER));
    }
    let operation = operation(&question.operation_type).ok_or_else(|| {
        let text =
            format!("Json deserialize error: {:?} is no right and no operation", question.operation_type);
        refusal(400, text)
    })?;
    // Whoever asks about himself is asked with what narrows his credentials.
    let user = question.user_id.filter(|user| user != request.user || !question.groups.is_empty());
    let groups = question.groups.into_iter().map(|group| format!("group:{group}"));
    let username = user.into_iter().chain(groups).collect();
    let payload = ExplainRequest { unique_identifier, operation, username }.into_value();
    Ok(RoutedOperation { operation: EXPLAIN, payload })
}

pub(super) fn tell(_: &RouteRequest<'_>, payload: Value) -> Result<RouteAnswer> {
    let explained = ExplainResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let decided_by = explained.right.last().map(|rule| rule.name.clone());
    let rules: Vec<_> = explained.right.into_iter().map(told).collect();
    Ok(answer(&json!({
        "unique_identifier": explained.unique_identifier,
        "allowed": explained.result_status == ResultStatus::SUCCESS,
        "decided_by": decided_by,
        "rules": rules,
    })))
}

fn told(rule: ExplainedRule) -> serde_json::Value {
    let reason = rule.result_reason.and_then(|reason| {
        spelling(Vocabulary::standard(), Tag::RESULT_REASON, reason.0).map(|name| name.into_owned())
    });
    let mut told = serde_json::Map::new();
    told.insert("rule".to_owned(), rule.name.into());
    told.insert("allowed".to_owned(), (rule.result_status == ResultStatus::SUCCESS).into());
    told.insert("why".to_owned(), rule.result_message.into());
    told.extend(reason.map(|reason| ("reason".to_owned(), reason.into())));
    told.into()
}

fn operation(name: &str) -> Option<OperationCode> {
    let of_family = rights::operations(name).and_then(|operations| operations.first().copied());
    of_family.or_else(|| {
        let code = Vocabulary::standard().enumeration_value(Tag::OPERATION, name)?;
        Some(OperationCode(code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Result<ExplainRequest, RouteAnswer> {
        let content_type = Some("application/json");
        let request = RouteRequest { segment: "", body: body.as_bytes(), content_type, user: "ann" };
        Ok(ExplainRequest::from_value(Tag::REQUEST_PAYLOAD, ask(&request)?.payload).unwrap())
    }

    #[test]
    fn rights_of_the_family_and_operations_of_kmip_are_asked_about() {
        for (name, expected) in [
            ("decrypt", OperationCode::DECRYPT),
            ("getattributes", OperationCode::GET_ATTRIBUTES),
            ("Sign", OperationCode::SIGN),
            ("GetAttributeList", OperationCode::GET_ATTRIBUTE_LIST),
        ] {
            let body = json!({"unique_identifier": "k", "operation_type": name, "user_id": "bob"});
            let request = asked(&body.to_string()).unwrap();
            assert_eq!((request.operation, request.username), (expected, vec!["bob".to_owned()]), "{name}");
        }
    }

    #[test]
    fn who_names_himself_or_nobody_asks_about_himself() {
        for body in [
            r#"{"unique_identifier":"k","operation_type":"get"}"#,
            r#"{"unique_identifier":"k","operation_type":"get","user_id":"ann"}"#,
        ] {
            assert!(asked(body).unwrap().username.is_empty(), "{body}");
        }
        let other = r#"{"unique_identifier":"k","operation_type":"get","user_id":"bob","groups":["a"]}"#;
        assert_eq!(asked(other).unwrap().username, ["bob", "group:a"]);
    }

    #[test]
    fn what_is_no_question_is_refused() {
        let status = |body: &str| asked(body).unwrap_err().status;
        assert_eq!(status(r#"{"operation_type":"get"}"#), 422);
        assert_eq!(status(r#"{"unique_identifier":"k"}"#), 400);
        assert_eq!(status(r#"{"unique_identifier":"k","operation_type":"read"}"#), 400);
        assert_eq!(status("{"), 400);
    }
}
