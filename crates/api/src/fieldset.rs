//! Sparse fieldsets: which attributes of which types a caller wants to see.

use std::collections::{HashMap, HashSet};

use crate::inflection::{kebab, squash};

/// The attributes wanted, by type; a type that is not named is shown completely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fieldsets {
    by_type: HashMap<String, Fieldset>,
}

/// The attributes wanted of one type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fieldset {
    whole: HashSet<String>,
    parts: HashMap<String, HashSet<String>>,
}

/// How much of one attribute is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// Nothing.
    Nothing,
    /// Only these members.
    Part(Part<'a>),
    /// All of it.
    Whole,
}

/// The members wanted of one attribute.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a>(&'a HashSet<String>);

impl Part<'_> {
    /// Whether a member of this name, in any casing, is wanted.
    pub fn wants(self, name: &str) -> bool {
        self.0.contains(&squash(name))
    }
}

impl Fieldsets {
    /// Adds the attributes wanted of a type: a comma-separated list in any casing, `fields.amount` for one member.
    pub fn want(&mut self, of_type: &str, names: &str) {
        let set = self.by_type.entry(kebab(of_type).into_owned()).or_default();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name.split_once('.') {
                Some((attribute, member)) => {
                    set.parts.entry(squash(attribute)).or_default().insert(squash(member));
                }
                None => {
                    set.whole.insert(squash(name));
                }
            }
        }
    }

    /// Whether no fieldset was requested, so that everything is shown.
    pub fn is_empty(&self) -> bool {
        self.by_type.is_empty()
    }

    /// The attributes wanted of a type; for a type such as `report/watchlist`, those of `report` are the fallback.
    pub fn of(&self, of_type: &str) -> Option<&Fieldset> {
        let parent = || of_type.split_once('/').and_then(|(parent, _)| self.by_type.get(parent));
        self.by_type.get(of_type).or_else(parent)
    }
}

impl Fieldset {
    /// How much of an attribute is wanted.
    pub fn wants(&self, attribute: &str) -> Wanted<'_> {
        let name = squash(attribute);
        if self.whole.contains(&name) {
            return Wanted::Whole;
        }
        self.parts.get(&name).map_or(Wanted::Nothing, |members| Wanted::Part(Part(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(of_type: &str, names: &str) -> Fieldsets {
        let mut sets = Fieldsets::default();
        sets.want(of_type, names);
        sets
    }

    #[test]
    fn attributes_are_wanted_in_any_casing() {
        let sets = wanted("workflowRun", "createdAt, completed_at,,fields.riskScore");
        let set = sets.of("workflow-run").unwrap();
        assert!(matches!(set.wants("created-at"), Wanted::Whole));
        assert!(matches!(set.wants("completed-at"), Wanted::Whole));
        assert!(matches!(set.wants("status"), Wanted::Nothing));
        assert!(matches!(set.wants("fields"), Wanted::Part(part) if part.wants("risk_score") && !part.wants("risk")));
    }

    #[test]
    fn the_fields_of_a_parent_type_apply_to_kinds_that_are_not_named() {
        let mut sets = wanted("report", "status");
        sets.want("report/watchlist", "created-at");
        assert!(matches!(sets.of("report/profile").unwrap().wants("status"), Wanted::Whole));
        assert!(matches!(sets.of("report/watchlist").unwrap().wants("status"), Wanted::Nothing));
        assert!(sets.of("case").is_none());
    }

    #[test]
    fn an_attribute_wanted_completely_is_complete_with_members_wanted_too() {
        let sets = wanted("case", "fields.a,fields");
        assert!(matches!(sets.of("case").unwrap().wants("fields"), Wanted::Whole));
    }

    #[test]
    fn an_empty_list_wants_no_attribute() {
        assert!(matches!(wanted("case", "").of("case").unwrap().wants("status"), Wanted::Nothing));
    }
}
