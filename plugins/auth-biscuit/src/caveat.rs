//! Caveats in the form in which they are applied: for an operation and a time, a filter of objects.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::record::ObjectId;

use crate::span::Span;
use crate::values::Values;
use crate::vocabulary;

/// A check of a block: it says what is allowed, or what is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caveat {
    /// `check if`: one of these at least is met.
    Demands(Vec<Condition>),
    /// `reject if`: none of these is met.
    Forbids(Vec<Condition>),
}

/// What is asked of one use of a token; all of it together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    /// What is done.
    pub(crate) operation: Values,
    /// When, in seconds since 1970.
    pub(crate) time: Span,
    /// With which object, if it is asked for.
    pub(crate) object: Option<Values>,
    /// With an object of which type, if it is asked for.
    pub(crate) object_type: Option<Values>,
    /// For each of these sets, the object has a tag in it.
    pub(crate) tags: Vec<BTreeSet<String>>,
}

impl Condition {
    /// What is always met.
    pub(crate) fn any() -> Self {
        Self { operation: Values::all(), time: Span::ALL, object: None, object_type: None, tags: Vec::new() }
    }

    fn asks_for_an_object(&self) -> bool {
        self.object.is_some() || self.object_type.is_some() || !self.tags.is_empty()
    }

    fn filter(&self, operation: &str, now: i64) -> Filter {
        if !self.operation.contains(operation) || !self.time.contains(now) {
            return nothing();
        }
        let object = self.object.as_ref().map(of_identifiers);
        let object_type = self.object_type.as_ref().map(of_types);
        let tags = self.tags.iter().map(|any| one_of(any.iter().cloned().map(Filter::Tag)));
        all_of(object.into_iter().chain(object_type).chain(tags))
    }
}

impl Caveat {
    /// The objects with which it allows an operation at a time.
    pub(crate) fn filter(&self, operation: &str, now: i64) -> Filter {
        let met =
            |conditions: &[Condition]| one_of(conditions.iter().map(|each| each.filter(operation, now)));
        match self {
            Self::Demands(conditions) => met(conditions),
            Self::Forbids(conditions) => none_of(met(conditions)),
        }
    }

    /// Whether it allows an operation on no object.
    pub(crate) fn without_objects(&self, operation: &str, now: i64) -> bool {
        let met = |conditions: &[Condition]| {
            let mut fitting = conditions.iter().filter(|each| !each.asks_for_an_object());
            fitting.any(|each| each.filter(operation, now) != nothing())
        };
        match self {
            Self::Demands(conditions) => met(conditions),
            Self::Forbids(conditions) => !met(conditions),
        }
    }

    /// The last second until which what it says of an operation stays as it is now.
    pub(crate) fn holds_until(&self, operation: &str, now: i64) -> i64 {
        let (Self::Demands(conditions) | Self::Forbids(conditions)) = self;
        let about = conditions.iter().filter(|each| each.operation.contains(operation));
        about.map(|each| each.time.holds_until(now)).min().unwrap_or(i64::MAX)
    }

    /// The times at which anything is allowed at all, as far as they are one span.
    pub(crate) fn span(&self) -> Span {
        let Self::Demands(conditions) = self else { return Span::ALL };
        let all = conditions
            .iter()
            .map(|each| each.time)
            .reduce(|left, right| Span { from: left.from.min(right.from), to: left.to.max(right.to) });
        all.unwrap_or(Span { from: 1, to: 0 })
    }
}

/// Every object.
pub(crate) fn everything() -> Filter {
    Filter::All(Vec::new())
}

/// No object.
pub(crate) fn nothing() -> Filter {
    Filter::Any(Vec::new())
}

/// The objects that meet all filters, in the plainest form.
pub(crate) fn all_of(filters: impl Iterator<Item = Filter>) -> Filter {
    let mut all = Vec::new();
    for filter in filters {
        match filter {
            Filter::Any(none) if none.is_empty() => return nothing(),
            Filter::All(inner) => all.extend(inner),
            other if all.contains(&other) => {}
            other => all.push(other),
        }
    }
    only_one(all).unwrap_or_else(Filter::All)
}

fn one_of(filters: impl Iterator<Item = Filter>) -> Filter {
    let mut any = Vec::new();
    for filter in filters {
        match filter {
            Filter::All(none) if none.is_empty() => return everything(),
            Filter::Any(inner) => any.extend(inner),
            other => any.push(other),
        }
    }
    only_one(any).unwrap_or_else(Filter::Any)
}

fn none_of(filter: Filter) -> Filter {
    match filter {
        Filter::All(none) if none.is_empty() => nothing(),
        Filter::Any(none) if none.is_empty() => everything(),
        other => Filter::Not(Box::new(other)),
    }
}

fn only_one(mut filters: Vec<Filter>) -> Result<Filter, Vec<Filter>> {
    match filters.len() {
        1 => filters.pop().ok_or_else(Vec::new),
        _ => Err(filters),
    }
}

/// What is no identifier names no object.
fn of_identifiers(values: &Values) -> Filter {
    let named = one_of(values.names().iter().filter_map(|name| ObjectId::new(name).ok()).map(Filter::Id));
    match values {
        Values::Only(_) => named,
        Values::AllBut(_) => none_of(named),
    }
}

fn of_types(values: &Values) -> Filter {
    let named = vocabulary::types().filter(|(_, name)| values.names().contains(*name));
    let named: Vec<_> = named.map(|(object_type, _)| object_type).collect();
    let named = if named.is_empty() { nothing() } else { Filter::Type(named) };
    match values {
        Values::Only(_) => named,
        Values::AllBut(_) => none_of(named),
    }
}
