//! Recover (KMIP 2.1 section 6.1.42).

use claviger_plugin_sdk::kmip::payloads::{RecoverRequest, RecoverResponse};
use claviger_plugin_sdk::prelude::*;

/// Brings an archived object back on line; one that is on line stays as it is.
struct Recover;

register_operation!(Recover);

impl Operation for Recover {
    type Request = RecoverRequest;
    type Response = RecoverResponse;

    const NAME: &'static str = "Recover";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RECOVER,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &RecoverRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::RECOVER).also_archived())
    }

    async fn run(&self, cx: &mut Context<'_>, _: RecoverRequest) -> Result<RecoverResponse> {
        let target = cx.subject()?;
        if target.attributes().contains(Tag::ARCHIVE_DATE) {
            cx.update(&target, |attributes| {
                attributes.remove(Tag::ARCHIVE_DATE);
                Ok(())
            })?;
        }
        Ok(RecoverResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Recover, RecoverRequest { unique_identifier: Some("a".into()) },);
}
