//! Re-key (KMIP 2.1 section 6.1.46).
//!
//! The replacement belongs to the owner of the key that it replaces, whoever asks for it, and the grants on that one hold
//! for it, too. A key that is stored wrapped is replaced by one that the same key wraps.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::payloads::{ReKeyRequest, ReKeyResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::born::{self, Newborn};
use crate::{generated, replacement, wrapping};

/// Makes a new symmetric key that takes the place of an existing one.
struct ReKey;

register_operation!(ReKey);

impl Operation for ReKey {
    type Request = ReKeyRequest;
    type Response = ReKeyResponse;

    const NAME: &'static str = "ReKey";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::RE_KEY,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ReKeyRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::RE_KEY).types(&[ObjectType::SYMMETRIC_KEY]))
    }

    async fn run(&self, cx: &mut Context<'_>, request: ReKeyRequest) -> Result<ReKeyResponse> {
        let (replaced, now) = (cx.subject()?, cx.now());
        replacement::check_value(&replaced)?;
        let asked = request.attributes.unwrap_or_default();
        let catalogue = cx.catalogue();
        born::check_attributes(catalogue, Making::Generated, replaced.object_type(), &asked)?;
        let proposed = generated::proposed_identifier(&asked)?;
        let table = catalogue.attribute_table();
        let mut attributes =
            replacement::attributes(table, replaced.attributes(), asked, request.offset, now)?;
        born::kind(catalogue, replaced.object_type())?.check_template(&attributes)?;
        let wrapping_key = replacement::wrapping_key(cx, &replaced, &mut attributes).await?;
        let object = generated::symmetric_key(cx, &attributes)?;
        let storage = request.protection_storage_masks;
        let newborn = Newborn { making: Making::Generated, object, attributes, storage };
        let mut new = newborn.complete(cx.catalogue(), now)?;
        replacement::mark(&mut new.attributes, &replaced, now);
        if let Some(wrapping_key) = wrapping_key {
            new = wrapping::wrap_new_with(cx, wrapping_key, new).await?;
        }
        let id = proposed.unwrap_or_else(|| ObjectId::random(cx.rng()));
        new.id = Some(id.clone());
        replacement::retire(cx, &replaced, &id, now).await?;
        cx.create_in_place_of(&replaced, new).await?;
        Ok(ReKeyResponse { unique_identifier: id.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ReKey,
        ReKeyRequest {
            unique_identifier: Some("a".into()),
            offset: Some(Interval(1)),
            attributes: Some(Attributes::new()),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );
}
