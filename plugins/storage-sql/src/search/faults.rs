//! How to tell what finds an object from what should, without its values.

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::kmip::Tag;

use super::scalars::TAGS;

/// The columns of the table of objects that a search looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// Whether it has the owner that it should have.
    pub(crate) owner: bool,
    /// The type.
    pub(crate) object_type: i64,
    /// The stored state.
    pub(crate) state: i64,
    /// When it is to become Active.
    pub(crate) activation: Option<i64>,
    /// When it is to become Deactivated.
    pub(crate) deactivation: Option<i64>,
    /// Whether it is archived.
    pub(crate) archived: bool,
}

impl Columns {
    /// What is another one than it should be, a line each.
    pub(crate) fn faults(&self, expected: &Index) -> Vec<String> {
        let dates = &expected.dates;
        [
            (!self.owner, "owner"),
            (self.object_type != i64::from(expected.object_type.0), "type"),
            (self.state != i64::from(dates.stored.0), "state"),
            (self.activation != dates.activation.map(|date| date.0), "activation date"),
            (self.deactivation != dates.deactivation.map(|date| date.0), "deactivation date"),
            (self.archived != expected.archived, "archived status"),
        ]
        .into_iter()
        .filter(|(differs, _)| *differs)
        .map(|(_, what)| format!("it is found by another {what} than it has"))
        .collect()
    }
}

/// What finds an object and should not, or should and does not.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// It has the scalar and is not found by it.
    Unsearched,
    /// It is found by the scalar and does not have it.
    Foreign,
    /// The scalar has no entry in the index.
    Unindexed,
}

impl Fault {
    /// A line about a scalar of an attribute.
    pub(crate) fn of(self, attribute: i64) -> String {
        let what = match (attribute, u32::try_from(attribute)) {
            (TAGS, _) => "a tag".to_owned(),
            (_, Ok(tag)) => format!("an attribute {:?}", Tag(tag)),
            (_, Err(_)) => "an attribute".to_owned(),
        };
        match self {
            Self::Unsearched => format!("{what} is not searched for"),
            Self::Foreign => format!("{what} finds it and it has none"),
            Self::Unindexed => format!("{what} is missing in the index"),
        }
    }
}

/// An object that no search finds at all.
pub(crate) const NOT_AN_OBJECT: &str = "it is not in the table of objects";
