//! Revoke: when the family needs a date, and when it has one that KMIP does not know.

use claviger_plugin_sdk::kmip::tables::enumerations::RevocationReasonCode;
use claviger_plugin_sdk::prelude::*;

use crate::fields;
use crate::request::birth::seconds;

/// Completes a Revoke.
///
/// # Errors
/// Invalid Field: there is no reason, or a compromise without its date.
pub(crate) fn complete(request: &mut Vec<Ttlv>) -> Result<()> {
    let Some(reason) = fields::inner_mut(request, Tag::REVOCATION_REASON) else {
        return Err(Error::invalid("Revoke needs a Revocation Reason"));
    };
    let compromised =
        fields::code(reason, Tag::REVOCATION_REASON_CODE).is_some_and(|code| COMPROMISES.contains(&code));
    let date = fields::take(request, Tag::COMPROMISE_OCCURRENCE_DATE).as_ref().and_then(seconds);
    match date {
        Some(date) if compromised => {
            request.push(Ttlv::new(Tag::COMPROMISE_OCCURRENCE_DATE, Value::DateTime(date)));
            Ok(())
        }
        None if compromised => {
            Err(Error::invalid("a revocation for a compromise needs its Compromise Occurrence Date"))
        }
        _ => Ok(()),
    }
}

const COMPROMISES: [u32; 2] = [RevocationReasonCode::KEY_COMPROMISE.0, RevocationReasonCode::CA_COMPROMISE.0];

#[cfg(test)]
mod tests {
    use super::*;

    fn revoke(code: RevocationReasonCode, date: Option<i64>) -> Result<Vec<Ttlv>> {
        let code = Ttlv::new(Tag::REVOCATION_REASON_CODE, Value::Enumeration(code.0));
        let mut request = vec![Ttlv::structure(Tag::REVOCATION_REASON, vec![code])];
        request.extend(date.map(|date| Ttlv::new(Tag::COMPROMISE_OCCURRENCE_DATE, Value::DateTime(date))));
        complete(&mut request).map(|()| request)
    }

    #[test]
    fn a_compromise_needs_its_date_in_seconds_or_milliseconds() {
        assert!(revoke(RevocationReasonCode::KEY_COMPROMISE, None).is_err());
        for date in [1_600_000_000_000, 1_600_000_000] {
            let request = revoke(RevocationReasonCode::KEY_COMPROMISE, Some(date)).unwrap();
            assert_eq!(
                fields::get(&request, Tag::COMPROMISE_OCCURRENCE_DATE),
                Some(&Value::DateTime(1_600_000_000))
            );
        }
    }

    #[test]
    fn a_date_is_passed_over_when_nothing_was_compromised() {
        let request = revoke(RevocationReasonCode::SUPERSEDED, Some(1)).unwrap();
        assert!(!fields::has(&request, Tag::COMPROMISE_OCCURRENCE_DATE));
    }

    #[test]
    fn a_revocation_without_a_reason_is_refused() {
        assert!(complete(&mut vec![]).is_err());
    }
}
