//! A bare operation is a message of one item.

use claviger_engine::{Caller, Engine};
use claviger_kmip::Value;
use claviger_kmip::field::TtlvValue;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::{Error, Result};

/// Runs one operation and gives the payload of its response.
///
/// # Errors
/// What the operation says, or what is wrong with the message as a whole.
pub(super) async fn run(
    engine: &Engine,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    operation: OperationCode,
    payload: Value,
) -> Result<Value> {
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, payload);
    let outcomes = engine.handle_in(caller, dialect, message).await?;
    match outcomes.into_iter().next() {
        Some(outcome) => outcome.result.map(TtlvValue::into_value),
        None => Err(Error::server("the operation was not run")),
    }
}
