//! The violations found so far.

use std::collections::BTreeSet;
use std::fmt;

use docket_kernel::Table;

use crate::Violation;

/// The maximum number of violations that are listed; further ones are only counted.
pub(crate) const LISTED_MAX: usize = 10_000;

/// The violations found so far, each once: a row may be checked in more than one pass.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    listed: BTreeSet<Violation>,
    more: u64,
}

impl Findings {
    pub fn add(&mut self, invariant: &'static str, table: &Table, key: &str, words: impl fmt::Display) {
        let found = Violation { invariant, at: format!("{} {key}", table.name), words: words.to_string() };
        if self.listed.len() < LISTED_MAX {
            self.listed.insert(found);
        } else if !self.listed.contains(&found) {
            self.more += 1;
        }
    }

    /// Adds a violation unless two values are equal.
    pub fn same<T: PartialEq + fmt::Debug + ?Sized>(
        &mut self,
        invariant: &'static str,
        (table, key): (&Table, &str),
        what: &str,
        found: &T,
        wanted: &T,
    ) {
        if found != wanted {
            self.add(invariant, table, key, format_args!("{what} is {found:?}, and should be {wanted:?}"));
        }
    }

    /// Adds a violation unless the parent exists and has the same environment as its child.
    pub fn parent(&mut self, at: (&Table, &str), own: &str, what: &str, parent: Option<&str>) {
        match parent {
            Some(environment) => {
                self.same("same-environment", at, &format!("the environment of its {what}"), environment, own);
            }
            None => self.add("parent-is-there", at.0, at.1, format_args!("its {what} is not there")),
        }
    }

    /// All violations in order; if some are not listed, the last one has their number.
    pub fn all(&self) -> Vec<Violation> {
        let more = (self.more > 0).then(|| Violation {
            invariant: "more",
            at: "the database".to_owned(),
            words: format!("{} more were found; resolve those listed and check again", self.more),
        });
        self.listed.iter().cloned().chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use docket_cases::Case;
    use docket_kernel::Entity;

    use super::*;

    #[test]
    fn so_many_violations_are_listed_and_those_beyond_are_counted() {
        let mut findings = Findings::default();
        let add = |findings: &mut Findings, count: std::ops::Range<usize>| {
            count.for_each(|number| findings.add("readable", Case::TABLE, &format!("case_{number}"), "wrong"));
        };

        add(&mut findings, 0..LISTED_MAX);
        add(&mut findings, 0..10);
        let at_the_bound = findings.all();
        add(&mut findings, LISTED_MAX..LISTED_MAX + 1);
        let beyond = findings.all();

        assert_eq!(at_the_bound.len(), LISTED_MAX);
        assert_eq!(beyond.len(), LISTED_MAX + 1);
        assert_eq!(beyond.last().map(|last| (last.invariant, &last.words[..2])), Some(("more", "1 ")));
    }
}
