//! Pieces of statements that PostgreSQL and MySQL spell differently.

use std::borrow::Cow;

use super::{mysql, postgresql};
use crate::search::{Argument, Dialect, Parameter, Statement};

/// Adds `= …` or a list of which the column before it is one.
pub(super) fn among<'f>(to: &mut Statement<'f>, texts: impl Iterator<Item = &'f str>) {
    let mut texts: Vec<&str> = texts.collect();
    match (texts.as_mut_slice(), to.dialect()) {
        ([only], _) => {
            to.push("= ").text(only);
        }
        (_, Dialect::Postgresql) => {
            let list = texts.into_iter().map(|text| Cow::Borrowed(text.as_bytes())).collect();
            to.push("= ANY(").bind(Argument::Lists(list)).push(")");
        }
        _ => {
            to.push("IN (").join(texts, ", ", |to, text| {
                to.text(text);
            });
            to.push(")");
        }
    }
}

/// Adds that a document has not expired. The database's clock decides, so that all servers agree.
pub(super) fn not_expired(to: &mut Statement<'_>) {
    let now = now(to.dialect());
    to.push("(expires IS NULL OR expires >= ").push(now).push(")");
}

/// Seconds since 1970, by the database's clock.
pub(super) fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Mysql => mysql::NOW,
        _ => postgresql::NOW,
    }
}

/// A column of a table that is given with a statement.
pub(super) enum Column<'f> {
    /// Numbers, or nothing.
    Numbers(Vec<Option<i64>>),
    /// Bytes.
    Bytes(Vec<Cow<'f, [u8]>>),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// Adds rows to insert. There must be some, all columns being of one length.
pub(super) fn values<'f>(to: &mut Statement<'f>, columns: Vec<Column<'f>>) {
    match to.dialect() {
        Dialect::Mysql => {
            to.push("VALUES ");
            tuples(to, &columns);
        }
        _ => unnest(to, columns),
    }
}

/// Adds a list of rows of which the row before it is one. There must be some.
pub(super) fn list<'f>(to: &mut Statement<'f>, columns: Vec<Column<'f>>) {
    to.push("(");
    match to.dialect() {
        Dialect::Mysql => tuples(to, &columns),
        _ => unnest(to, columns),
    }
    to.push(")");
}

/// Adds what follows an insertion, so that rows that are there stay as they are.
pub(super) fn unless_there(to: &mut Statement<'_>, column: &str) {
    match to.dialect() {
        Dialect::Mysql => to.push(" ON DUPLICATE KEY UPDATE ").push(column).push(" = ").push(column),
        _ => to.push(" ON CONFLICT DO NOTHING"),
    };
}

/// Adds what follows an insertion, so that rows that are there take one column from it.
pub(super) fn or_update(to: &mut Statement<'_>, key: &str, column: &str) {
    match to.dialect() {
        Dialect::Mysql => {
            to.push(" ON DUPLICATE KEY UPDATE ").push(column).push(" = VALUES(").push(column).push(")")
        }
        _ => to
            .push(" ON CONFLICT ")
            .push(key)
            .push(" DO UPDATE SET ")
            .push(column)
            .push(" = excluded.")
            .push(column),
    };
}

/// One statement for any number of rows.
fn unnest<'f>(to: &mut Statement<'f>, columns: Vec<Column<'f>>) {
    to.push("SELECT * FROM unnest(").join(columns, ", ", |to, column| {
        to.bind(match column {
            Column::Numbers(numbers) => Argument::Numbers(numbers),
            Column::Bytes(bytes) => Argument::Lists(bytes),
        });
    });
    to.push(")");
}

fn tuples<'f>(to: &mut Statement<'f>, columns: &[Column<'f>]) {
    let rows = columns.first().map_or(0, Column::len);
    to.join(0..rows, ", ", |to, row| {
        to.push("(").join(columns, ", ", |to, column| {
            to.bind(match column {
                Column::Numbers(numbers) => Argument::Optional(numbers.get(row).copied().flatten()),
                Column::Bytes(bytes) => match bytes.get(row) {
                    Some(Cow::Borrowed(bytes)) => Argument::One(Parameter::Bytes(bytes)),
                    Some(Cow::Owned(bytes)) => Argument::Own(bytes.clone()),
                    None => Argument::Optional(None),
                },
            });
        });
        to.push(")");
    });
}

