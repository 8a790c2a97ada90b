//! Writes times the way the contract does: ISO-8601, UTC, milliseconds.

use docket_kernel::Moment;
use serde_json::Value;

const MICROS_MIN: i64 = -62_167_219_200_000_000;
const MICROS_MAX: i64 = 253_402_300_799_999_999;

/// Writes microseconds since the epoch as `2026-01-02T03:04:05.678Z`.
///
/// Finer digits are truncated, not rounded, so that a time is never shown as a later one. A time outside the years 0000
/// to 9999, which the format can't express, is shown as the nearest that it can.
pub fn iso(micros: i64) -> String {
    let micros = micros.clamp(MICROS_MIN, MICROS_MAX);
    let (year, month, day) = civil(micros.div_euclid(Moment::DAY));
    let millis = micros.rem_euclid(Moment::DAY) / 1_000;
    let seconds = millis / 1_000;
    let mut out = *b"0000-00-00T00:00:00.000Z";
    digits(&mut out[0..4], year);
    digits(&mut out[5..7], month);
    digits(&mut out[8..10], day);
    digits(&mut out[11..13], seconds / 3_600);
    digits(&mut out[14..16], seconds / 60 % 60);
    digits(&mut out[17..19], seconds % 60);
    digits(&mut out[20..23], millis % 1_000);
    out.iter().map(|byte| char::from(*byte)).collect()
}

/// Writes an optional time: null if it is absent.
pub fn iso_or_null(micros: Option<i64>) -> Value {
    micros.map_or(Value::Null, |micros| Value::String(iso(micros)))
}

/// Converts days since the epoch to a year, month and day of the proleptic Gregorian calendar.
///
/// Counts from 1 March of year 0, which puts the leap day last in its year and makes every month length a linear
/// formula; every era of 400 years has the same number of days.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn digits(place: &mut [u8], mut number: i64) {
    for slot in place.iter_mut().rev() {
        *slot = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn by_jiff(micros: i64) -> String {
        let millis = micros.div_euclid(1_000);
        format!("{:.3}", Timestamp::from_millisecond(millis).unwrap())
    }

    #[test]
    fn a_moment_is_written_in_utc_with_milliseconds() {
        let table = [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_767_323_045_678_000, "2026-01-02T03:04:05.678Z"),
            (1_767_323_045_678_999, "2026-01-02T03:04:05.678Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
            (i64::MIN, "0000-01-01T00:00:00.000Z"),
        ];
        for (micros, text) in table {
            assert_eq!(iso(micros), text);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_reads_as_jiff_reads_it() {
        for day in -146_097..146_097 {
            let micros = day * Moment::DAY + (day * 7_919_123_457).rem_euclid(Moment::DAY);
            assert_eq!(iso(micros), by_jiff(micros));
        }
    }

    #[test]
    fn an_absent_time_is_null() {
        assert_eq!(iso_or_null(None), Value::Null);
        assert_eq!(iso_or_null(Some(0)), Value::from("1970-01-01T00:00:00.000Z"));
    }
}
