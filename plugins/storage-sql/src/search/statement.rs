//! The text of a search with its parameters.

use claviger_plugin_sdk::filter::{Cursor, Filter, IndexValue, Page};

use super::conditions::condition;
use super::plan::Driver;

/// What a statement's placeholders stand for, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Parameter<'f> {
    /// A number.
    Integer(i64),
    /// Text.
    Text(&'f str),
    /// Bytes.
    Bytes(&'f [u8]),
}

impl<'f> From<&'f IndexValue> for Parameter<'f> {
    fn from(value: &'f IndexValue) -> Self {
        match value {
            IndexValue::Integer(n) => Self::Integer(*n),
            IndexValue::Text(text) => Self::Text(text),
            IndexValue::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

/// SQL with the values of its placeholders. Nothing that comes from a request is ever part of the text.
#[derive(Debug, Default)]
pub(crate) struct Statement<'f> {
    /// The text.
    pub(crate) sql: String,
    /// The values.
    pub(crate) parameters: Vec<Parameter<'f>>,
}

impl<'f> Statement<'f> {
    /// Adds text.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a placeholder.
    pub(super) fn bind(&mut self, parameter: Parameter<'f>) -> &mut Self {
        self.sql.push('?');
        self.parameters.push(parameter);
        self
    }

    /// Adds a number.
    pub(super) fn number(&mut self, n: impl Into<i64>) -> &mut Self {
        self.bind(Parameter::Integer(n.into()))
    }

    /// Adds what `each` adds for every item, with a separator between.
    pub(super) fn join<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        separator: &str,
        mut each: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (position, item) in items.into_iter().enumerate() {
            if position > 0 {
                self.push(separator);
            }
            each(self, item);
        }
        self
    }
}

/// What a search reads of each match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Place, identifier, revision, uses left and body.
    Record,
    /// Place and identifier.
    Identifier,
}

/// Selects what is wanted of a page of matches, newest first.
pub(crate) fn select<'f>(
    driver: &Driver<'f>,
    filter: &'f Filter,
    page: &Page,
    wanted: Wanted,
) -> Statement<'f> {
    let mut statement = Statement::default();
    let columns = match wanted {
        Wanted::Record => {
            "o.seq, o.id, o.revision, o.usage_left, (SELECT c.body FROM content c WHERE c.object = o.seq)"
        }
        Wanted::Identifier => "o.seq, o.id",
    };
    for (position, branch) in driver.branches().iter().enumerate() {
        statement.push(if position > 0 { " UNION ALL " } else { "" });
        statement.push("SELECT ").push(columns);
        matches(&mut statement, branch, filter);
        if let Some(Cursor(place)) = page.after {
            // The column that drives has the order, and so the place to start at.
            statement.push(" AND ").push(branch.place()).push(" < ").number(place);
        }
    }
    let order = match driver.branches() {
        [single] => single.place(),
        _ => "1",
    };
    statement.push(" ORDER BY ").push(order).push(" DESC LIMIT ").number(clamp(page.limit));
    if page.offset > 0 {
        statement.push(" OFFSET ").number(clamp(page.offset));
    }
    statement
}

/// Counts all matches.
pub(crate) fn count<'f>(driver: &Driver<'f>, filter: &'f Filter) -> Statement<'f> {
    let mut statement = Statement::default();
    statement.push("SELECT ").join(driver.branches(), " + ", |statement, branch| {
        statement.push("(SELECT count(*)");
        matches(statement, branch, filter);
        statement.push(")");
    });
    statement
}

/// Counts the objects that a driver gives, up to `most`.
pub(crate) fn probe<'f>(driver: &Driver<'f>, most: i64) -> Statement<'f> {
    let mut statement = Statement::default();
    statement.push("SELECT ").join(driver.branches(), " + ", |statement, branch| {
        statement.push("(SELECT count(*) FROM (SELECT 1");
        branch.rows(statement);
        statement.push(" LIMIT ").number(most).push("))");
    });
    statement
}

fn matches<'f>(statement: &mut Statement<'f>, branch: &super::plan::Branch<'f>, filter: &'f Filter) {
    branch.objects(statement);
    for part in conjuncts(filter) {
        if !branch.implies(part) {
            statement.push(" AND ");
            condition(statement, part);
        }
    }
}

/// The conditions that must all hold, nested ones too.
pub(super) fn conjuncts(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::All(parts) => parts.iter().flat_map(conjuncts).collect(),
        one => vec![one],
    }
}

fn clamp(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
