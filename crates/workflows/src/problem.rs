//! Problems of a definition, and their paths.

use std::fmt::Write as _;

use serde::Serialize;

use crate::limits::{HINTS_MAX, PROBLEMS_MAX};

/// A problem of a definition or of a run's parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The path, for people: `steps[2].choose[0].when.any[1].is`. Empty for the definition as a whole.
    pub path: String,
    /// A JSON pointer, for programs, from the definition's root (or from the request's root, for parameters).
    pub pointer: String,
    /// The kind of problem, stable: `missing`, `unknown_member`, `wrong_type`, `not_available`, `duplicate_id`, …
    pub code: &'static str,
    /// A sentence with the problem and what to do.
    pub message: String,
}

/// A place in a tree, stored as a chain on the stack and written out only for a problem.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    last: Segment<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Segment<'a> {
    Base { path: &'a str, pointer: &'a str },
    Member(&'a str),
    Item(usize),
}

impl<'a> At<'a> {
    /// The root of the tree.
    pub(crate) const fn root() -> At<'static> {
        At { parent: None, last: Segment::Base { path: "", pointer: "" } }
    }

    /// A place that was already written out.
    pub(crate) const fn base(path: &'a str, pointer: &'a str) -> Self {
        At { parent: None, last: Segment::Base { path, pointer } }
    }

    /// The member with this name.
    pub(crate) const fn member<'b>(&'b self, name: &'b str) -> At<'b> {
        At { parent: Some(self), last: Segment::Member(name) }
    }

    /// The item at this index.
    pub(crate) const fn item(&self, index: usize) -> At<'_> {
        At { parent: Some(self), last: Segment::Item(index) }
    }

    /// The path, for people.
    pub(crate) fn path(&self) -> String {
        let mut path = self.parent.map(At::path).unwrap_or_default();
        match self.last {
            Segment::Base { path: base, .. } => path.push_str(base),
            Segment::Item(index) => {
                let _ = write!(path, "[{index}]");
            }
            Segment::Member(name) if !is_plain(name) => {
                let _ = write!(path, "[{}]", quote(name));
            }
            Segment::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
        }
        path
    }

    /// The JSON pointer, for programs.
    pub(crate) fn pointer(&self) -> String {
        let mut pointer = self.parent.map(At::pointer).unwrap_or_default();
        match self.last {
            Segment::Base { pointer: base, .. } => pointer.push_str(base),
            Segment::Item(index) => {
                let _ = write!(pointer, "/{index}");
            }
            Segment::Member(name) => {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
        }
        pointer
    }

    /// A problem at this place.
    pub(crate) fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        Problem { path: self.path(), pointer: self.pointer(), code, message: message.into() }
    }
}

fn is_plain(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// The problems found so far, up to a bound.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
}

impl Problems {
    /// Adds a problem, or after [`PROBLEMS_MAX`] of them one last entry that states that there are more.
    pub(crate) fn add(&mut self, at: &At<'_>, code: &'static str, message: impl Into<String>) {
        if !self.is_full() {
            self.push(at.problem(code, message));
        }
    }

    /// Like [`add`](Self::add), for a problem that already has its place.
    pub(crate) fn push(&mut self, problem: Problem) {
        match self.list.len() {
            n if n < PROBLEMS_MAX => self.list.push(problem),
            PROBLEMS_MAX => self.list.push(At::root().problem(
                "more_problems",
                format!("more than {PROBLEMS_MAX} problems; fix these first, then check again"),
            )),
            _ => {}
        }
    }

    /// Whether further problems would not be listed.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() > PROBLEMS_MAX
    }

    /// Whether the next problem may suggest the nearest known names.
    pub(crate) fn takes_hints(&self) -> bool {
        self.list.len() < HINTS_MAX
    }

    /// The list, in the order found.
    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.list
    }
}

/// A text written by the author, in quotes, shortened if it is long.
pub(crate) fn quote(text: &str) -> String {
    const CHARS_SHOWN: usize = 60;
    let mut shown: String = text.chars().take(CHARS_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(CHARS_SHOWN).is_some() {
        shown.push('…');
    }
    format!("'{shown}'")
}

/// A value as the author wrote it, shortened if it is long.
pub(crate) fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| quote(&value.to_string()), quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_for_people_and_for_programs() {
        let root = At::root();
        let steps = root.member("steps");
        let second = steps.item(2);
        let choose = second.member("choose");
        let odd = choose.member("a/b ~c");

        assert_eq!(choose.path(), "steps[2].choose");
        assert_eq!(choose.pointer(), "/steps/2/choose");
        assert_eq!(odd.path(), "steps[2].choose['a/b ~c']");
        assert_eq!(odd.pointer(), "/steps/2/choose/a~1b ~0c");
    }

    #[test]
    fn the_list_of_problems_is_bounded_and_says_so() {
        let mut problems = Problems::default();

        for _ in 0..PROBLEMS_MAX + 10 {
            problems.add(&At::root(), "missing", "x");
        }

        let list = problems.into_list();
        assert_eq!(list.len(), PROBLEMS_MAX + 1);
        assert_eq!(list[PROBLEMS_MAX].code, "more_problems");
    }

    #[test]
    fn a_long_text_is_shortened_at_a_character() {
        assert_eq!(quote(&"é".repeat(61)), format!("'{}…'", "é".repeat(60)));
        assert_eq!(quote("a\nb"), "'a b'");
    }
}
