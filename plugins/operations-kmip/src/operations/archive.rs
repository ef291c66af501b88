//! Archive (KMIP 2.1 section 6.1.4).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{ArchiveRequest, ArchiveResponse};
use claviger_plugin_sdk::prelude::*;

/// Sets an object aside: until it is recovered only its attributes are to be had. Its content stays in the storage, so
/// the answer comes at once.
struct Archive;

register_operation!(Archive);

impl Operation for Archive {
    type Request = ArchiveRequest;
    type Response = ArchiveResponse;

    const NAME: &'static str = "Archive";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::ARCHIVE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ArchiveRequest) -> Targets {
        Targets::one(Target::subject(request.unique_identifier.clone(), OperationCode::ARCHIVE))
    }

    async fn run(&self, cx: &mut Context<'_>, _: ArchiveRequest) -> Result<ArchiveResponse> {
        let (target, now) = (cx.subject()?, cx.now());
        cx.update(&target, |attributes| {
            attributes.put::<kinds::ArchiveDate>(now);
            Ok(())
        })?;
        Ok(ArchiveResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Archive, ArchiveRequest { unique_identifier: Some("a".into()) },);
}
