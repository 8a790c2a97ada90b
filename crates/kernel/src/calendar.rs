//! Dates and times in the formats that people and vendors write.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};

/// The largest offset from UTC in seconds: 23:59 (RFC 3339).
const OFFSET_SECONDS_MAX: i32 = 24 * 3_600 - 60;
/// The maximum length of a date-time, in characters.
const CHARACTERS_MAX: usize = 40;

/// The value of a text in the form of a date or a date-time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A calendar date, a whole day: `2024-05-01`.
    Date(Date),
    /// An instant, in nanoseconds since 1970-01-01T00:00:00Z. Unlike a [`Moment`](crate::Moment), it covers the whole
    /// year 9999.
    Instant {
        /// The time.
        nanoseconds: i128,
        /// Whether the text has an offset; a text without one is read as UTC.
        has_offset: bool,
    },
}

/// A text in the form of a date or a date-time that does not exist, such as `2023-02-29` or the offset `+25:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impossible;

impl Point {
    /// Parses a text; `None` if it does not have the form of a date or a date-time.
    pub fn of(text: &str) -> Result<Option<Self>, Impossible> {
        if !is_written_as_time(text) {
            return Ok(None);
        }
        let point = if text.len() == 10 { calendar_date(text).map(Self::Date) } else { instant(text) };
        point.map(Some).ok_or(Impossible)
    }

    /// The instant; for a date, its first instant in UTC.
    pub fn nanoseconds(self) -> i128 {
        match self {
            Self::Date(date) => since_1970(date.to_datetime(Time::midnight())),
            Self::Instant { nanoseconds, .. } => nanoseconds,
        }
    }
}

/// Parses a calendar date, `0001-01-01` to `9999-12-31`.
pub fn calendar_date(text: &str) -> Option<Date> {
    let is_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let is_shaped = (year.len(), month.len(), day.len()) == (4, 2, 2) && [year, month, day].into_iter().all(is_digits);
    if !is_shaped || year == "0000" {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn instant(text: &str) -> Option<Point> {
    // Brackets (RFC 9557) can name a time zone, and the instant is unknown without the zone's rules.
    if text.len() > CHARACTERS_MAX || text.contains('[') || calendar_date(text.get(..10)?).is_none() {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let local = since_1970(pieces.date().to_datetime(pieces.time()?));
    let offset = match pieces.offset() {
        None | Some(PiecesOffset::Zulu) => 0,
        Some(PiecesOffset::Numeric(offset)) => offset.offset().seconds(),
        Some(_) => return None,
    };
    let nanoseconds = local - i128::from(offset) * 1_000_000_000;
    (offset.abs() <= OFFSET_SECONDS_MAX)
        .then_some(Point::Instant { nanoseconds, has_offset: pieces.offset().is_some() })
}

fn since_1970(at: DateTime) -> i128 {
    at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_nanos()
}

/// Whether a text begins with a year of four or more digits, a month and a day, and then ends or continues with a time.
fn is_written_as_time(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let year = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &unsigned.as_bytes()[year..];
    let is_day = |rest: &[u8]| {
        rest[0] == b'-' && rest[3] == b'-' && [1, 2, 4, 5].into_iter().all(|place| rest[place].is_ascii_digit())
    };
    year >= 4 && rest.len() >= 6 && is_day(rest) && matches!(rest.get(6), None | Some(b'T' | b't' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_date_is_one_of_the_years_1_to_9999() {
        for good in ["0001-01-01", "2024-02-29", "9999-12-31"] {
            assert!(calendar_date(good).is_some(), "{good}");
            assert!(matches!(Point::of(good), Ok(Some(Point::Date(_)))), "{good}");
        }
        for impossible in ["0000-01-01", "2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31"] {
            assert_eq!(calendar_date(impossible), None, "{impossible}");
            assert_eq!(Point::of(impossible), Err(Impossible), "{impossible}");
        }
        for other in ["", "today", "20240501", "2024-05", "2024-5-1", "éééééééééé", "1", "2024-05-01x"] {
            assert_eq!(calendar_date(other), None, "{other}");
            assert_eq!(Point::of(other), Ok(None), "{other}");
        }
    }

    #[test]
    fn an_instant_is_the_same_in_every_offset_and_reaches_to_the_last_moment_of_9999() {
        for (one, other) in [
            ("2024-05-01T10:00:00", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00.000Z", "2024-05-01T12:00+02:00"),
            ("2024-05-01 10:00:00", "2024-05-01t10:00z"),
            ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999+00:00"),
            ("2024-05-01T00:00:00Z", "2024-05-01T23:59+23:59"),
        ] {
            let at = |text: &str| Point::of(text).unwrap().unwrap().nanoseconds();
            assert_eq!(at(one), at(other), "{one} {other}");
        }
    }

    #[test]
    fn a_text_in_the_form_of_a_time_that_does_not_exist_is_impossible() {
        for bad in [
            "2024-05-01T25:00:00Z",
            "2024-05-01T10:00:00+25:00",
            "2024-05-01T10:00:00+24:00",
            "2024-05-01T10:61:00Z",
            "2023-02-29T10:00:00Z",
            "10000-01-01",
            "+10000-01-01T00:00:00Z",
            "-0001-01-01",
            "2024-05-01T",
            "2024-05-01 noon",
            "2026-01-01T00:00:00[America/New_York]",
            "2026-01-01T00:00:00-05:00[America/New_York]",
            "2026-01-01T00:00:00Z[Etc/UTC]",
            "2026-01-01T00:00:00[+05:00]",
            "2026-01-01T00:00:00Z[u-ca=hebrew]",
            "2026-01-01T00:00:00[",
        ] {
            assert_eq!(Point::of(bad), Err(Impossible), "{bad}");
        }
    }
}
