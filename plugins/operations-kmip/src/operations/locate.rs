//! Locate (KMIP 2.1 section 6.1.28).

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::rules;
use claviger_plugin_sdk::kmip::payloads::{LocateRequest, LocateResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::ObjectGroupMember;
use claviger_plugin_sdk::kmip::tables::masks::StorageStatusMask;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::FoundIds;

use crate::search;

/// Finds objects by their attributes, newest first.
struct Locate;

register_operation!(Locate);

impl Operation for Locate {
    type Request = LocateRequest;
    type Response = LocateResponse;

    const NAME: &'static str = "Locate";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::LOCATE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::SetIfOne,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &LocateRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: LocateRequest) -> Result<LocateResponse> {
        let attributes = request.attributes.take().unwrap_or_default();
        rules::check_search(cx.catalogue().attribute_table(), &attributes)?;
        let filter = search::filter(&attributes, cx.now(), cx.catalogue().tag_policies())?
            .and(Filter::StorageStatus(storage_status(&request)));
        let page = page_of(&request, cx.limits().located_items)?;
        let found = match request.object_group_member {
            None => newest(cx, filter, page).await?,
            Some(ObjectGroupMember::GROUP_MEMBER_FRESH) => oldest(cx, filter.and(fresh()), page).await?,
            Some(ObjectGroupMember::GROUP_MEMBER_DEFAULT) => default_member(cx, filter).await?,
            Some(other) => return Err(Error::invalid(format!("Object Group Member {other:?} is not known"))),
        };
        Ok(LocateResponse {
            located_items: found.total.and_then(|total| i32::try_from(total).ok()),
            unique_identifier: found.ids.iter().map(ToString::to_string).collect(),
        })
    }
}

/// On-line objects, unless the client says otherwise.
fn storage_status(request: &LocateRequest) -> u32 {
    request.storage_status_mask.map_or(StorageStatusMask::ON_LINE_STORAGE.0, i32::cast_unsigned)
}

fn page_of(request: &LocateRequest, most: i32) -> Result<Page> {
    let natural = |number: Option<i32>, what: &str| {
        number
            .map(|number| {
                u64::try_from(number).map_err(|_| Error::invalid(format!("{what} must not be negative")))
            })
            .transpose()
    };
    let most = u64::try_from(most).unwrap_or_default();
    let limit = natural(request.maximum_items, "Maximum Items")?.map_or(most, |limit| limit.min(most));
    let offset = natural(request.offset_items, "Offset Items")?.unwrap_or(0);
    Ok(Page { offset, ..Page::first(limit) })
}

/// A page with the count of all matches. A page that is not full tells it by itself; the store counts otherwise.
async fn newest(cx: &mut Context<'_>, filter: Filter, page: Page) -> Result<FoundIds> {
    let found = cx.locate(filter.clone(), page.clone()).await?;
    let here = found.ids.len() as u64;
    let complete = here < page.limit && (here > 0 || page.offset == 0);
    let total = if complete { page.offset + here } else { count(cx, filter).await? };
    Ok(FoundIds { total: Some(total), ..found })
}

async fn count(cx: &mut Context<'_>, filter: Filter) -> Result<u64> {
    let found = cx.locate(filter, Page { count: true, ..Page::first(0) }).await?;
    Ok(found.total.unwrap_or_default())
}

/// A page that starts at the oldest match, newest first within itself: fresh members of a group are handed out in the
/// order in which they were made.
async fn oldest(cx: &mut Context<'_>, filter: Filter, page: Page) -> Result<FoundIds> {
    let total = count(cx, filter.clone()).await?;
    let left = total.saturating_sub(page.offset);
    let limit = left.min(page.limit);
    let found = cx.locate(filter, Page { offset: left - limit, ..Page::first(limit) }).await?;
    Ok(FoundIds { total: Some(total), ..found })
}

/// The default member of a group: the oldest that is fresh, or the oldest of all when none is. Served one after the
/// other, all members have their turn.
async fn default_member(cx: &mut Context<'_>, filter: Filter) -> Result<FoundIds> {
    let found = oldest(cx, filter.clone().and(fresh()), Page::first(1)).await?;
    let found = if found.ids.is_empty() { oldest(cx, filter, Page::first(1)).await? } else { found };
    Ok(FoundIds { total: Some(found.ids.len() as u64), ..found })
}

fn fresh() -> Filter {
    let compare = Compare::Equal(IndexValue::Integer(1));
    Filter::Attribute { tag: Tag::FRESH, tests: vec![FieldTest { field: None, compare }] }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Locate,
        LocateRequest {
            storage_status_mask: Some(1),
            object_group_member: Some(ObjectGroupMember::GROUP_MEMBER_FRESH),
            ..request(Some(1), Some(2))
        },
    );

    fn request(maximum_items: Option<i32>, offset_items: Option<i32>) -> LocateRequest {
        LocateRequest {
            maximum_items,
            offset_items,
            storage_status_mask: None,
            object_group_member: None,
            attributes: None,
        }
    }

    #[test]
    fn the_smaller_of_the_clients_and_the_servers_bound_counts() {
        assert_eq!(page_of(&request(None, None), 50).unwrap(), Page::first(50));
        assert_eq!(page_of(&request(Some(3), Some(4)), 50).unwrap(), Page { offset: 4, ..Page::first(3) });
        assert_eq!(page_of(&request(Some(80), None), 50).unwrap(), Page::first(50));
        assert_eq!(page_of(&request(Some(-1), None), 50).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        assert!(page_of(&request(None, Some(-1)), 50).is_err());
    }

    #[test]
    fn only_objects_on_line_are_searched_unless_the_client_says_otherwise() {
        assert_eq!(storage_status(&request(None, None)), 1);
        assert_eq!(storage_status(&LocateRequest { storage_status_mask: Some(6), ..request(None, None) }), 6);
    }
}
