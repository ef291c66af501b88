//! What drives a search: the condition whose index gives the objects to test.

use claviger_plugin_sdk::filter::{Compare, Filter};
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::store::Subject;

use super::conditions::{owned, permitted, users};
use super::scalars::{self, OWN_VALUE, TAGS};
use super::statement::{Parameter, Statement, conjuncts};

/// Where a search takes its objects from: one index, or several whose objects do not overlap.
#[derive(Debug)]
pub(crate) struct Driver<'f> {
    branches: Vec<Branch<'f>>,
}

/// One index, read newest first.
#[derive(Debug)]
pub(super) enum Branch<'f> {
    /// Every object.
    All,
    /// The object with an identifier.
    Id(&'f Filter, &'f str),
    /// The objects that have a value.
    Value {
        /// The condition that it comes from.
        from: &'f Filter,
        attribute: i64,
        field: i64,
        value: Parameter<'f>,
    },
    /// The objects of an owner.
    Owner(&'f Filter, &'f str),
    /// The objects that one of the subjects owns.
    OwnedBy(&'f Filter, &'f [Subject]),
    /// The objects on which a subject holds a grant and that none of them owns.
    GrantedTo(&'f Filter, &'f [Subject], Option<&'f [OperationCode]>),
}

/// What could drive a search for this filter, best first as far as can be told without looking: an identifier,
/// tags, attributes, owners, who may see it. The last resort, every object, is not among them.
pub(crate) fn candidates(filter: &Filter) -> Vec<Driver<'_>> {
    let mut candidates: Vec<(u8, Driver<'_>)> = conjuncts(filter).into_iter().flat_map(drivers).collect();
    candidates.sort_by_key(|(rank, _)| *rank);
    candidates.into_iter().map(|(_, driver)| driver).collect()
}

impl<'f> Driver<'f> {
    /// Takes every object.
    pub(crate) fn all() -> Self {
        Self { branches: vec![Branch::All] }
    }

    /// Whether it gives one object at most.
    pub(crate) fn is_unique(&self) -> bool {
        matches!(self.branches.as_slice(), [Branch::Id(..)])
    }

    pub(super) fn branches(&self) -> &[Branch<'f>] {
        &self.branches
    }
}

/// The drivers that one condition offers, with their rank.
fn drivers(filter: &Filter) -> Vec<(u8, Driver<'_>)> {
    let one = |rank, branch| vec![(rank, Driver { branches: vec![branch] })];
    match filter {
        Filter::Id(id) => one(0, Branch::Id(filter, id.as_str())),
        Filter::Tag(tag) => {
            let value = Parameter::Text(tag);
            one(1, Branch::Value { from: filter, attribute: TAGS, field: OWN_VALUE, value })
        }
        Filter::Attribute { tag, tests } => tests
            .iter()
            .filter_map(|test| match &test.compare {
                Compare::Equal(value) if scalars::finds(tag.0.into(), value.into()) => {
                    let field = test.field.map_or(OWN_VALUE, |field| i64::from(field.0));
                    let attribute = i64::from(tag.0);
                    let branch = Branch::Value { from: filter, attribute, field, value: value.into() };
                    Some((2, Driver { branches: vec![branch] }))
                }
                _ => None,
            })
            .collect(),
        Filter::Owner(owner) => one(3, Branch::Owner(filter, owner)),
        Filter::VisibleTo { subjects, operations } => {
            let granted = Branch::GrantedTo(filter, subjects, operations.as_deref());
            let branches = match users(subjects).next() {
                Some(_) => vec![Branch::OwnedBy(filter, subjects), granted],
                None => vec![granted],
            };
            vec![(4, Driver { branches })]
        }
        _ => vec![],
    }
}

impl<'f> Branch<'f> {
    /// Adds `FROM … WHERE …` that gives the rows of the index, for counting them.
    pub(super) fn rows(&self, to: &mut Statement<'f>) {
        match self {
            Self::Value { attribute, field, value, .. } => {
                to.push(" FROM ");
                to.dialect().finders(to, "d");
                to.push(" WHERE ");
                equal_value(to, *attribute, *field, *value);
            }
            Self::GrantedTo(_, subjects, operations) => {
                to.push(" FROM ").table("permission").push(" p WHERE ");
                permitted(to, subjects, *operations);
            }
            _ => self.objects(to),
        }
    }

    /// Adds `FROM … WHERE …` that gives each object `o` once, in the order of [`place`](Self::place).
    pub(super) fn objects(&self, to: &mut Statement<'f>) {
        let dialect = to.dialect();
        to.push(" FROM ");
        match self {
            Self::All => {
                to.table("object").push(" o").push(dialect.in_order()).push(" WHERE 1 = 1");
            }
            Self::Id(_, id) => {
                to.table("object").push(" o WHERE o.id = ").text(id);
            }
            Self::Value { attribute, field, value, .. } => {
                dialect.finders(to, "d");
                to.push(dialect.join()).table("object").push(" o WHERE ");
                equal_value(to, *attribute, *field, *value);
                to.push(" AND o.seq = d.object");
            }
            Self::Owner(_, owner) => {
                to.table("object").push(" o").push(dialect.by_owner()).push(" WHERE o.owner = ").name(owner);
            }
            Self::OwnedBy(_, subjects) => {
                to.table("object").push(" o").push(dialect.by_owner()).push(" WHERE ");
                owned(to, subjects);
            }
            Self::GrantedTo(_, subjects, operations) => {
                granted(to, subjects, *operations);
                to.push(" AND NOT (");
                owned(to, subjects);
                to.push(")");
            }
        }
    }

    /// The column that holds the place of an object in the order.
    pub(super) fn place(&self) -> &'static str {
        match self {
            Self::Value { .. } => "d.object",
            _ => "o.seq",
        }
    }

    /// Whether every object of the branch meets the condition.
    pub(super) fn implies(&self, condition: &Filter) -> bool {
        match self {
            Self::All => false,
            Self::Id(from, _) | Self::Owner(from, _) | Self::OwnedBy(from, _) | Self::GrantedTo(from, ..) => {
                std::ptr::eq(*from, condition)
            }
            Self::Value { from, .. } => {
                std::ptr::eq(*from, condition)
                    && match condition {
                        Filter::Attribute { tests, .. } => tests.len() == 1,
                        _ => true,
                    }
            }
        }
    }
}

fn equal_value<'f>(to: &mut Statement<'f>, attribute: i64, field: i64, value: Parameter<'f>) {
    to.dialect().only_finders(to, "d");
    to.push("d.attribute = ").number(attribute).push(" AND d.field = ").number(field);
    to.push(" AND d.value = ").value(value);
}

/// The objects on which a subject holds a grant: SQLite tests them as it reads objects, the others read the grants
/// first, whatever their planners think of subqueries.
fn granted<'f>(to: &mut Statement<'f>, subjects: &'f [Subject], operations: Option<&'f [OperationCode]>) {
    let dialect = to.dialect();
    if dialect.is_server() {
        to.push("(SELECT DISTINCT p.object FROM ").table("permission").push(" p WHERE ");
        permitted(to, subjects, operations);
        to.push(") g").push(dialect.join()).table("object").push(" o WHERE o.seq = g.object");
    } else {
        to.table("object").push(" o WHERE o.seq IN (SELECT p.object FROM ").table("permission");
        to.push(" p WHERE ");
        permitted(to, subjects, operations);
        to.push(")");
    }
}
