//! Documents that a unit writes or removes, laid over those of the store.

use std::collections::BTreeMap;

use claviger_kmip::ByteString;
use claviger_kmip::field::DateTime;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{Document, DocumentPage, DocumentPut};

/// The documents of a unit, by kind and name.
#[derive(Default)]
pub(crate) struct PendingDocuments(BTreeMap<(String, String), Pending>);

struct Pending {
    /// The revision that the store is expected to hold.
    base: Option<Revision>,
    /// Content and expiry; nothing if it is removed.
    content: Option<(ByteString, Option<i64>)>,
}

impl PendingDocuments {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the unit writes or removes documents of a kind.
    pub(crate) fn touches(&self, kind: &str) -> bool {
        self.0.keys().any(|(of, _)| of == kind)
    }

    /// The document as the unit leaves it; nothing if the unit does not touch it.
    pub(crate) fn get(&self, kind: &str, id: &str, now: DateTime) -> Option<Option<Document>> {
        let pending = self.0.get(&(kind.to_owned(), id.to_owned()))?;
        Some(pending.to_document(now))
    }

    /// Records a change. A document that the unit changes again keeps the revision that the store is to hold.
    ///
    /// # Errors
    /// Internal Server Error: the handler did not read what the unit has made of the document.
    pub(crate) fn record(&mut self, put: DocumentPut, now: DateTime) -> Result<()> {
        let DocumentPut { kind, id, expected, content } = put;
        match self.0.get_mut(&(kind.clone(), id.clone())) {
            None => {
                self.0.insert((kind, id), Pending { base: expected, content });
            }
            Some(pending) => {
                if pending.to_document(now).map(|document| document.revision) != expected {
                    return Err(Error::server("an operation writes a document that it did not read before"));
                }
                pending.content = content;
            }
        }
        Ok(())
    }

    /// The page of the store's documents that is wide enough for the unit's to be laid over it.
    pub(crate) fn widened(&self, kind: &str, page: &DocumentPage) -> DocumentPage {
        let touched = self.0.keys().filter(|(of, _)| of == kind).count() as u64;
        DocumentPage { after: page.after.clone(), limit: page.limit.saturating_add(touched) }
    }

    /// The page as the unit leaves it, from the widened one of the store.
    pub(crate) fn over(
        &self,
        kind: &str,
        page: &DocumentPage,
        stored: Vec<(String, Document)>,
        now: DateTime,
    ) -> Vec<(String, Document)> {
        let mut documents: BTreeMap<String, Document> = stored.into_iter().collect();
        let behind = |id: &String| page.after.as_ref().is_none_or(|after| id > after);
        for ((_, id), pending) in self.0.iter().filter(|((of, id), _)| of == kind && behind(id)) {
            documents.remove(id);
            documents.extend(pending.to_document(now).map(|document| (id.clone(), document)));
        }
        documents.into_iter().take(usize::try_from(page.limit).unwrap_or(usize::MAX)).collect()
    }

    /// All changes, for the change set.
    pub(crate) fn puts(&self) -> Vec<DocumentPut> {
        self.0
            .iter()
            .map(|((kind, id), pending)| DocumentPut {
                kind: kind.clone(),
                id: id.clone(),
                expected: pending.base,
                content: pending.content.clone(),
            })
            .collect()
    }
}

impl Pending {
    fn to_document(&self, now: DateTime) -> Option<Document> {
        let (body, expires) = self.content.clone()?;
        let exists = expires.is_none_or(|expires| now.0 <= expires);
        let revision = Revision(self.base.map_or(0, |base| base.0) + 1);
        exists.then_some(Document { revision, expires, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime = DateTime(100);

    fn put(id: &str, expected: Option<u64>, content: Option<&str>) -> DocumentPut {
        let content = content.map(|body| (body.as_bytes().into(), None));
        DocumentPut { kind: "job".into(), id: id.into(), expected: expected.map(Revision), content }
    }

    fn document(revision: u64, body: &str) -> Document {
        Document { revision: Revision(revision), expires: None, body: body.as_bytes().into() }
    }

    #[test]
    fn a_document_that_is_changed_twice_is_written_once_over_what_the_store_holds() {
        let mut unit = PendingDocuments::default();
        assert_eq!(unit.get("job", "a", NOW), None);
        unit.record(put("a", Some(4), Some("one")), NOW).unwrap();
        assert_eq!(unit.get("job", "a", NOW), Some(Some(document(5, "one"))));
        assert!(unit.record(put("a", Some(4), Some("lost")), NOW).is_err());
        unit.record(put("a", Some(5), None), NOW).unwrap();
        assert_eq!(unit.get("job", "a", NOW), Some(None));
        unit.record(put("a", None, Some("two")), NOW).unwrap();
        assert_eq!(unit.puts(), [put("a", Some(4), Some("two"))]);
    }

    #[test]
    fn a_page_has_what_the_unit_adds_and_not_what_it_removes() {
        let mut unit = PendingDocuments::default();
        unit.record(put("b", Some(1), None), NOW).unwrap();
        unit.record(put("c", None, Some("new")), NOW).unwrap();
        let page = DocumentPage { after: Some("a".into()), limit: 2 };
        let widened = unit.widened("job", &page);
        assert_eq!((widened.limit, widened.after.as_deref()), (4, Some("a")));
        let stored = ["b", "d", "e"].map(|id| (id.to_owned(), document(1, "stored")));
        let found = unit.over("job", &page, stored.to_vec(), NOW);
        let expected = [("c".to_owned(), document(1, "new")), ("d".to_owned(), document(1, "stored"))];
        assert_eq!(found, expected);
        assert_eq!(unit.widened("ticket", &page), page);
    }

    #[test]
    fn a_pending_document_that_has_expired_does_not_exist() {
        let mut unit = PendingDocuments::default();
        let expiring =
            |expires| DocumentPut { content: Some((vec![].into(), Some(expires))), ..put("a", None, None) };
        unit.record(expiring(99), NOW).unwrap();
        assert_eq!(unit.get("job", "a", NOW), Some(None));
        unit.record(expiring(100), NOW).unwrap();
        assert!(unit.get("job", "a", NOW).flatten().is_some());
    }
}
