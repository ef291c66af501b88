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

/// Statements that do not depend on each other: one round trip on PostgreSQL, one each on MySQL.
pub(super) struct Batch<'f> {
    dialect: Dialect,
    statements: Vec<Statement<'f>>,
    /// How many parts the last statement has.
    parts: usize,
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
        if !joined || self.parts == 0 || self.parts == PARTS {
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
