//! Which grant implies which: one table.

use claviger_kmip::payloads::encapsulation::{DECAPSULATE, ENCAPSULATE};
use claviger_kmip::tables::enumerations::OperationCode as Op;

/// Which grants allow an operation beside the grant for the operation itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ImpliedRights {
    /// A grant allows its own operation; Get allows to read attributes, too.
    #[default]
    Exact,
    /// Get implies every use of a key, as deployments of newer clients expect.
    GetImpliesUse,
}

const READS_ATTRIBUTES: &[Op] = &[Op::GET_ATTRIBUTES, Op::GET_ATTRIBUTE_LIST, Op::CHECK];

const USES: &[Op] = &[
    Op::ENCRYPT,
    Op::DECRYPT,
    Op::SIGN,
    Op::SIGNATURE_VERIFY,
    Op::MAC,
    Op::MAC_VERIFY,
    Op::DERIVE_KEY,
    Op::EXPORT,
    ENCAPSULATE,
    DECAPSULATE,
];

impl ImpliedRights {
    /// The operations of which any grant allows `operation`, itself first.
    pub fn allowing(self, operation: Op) -> Vec<Op> {
        let mut allowing = vec![operation];
        if READS_ATTRIBUTES.contains(&operation) || (self == Self::GetImpliesUse && USES.contains(&operation))
        {
            allowing.push(Op::GET);
        }
        allowing
    }

    /// Whether a grant for `held` allows `operation`.
    pub fn allows(self, held: Op, operation: Op) -> bool {
        held == operation
            || (held == Op::GET
                && (READS_ATTRIBUTES.contains(&operation)
                    || (self == Self::GetImpliesUse && USES.contains(&operation))))
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::tables::Enumeration;

    use super::*;

    #[test]
    fn what_filters_look_for_is_what_admission_lets_through() {
        for implied in [ImpliedRights::Exact, ImpliedRights::GetImpliesUse] {
            for (operation, _) in Op::VALUES {
                let allowing = implied.allowing(Op(*operation));
                for (held, _) in Op::VALUES {
                    let in_filter = allowing.contains(&Op(*held));
                    assert_eq!(
                        in_filter,
                        implied.allows(Op(*held), Op(*operation)),
                        "{held:#x} {operation:#x}"
                    );
                }
            }
        }
    }
}
