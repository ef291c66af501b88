//! Moments and lifetimes as people write them.

use claviger_plugin_sdk::{Error, Result};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];

/// Seconds since 1970, from RFC 3339 such as `2030-01-01T00:00:00Z`, or from a lifetime from now on, such as `90s`, `15m`,
/// `12h` or `30d`.
///
/// # Errors
/// Invalid Field: it is neither.
pub fn parse(text: &str, now: i64) -> Result<i64> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(moment.unix_timestamp());
    }
    let lifetime = || {
        let unit = text.chars().next_back()?;
        let (_, seconds) = UNITS.iter().find(|(known, _)| *known == unit)?;
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        now.checked_add(i64::from(number).checked_mul(*seconds)?)
    };
    lifetime().ok_or_else(|| {
        Error::invalid(format!(
            "{text:?} is neither a time like 2030-01-01T00:00:00Z nor a lifetime like 12h"
        ))
    })
}

/// The text of a moment in seconds since 1970.
pub(crate) fn text(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok();
    moment.and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_lifetimes_are_read() {
        assert_eq!(parse("2030-01-01T00:00:00Z", 0).unwrap(), 1_893_456_000);
        assert_eq!(parse("2030-01-01T01:00:00+01:00", 0).unwrap(), 1_893_456_000);
        assert_eq!(text(1_893_456_000), "2030-01-01T00:00:00Z");
        for (lifetime, seconds) in [("90s", 90), ("15m", 900), ("12h", 43_200), ("30d", 2_592_000)] {
            assert_eq!(parse(lifetime, 1_000).unwrap(), 1_000 + seconds, "{lifetime}");
        }
        for wrong in ["", "12", "h", "-1h", "1w", "2030-01-01", "1\u{e9}"] {
            assert!(parse(wrong, 0).is_err(), "{wrong:?}");
        }
    }
}