/// Splits items into what one statement takes: so many at most, and no more bytes than travel well together, unless one
/// alone has more.
pub(super) fn portions<T>(items: &[T], most: usize, bytes: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut portions = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let mut sum = 0;
        let fitting = rest.iter().take(most.max(1)).take_while(|item| {
            sum += bytes(item);
            sum <= BYTES
        });
        let (portion, later) = rest.split_at(fitting.count().max(1));
        portions.push(portion);
        rest = later;
    }
    portions
}

/// Bytes of values that are sent together. MariaDB takes messages of 16 MiB unless it is told otherwise, PostgreSQL of one
/// GiB.
const BYTES: usize = 8 << 20;

/// Statements that do not depend on each other: one round trip on PostgreSQL, one each on MySQL.
pub(super) struct Batch<'f> {
    dialect: Dialect,
    statements: Vec<Statement<'f>>,
    /// How many parts the last statement has.
    parts: usize,
}

impl Statement<'_> {
    /// Bytes of its values.
    fn bytes(&self) -> usize {
        let of = |argument: &Argument<'_>| match argument {
            Argument::One(Parameter::Integer(_)) | Argument::Optional(_) => size_of::<i64>(),
            Argument::One(Parameter::Text(text)) => text.len(),
            Argument::One(Parameter::Bytes(bytes)) => bytes.len(),
            Argument::Own(bytes) => bytes.len(),
            Argument::Numbers(numbers) => size_of_val(numbers.as_slice()),
            Argument::Lists(lists) => lists.iter().map(|list| list.len()).sum(),
        };
        self.arguments.iter().map(of).sum()
    }
}

/// How many parts a statement of PostgreSQL has at most.
const PARTS: usize = 16;

impl<'f> Batch<'f> {
    /// Nothing to do.
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, statements: Vec::new(), parts: 0 }
    }

    /// Adds a statement that changes rows which no other statement of the batch changes.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Statement<'f>)) {
        let joined = self.dialect == Dialect::Postgresql;
        let is_large = || self.statements.last().is_some_and(|statement| statement.bytes() > BYTES);
        if !joined || self.parts == 0 || self.parts == PARTS || is_large() {
            self.statements.push(Statement::new(self.dialect));
            self.parts = 0;
        }
        let Some(statement) = self.statements.last_mut() else { return };
        if joined {
            let name = format!("{}p{} AS (", if self.parts == 0 { "WITH " } else { ", " }, self.parts);
            statement.push(&name);
            write(statement);
            statement.push(")");
        } else {
            write(statement);
        }
        self.parts += 1;
    }

    /// The statements to run, in their order.
    pub(super) fn into_statements(mut self) -> Vec<Statement<'f>> {
        if self.dialect == Dialect::Postgresql {
            self.statements.iter_mut().for_each(|statement| {
                statement.push(" SELECT 1");
            });
        }
        self.statements
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_have_a_bounded_number_of_items_and_of_bytes() {
        let sizes = |items: &[usize], most| -> Vec<usize> {
            portions(items, most, |bytes| *bytes).into_iter().map(<[usize]>::len).collect()
        };
        assert_eq!(sizes(&[1; 7], 3), [3, 3, 1]);
        assert_eq!(sizes(&[BYTES / 2; 5], 3), [2, 2, 1]);
        // One that is too long goes alone.
        assert_eq!(sizes(&[1, 2 * BYTES, 1, 1], 3), [1, 1, 2]);
        assert!(sizes(&[], 3).is_empty());
    }

    #[test]
    fn a_batch_joins_short_contents_and_not_long_ones() {
        let statements = |bytes: usize| {
            let content = vec![0; bytes];
            let mut batch = Batch::new(Dialect::Postgresql);
            for _ in 0..4 {
                batch.add(|to| {
                    to.push("UPDATE x SET y = ").bind(Argument::One(Parameter::Bytes(&content)));
                });
            }
            batch.into_statements().len()
        };
        assert_eq!(statements(100), 1);
        assert_eq!(statements(BYTES / 2 + 1), 2);
        assert_eq!(statements(BYTES + 1), 4);
    }
}
