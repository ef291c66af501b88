//! Explain.

use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::{OperationCode, ResultReason, ResultStatus};

structure! {
    /// What is to be explained.
    pub struct ExplainRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// What is to be done with it.
        operation: OperationCode = OPERATION,
        /// Who is to do it: a user and the groups of the user, these as `group:NAME`. Without any of them the caller.
        username: Vec<String> = USERNAME,
    }
}

structure! {
    /// Whether it is allowed, and why.
    pub struct ExplainResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Success if it is allowed, Operation Failed if not.
        result_status: ResultStatus = RESULT_STATUS,
        /// The rules that were asked, in order. If it is not allowed, the last one says so.
        right: Vec<ExplainedRule> = RIGHT,
    }
}

structure! {
    /// What one rule says.
    pub struct ExplainedRule {
        /// What it is called.
        name: String = NAME_VALUE,
        /// Whether it lets the user go on.
        result_status: ResultStatus = RESULT_STATUS,
        /// The reason with which the request would fail, if it does not.
        result_reason: Option<ResultReason> = RESULT_REASON,
        /// Why.
        result_message: String = RESULT_MESSAGE,
    }
}
