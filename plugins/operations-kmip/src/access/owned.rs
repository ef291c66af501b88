//! Owned.

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::payloads::access::{OWNED, OwnedObject, OwnedResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::KeyWrapType;
use claviger_plugin_sdk::prelude::*;

/// Lists the objects that the caller owns.
struct Owned;

register_operation!(Owned);

/// Objects that are read at a time: each may be as large as a request.
const PAGE: u64 = 16;

impl Operation for Owned {
    type Request = Empty;
    type Response = OwnedResponse;

    const NAME: &'static str = "Owned";
    const SPEC: OperationSpec = OperationSpec {
        code: OWNED,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &Empty) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, _: Empty) -> Result<OwnedResponse> {
        let filter = Filter::Owner(cx.principal().user.clone());
        let mut objects = Vec::new();
        let mut page = Page::first(PAGE);
        loop {
            let found = cx.search(filter.clone(), page).await?;
            objects.extend(found.objects.iter().map(|target| described(cx, target)));
            if (found.objects.len() as u64) < PAGE {
                return Ok(OwnedResponse { objects });
            }
            let offset = if found.last.is_some() { 0 } else { objects.len() as u64 };
            page = Page { after: found.last, offset, ..Page::first(PAGE) };
        }
    }
}

fn described(cx: &Context<'_>, target: &Authorized) -> OwnedObject {
    OwnedObject {
        unique_identifier: target.id().to_string(),
        state: target.state(),
        key_wrap_type: if target.is_wrapped() {
            KeyWrapType::AS_REGISTERED
        } else {
            KeyWrapType::NOT_WRAPPED
        },
        attributes: crate::operations::visible_attributes(cx, target),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Owned, Empty {},);
}
