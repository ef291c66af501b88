//! Objects that others name as their parent. A child takes part in what happens to its parent: it is changed, revoked and
//! destroyed with it, and each one makes that more to do. So only he who might have the parent makes it one.

use std::collections::BTreeSet;

use claviger_kmip::attributes::kinds;
use claviger_kmip::tables::enumerations::{LinkType, OperationCode};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::{ObjectId, Record};
use claviger_plugin_sdk::target::Target;

use super::admission::{self, Question};
use super::host::ItemHost;

/// Holds the Parent Links that an item made to the right to Get what they name. Those that its objects had before, that a
/// new object takes over from one that the item changed, or that are to what a scheme named, need none.
///
/// # Errors
/// Object Not Found: there is no such object, or the caller has no right on it. Permission Denied: he has another one.
pub(crate) async fn hold_to_rights(host: &ItemHost<'_, '_>) -> Result<()> {
    for id in new_parents(host) {
        let Some(loaded) = host.load_id(&id).await? else { return Err(Error::not_found(id.as_str())) };
        let question = Question {
            principal: host.message().principal(),
            operation: host.operation(),
            reads_metadata: false,
            target: &Target::subject(Some(id.as_str().into()), OperationCode::GET),
            asked: id.as_str(),
            is_child: false,
        };
        admission::admit_as_parent(host.message(), &question, &loaded)?;
    }
    Ok(())
}

/// What the objects that the item made or changed name as their parents, and none of them did before.
fn new_parents(host: &ItemHost<'_, '_>) -> BTreeSet<ObjectId> {
    let log = host.log();
    let touched = log.created.iter().chain(log.changed.iter().map(|(id, _)| id));
    let touched = || touched.clone().filter_map(|id| host.pending(id));
    let mut new: BTreeSet<_> = touched().flat_map(|pending| parents(&pending.record)).collect();
    if !new.is_empty() {
        for known in touched().filter_map(|pending| pending.base.as_ref()) {
            parents(&known.record).for_each(|known| _ = new.remove(&known));
        }
        new.retain(|id| !log.named_by_scheme.contains(id));
    }
    new
}

fn parents(record: &Record) -> impl Iterator<Item = ObjectId> {
    let links = record.attributes.all::<kinds::Link>().filter(|link| link.link_type == LinkType::PARENT_LINK);
    links.filter_map(|link| link.linked_object_identifier.as_text().and_then(|id| ObjectId::new(id).ok()))
}
