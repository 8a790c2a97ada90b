//! Time is an argument: code that needs it takes a [`Moment`] or a [`Clock`].

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::calendar::Point;
use crate::field::Field;
use crate::table::{Cell, ColumnKind, RowError};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

/// 1970-01-01T00:00:00 in UTC. Civil time covers the whole year 9999; a `jiff::Timestamp` ends one day earlier.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Moment {
    /// One day in microseconds.
    pub const DAY: i64 = 86_400_000_000;

    /// The instant this many seconds later (earlier when negative).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Whole milliseconds since 1970.
    pub fn milliseconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Parses an ISO-8601 date-time with an offset. The instant must be within the years 1 to 9999 in UTC, so that it
    /// can be formatted again.
    pub fn parse(text: &str) -> Option<Self> {
        let Ok(Some(Point::Instant { has_offset: true, nanoseconds })) = Point::of(text) else { return None };
        let moment = Self(i64::try_from(nanoseconds.div_euclid(1_000)).ok()?);
        (1..=9999).contains(&moment.in_utc()?.year()).then_some(moment)
    }

    /// The date and the time of day in UTC, in milliseconds.
    fn in_utc(self) -> Option<DateTime> {
        EPOCH.checked_add(SignedDuration::from_millis(self.milliseconds())).ok()
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Moment {
    /// ISO-8601 in UTC with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_utc() {
            Some(at) => write!(f, "{at:.3}Z"),
            None => write!(f, "{} µs", self.0),
        }
    }
}

impl Field for Moment {
    const KIND: ColumnKind = ColumnKind::Int;
    fn write(&self) -> Cell {
        Cell::Int(self.0)
    }
    fn read(cell: Cell) -> Result<Self, RowError> {
        i64::read(cell).map(Self)
    }
}

/// A source of time.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Moment;

    /// Whether this is the machine's clock. Nodes that share a database do not rely on each other's machine clocks:
    /// they ask the database instead. A clock that a test sets is used as it is.
    fn is_machine(&self) -> bool {
        false
    }
}

/// The machine's clock. No other code reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the room the clock lives in")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Moment(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn is_machine(&self) -> bool {
        true
    }
}

/// A clock that moves only when a test advances it.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that is set to `moment`.
    pub fn at(moment: Moment) -> Self {
        Self(AtomicI64::new(moment.0))
    }

    /// Advances the clock.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Advances the clock by microseconds; a negative value moves it back, as a skewed clock would.
    pub fn advance_micros(&self, micros: i64) {
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_with_milliseconds() {
        let moment = Moment::parse("2026-01-02T03:04:05.678901Z").unwrap();

        assert_eq!(moment.to_string(), "2026-01-02T03:04:05.678Z");
        assert_eq!(Moment(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_moment_has_a_valid_offset() {
        for bad in [
            "2026-01-02T03:04:05",
            "2026-01-02T03:04:05+24:00",
            "2026-01-02T03:04:05-24:00",
            "2026-02-30T03:04:05Z",
            "2026-01-02",
            "now",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
        let at = |text: &str| Moment::parse(text).unwrap();
        assert_eq!(at("2026-01-02T03:04:05+23:59"), at("2026-01-01T03:05:05Z"));
        assert_eq!(at("2026-01-02T03:04:05-23:59"), at("2026-01-03T03:03:05Z"));
    }

    #[test]
    fn a_moment_reaches_from_the_first_to_the_last_of_the_years_1_to_9999() {
        for edge in ["0001-01-01T00:00:00.000Z", "9999-12-31T00:00:00.000Z", "9999-12-31T23:59:59.999Z"] {
            assert_eq!(Moment::parse(edge).unwrap().to_string(), edge);
        }
        assert!(Moment::parse("0001-01-01T00:00:00+00:00").is_some());
        assert_eq!(Moment::parse("0001-01-01T00:00:00+00:01"), None);
        assert!(Moment::parse("9999-12-31T23:59:59-00:00").is_some());
        assert_eq!(Moment::parse("9999-12-31T23:59:59-00:01"), None);
        assert_eq!(Moment(i64::MAX).to_string(), "9223372036854775807 µs");
    }

    #[test]
    fn a_manual_clock_moves_only_when_advanced() {
        let clock = ManualClock::at(Moment(5));

        clock.advance_seconds(2);

        assert_eq!(clock.now(), Moment(2_000_005));
    }
}
