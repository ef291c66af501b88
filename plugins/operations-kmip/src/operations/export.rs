//! Export (KMIP 2.1 section 6.1.18).

use claviger_plugin_sdk::kmip::payloads::{ExportRequest, ExportResponse};
use claviger_plugin_sdk::prelude::*;

use crate::release::{self, Form};

/// Hands out an object with all of its attributes; a destroyed one without its key value.
struct Export;

register_operation!(Export);

impl Operation for Export {
    type Request = ExportRequest;
    type Response = ExportResponse;

    const NAME: &'static str = "Export";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::EXPORT,
        since: ProtocolVersion::V1_4,
        access: Access::Authenticated,
        material: MaterialUse::Reveal,
        writes: Writes::Nothing,
        placeholder: Placeholder::Set,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &ExportRequest) -> Targets {
        let subject =
            Target::subject(request.unique_identifier.clone(), OperationCode::EXPORT).states(StateSet::ALL);
        release::targets(subject, request.key_wrapping_specification.as_ref())
    }

    async fn run(&self, cx: &mut Context<'_>, request: ExportRequest) -> Result<ExportResponse> {
        let target = cx.subject()?;
        let form = Form {
            format: request.key_format_type,
            wrap_type: request.key_wrap_type,
            compression: request.key_compression_type,
            wrapping: request.key_wrapping_specification,
        };
        Ok(ExportResponse {
            object_type: target.object_type(),
            unique_identifier: target.id().to_string(),
            attributes: super::visible_attributes(cx, &target),
            object: release::object(cx, &target, form).await?,
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;
    use crate::release::examples::specification;

    operation_conformance!(
        Export,
        ExportRequest {
            unique_identifier: Some("a".into()),
            key_format_type: Some(KeyFormatType::RAW),
            key_wrap_type: None,
            key_compression_type: None,
            key_wrapping_specification: Some(specification()),
        },
    );
}
