//! Invented people and addresses.

use super::chance::Chance;

const FIRST: &[&str] = &[
    "Amara", "Bruno", "Chiara", "Dario", "Edda", "Femi", "Greta", "Hamid", "Ines", "Jonas", "Kaja", "Luca", "Mireille",
    "Nadia", "Oskar", "Petra", "Quentin", "Rosa", "Soren", "Tamsin", "Ulla", "Viktor", "Wanda", "Ximena", "Yusuf",
    "Zora",
];
const LAST: &[&str] = &[
    "Abara",
    "Bellweather",
    "Castellan",
    "Drummond",
    "Eklund",
    "Ferreira",
    "Grünwald",
    "Haddad",
    "Ivarsson",
    "Jovanko",
    "Kestrel",
    "Lindgren",
    "Marchetti",
    "Nakamori",
    "Oyelaran",
    "Pemberly",
    "Quist",
    "Rasmund",
    "Soltani",
    "Tremaine",
    "Ustinov",
    "Valdane",
    "Westerholt",
    "Yarrow",
];
const PLACES: &[(&str, &str, &str)] = &[
    ("Harbourgate", "H4 1LT", "GB"),
    ("Neustadt am Fluss", "01997", "DE"),
    ("Port Merin", "29999", "FR"),
    ("Sant Orell", "08999", "ES"),
    ("Nyhavnby", "9999", "DK"),
    ("Cedar Hollow", "00501", "US"),
];

/// The names of the analysts.
pub const ANALYSTS: &[&str] = &["Ben Okafor", "Clara Jensen", "Dmitri Sato", "Elif Moreau", "Farah Lindqvist"];

/// A person who opened an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Given name.
    pub first: &'static str,
    /// Family name.
    pub last: &'static str,
    /// A made-up e-mail address.
    pub email: String,
    /// `YYYY-MM-DD`
    pub birthdate: String,
    /// Town, postal code, country.
    pub place: (&'static str, &'static str, &'static str),
}

/// Invents a person.
pub fn person(chance: &mut Chance, number: usize) -> Person {
    let (first, last) = (chance.pick(FIRST), chance.pick(LAST));
    let place = PLACES[number % PLACES.len()];
    let birthdate = format!("{}-{:02}-{:02}", 1950 + chance.below(55), 1 + chance.below(12), 1 + chance.below(28));
    Person { first, last, email: format!("{}@mail.example", dotted(first, last)), birthdate, place }
}

/// The e-mail address of an analyst.
pub fn analyst_email(name: &str, domain: &str) -> String {
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    format!("{}@{domain}", dotted(first, last))
}

fn dotted(first: &str, last: &str) -> String {
    let plain = |name: &str| name.to_lowercase().replace('ü', "ue");
    format!("{}.{}", plain(first), plain(last))
}
