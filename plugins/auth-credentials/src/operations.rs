//! The operations that a credential is good for.

use std::future::ready;

use claviger_plugin_sdk::authentication::Restriction;
use claviger_plugin_sdk::credentials::CredentialContext;
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::tables::Enumeration as _;
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::{BoxFuture, Error, Result};

/// These operations, on whatever the user may do them with.
pub(crate) struct OnlyOperations(Vec<OperationCode>);

impl OnlyOperations {
    /// Reads the names of operations as KMIP writes them without spaces, or the codes of vendors' as 0x8XXXXXXX.
    ///
    /// # Errors
    /// Invalid Field: there is no such operation.
    pub(crate) fn of(names: &[String]) -> Result<Self> {
        names.iter().map(|name| code(name)).collect::<Result<_>>().map(Self)
    }
}

fn code(name: &str) -> Result<OperationCode> {
    let standard = OperationCode::VALUES.iter().find(|(_, known)| *known == name).map(|(code, _)| *code);
    let vendors =
        || u32::from_str_radix(name.strip_prefix("0x")?, 16).ok().filter(|code| *code >= 0x8000_0000);
    let code = standard.or_else(vendors).map(OperationCode);
    code.ok_or_else(|| {
        Error::invalid(format!("{name:?} is no operation; they are named like `GetAttributes`"))
    })
}

impl Restriction for OnlyOperations {
    fn allows(&self, operation: OperationCode) -> bool {
        self.0.contains(&operation)
    }

    fn objects(&self, _: OperationCode) -> Filter {
        Filter::All(Vec::new())
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        self.allows(operation)
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        None
    }

    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, _: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_or_numbered() {
        let only = OnlyOperations::of(&["GetAttributes".into(), "0x80000001".into()]).unwrap();
        assert!(only.allows(OperationCode::GET_ATTRIBUTES) && only.allows(OperationCode(0x8000_0001)));
        assert!(!only.allows(OperationCode::GET));
        for wrong in ["Get Attributes", "get", "", "0x1", "0x"] {
            assert!(OnlyOperations::of(&[wrong.into()]).is_err(), "{wrong}");
        }
    }
}
