//! Explain.

use claviger_plugin_sdk::explanation::{AskedAbout, AskedRule, Explanation};
use claviger_plugin_sdk::kmip::payloads::access::{EXPLAIN, ExplainRequest, ExplainResponse, ExplainedRule};
use claviger_plugin_sdk::kmip::tables::enumerations::ResultStatus;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;

/// Says whether somebody may do something with an object, and which rule decides, without doing it. Everyone may ask about
/// himself; about others the owner and operators may.
struct Explain;

register_operation!(Explain);

impl Operation for Explain {
    type Request = ExplainRequest;
    type Response = ExplainResponse;

    const NAME: &'static str = "Explain";
    const SPEC: OperationSpec = OperationSpec {
        code: EXPLAIN,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &ExplainRequest) -> Targets {
        let object = super::owned_object(request.unique_identifier.as_ref(), EXPLAIN);
        Targets::one(match request.username.is_empty() {
            true => Target { right: Right::Any, ..object },
            false => object,
        })
    }

    fn about(object: &str) -> Option<ExplainRequest> {
        let username = vec!["somebody else".to_owned()];
        Some(ExplainRequest {
            unique_identifier: Some(object.into()),
            operation: OperationCode::GET,
            username,
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: ExplainRequest) -> Result<ExplainResponse> {
        let target = cx.subject()?;
        let explanation = cx.explain(&target, &asked_about(&request.username)?, request.operation).await?;
        Ok(ExplainResponse {
            unique_identifier: target.id().to_string(),
            result_status: status(explanation.is_allowed()),
            right: told(explanation),
        })
    }
}

/// About whom it is asked.
///
/// # Errors
/// Invalid Field: the names are not one user and groups.
fn asked_about(names: &[String]) -> Result<AskedAbout> {
    let mut user = None;
    let mut groups = Vec::new();
    for name in names {
        match Subject::named(name) {
            Some(Subject::User(name)) if user.is_none() => user = Some(name),
            Some(Subject::Group(name)) => groups.push(name),
            _ => return Err(Error::invalid("name one user, and groups of the user as group:NAME")),
        }
    }
    match user {
        Some(name) => Ok(AskedAbout::User { name, groups }),
        None if groups.is_empty() => Ok(AskedAbout::Caller),
        None => Err(Error::invalid("name the user whose groups these are")),
    }
}

fn told(explanation: Explanation) -> Vec<ExplainedRule> {
    let rule = |AskedRule { rule, verdict }: AskedRule| {
        let (result_reason, result_message) = match &verdict {
            Ok(why) => (None, why.clone()),
            Err(error) => (Some(error.reason()), error.message().to_owned()),
        };
        ExplainedRule {
            name: rule.to_owned(),
            result_status: status(verdict.is_ok()),
            result_reason,
            result_message,
        }
    };
    explanation.0.into_iter().map(rule).collect()
}

fn status(is_allowed: bool) -> ResultStatus {
    if is_allowed { ResultStatus::SUCCESS } else { ResultStatus::OPERATION_FAILED }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Explain,
        ExplainRequest {
            unique_identifier: Some("a".into()),
            operation: OperationCode::DECRYPT,
            username: vec!["bob".into(), "group:backup".into()],
        },
    );

    #[test]
    fn one_user_with_groups_is_asked_about_or_the_caller() {
        let about =
            |names: &[&str]| asked_about(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
        assert_eq!(about(&[]).unwrap(), AskedAbout::Caller);
        let expected = AskedAbout::User { name: "bob".into(), groups: vec!["a".into(), "b".into()] };
        assert_eq!(about(&["group:a", "bob", "group:b"]).unwrap(), expected);
        for wrong in [&["bob", "carol"][..], &["*"], &["group:a"], &[""], &["bob", "group:"]] {
            assert_eq!(about(wrong).unwrap_err().reason(), ResultReason::INVALID_FIELD, "{wrong:?}");
        }
    }
}
