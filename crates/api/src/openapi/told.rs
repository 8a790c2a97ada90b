//! What the description of the API tells of one operation, beside its [`About`](crate::operation::About).

use serde_json::Value;

use crate::schema::{Body, Members};

/// What an operation answers with.
#[derive(Clone, Debug, Default)]
pub(crate) enum Shown {
    /// Something nobody has described yet.
    #[default]
    Anything,
    /// This schema, which is no document of resources.
    Bare(Value),
    /// One object of this schema.
    One(Value),
    /// A list of objects of this schema; paged or whole.
    Many(Value, Pages),
}

/// How much of a list is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// A page at a time.
    Paged,
    /// All of it.
    Whole,
}

/// What the description tells of one operation.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub(crate) shown: Shown,
    pub(crate) body: Option<Body>,
    pub(crate) filters: Vec<(&'static str, &'static str)>,
    pub(crate) needs_filter: bool,
    pub(crate) includes: Vec<&'static str>,
    pub(crate) meta: Members,
    pub(crate) also: Option<u16>,
    pub(crate) needs_if_match: bool,
    pub(crate) asked: Option<(&'static str, &'static str)>,
    pub(crate) is_kept: bool,
}

impl Told {
    /// It answers with one object.
    pub(crate) fn one(schema: Value) -> Self {
        Self { shown: Shown::One(schema), is_kept: true, ..Self::default() }
    }

    /// It answers with something that is no document of resources.
    pub(crate) fn bare(schema: Value) -> Self {
        Self { shown: Shown::Bare(schema), ..Self::default() }
    }

    /// It answers with something that is not kept, and so has no version.
    pub(crate) fn fleeting(schema: Value) -> Self {
        Self { shown: Shown::One(schema), ..Self::default() }
    }

    /// It answers with pages of a list.
    pub(crate) fn pages(schema: Value) -> Self {
        Self { shown: Shown::Many(schema, Pages::Paged), ..Self::default() }
    }

    /// It answers with a whole list.
    pub(crate) fn whole(schema: Value) -> Self {
        Self { shown: Shown::Many(schema, Pages::Whole), ..Self::default() }
    }

    /// The filters it takes, each with a sentence.
    pub(crate) fn all_filters(&self) -> Vec<(&'static str, &'static str)> {
        const WHEN: [(&str, &str); 2] = [
            ("created-at-start", "Created at this time or later."),
            ("created-at-end", "Created at this time or earlier."),
        ];
        let is_page = matches!(self.shown, Shown::Many(_, Pages::Paged)) && !self.needs_filter;
        self.filters.iter().chain(WHEN.iter().filter(|_| is_page)).copied().collect()
    }

    /// Whether it answers with a list.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.shown, Shown::Many(..))
    }

    /// It takes a body.
    pub(crate) fn taking(self, body: Body) -> Self {
        Self { body: Some(body), ..self }
    }

    /// It takes these filters, each with a sentence.
    pub(crate) fn filtered(self, filters: &[(&'static str, &'static str)]) -> Self {
        Self { filters: filters.to_vec(), ..self }
    }

    /// It is asked with this parameter, explained in a sentence.
    pub(crate) fn asking(self, name: &'static str, sentence: &'static str) -> Self {
        Self { asked: Some((name, sentence)), ..self }
    }

    /// Its filters can't be left out.
    pub(crate) fn needing_filter(self) -> Self {
        Self { needs_filter: true, ..self }
    }

    /// It includes objects related by these names.
    pub(crate) fn including(self, names: &[&'static str]) -> Self {
        Self { includes: names.to_vec(), ..self }
    }

    /// It includes related objects inside what it shows, explained in a sentence.
    pub(crate) fn including_inside(self, sentence: &'static str) -> Self {
        Self { asked: Some(("include", sentence)), ..self }
    }

    /// It tells this beside the data.
    pub(crate) fn with_meta(self, meta: Members) -> Self {
        Self { meta, ..self }
    }

    /// It succeeds with another status too.
    pub(crate) fn or(self, status: u16) -> Self {
        Self { also: Some(status), ..self }
    }

    /// It can't be called without `If-Match`.
    pub(crate) fn needing_if_match(self) -> Self {
        Self { needs_if_match: true, ..self }
    }
}
