//! Locate (KMIP 2.1 section 6.1.28).

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds, rules};
use claviger_plugin_sdk::kmip::payloads::{LocateRequest, LocateResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::ObjectGroupMember;
use claviger_plugin_sdk::kmip::tables::masks::StorageStatusMask;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::FoundIds;

use crate::{default_group, search};

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
        // A new member of the default group, at most.
        writes: Writes::NewObjects,
        placeholder: Placeholder::SetIfOne,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &LocateRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, mut request: LocateRequest) -> Result<LocateResponse> {
        let attributes = request.attributes.take().unwrap_or_default();
        rules::check_search(cx.catalogue().attribute_table(), &attributes)?;
        let filter = search::filter(&attributes, cx.now(), cx.catalogue().tag_policies())?
            .and(Filter::StorageStatus(storage_status(&request)));
        let sought = Sought { filter, uses_left: uses_left(&attributes) };
        let page = page_of(&request, cx.limits().located_items)?;
        let found = match request.object_group_member {
            None => newest(cx, sought, page).await?,
            Some(ObjectGroupMember::GROUP_MEMBER_FRESH) => {
                let found = oldest(cx, sought.fresh(), page).await?;
                or_new_member(cx, &request, &attributes, found).await?
            }
            Some(ObjectGroupMember::GROUP_MEMBER_DEFAULT) => {
                let found = default_member(cx, sought).await?;
                or_new_member(cx, &request, &attributes, found).await?
            }
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

/// What is looked for.
#[derive(Clone)]
struct Sought {
    filter: Filter,
    /// The least that Usage Limits must have left. What a store has indexed was left when the object was last written.
    uses_left: Option<i64>,
}

impl Sought {
    /// Those of the objects that nobody has got yet.
    fn fresh(self) -> Self {
        let compare = Compare::Equal(IndexValue::Integer(1));
        let fresh = Filter::Attribute { tag: Tag::FRESH, tests: vec![FieldTest { field: None, compare }] };
        Self { filter: self.filter.and(fresh), ..self }
    }
}

fn uses_left(attributes: &Attributes) -> Option<i64> {
    let Value::Structure(limits) = attributes.get(Tag::USAGE_LIMITS)? else { return None };
    limits.iter().find_map(|field| match field.value {
        Value::LongInteger(count) if field.tag == Tag::USAGE_LIMITS_COUNT => Some(count),
        _ => None,
    })
}

async fn locate(cx: &mut Context<'_>, sought: &Sought, page: Page) -> Result<FoundIds> {
    match sought.uses_left {
        None => cx.locate(sought.filter.clone(), page).await,
        // Boxed, since it is rare: a future is as large as the largest of its parts.
        Some(least) => Box::pin(locate_with_uses_left(cx, &sought.filter, least, page)).await,
    }
}

/// How many objects are looked at in one go.
const AT_ONCE: u64 = 256;

/// How many objects are looked at for one request.
const MOST_LOOKED_AT: u64 = 4096;

/// Looks at what is left of each match, since the index only knows that it is not more than that. Tells how many match
/// whether the page asks for that or not.
///
/// # Errors
/// Response Too Large: there are too many to look at. The store fails.
async fn locate_with_uses_left(
    cx: &mut Context<'_>,
    filter: &Filter,
    least: i64,
    page: Page,
) -> Result<FoundIds> {
    let has_left = |object: &Authorized| {
        let limits = object.attributes().one::<kinds::UsageLimits>();
        limits.is_some_and(|limits| limits.count.unwrap_or(limits.total) >= least)
    };
    let (mut ids, mut seen) = (Vec::new(), 0);
    loop {
        let candidates = Page { offset: seen, ..Page::first(AT_ONCE) };
        let objects = cx.search(filter.clone(), candidates).await?.objects;
        seen += objects.len() as u64;
        if seen > MOST_LOOKED_AT {
            return Err(Error::invalid(format!(
                "more than {MOST_LOOKED_AT} objects may have so much left of their Usage Limits: ask for other \
                 attributes, too"
            ))
            .with_reason(ResultReason::RESPONSE_TOO_LARGE));
        }
        ids.extend(objects.iter().filter(|object| has_left(object)).map(|object| object.id().clone()));
        if (objects.len() as u64) < AT_ONCE {
            break;
        }
    }
    let total = Some(ids.len() as u64);
    let bound = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let ids = ids.into_iter().skip(bound(page.offset)).take(bound(page.limit)).collect();
    Ok(FoundIds { ids, total })
}

/// A page with the count of all matches, which may come with it. A page that is not full tells it by itself; the store
/// counts otherwise.
async fn newest(cx: &mut Context<'_>, sought: Sought, page: Page) -> Result<FoundIds> {
    let found = locate(cx, &sought, page.clone()).await?;
    let here = found.ids.len() as u64;
    let complete = here < page.limit && (here > 0 || page.offset == 0);
    let total = match found.total {
        Some(total) => total,
        None if complete => page.offset + here,
        None => count(cx, &sought).await?,
    };
    Ok(FoundIds { total: Some(total), ..found })
}

async fn count(cx: &mut Context<'_>, sought: &Sought) -> Result<u64> {
    let found = locate(cx, sought, Page { count: true, ..Page::first(0) }).await?;
    Ok(found.total.unwrap_or_default())
}

/// A page that starts at the oldest match, newest first within itself: fresh members of a group are handed out in the
/// order in which they were made.
async fn oldest(cx: &mut Context<'_>, sought: Sought, page: Page) -> Result<FoundIds> {
    let total = count(cx, &sought).await?;
    let left = total.saturating_sub(page.offset);
    let limit = left.min(page.limit);
    let found = locate(cx, &sought, Page { offset: left - limit, ..Page::first(limit) }).await?;
    Ok(FoundIds { total: Some(total), ..found })
}

/// The default member of a group: the oldest that is fresh, or the oldest of all when none is. Served one after the
/// other, all members have their turn.
async fn default_member(cx: &mut Context<'_>, sought: Sought) -> Result<FoundIds> {
    let found = oldest(cx, sought.clone().fresh(), Page::first(1)).await?;
    let found = if found.ids.is_empty() { oldest(cx, sought, Page::first(1)).await? } else { found };
    Ok(FoundIds { total: Some(found.ids.len() as u64), ..found })
}

/// What was found, or a new member of the default group if nothing was and the server is to make some.
async fn or_new_member(
    cx: &mut Context<'_>,
    request: &LocateRequest,
    wanted: &Attributes,
    found: FoundIds,
) -> Result<FoundIds> {
    let wants_none =
        request.maximum_items == Some(0) || request.offset_items.is_some_and(|offset| offset > 0);
    let is_on_line = storage_status(request) & StorageStatusMask::ON_LINE_STORAGE.0 != 0;
    if found.total != Some(0) || wants_none || !is_on_line {
        return Ok(found);
    }
    match Box::pin(default_group::new_member(cx, wanted)).await? {
        Some(id) => Ok(FoundIds { ids: vec![id], total: Some(1) }),
        None => Ok(found),
    }
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
