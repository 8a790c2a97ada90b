//! How names are compared.

/// A name as names are compared: without regard to case, and to blanks around it.
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
