//! The OpenAPI description of one operation, beside its [`About`](crate::operation::About).

use serde_json::Value;

use crate::schema::{Body, Properties, text};

/// What an operation returns.
#[derive(Clone, Debug, Default)]
pub(crate) enum Shown {
    /// Not described yet.
    #[default]
    Anything,
    /// This schema, which is not a document of resources.
    Bare(Value),
    /// One object of this schema.
    One(Value),
    /// A list of objects of this schema; paged or whole.
    Many(Value, Pages),
}

/// Whether a list is returned in pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// A page at a time.
    Paged,
    /// All of it.
    Whole,
}

/// A parameter that is neither a page, a filter nor a fieldset.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    /// `query` or `header`.
    pub(crate) place: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) schema: Value,
}

/// The filters of every list.
const WHEN: [(&str, &str); 2] =
    [("created-at-start", "Created at this time or later."), ("created-at-end", "Created at this time or earlier.")];

/// The OpenAPI description of one operation.
#[derive(Clone, Debug, Default)]
pub struct OperationDoc {
    pub(crate) shown: Shown,
    pub(crate) body: Option<Body>,
    pub(crate) filters: Vec<(&'static str, &'static str)>,
    /// The pattern of filters that are required.
    pub(crate) needed_filter: Option<&'static str>,
    pub(crate) includes: Vec<&'static str>,
    pub(crate) meta: Properties,
    pub(crate) also: Option<u16>,
    pub(crate) needs_if_match: bool,
    pub(crate) asked: Vec<Asked>,
    pub(crate) is_kept: bool,
    /// The headers of every success beside those of all operations.
    pub(crate) headers: Vec<&'static str>,
    pub(crate) has_ranges: bool,
}

impl OperationDoc {
    /// It returns one object.
    pub(crate) fn one(schema: Value) -> Self {
        Self { shown: Shown::One(schema), is_kept: true, ..Self::default() }
    }

    /// It returns something that is not a document of resources.
    pub(crate) fn bare(schema: Value) -> Self {
        Self { shown: Shown::Bare(schema), ..Self::default() }
    }

    /// It returns something that is not stored, and so has no version.
    pub(crate) fn fleeting(schema: Value) -> Self {
        Self { shown: Shown::One(schema), ..Self::default() }
    }

    /// It returns pages of a list.
    pub(crate) fn pages(schema: Value) -> Self {
        Self { shown: Shown::Many(schema, Pages::Paged), ..Self::default() }
    }

    /// It returns a whole list.
    pub(crate) fn whole(schema: Value) -> Self {
        Self { shown: Shown::Many(schema, Pages::Whole), ..Self::default() }
    }

    /// The filters that it takes, each with a sentence.
    pub(crate) fn all_filters(&self) -> Vec<(&'static str, &'static str)> {
        let is_page = matches!(self.shown, Shown::Many(_, Pages::Paged)) && self.needed_filter.is_none();
        self.filters.iter().chain(WHEN.iter().filter(|_| is_page)).copied().collect()
    }

    /// Whether a filter of this name takes a date or a time.
    pub(crate) fn is_about_time(filter: &str) -> bool {
        WHEN.iter().any(|(name, _)| *name == filter)
    }

    /// Whether it returns a list.
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

    /// It takes this query parameter, explained in a sentence.
    pub(crate) fn asking(self, name: &'static str, sentence: &'static str, schema: Value) -> Self {
        self.taking_parameter(name, "query", sentence, schema)
    }

    /// It takes this header, explained in a sentence.
    pub(crate) fn heeding(self, name: &'static str, sentence: &'static str) -> Self {
        self.taking_parameter(name, "header", sentence, text())
    }

    fn taking_parameter(
        mut self,
        name: &'static str,
        place: &'static str,
        sentence: &'static str,
        schema: Value,
    ) -> Self {
        self.asked.push(Asked { name, place, sentence, schema });
        self
    }

    /// Its filters are required; each matches this pattern.
    pub(crate) fn needing_filter(self, pattern: &'static str) -> Self {
        Self { needed_filter: Some(pattern), ..self }
    }

    /// The object it returns has a version, which is in the ETag.
    pub(crate) fn kept(self) -> Self {
        Self { is_kept: true, ..self }
    }

    /// Every success also has this header.
    pub(crate) fn with_header(mut self, name: &'static str) -> Self {
        self.headers.push(name);
        self
    }

    /// `include` accepts these relationship names.
    pub(crate) fn including(self, names: &[&'static str]) -> Self {
        Self { includes: names.to_vec(), ..self }
    }

    /// It includes related objects inside the objects it shows, explained in a sentence.
    pub(crate) fn including_inside(self, sentence: &'static str) -> Self {
        self.asking("include", sentence, text())
    }

    /// It returns these members of `meta`.
    pub(crate) fn with_meta(self, meta: Properties) -> Self {
        Self { meta, ..self }
    }

    /// It also succeeds with this status.
    pub(crate) fn or(self, status: u16) -> Self {
        Self { also: Some(status), ..self }
    }

    /// It returns a part for a `Range` header.
    pub(crate) fn in_ranges(self) -> Self {
        Self { also: Some(206), has_ranges: true, ..self }
    }

    /// It requires `If-Match`.
    pub(crate) fn needing_if_match(self) -> Self {
        Self { needs_if_match: true, ..self }
    }
}
