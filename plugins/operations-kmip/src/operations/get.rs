//! Get (KMIP 2.1 section 6.1.19).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{GetRequest, GetResponse};
use claviger_plugin_sdk::prelude::*;

use crate::release::{self, Form};

/// Hands out an object, in the format and wrapping that the client wants.
struct Get;

register_operation!(Get);

impl Operation for Get {
    type Request = GetRequest;
    type Response = GetResponse;

    const NAME: &'static str = "Get";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::GET,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::Reveal,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &GetRequest) -> Targets {
        let subject = Target::subject(request.unique_identifier.clone(), OperationCode::GET);
        release::targets(subject, request.key_wrapping_specification.as_ref())
    }

    async fn run(&self, cx: &mut Context<'_>, request: GetRequest) -> Result<GetResponse> {
        let target = cx.subject()?;
        let form = Form {
            format: request.key_format_type,
            wrap_type: request.key_wrap_type,
            compression: request.key_compression_type,
            wrapping: request.key_wrapping_specification,
        };
        let object = release::object(cx, &target, form).await?;
        // Fresh means "not yet served by Get" (section 4.24).
        if target.attributes().one::<kinds::Fresh>() == Some(true) {
            cx.update(&target, |attributes| {
                attributes.put::<kinds::Fresh>(false);
                Ok(())
            })?;
        }
        Ok(GetResponse {
            object_type: target.object_type(),
            unique_identifier: target.id().to_string(),
            object,
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;
    use crate::release::examples::specification;

    operation_conformance!(
        Get,
        GetRequest {
            unique_identifier: Some("a".into()),
            key_format_type: Some(KeyFormatType::RAW),
            key_wrap_type: None,
            key_compression_type: None,
            key_wrapping_specification: Some(specification()),
        },
    );
}
