//! A dialect that narrows: it takes lists of tags for identifiers, shows Active objects to Get, and lets Revoke and Retire go
//! on along links.

use claviger_plugin_sdk::dialect::{Dialect, ErrorAnswer, Selector};
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;

use super::operations::RETIRE;

pub(crate) struct Narrow;

impl Dialect for Narrow {
    fn name(&self) -> &'static str {
        "narrow"
    }

    /// `#a#b` stands for the objects with the tags a and b.
    fn selector<'t>(&self, text: &'t str) -> Result<Selector<'t>> {
        Ok(match text.strip_prefix('#') {
            Some(tags) => Selector::Tags(tags.split('#').map(str::to_owned).collect()),
            None => Selector::Id(text.into()),
        })
    }

    fn cardinality(&self, operation: OperationCode, _: &[&Attributes]) -> Cardinality {
        match operation {
            OperationCode::DESTROY | OperationCode::REVOKE | RETIRE => Cardinality::All,
            OperationCode::GET_ATTRIBUTES => Cardinality::First,
            _ => Cardinality::One,
        }
    }

    fn expand(&self, operation: OperationCode, _: &KeyFacts<'_>) -> &'static [LinkType] {
        match operation {
            OperationCode::REVOKE | RETIRE => &[LinkType::PUBLIC_KEY_LINK, LinkType::CHILD_LINK],
            _ => &[],
        }
    }

    fn narrow(&self, operation: OperationCode) -> StateSet {
        if operation == OperationCode::GET { StateSet::ACTIVE } else { StateSet::ALL }
    }

    fn error(&self, _: Option<OperationCode>, error: &Error) -> ErrorAnswer {
        ErrorAnswer { status: 422, text: error.to_string() }
    }
}
