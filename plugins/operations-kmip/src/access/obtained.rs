//! Obtained.

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::context::GrantsOf;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::payloads::access::{OBTAINED, ObtainedObject, ObtainedResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

/// Lists the objects of others on which the caller has rights.
struct Obtained;

register_operation!(Obtained);

/// Objects that are read at a time.
const PAGE: usize = 500;

impl Operation for Obtained {
    type Request = Empty;
    type Response = ObtainedResponse;

    const NAME: &'static str = "Obtained";
    const SPEC: OperationSpec = OperationSpec {
        code: OBTAINED,
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

    async fn run(&self, cx: &mut Context<'_>, _: Empty) -> Result<ObtainedResponse> {
        // A right may come from several grants, such as one to the user and one to everyone.
        let mut rights: BTreeMap<ObjectId, BTreeSet<OperationCode>> = BTreeMap::new();
        for grant in cx.grants(GrantsOf::Principal).await? {
            rights.entry(grant.object).or_default().insert(grant.operation);
        }
        let caller = cx.principal().user.clone();
        let ids: Vec<ObjectId> = rights.keys().cloned().collect();
        let mut objects = Vec::new();
        for some in ids.chunks(PAGE) {
            let filter = Filter::Any(some.iter().cloned().map(Filter::Id).collect());
            let found = cx.search(filter, Page::first(PAGE as u64)).await?.objects;
            objects.extend(found.iter().filter(|target| *target.owner() != caller).map(|target| {
                ObtainedObject {
                    unique_identifier: target.id().to_string(),
                    username: target.owner().to_string(),
                    state: target.state(),
                    operation: rights.get(target.id()).into_iter().flatten().copied().collect(),
                }
            }));
        }
        objects.sort_by(|one, other| one.unique_identifier.cmp(&other.unique_identifier));
        Ok(ObtainedResponse { objects })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Obtained, Empty {},);
}
