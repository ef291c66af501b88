//! Objects that others name as their parent. A child takes part in what happens to its parent: it is changed, revoked and
//! destroyed with it, and each one makes that more to do. So only he who might have the parent makes it one, and whoever is
//! about to do something to the parent has to see it.

use std::collections::BTreeMap;

use claviger_kmip::attributes::kinds;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{LinkType, OperationCode};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::{ObjectId, Record};
use claviger_plugin_sdk::target::Target;

use super::admission::{self, Question};
use super::host::ItemHost;
use crate::object_cache::Loaded;

/// Holds the Parent Links that an item made to the right to Get what they name. Those that its objects had before, that a
/// new object takes over from one that the item changed, or that are to what a scheme named, need none.
///
/// What has a new child is written with it, even as it was. Whoever changes, revokes or destroys it at the same moment and
/// has looked for its children finds it changed, and looks again; and so does the item if he was faster.
///
/// # Errors
/// Object Not Found: there is no such object, or the caller has no right on it. Permission Denied: he has another one.
pub(crate) async fn take_on_children(host: &mut ItemHost<'_, '_>) -> Result<()> {
    for (id, named) in named(host) {
        match (host.load_id(&id).await?, named) {
            (Some(parent), Named::Anew) => {
                hold_to_right(host, &id, &parent)?;
                host.touch(&parent.entry);
            }
            (Some(parent), Named::Again) => host.touch(&parent.entry),
            (None, Named::Anew) => return Err(Error::not_found(id.as_str())),
            // Nothing happens any more to what is gone.
            (None, Named::Again) => {}
        }
    }
    Ok(())
}

fn hold_to_right(host: &ItemHost<'_, '_>, id: &ObjectId, parent: &Loaded) -> Result<()> {
    let question = Question {
        principal: host.message().principal(),
        operation: host.operation(),
        reads_metadata: false,
        target: &Target::subject(Some(id.as_str().into()), OperationCode::GET),
        asked: id.as_str(),
        is_child: false,
    };
    admission::admit_as_parent(host.message(), &question, parent)
}

/// How an object comes to be named as a parent by one that did not name it, or was not in use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// None of the item's objects named it before, nor did a scheme.
    Anew,
    /// One of them did, or a scheme.
    Again,
}

/// What gets a child by the item, or one that is in use again.
fn named(host: &ItemHost<'_, '_>) -> BTreeMap<ObjectId, Named> {
    let log = host.log();
    let touched = log.created.iter().chain(log.changed.iter().map(|(id, _)| id));
    let touched = || touched.clone().filter_map(|id| host.pending(id)).filter(|pending| !pending.purged);
    let is_in =
        |states: StateSet, record: &Record| states.contains(record.state_dates().at(host.message().now));
    let is_in_use = |record: &Record| is_in(IN_USE, record);
    let mut named = BTreeMap::new();
    for pending in touched() {
        // Whoever looks for children that are in use finds one that was, and its change by its revision.
        let found = pending.base.as_deref().map(|known| &known.record);
        let found = found.filter(|known| {
            is_in_use(known) || !(is_in_use(&pending.record) || is_in(StateSet::DESTROYED, known))
        });
        let found: Vec<_> = found.map(|known| parents(known).collect()).unwrap_or_default();
        named.extend(parents(&pending.record).filter(|id| !found.contains(id)).map(|id| (id, Named::Anew)));
    }
    if !named.is_empty() {
        let known = touched().filter_map(|pending| pending.base.as_deref());
        let known = known.flat_map(|known| parents(&known.record)).chain(log.named_by_scheme.iter().cloned());
        for id in known {
            named.entry(id).and_modify(|named| *named = Named::Again);
        }
    }
    named
}

/// The states in which everything that goes on from an object to its children reaches them. What is destroyed nothing reaches,
/// and the others Destroy alone.
const IN_USE: StateSet = StateSet::PRE_ACTIVE.or(StateSet::ACTIVE);

fn parents(record: &Record) -> impl Iterator<Item = ObjectId> {
    let links = record.attributes.all::<kinds::Link>().filter(|link| link.link_type == LinkType::PARENT_LINK);
    links.filter_map(|link| link.linked_object_identifier.as_text().and_then(|id| ObjectId::new(id).ok()))
}
