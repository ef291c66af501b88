//! Purge.

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::payloads::access::{PURGE, PurgeRequest, PurgeResponse};
use claviger_plugin_sdk::prelude::*;

/// Removes what is left of objects that were destroyed long ago, whoever owned them: for operators, and for the server
/// itself when a retention period is over. An owner removes what is left of his own objects with Destroy.
struct Purge;

register_operation!(Purge);

/// Objects that are removed at once.
const MOST: i32 = 1000;

impl Operation for Purge {
    type Request = PurgeRequest;
    type Response = PurgeResponse;

    const NAME: &'static str = "Purge";
    const SPEC: OperationSpec = OperationSpec {
        code: PURGE,
        since: ProtocolVersion::V2_1,
        access: Access::Operator,
        material: MaterialUse::None,
        writes: Writes::NewObjectsAndTargets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &PurgeRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: PurgeRequest) -> Result<PurgeResponse> {
        let most = request.maximum_items.unwrap_or(MOST).min(MOST);
        let limit = u64::try_from(most).map_err(|_| Error::invalid("Maximum Items must not be negative"))?;
        let found =
            cx.locate_everywhere(Filter::destroyed_until(request.destroy_date), Page::first(limit)).await?;
        for id in &found.ids {
            let target = Target::subject(Some(id.as_str().into()), PURGE)
                .owner_or_operator()
                .states(StateSet::DESTROYED)
                .also_archived();
            for target in cx.load(target).await? {
                cx.purge(&target)?;
            }
        }
        Ok(PurgeResponse { located_items: i32::try_from(found.ids.len()).unwrap_or(i32::MAX) })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Purge, PurgeRequest { destroy_date: DateTime(5), maximum_items: Some(3) },);
}
