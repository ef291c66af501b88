//! The SQL function that tests a condition on attributes where the object is read.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use crate::search::scalars::{self, Scalar};
use crate::search::{Comparison, Parameter};

/// Defines `has(scalars, attribute, {field, comparison, operand, operand} …)`.
pub(super) fn define(connection: &Connection) -> Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("has", -1, flags, has)
}

fn has(call: &Context<'_>) -> Result<bool> {
    let (scalars, attribute) = (call.get_raw(0).as_blob()?, call.get::<i64>(1)?);
    let of_attribute = || scalars::decode(scalars).filter(|scalar| scalar.attribute == attribute);
    let mut others = (2..call.len()).step_by(4);
    let Some(first) = others.next() else { return Ok(of_attribute().next().is_some()) };
    // The first test finds an instance, the others test the same.
    Ok(of_attribute().filter(|scalar| passes(call, first, scalar)).any(|found| {
        others.clone().all(|other| {
            of_attribute().any(|scalar| scalar.instance == found.instance && passes(call, other, &scalar))
        })
    }))
}

/// Whether a scalar passes the test that begins with this argument.
fn passes(call: &Context<'_>, test: usize, scalar: &Scalar<'_>) -> bool {
    let number = |argument| if let ValueRef::Integer(n) = call.get_raw(argument) { Some(n) } else { None };
    if number(test) != Some(scalar.field) {
        return false;
    }
    let (comparison, operand) = (number(test + 1), test + 2);
    match (scalar.value, number(operand), number(operand + 1)) {
        (Parameter::Integer(n), Some(low), Some(high)) if comparison == Some(Comparison::Between as i64) => {
            (low..=high).contains(&n)
        }
        (Parameter::Integer(n), Some(bits), _) if comparison == Some(Comparison::HasBits as i64) => {
            n & bits == bits
        }
        (value, ..) if comparison == Some(Comparison::Equal as i64) => match call.get_raw(operand) {
            ValueRef::Integer(n) => value == Parameter::Integer(n),
            ValueRef::Text(text) => matches!(value, Parameter::Text(own) if own.as_bytes() == text),
            ValueRef::Blob(bytes) => value == Parameter::Bytes(bytes),
            ValueRef::Null | ValueRef::Real(_) => false,
        },
        _ => false,
    }
}
