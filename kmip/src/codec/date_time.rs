//! Date and time as the OASIS text forms write them: ISO 8601 in seconds (message encoding profile 4.1.6.11).

use std::io::Write;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// Appends a date and time in UTC, such as `2012-04-27T08:12:24+00:00`; 64 bits in hexadecimal if the year has
/// no four digits.
pub(super) fn append(out: &mut Vec<u8>, seconds: i64) {
    let moment = OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .filter(|moment| (1..=9999).contains(&moment.year()));
    let Some(moment) = moment else {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{seconds:#018x}");
        return;
    };
    let (year, month, day) = (moment.year(), u8::from(moment.month()), moment.day());
    let (hour, minute, second) = moment.to_hms();
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00");
}

/// Seconds since 1970-01-01 UTC. Fractions are cut off; without an offset, UTC is meant.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = fields(time, ':', [2, 2, 2])?;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
    let time =
        Time::from_hms(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, u8::try_from(second).ok()?)
            .ok()?;
    let offset = offset(without_fraction(rest)?)?;
    Some(PrimitiveDateTime::new(date, time).assume_offset(offset).unix_timestamp())
}

/// Seconds since 1970-01-01 UTC of a GeneralizedTime as RFC 5280 section 4.1.2.5.2 has it: `YYYYMMDDHHMMSSZ`.
pub(super) fn parse_generalized(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 14 && digits.is_ascii())?;
    let part = |from: usize, to: usize| digits.get(from..to);
    parse(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    ))
}

fn fields(text: &str, separator: char, widths: [usize; 3]) -> Option<[u16; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part =
            parts.next().filter(|part| part.len() == width && part.bytes().all(|c| c.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn without_fraction(text: &str) -> Option<&str> {
    match text.strip_prefix('.') {
        None => Some(text),
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (rest.len() < fraction.len()).then_some(rest)
        }
    }
}

fn offset(text: &str) -> Option<UtcOffset> {
    let sign = match text.as_bytes().first() {
        None | Some(b'Z') if text.len() <= 1 => return Some(UtcOffset::UTC),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number =
        |part: &str| part.parse::<i8>().ok().filter(|_| part.len() == 2 && !part.starts_with(['+', '-']));
    UtcOffset::from_hms(sign * number(hours)?, sign * number(minutes)?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_certificates_write_it() {
        assert_eq!(parse_generalized("20010101000000Z"), Some(0x3a4f_c880));
        for wrong in ["20010101000000", "2001010100000Z", "20011301000000Z", "2001-1-01T0:00Z", ""] {
            assert_eq!(parse_generalized(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_example_of_the_profile_is_read() {
        assert_eq!(parse("2001-01-01T10:00:00+10:00"), Some(0x3a4f_c880));
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        for text in [
            "2012-04-27T08:12:24+00:00",
            "2012-04-27T08:12:24Z",
            "2012-04-27T08:12:24",
            "2012-04-27T08:12:24.999Z",
            "2012-04-27T03:42:24-04:30",
        ] {
            assert_eq!(parse(text), Some(1_335_514_344), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2012-04-27",
            "2012-04-27 08:12:24",
            "2012-13-27T08:12:24",
            "2012-02-30T08:12:24",
            "12-04-27T08:12:24Z",
            "2012-04-27T08:12:24.Z",
            "2012-04-27T08:12:24+1:00",
            "2012-04-27T08:12:24ZZ",
            "2012-04-27T08:12:2é",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_in_utc_and_those_beyond_four_digits_in_hexadecimal() {
        let text = |seconds| {
            let mut out = Vec::new();
            append(&mut out, seconds);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0), "1970-01-01T00:00:00+00:00");
        assert_eq!(text(1_335_514_344), "2012-04-27T08:12:24+00:00");
        assert_eq!(text(253_402_300_799), "9999-12-31T23:59:59+00:00");
        assert_eq!(text(253_402_300_800), "0x0000003afff44180");
        assert_eq!(text(-1 << 62), "0xc000000000000000");
    }
}
