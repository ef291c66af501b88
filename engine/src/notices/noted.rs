//! Which notices arise from a unit of work.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::Tag;
use claviger_kmip::attributes::{AttributeReference, AttributeTable, Attributes, Instance, kinds};
use claviger_kmip::tables::enumerations::{LinkType, PutFunction};
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Record;

use super::notice::Notice;
use crate::pipeline::message::Message;
use crate::unit_of_work::{Pending, UnitOfWork};

/// Adds what the owners of changed objects are to be told to the unit that changes them. Says whether there is any.
///
/// # Errors
/// The store fails.
pub(crate) async fn note(message: &Message<'_>, unit: &mut UnitOfWork) -> Result<bool> {
    let (engine, store) = (message.engine, &*message.store);
    let table = engine.registry.attribute_table();
    let arising: Vec<(Arc<str>, Notice)> = unit
        .all_pending()
        .filter(|pending| !pending.purged && engine.notices.follows(store, &pending.record.owner))
        .filter_map(|pending| Some((pending.record.owner.clone(), arising(table, pending)?)))
        .collect();
    let is_any = !arising.is_empty();
    let expires = message.now.0.saturating_add_unsigned(engine.options.limits.notices_kept.as_secs());
    for (owner, notice) in arising {
        let name = Notice::name(&owner, &notice.object);
        let (notice, expected) = match Notice::read(store, &name).await? {
            Some(read) => (read.content.and(notice), Some(read.revision)),
            None => (notice, None),
        };
        unit.documents.record(notice.into_put(name, expected, expires), message.now)?;
    }
    Ok(is_any)
}

fn arising(table: &AttributeTable, pending: &Pending) -> Option<Notice> {
    let record = &pending.record;
    let object = record.id.to_string();
    let nothing = Notice { object, put: None, replaced: None, changed: Vec::new() };
    match &pending.base {
        // Who made an object knows of it. What replaces another may be the work of a timer.
        None => replaced_by(record).map(|replaced| Notice {
            put: Some(PutFunction::REPLACE),
            replaced: Some(replaced),
            ..nothing
        }),
        Some(base) if base.record.owner != record.owner => {
            Some(Notice { put: Some(PutFunction::NEW), ..nothing })
        }
        Some(base) => {
            let changed = changed(table, &base.record.attributes, &record.attributes);
            (!changed.is_empty()).then_some(Notice { changed, ..nothing })
        }
    }
}

fn replaced_by(record: &Record) -> Option<String> {
    let mut links = record.attributes.all::<kinds::Link>();
    let link = links.find(|link| link.link_type == LinkType::REPLACED_OBJECT_LINK)?;
    link.linked_object_identifier.as_text().map(str::to_owned)
}

/// The attributes that differ, without those that no client sees. Every change has a Last Change Date; that it is later
/// than the one before is no news.
fn changed(table: &AttributeTable, before: &Attributes, after: &Attributes) -> Vec<AttributeReference> {
    let differing = difference(before, after).chain(difference(after, before));
    let shown = differing.filter(|of| of.tag != Tag::LAST_CHANGE_DATE && table.is_visible(of.tag));
    shown.map(|of| of.key().to_reference()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn difference<'a>(of: &'a Attributes, and: &'a Attributes) -> impl Iterator<Item = &'a Instance> {
    of.iter().filter(|one| and.get_index(one.key(), one.index) != Some(&one.value))
}

#[cfg(test)]
mod tests {
    use claviger_kmip::Value;
    use claviger_kmip::field::DateTime;
    use claviger_kmip::tables::enumerations::State;

    use super::*;

    #[test]
    fn what_was_set_changed_or_deleted_has_changed_and_nothing_else() {
        let mut before = Attributes::new();
        before.put::<kinds::State>(State::PRE_ACTIVE);
        before.put::<kinds::LastChangeDate>(DateTime(1));
        before.put::<kinds::Comment>("left".to_owned());
        before.put::<kinds::Description>("goes".to_owned());
        before.set_vendor("acme", "colour", Value::TextString("red".to_owned()));
        before.set_vendor("acme", "shape", Value::TextString("round".to_owned()));
        let mut after = before.clone();
        assert_eq!(changed(AttributeTable::standard(), &before, &after), []);
        after.put::<kinds::State>(State::ACTIVE);
        after.put::<kinds::LastChangeDate>(DateTime(2));
        after.put::<kinds::ActivationDate>(DateTime(2));
        after.remove(Tag::DESCRIPTION);
        after.set_vendor("acme", "colour", Value::TextString("blue".to_owned()));
        let mut expected = vec![
            AttributeReference::Tagged(Tag::STATE),
            AttributeReference::Tagged(Tag::ACTIVATION_DATE),
            AttributeReference::Tagged(Tag::DESCRIPTION),
            AttributeReference::Vendor { vendor: "acme".to_owned(), name: "colour".to_owned() },
        ];
        expected.sort();
        assert_eq!(changed(AttributeTable::standard(), &before, &after), expected);
    }
}
