//! The items of a message, in order, and what follows a failure.

use std::time::Instant;

use claviger_kmip::ByteString;
use claviger_kmip::message::{RequestBatchItem, RequestHeader};
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{
    BatchErrorContinuationOption as Continuation, OperationCode, ResultReason,
};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::{MaterialUse, Undo};
use claviger_plugin_sdk::record::ObjectId;

use super::account::Account;
use super::commit::{self, Attempts};
use super::message::Message;
use super::repetition::Repeated;
use super::{data_reference, item, repetition, resolve};
use crate::ItemOutcome;
use crate::jobs::{self, Answering};
use crate::unit_of_work::UnitOfWork;

/// What earlier items of the batch left for later ones.
#[derive(Clone, Default)]
pub(crate) struct BatchState {
    /// What the items stand in.
    pub(crate) within: Within,
    /// Whether nothing need be kept, since no item follows the first.
    pub(crate) single: bool,
    /// Whether identifiers need not be kept, since no item names an object by its place in the batch.
    pub(crate) names_no_place: bool,
    /// Whether an item names the data of an earlier one.
    pub(crate) wants_data: bool,
    /// The ID Placeholder.
    pub(crate) placeholder: Option<ObjectId>,
    /// The identifiers that each item returned, in order.
    pub(crate) identifiers: Vec<(OperationCode, Vec<String>)>,
    /// The data that each item returned.
    pub(crate) data: Vec<(OperationCode, ByteString)>,
    /// Bytes of response payloads so far.
    pub(crate) response_bytes: usize,
    /// Operations so far that the message has no items for.
    pub(crate) further: usize,
    /// When the latest item ended, if none has begun since.
    pub(crate) ended: Option<Instant>,
}

/// What an item stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Within {
    /// A message whose items are written one by one.
    #[default]
    Message,
    /// A message that is undone as a whole when an item of it fails.
    Undo,
    /// An asynchronous request.
    Job,
}

impl BatchState {
    fn of(items: &[RequestBatchItem]) -> Self {
        Self {
            single: items.len() == 1,
            names_no_place: !items.iter().any(|item| resolve::names_a_place(&item.request_payload)),
            wants_data: items.iter().any(|item| data_reference::is_in(&item.request_payload)),
            ..Self::default()
        }
    }

    /// The identifiers that the latest item with this operation returned.
    pub(crate) fn identifiers_of(&self, operation: OperationCode) -> Option<&[String]> {
        let latest = self.identifiers.iter().rev().find(|(code, _)| *code == operation)?;
        Some(&latest.1)
    }
}

/// Runs all items.
pub(crate) async fn run(
    message: &Message<'_>,
    header: &RequestHeader,
    answering: Answering,
    items: Vec<RequestBatchItem>,
) -> Result<Vec<ItemOutcome>> {
    check_identifiers(&items)?;
    if answering == Answering::Later {
        return Ok(Box::pin(jobs::submit(message, header, items)).await);
    }
    match header.batch_error_continuation_option.unwrap_or(Continuation::STOP) {
        Continuation::CONTINUE => Ok(one_by_one(message, items, false).await),
        Continuation::STOP => Ok(one_by_one(message, items, true).await),
        Continuation::UNDO if items.len() == 1 => Ok(one_by_one(message, items, true).await),
        Continuation::UNDO => Ok(Box::pin(all_or_nothing(message, items)).await),
        other => Err(Error::invalid(format!("Batch Error Continuation Option {other:?} is not known"))),
    }
}

/// Refuses every item of a message for the same reason.
pub(crate) fn refuse(message: &Message<'_>, items: Vec<RequestBatchItem>, error: &Error) -> Vec<ItemOutcome> {
    let refuse = |(number, item): (usize, RequestBatchItem)| {
        let error = Error::new(error.reason(), error.class(), error.message().to_owned());
        let (outcome, account) = refuse_item(number, item, error);
        account.close(message, outcome.result.as_ref().err().map(Error::reason));
        outcome
    };
    items.into_iter().enumerate().map(refuse).collect()
}

/// The outcome of an item that is not run; the caller closes the account.
fn refuse_item(number: usize, item: RequestBatchItem, error: Error) -> (ItemOutcome, Account) {
    let outcome = ItemOutcome {
        operation: item.operation,
        unique_batch_item_id: item.unique_batch_item_id,
        result: Err(error),
        undone: false,
        pending: None,
        remark: None,
    };
    (outcome, Account::open(number, item.operation))
}

/// In a batch of more than one item each has an identifier of its own (KMIP 2.1 section 8.3); clients that send none
/// are served in order all the same.
fn check_identifiers(items: &[RequestBatchItem]) -> Result<()> {
    let mut identifiers: Vec<&[u8]> =
        items.iter().filter_map(|item| item.unique_batch_item_id.as_deref()).collect();
    // Most clients count up.
    if identifiers.is_sorted_by(|first, second| first < second) {
        return Ok(());
    }
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
    let mut state = BatchState::of(&items);
    let most = message.engine.options.limits.batch_items;
    for request in items {
        let room = most.saturating_sub(outcomes.len());
        let (repeated, mut counted) = repeated(message, &mut state, request, room).await;
        for request in repeated {
            let number = outcomes.len();
            let outcome = match may_begin(message, &state, number, &mut counted).await {
                Ok(()) => item::run(message, &mut state, number, request).await,
                Err(error) => {
                    let (outcome, account) = refuse_item(number, request, error);
                    account.close(message, outcome.result.as_ref().err().map(Error::reason));
                    outcome
                }
            };
            let failed = outcome.result.is_err();
            outcomes.push(outcome);
            if failed && stop {
                return outcomes;
            }
        }
    }
    outcomes
}

