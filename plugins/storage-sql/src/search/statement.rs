//! The text of a search with its parameters.

use std::borrow::Cow;
use std::fmt::Write;

use claviger_plugin_sdk::filter::{Cursor, Filter, IndexValue, Page};

use super::conditions::condition;
use super::dialect::{Dialect, stored_name, stored_value};
use super::plan::{Branch, Driver};

/// A value as it comes from a request or a record.
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

/// What one placeholder stands for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument<'f> {
    /// A value.
    One(Parameter<'f>),
    /// A number, or nothing.
    Optional(Option<i64>),
    /// Bytes that were made for the statement.
    Own(Vec<u8>),
    /// An array of numbers; for PostgreSQL alone.
    Numbers(Vec<Option<i64>>),
    /// An array of bytes; for PostgreSQL alone.
    Lists(Vec<Cow<'f, [u8]>>),
}

/// SQL with the values of its placeholders. Nothing that comes from a request is ever part of the text.
#[derive(Debug)]
pub(crate) struct Statement<'f> {
    dialect: Dialect,
    /// The text.
    pub(crate) sql: String,
    /// The values.
    pub(crate) arguments: Vec<Argument<'f>>,
}

impl<'f> Statement<'f> {
    /// An empty statement.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, sql: String::with_capacity(512), arguments: Vec::new() }
    }

    /// For which database it is.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds text.
    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds the name of a table.
    pub(crate) fn table(&mut self, name: &str) -> &mut Self {
        self.push(self.dialect.prefix()).push(name)
    }

    /// Adds a placeholder.
    pub(crate) fn bind(&mut self, argument: Argument<'f>) -> &mut Self {
        self.arguments.push(argument);
        if self.dialect == Dialect::Postgresql {
            // Writing to a string does not fail.
            let _ = write!(self.sql, "${}", self.arguments.len());
        } else {
            self.sql.push('?');
        }
        self
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, n: impl Into<i64>) -> &mut Self {
        self.bind(Argument::One(Parameter::Integer(n.into())))
    }

    /// Adds text that is kept whole.
    pub(crate) fn text(&mut self, text: &'f str) -> &mut Self {
        self.bind(Argument::One(Parameter::Text(text)))
    }

    /// Adds a name by which something is found.
    pub(crate) fn name(&mut self, name: &'f str) -> &mut Self {
        if self.dialect.is_server() { self.bind(Argument::Own(stored_name(name))) } else { self.text(name) }
    }

    /// Adds an indexed value.
    pub(crate) fn value(&mut self, value: Parameter<'f>) -> &mut Self {
        let server = self.dialect.is_server();
        self.bind(if server { Argument::Own(stored_value(value)) } else { Argument::One(value) })
    }

    /// Adds what `each` adds for every item, with a separator between.
    pub(crate) fn join<T>(
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
    /// All of that but the body, which a database server reads of the page alone.
    Head,
    /// Place and identifier.
    Identifier,
}

/// Selects what is wanted of a page of matches, newest first.
pub(crate) fn select<'f>(
    statement: &mut Statement<'f>,
    driver: &Driver<'f>,
    filter: &'f Filter,
    page: &Page,
    wanted: Wanted,
) {
    match driver.branches() {
        [single] => {
            objects_of(statement, single, filter, page, wanted);
            statement.push(" ORDER BY ").push(single.place()).push(" DESC LIMIT ").number(clamp(page.limit));
        }
        several => {
            // SQLite merges branches as it reads them; the others would read all of each, unless each is a page.
            let whole = statement.dialect().is_server();
            for (position, branch) in several.iter().enumerate() {
                statement.push(if position > 0 { " UNION ALL " } else { "" });
                statement.push(if whole { "SELECT * FROM (" } else { "" });
                objects_of(statement, branch, filter, page, wanted);
                if whole {
                    let most = clamp(page.limit.saturating_add(page.offset));
                    statement.push(" ORDER BY ").push(branch.place()).push(" DESC LIMIT ").number(most);
                    statement.push(if position > 0 { ") b" } else { ") a" });
                }
            }
            statement.push(" ORDER BY 1 DESC LIMIT ").number(clamp(page.limit));
        }
    }
    if page.offset > 0 {
        statement.push(" OFFSET ").number(clamp(page.offset));
    }
}

/// Selects what is wanted of the matches behind the page's place.
fn objects_of<'f>(
    statement: &mut Statement<'f>,
    branch: &Branch<'f>,
    filter: &'f Filter,
    page: &Page,
    wanted: Wanted,
) {
    statement.push("SELECT o.seq, o.id");
    if wanted != Wanted::Identifier {
        statement.push(", o.revision, o.usage_left");
    }
    if wanted == Wanted::Record {
        statement.push(", (SELECT c.body FROM ").table("content").push(" c WHERE c.object = o.seq)");
    }
    matches(statement, branch, filter);
    if let Some(Cursor(place)) = page.after {
        // The column that drives has the order, and so the place to start at.
        statement.push(" AND ").push(branch.place()).push(" < ").number(place);
    }
}

/// Counts all matches.
pub(crate) fn count<'f>(dialect: Dialect, driver: &Driver<'f>, filter: &'f Filter) -> Statement<'f> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT ").join(driver.branches(), " + ", |statement, branch| {
        statement.push("(SELECT count(*)");
        matches(statement, branch, filter);
        statement.push(")");
    });
    statement
}

/// Counts the objects that each of the drivers gives, up to `most`: a column for each.
pub(crate) fn probe<'f>(dialect: Dialect, drivers: &[Driver<'f>], most: i64) -> Statement<'f> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT ").join(drivers, ", ", |statement, driver| {
        statement.join(driver.branches(), " + ", |statement, branch| {
            statement.push("(SELECT count(*) FROM (SELECT 1");
            branch.rows(statement);
            statement.push(" LIMIT ").number(most).push(") n)");
        });
    });
    statement
}

fn matches<'f>(statement: &mut Statement<'f>, branch: &Branch<'f>, filter: &'f Filter) {
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
