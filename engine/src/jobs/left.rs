//! What the jobs of a batch leave to one another, since they may run in different servers.

use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::{ByteString, structure};
use claviger_plugin_sdk::record::ObjectId;

use crate::pipeline::batch::BatchState;

structure! {
    /// ID Placeholder, identifiers and data of all items so far.
    pub struct Left {
        /// The ID Placeholder.
        placeholder: Option<String> = UNIQUE_IDENTIFIER,
        /// The identifiers that each item returned.
        identifiers: Vec<LeftIdentifiers> = BATCH_ITEM,
        /// The data that each item returned.
        data: Vec<LeftData> = MESSAGE_EXTENSION,
    }
}

structure! {
    /// The identifiers that an item returned.
    pub struct LeftIdentifiers {
        /// What it did.
        operation: OperationCode = OPERATION,
        /// The identifiers.
        identifiers: Vec<String> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The data that an item returned.
    pub struct LeftData {
        /// What it did.
        operation: OperationCode = OPERATION,
        /// The data.
        data: ByteString = DATA,
    }
}

impl Left {
    pub(super) fn of(state: &BatchState) -> Self {
        let identifiers = state.identifiers.iter();
        let data = state.data.iter();
        Self {
            placeholder: state.placeholder.as_ref().map(ToString::to_string),
            identifiers: identifiers
                .map(|(operation, identifiers)| LeftIdentifiers {
                    operation: *operation,
                    identifiers: identifiers.clone(),
                })
                .collect(),
            data: data
                .map(|(operation, data)| LeftData { operation: *operation, data: data.clone() })
                .collect(),
        }
    }

    pub(super) fn into_state(self) -> BatchState {
        let identifiers = self.identifiers.into_iter();
        let data = self.data.into_iter();
        BatchState {
            placeholder: self.placeholder.and_then(|id| ObjectId::new(&id).ok()),
            identifiers: identifiers.map(|left| (left.operation, left.identifiers)).collect(),
            data: data.map(|left| (left.operation, left.data)).collect(),
            ..BatchState::default()
        }
    }
}
