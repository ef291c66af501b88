//! What caveats can speak of, and the names in them.
//!
//! | fact | what it is |
//! |---|---|
//! | `operation("Encrypt")` | what is done, by the name that KMIP has without spaces; a vendor's by its code, `0x80000A01` |
//! | `object("…")` | the identifier of the object that it is done with |
//! | `tag("…")` | each tag of the object |
//! | `type("SymmetricKey")` | the type of the object |
//! | `time(2030-01-01T00:00:00Z)` | the time |
//! | `uses(7)` | how often the token was used with this use: an operation each |

use claviger_plugin_sdk::kmip::tables::Enumeration as _;
use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectType, OperationCode};

/// A predicate that caveats may use. Each has one term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Operation,
    Object,
    Tag,
    Type,
    Time,
    Uses,
}

const NAMES: [(&str, Fact); 6] = [
    ("operation", Fact::Operation),
    ("object", Fact::Object),
    ("tag", Fact::Tag),
    ("type", Fact::Type),
    ("time", Fact::Time),
    ("uses", Fact::Uses),
];

impl Fact {
    /// The fact of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, fact)| *fact)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, fact)| *fact == self).map_or("", |(name, _)| *name)
    }
}

/// The name of an operation in tokens.
pub(crate) fn operation_name(operation: OperationCode) -> String {
    let known = OperationCode::VALUES.iter().find(|(code, _)| *code == operation.0);
    known.map_or_else(|| format!("{:#010X}", operation.0), |(_, name)| (*name).to_owned())
}

/// The operation that a name in a token means; nothing if there is none.
pub(crate) fn operation(name: &str) -> Option<OperationCode> {
    let known = OperationCode::VALUES.iter().find(|(_, known)| *known == name).map(|(code, _)| *code);
    let vendors = || u32::from_str_radix(name.strip_prefix("0x")?, 16).ok();
    let code = OperationCode(known.or_else(vendors)?);
    // A name has one spelling, or what is excluded by one could be done under another.
    (operation_name(code) == name).then_some(code)
}

/// The names of all object types.
pub(crate) fn types() -> impl Iterator<Item = (ObjectType, &'static str)> {
    ObjectType::VALUES.iter().map(|(code, name)| (ObjectType(*code), *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_have_one_name_each() {
        assert_eq!(operation("GetAttributes"), Some(OperationCode::GET_ATTRIBUTES));
        assert_eq!(operation("0x80000A01"), Some(OperationCode(0x8000_0A01)));
        for wrong in ["Get Attributes", "getattributes", "0x80000a01", "0x0080000A01", "0x00000001", "", "0x"]
        {
            assert_eq!(operation(wrong), None, "{wrong:?}");
        }
        for (code, name) in OperationCode::VALUES {
            assert_eq!(operation(name), Some(OperationCode(*code)));
        }
    }
}
