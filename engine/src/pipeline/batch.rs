//! The items of a message, in order, and what follows a failure.

use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::tables::enumerations::{
    BatchErrorContinuationOption as Continuation, OperationCode, ResultReason,
};
use claviger_kmip::{ByteString, Value};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::Undo;
use claviger_plugin_sdk::record::ObjectId;

use super::commit::{self, Attempts};
use super::item;
use super::message::Message;
use crate::ItemOutcome;
use crate::unit_of_work::UnitOfWork;

/// What earlier items of the batch left for later ones.
#[derive(Clone, Default)]
pub(crate) struct BatchState {
    /// The ID Placeholder.
    pub(crate) placeholder: Option<ObjectId>,
    /// The identifiers that each item returned, in order.
    pub(crate) identifiers: Vec<(OperationCode, Vec<String>)>,
    /// The data that each item returned.
    pub(crate) data: Vec<(OperationCode, ByteString)>,
    /// Bytes of response payloads so far.
    pub(crate) response_bytes: usize,
}

/// Runs all items.
pub(crate) async fn run(
    message: &Message<'_>,
    continuation: Option<Continuation>,
    items: Vec<RequestBatchItem>,
) -> Result<Vec<ItemOutcome>> {
    check_identifiers(&items)?;
    match continuation.unwrap_or(Continuation::STOP) {
        Continuation::CONTINUE => Ok(one_by_one(message, items, false).await),
        Continuation::STOP => Ok(one_by_one(message, items, true).await),
        Continuation::UNDO if items.len() == 1 => Ok(one_by_one(message, items, true).await),
        Continuation::UNDO => Ok(all_or_nothing(message, items).await),
        other => Err(Error::invalid(format!("Batch Error Continuation Option {other:?} is not known"))),
    }
}

/// In a batch of more than one item each has an identifier of its own (KMIP 2.1 section 8.3); clients that send none
/// are served in order all the same.
fn check_identifiers(items: &[RequestBatchItem]) -> Result<()> {
    let mut identifiers: Vec<&[u8]> =
        items.iter().filter_map(|item| item.unique_batch_item_id.as_deref()).collect();
    identifiers.sort_unstable();
    if identifiers.windows(2).any(|pair| matches!(pair, [first, second] if first == second)) {
        return Err(Error::new(
            ResultReason::INVALID_MESSAGE,
            ErrorClass::Malformed,
            "two items of the batch have the same Unique Batch Item ID",
        ));
    }
    Ok(())
}

/// Continue and Stop: every item is committed for itself.
async fn one_by_one(message: &Message<'_>, items: Vec<RequestBatchItem>, stop: bool) -> Vec<ItemOutcome> {
    let mut outcomes = Vec::with_capacity(items.len());
    let mut state = BatchState::default();
    for (number, request) in items.into_iter().enumerate() {
        let outcome = item::run(message, &mut state, number, request).await;
        let failed = outcome.result.is_err();
        outcomes.push(outcome);
        if failed && stop {
            break;
        }
    }
    outcomes
}

/// Undo: one change set for the whole message. When an item fails nothing is written and the items before it are
/// undone; when another writer was faster all items run again.
async fn all_or_nothing(message: &Message<'_>, items: Vec<RequestBatchItem>) -> Vec<ItemOutcome> {
    let mut attempts = Attempts::new(message.engine);
    loop {
        let mut unit = UnitOfWork::default();
        let mut state = BatchState::default();
        let mut outcomes = Vec::with_capacity(items.len());
        for (number, request) in items.iter().cloned().enumerate() {
            let outcome =
                item::run_in(message, &mut state, &mut unit, number, request, refuse_without_undo).await;
            let failed = outcome.result.is_err();
            outcomes.push(outcome);
            if failed {
                return undone(outcomes);
            }
        }
        match commit::commit(message, unit).await {
            Ok(()) => return outcomes,
            Err(commit::Failure::Again(overtaken)) if attempts.again(message, &overtaken).await => {}
            Err(failure) => {
                if let Some(last) = outcomes.last_mut() {
                    last.result = Err(failure.into_error());
                }
                return undone(outcomes);
            }
        }
    }
}

fn refuse_without_undo(undo: Undo) -> Result<()> {
    match undo {
        Undo::NothingToUndo | Undo::ByNotWriting => Ok(()),
        Undo::Impossible => Err(Error::unsupported(
            "this operation cannot be undone, so it must not stand in a batch with Undo; send it in a message of its own",
        )),
    }
}

/// Items before the failed one did nothing after all.
fn undone(mut outcomes: Vec<ItemOutcome>) -> Vec<ItemOutcome> {
    for outcome in &mut outcomes {
        if outcome.result.is_ok() {
            outcome.undone = true;
            outcome.result = Ok(Value::Structure(Vec::new()));
        }
    }
    outcomes
}
