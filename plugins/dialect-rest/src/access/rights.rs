//! The names of the rights that one user gives another.

use claviger_plugin_sdk::prelude::*;

/// The operations that a name stands for; nothing if it is none of the family's.
pub(super) fn operations(name: &str) -> Option<&'static [OperationCode]> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, operations)| *operations)
}

/// The names of operations, each once; operations that the family has no name for are left out.
pub(super) fn names(operations: &[OperationCode]) -> Vec<&'static str> {
    NAMES
        .iter()
        .filter(|(_, of)| of.iter().any(|operation| operations.contains(operation)))
        .map(|(name, _)| *name)
        .collect()
}

/// All names, for the error that tells them.
pub(super) fn known() -> String {
    NAMES.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")
}

const NAMES: &[(&str, &[OperationCode])] = &[
    ("certify", &[OperationCode::CERTIFY]),
    ("create", &[OperationCode::CREATE]),
    ("decrypt", &[OperationCode::DECRYPT]),
    ("destroy", &[OperationCode::DESTROY]),
    ("encrypt", &[OperationCode::ENCRYPT]),
    ("export", &[OperationCode::EXPORT]),
    ("get", &[OperationCode::GET]),
    ("getattributes", &[OperationCode::GET_ATTRIBUTES]),
    ("import", &[OperationCode::IMPORT]),
    ("locate", &[OperationCode::LOCATE]),
    ("rekey", &[OperationCode::RE_KEY, OperationCode::RE_KEY_KEY_PAIR]),
    ("revoke", &[OperationCode::REVOKE]),
    ("validate", &[OperationCode::VALIDATE]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_told_again_from_its_operations() {
        for (name, operations) in NAMES {
            assert!(names(operations).contains(name), "{name}");
        }
        assert_eq!(operations("read"), None);
    }
}
