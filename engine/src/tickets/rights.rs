//! The rights of a ticket (KMIP 2.1 sections 7.34 and 7.35), as a restriction of the user who delegates them.

use std::future::ready;

use claviger_kmip::Tag;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::payloads::{Right, Rights};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::Restriction;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, Index, IndexValue};
use claviger_plugin_sdk::record::ObjectId;

use super::open::started;
use crate::unit_of_work::HeldGrants;

/// Rights, objects and groups together that one ticket may name.
const MOST: usize = 1_000;

/// What a ticket may do: what at least one right allows, with all of the objects.
#[derive(Debug)]
pub(super) struct TicketRights(Vec<TicketRight>);

#[derive(Debug)]
struct TicketRight {
    /// The operations; all if absent.
    operations: Option<Vec<OperationCode>>,
    /// The objects.
    objects: Filter,
}

impl TicketRights {
    /// The rights that a client lists, with nothing used yet.
    ///
    /// # Errors
    /// Invalid Field: there is none, or one names objects by something else than their identifiers.
    pub(super) fn checked(mut rights: Rights) -> Result<Rights> {
        if rights.right.is_empty() {
            return Err(Error::invalid("Rights has no Right, so that the ticket would be good for nothing"));
        }
        let named = |right: &Right| {
            let objects = right.objects.as_ref().map_or(0, |objects| objects.unique_identifier.len());
            let operations = right.operations.as_ref().map_or(0, |operations| operations.operation.len());
            objects + operations + right.object_groups.as_ref().map_or(0, |groups| groups.object_group.len())
        };
        if rights.right.len() + rights.right.iter().map(named).sum::<usize>() > MOST {
            return Err(Error::invalid(format!("Rights names {MOST} things at most on this server")));
        }
        Self::of(&rights)?;
        for right in &mut rights.right {
            right.usage_limits = right.usage_limits.take().map(started).transpose()?;
        }
        Ok(rights)
    }

    /// Reads rights.
    ///
    /// # Errors
    /// As [`TicketRights::checked`].
    pub(super) fn of(rights: &Rights) -> Result<Self> {
        let right = |right: &Right| {
            let mut objects = Filter::All(Vec::new());
            if let Some(named) = &right.objects {
                let ids = named.unique_identifier.iter().map(id).collect::<Result<_>>()?;
                objects = objects.and(Filter::Any(ids));
            }
            if let Some(groups) = &right.object_groups {
                objects =
                    objects.and(Filter::Any(groups.object_group.iter().map(|name| in_group(name)).collect()));
            }
            let operations = right.operations.as_ref().map(|operations| operations.operation.clone());
            Ok(TicketRight { operations, objects })
        };
        rights.right.iter().map(right).collect::<Result<_>>().map(Self)
    }

    /// The places of the rights that allow an operation with all of these objects.
    pub(super) fn allowing<'r>(
        &'r self,
        operation: OperationCode,
        objects: &'r [(ObjectId, Index)],
    ) -> impl Iterator<Item = usize> + 'r {
        let allows = move |right: &TicketRight| {
            right.allows(operation)
                && objects.iter().all(|(id, index)| right.objects.matches(id, index, &HeldGrants(&[])))
        };
        self.0.iter().enumerate().filter(move |(_, right)| allows(right)).map(|(place, _)| place)
    }
}

impl TicketRight {
    fn allows(&self, operation: OperationCode) -> bool {
        self.operations.as_ref().is_none_or(|operations| operations.contains(&operation))
    }
}

impl Restriction for TicketRights {
    fn allows(&self, operation: OperationCode) -> bool {
        // A ticket can always be given back.
        operation == OperationCode::LOGOUT || self.0.iter().any(|right| right.allows(operation))
    }

    fn objects(&self, operation: OperationCode) -> Filter {
        let everything = Filter::All(Vec::new());
        let allowed = self.0.iter().filter(|right| right.allows(operation));
        let filters: Vec<Filter> = allowed.map(|right| right.objects.clone()).collect();
        if filters.contains(&everything) { everything } else { Filter::Any(filters) }
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        self.allows(operation)
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        None
    }

    /// What a ticket counts is counted with it: it is not the restriction's.
    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, _: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }
}

fn id(named: &UniqueIdentifier) -> Result<Filter> {
    match named {
        UniqueIdentifier::Text(text) => ObjectId::new(text).map(Filter::Id),
        _ => Err(Error::invalid("the Objects of a Right are named by their identifiers")),
    }
}

fn in_group(name: &str) -> Filter {
    let is_name = FieldTest { field: None, compare: Compare::Equal(IndexValue::Text(name.to_owned())) };
    Filter::Attribute { tag: Tag::OBJECT_GROUP, tests: vec![is_name] }
}