/// The item as often as it is to run, and whether it may run so often. If not it stands for itself, to be refused.
async fn repeated(
    message: &Message<'_>,
    state: &mut BatchState,
    request: RequestBatchItem,
    room: usize,
) -> (Repeated, Result<()>) {
    let repeated = repetition::of(request, state, room);
    message.records.expect_more(repeated.further());
    match message.take_further(state, repeated.further()).await {
        Ok(()) => (repeated, Ok(())),
        Err(error) => (repeated.once(), Err(error)),
    }
}

/// That an item may run: it is counted, and there is time for it.
async fn may_begin(
    message: &Message<'_>,
    state: &BatchState,
    number: usize,
    counted: &mut Result<()>,
) -> Result<()> {
    std::mem::replace(counted, Ok(()))?;
    match (number, state.ended) {
        (0, _) => Ok(()),
        (_, Some(now)) => message.pace.pause_at(now).await,
        (_, None) => message.pace.pause().await,
    }
}

/// Undo: one change set for the whole message. When an item fails nothing is written and the items before it are
/// undone; when another writer was faster all items run again.
async fn all_or_nothing(message: &Message<'_>, items: Vec<RequestBatchItem>) -> Vec<ItemOutcome> {
    let mut attempts = Attempts::new(message.engine);
    loop {
        let mut unit = UnitOfWork::default();
        let mut done = run_all(message, &mut unit, &items).await;
        let failed = done.last().is_some_and(|(outcome, _)| outcome.result.is_err());
        if !failed {
            let written = match intend(message, &done, !unit.is_empty()).await {
                Ok(()) => commit::commit(message, unit).await,
                Err(error) => Err(commit::Failure::Final(error)),
            };
            match written {
                Ok(()) => return closed(message, done, None),
                Err(commit::Failure::Again(overtaken)) if attempts.again(message, &overtaken).await => {
                    continue;
                }
                Err(failure) => {
                    if let Some((last, _)) = done.last_mut() {
                        last.result = Err(failure.into_error());
                    }
                }
            }
        }
        let failure = done.last().and_then(|(outcome, _)| outcome.result.as_ref().err().map(Error::reason));
        undo(message, &mut done);
        return closed(message, done, failure);
    }
}

/// Has audit keep what the items are about to do.
async fn intend(message: &Message<'_>, done: &[(ItemOutcome, Account)], writes: bool) -> Result<()> {
    let accounts: Vec<&Account> = done.iter().map(|(_, account)| account).collect();
    Account::intend_all(&accounts, message, writes).await
}

/// Runs the items in one unit, to the end or to the first that fails.
async fn run_all(
    message: &Message<'_>,
    unit: &mut UnitOfWork,
    items: &[RequestBatchItem],
) -> Vec<(ItemOutcome, Account)> {
    let mut state = BatchState { within: Within::Undo, ..BatchState::of(items) };
    let most = message.engine.options.limits.batch_items;
    let mut done = Vec::with_capacity(items.len());
    for request in items {
        let room = most.saturating_sub(done.len());
        let (repeated, mut counted) = repeated(message, &mut state, request.clone(), room).await;
        for request in repeated {
            let number = done.len();
            let ran = match may_begin(message, &state, number, &mut counted).await {
                Ok(()) => item::run_in(message, &mut state, unit, number, request, refuse_without_undo).await,
                Err(error) => refuse_item(number, request, error),
            };
            let failed = ran.0.result.is_err();
            done.push(ran);
            if failed {
                return done;
            }
        }
    }
    done
}

/// Tells audit and metrics how the items ended: those that were undone failed for the reason that undid them.
fn closed(
    message: &Message<'_>,
    done: Vec<(ItemOutcome, Account)>,
    failure: Option<ResultReason>,
) -> Vec<ItemOutcome> {
    let close = |(outcome, account): (ItemOutcome, Account)| {
        account.close(message, failure);
        outcome
    };
    done.into_iter().map(close).collect()
}

fn refuse_without_undo(undo: Undo) -> Result<()> {
    match undo {
        // Whether it works in parts shows when it begins or goes on with one.
        Undo::NothingToUndo | Undo::ByNotWriting | Undo::UnlessInParts => Ok(()),
        Undo::Impossible => Err(no_undo("this operation cannot be undone")),
    }
}

/// The error for what cannot stand in a batch with Undo.
pub(crate) fn no_undo(why: &str) -> Error {
    Error::unsupported(format!(
        "{why}, so it must not stand in a batch with Undo; send it in a message of its own"
    ))
}

/// Items before the failed one did nothing after all. Their answers stay, as the profiles' case BL-M-2 has it; the status
/// tells that nothing of it came to be. What a key gave is taken out, since its use was not counted, and so is everything
/// that a ticket should have counted.
fn undo(message: &Message<'_>, done: &mut [(ItemOutcome, Account)]) {
    for (outcome, _) in done {
        outcome.undone = outcome.result.is_ok();
        let operation = message.engine.registry.operation(outcome.operation);
        let uses_key = operation.is_some_and(|operation| operation.spec().material != MaterialUse::None);
        if outcome.undone && (uses_key || message.is_metered()) {
            outcome.result = Ok(Payload::empty());
        }
    }
}
