//! Where this server keeps objects (KMIP 2.1 sections 4.44, 7.33 and 12.2).

use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::masks::ProtectionStorageMask as Mask;
use claviger_plugin_sdk::prelude::*;

/// What can be said of every installation.
pub(crate) const OFFERED: Mask = Mask::SOFTWARE;

/// The alternatives that Query tells.
pub(crate) fn offered() -> ProtectionStorageMasks {
    ProtectionStorageMasks { protection_storage_mask: vec![as_integer(OFFERED)] }
}

/// The Protection Storage Mask of a new object: the first alternative of the client that can be satisfied with all of
/// its bits, or what is offered when the client does not care.
///
/// # Errors
/// Protection Storage Unavailable: no alternative can be satisfied.
pub(crate) fn chosen(alternatives: Option<&ProtectionStorageMasks>) -> Result<i32> {
    let Some(alternatives) = alternatives else { return Ok(as_integer(OFFERED)) };
    let satisfied = |mask: &&i32| OFFERED.contains(Mask(mask.cast_unsigned()));
    alternatives.protection_storage_mask.iter().find(satisfied).copied().ok_or_else(|| {
        Error::unsupported(
            "no alternative of the Protection Storage Masks can be satisfied; Query tells what can",
        )
        .with_reason(ResultReason::PROTECTION_STORAGE_UNAVAILABLE)
    })
}

fn as_integer(mask: Mask) -> i32 {
    mask.0.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alternatives(masks: &[Mask]) -> ProtectionStorageMasks {
        ProtectionStorageMasks {
            protection_storage_mask: masks.iter().map(|mask| as_integer(*mask)).collect(),
        }
    }

    #[test]
    fn the_first_alternative_that_is_satisfied_in_all_bits_is_chosen() {
        let wanted = alternatives(&[Mask::HARDWARE | Mask::SOFTWARE, Mask::SOFTWARE, Mask(0)]);
        assert_eq!(chosen(Some(&wanted)).unwrap(), as_integer(Mask::SOFTWARE));
    }

    #[test]
    fn alternatives_that_cannot_be_satisfied_are_refused() {
        let error = chosen(Some(&alternatives(&[Mask::HARDWARE, Mask::VALIDATED]))).unwrap_err();
        assert_eq!(error.reason(), ResultReason::PROTECTION_STORAGE_UNAVAILABLE);
    }
}
