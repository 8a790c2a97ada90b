//! The dated versions of the contract, and how they differ.

use std::fmt;

const KNOWN: [&str; 9] = [
    "2020-05-18",
    "2021-02-21",
    "2021-05-14",
    "2021-07-05",
    "2021-08-18",
    "2022-09-01",
    "2023-01-05",
    "2025-10-27",
    "2025-12-08",
];
const LEAN: &str = "2025-10-27";
const UNLISTED: &str = "2021-05-14";

/// One dated version of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(&'static str);

/// The refusal of a version header that is not a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotADate(String);

impl fmt::Display for NotADate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Persona-Version '{}' is not a date; write it like {}, or leave the header out",
            self.0,
            ApiVersion::NEWEST
        )
    }
}

impl std::error::Error for NotADate {}

impl fmt::Display for ApiVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

impl ApiVersion {
    /// The newest version, which an API key has by default.
    pub const NEWEST: Self = Self(KNOWN[KNOWN.len() - 1]);
    /// The oldest version, which every earlier date falls back to.
    pub const OLDEST: Self = Self(KNOWN[0]);

    /// Reads a date as the version in force on it: the nearest one that is not later.
    ///
    /// A date before the oldest version takes the oldest; text that is not a calendar date is refused.
    pub fn parse(text: &str) -> Result<Self, NotADate> {
        let text = text.trim();
        if !is_date(text) {
            return Err(NotADate(text.chars().take(40).collect()));
        }
        let in_force = KNOWN.iter().rev().find(|known| **known <= text);
        Ok(in_force.map_or(Self::OLDEST, |known| Self(known)))
    }

    /// The version with exactly this date, if the contract lists one.
    pub fn named(date: &str) -> Option<Self> {
        Self::all().find(|version| version.0 == date)
    }

    /// Every version that the contract lists, oldest first. A request's date can select one more, which it describes.
    pub fn all() -> impl Iterator<Item = Self> {
        KNOWN.iter().filter(|known| **known != UNLISTED).map(|known| Self(known))
    }

    /// The version that a request names, or the key's own if it names none.
    pub fn of_request(header: Option<&str>, of_the_key: Self) -> Result<Self, NotADate> {
        header.map_or(Ok(of_the_key), Self::parse)
    }

    /// The date of this version.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether related objects are included even if the request asks for none.
    pub fn includes_by_default(self) -> bool {
        self.0 < LEAN
    }

    /// Whether a case's custom fields may be sent as plain attributes, beside `fields`.
    pub fn fields_at_top_level(self) -> bool {
        self.0 < LEAN
    }

    /// Whether the keys inside `fields` of cases, transactions and inquiries take the response's casing.
    pub fn inflects_fields(self) -> bool {
        self.0 < LEAN
    }

    /// Whether an inquiry names its reviewer by two attributes instead of a relationship.
    pub fn reviewer_is_an_attribute(self) -> bool {
        self.0 < "2021-07-05"
    }

    /// Whether an inquiry distinguishes the numbers of a driver's license and a passport.
    pub fn tells_license_from_passport(self) -> bool {
        self.0 < "2021-05-14"
    }

    /// Whether a case's status may be set by `data.attributes.status`, besides `meta.status`.
    pub fn accepts_status_in_attributes(self) -> bool {
        self.0 < LEAN
    }

    /// Whether a workflow accepts parameters in `data.attributes` or `meta.params`, besides `fields`.
    pub fn accepts_loose_trigger_parameters(self) -> bool {
        self.0 < LEAN
    }

    /// Whether accounts and inquiries repeat a person's details as plain attributes, beside `fields`.
    pub fn repeats_personal_details(self) -> bool {
        self.0 < LEAN
    }

    /// Whether reports have `run-history`.
    pub fn shows_run_history(self) -> bool {
        self.0 < "2025-12-08"
    }
}

/// Whether text is a day of the calendar written `YYYY-MM-DD`, so that dates compare as text.
pub(crate) fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let in_shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    in_shape && {
        let number = |from: usize, to: usize| text[from..to].parse::<u16>().unwrap_or(0);
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        day >= 1 && day <= days_in(year, month)
    }
}

fn days_in(year: u16, month: u16) -> u16 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_takes_the_nearest_version_that_is_not_later() {
        let table = [
            ("2025-12-08", "2025-12-08"),
            ("2026-09-29", "2025-12-08"),
            ("2025-12-07", "2025-10-27"),
            ("2025-10-27", "2025-10-27"),
            ("2025-10-26", "2023-01-05"),
            ("2023-01-05", "2023-01-05"),
            ("2023-01-04", "2022-09-01"),
            ("2021-05-14", "2021-05-14"),
            ("2020-05-18", "2020-05-18"),
            ("1999-01-01", "2020-05-18"),
            (" 2023-01-05 ", "2023-01-05"),
        ];
        for (asked, version) in table {
            assert_eq!(ApiVersion::parse(asked).unwrap().as_str(), version, "{asked}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in ["", "latest", "2025-13-01", "2025-02-29", "2025-2-01", "20251208", "2025-12-08T00:00", "２０２５"]
        {
            assert!(ApiVersion::parse(text).is_err(), "{text}");
        }
        assert!(ApiVersion::parse("2024-02-29").is_ok());
    }

    #[test]
    fn no_header_takes_the_version_of_the_key() {
        assert_eq!(ApiVersion::of_request(None, ApiVersion::OLDEST), Ok(ApiVersion::OLDEST));
        assert_eq!(ApiVersion::of_request(Some("2025-12-08"), ApiVersion::OLDEST), Ok(ApiVersion::NEWEST));
    }

    #[test]
    fn the_older_form_ends_on_27_october_2025() {
        let questions: [fn(ApiVersion) -> bool; 6] = [
            ApiVersion::includes_by_default,
            ApiVersion::fields_at_top_level,
            ApiVersion::inflects_fields,
            ApiVersion::accepts_status_in_attributes,
            ApiVersion::accepts_loose_trigger_parameters,
            ApiVersion::repeats_personal_details,
        ];
        for asks in questions {
            assert!(asks(ApiVersion::parse("2025-10-26").unwrap()));
            assert!(!asks(ApiVersion::parse("2025-10-27").unwrap()));
        }
        assert!(ApiVersion::parse("2025-10-27").unwrap().shows_run_history());
        assert!(!ApiVersion::NEWEST.shows_run_history());
    }
}
