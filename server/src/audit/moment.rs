//! Times as audit records have them: `2026-11-24T03:45:51.123Z`.

/// A time in milliseconds since 1970, as records have it.
pub(super) fn time(milliseconds: i64) -> String {
    let mut text = Vec::new();
    LastSecond::default().write_time(milliseconds, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// The second of the record before, in words.
#[derive(Default)]
pub(super) struct LastSecond {
    seconds: i64,
    text: Vec<u8>,
}

impl LastSecond {
    /// Writes milliseconds since 1970 as `2026-11-24T03:45:51.123Z`.
    pub(super) fn write_time(&mut self, milliseconds: i64, line: &mut Vec<u8>) {
        let seconds = milliseconds.div_euclid(1_000);
        if self.seconds != seconds || self.text.is_empty() {
            self.seconds = seconds;
            self.text.clear();
            write_second(seconds, &mut self.text);
        }
        line.extend_from_slice(&self.text);
        write_digits(milliseconds.rem_euclid(1_000), 3, line);
        line.push(b'Z');
    }
}

/// Writes seconds since 1970 as `2026-11-24T03:45:51.`.
fn write_second(seconds: i64, text: &mut Vec<u8>) {
    let (year, month, day) = civil_date(seconds.div_euclid(86_400));
    let time = seconds.rem_euclid(86_400);
    for (number, width, end) in [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (time / 3_600, 2, b':'),
        (time / 60 % 60, 2, b':'),
        (time % 60, 2, b'.'),
    ] {
        write_digits(number, width, text);
        text.push(end);
    }
}

fn write_digits(number: i64, width: usize, text: &mut Vec<u8>) {
    let start = text.len();
    let mut rest = number.unsigned_abs();
    for _ in 0..width {
        text.push(b'0' + (rest % 10) as u8);
        rest /= 10;
    }
    if let Some(digits) = text.get_mut(start..) {
        digits.reverse();
    }
}

/// Year, month and day of the Gregorian calendar, from days since 1970-01-01, counting in eras of 400 years that
/// begin in March.
fn civil_date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_gregorian_calendar() {
        // Day numbers from POSIX `date -d @SECONDS`.
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(-1), (1969, 12, 31));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(47_540), (2100, 2, 28));
        assert_eq!(civil_date(47_541), (2100, 3, 1));
    }
}
