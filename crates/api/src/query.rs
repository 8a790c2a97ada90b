//! Reads the query string of a request: paging, filters, fieldsets and includes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::fieldset::Fieldsets;
use crate::inflection::kebab;

/// The number of objects on a page unless the caller says otherwise.
pub const PAGE_SIZE_DEFAULT: u16 = 10;
/// The most objects a page may hold.
pub const PAGE_SIZE_MAX: u16 = 100;

/// A query parameter that can't be read; it becomes a 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What was requested, what the state is, and what to do.
    pub details: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.details)
    }
}

impl std::error::Error for QueryError {}

/// The page of a list that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Objects that come after this id, which are older ones.
    pub after: Option<String>,
    /// Objects that come before this id.
    pub before: Option<String>,
    /// The number of objects.
    pub size: u16,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, before: None, size: PAGE_SIZE_DEFAULT }
    }
}

/// The relative addresses of the pages before and after this one; null if there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The newer page.
    pub prev: Option<String>,
    /// The older page.
    pub next: Option<String>,
}

/// A parsed query string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The page wanted.
    pub page: Page,
    /// The attributes wanted.
    pub fields: Fieldsets,
    /// The relationship paths to include, in kebab casing; `None` if the parameter is absent, empty if it is blank.
    pub include: Option<Vec<Vec<String>>>,
    filters: HashMap<String, Vec<String>>,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a raw query string; unknown parameters are ignored and kept for [`Query::links`].
    ///
    /// Brackets may be escaped or not. Refuses a page size that is not a number from 1 to 100, both cursors at
    /// once, and text that is not UTF-8 or contains NUL.
    pub fn parse(raw: &str) -> Result<Self, QueryError> {
        let mut query = Self::default();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            query.read(&name, &value)?;
            query.pairs.push((name.into_owned(), value.into_owned()));
        }
        if query.page.after.is_some() && query.page.before.is_some() {
            return Err(refuse("page[after] and page[before] can't be used together; send one of them"));
        }
        Ok(query)
    }

    /// The values of a filter, named in kebab casing; empty when it was not set.
    pub fn filter(&self, name: &str) -> &[String] {
        self.filters.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a filter has a value. A blank one counts as no filter: forms and scripts send it for "any".
    pub fn has_filter(&self, name: &str) -> bool {
        !self.filter(name).is_empty()
    }

    /// The texts of a filter as they were sent, including commas and spaces; blank ones are left out.
    pub fn whole_filters(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_named = move |known: &str| bracketed(known) == ("filter", Some(name.to_owned()));
        let texts = self.pairs.iter().filter(move |(known, _)| is_named(known)).map(|(_, value)| value.as_str());
        texts.filter(|text| !text.trim().is_empty())
    }

    /// The values of a filter whose items may contain commas: each whole text, and each of its items.
    pub fn filter_or_whole(&self, name: &str) -> Vec<&str> {
        let mut values: Vec<&str> = self.filter(name).iter().map(String::as_str).collect();
        values.extend(self.whole_filters(name).map(str::trim).filter(|text| text.contains(',')));
        values
    }

    /// Refuses filters that a list does not have, and a sort: lists are newest first.
    pub fn only_filters(&self, known: &[&str]) -> Result<(), QueryError> {
        let mut unknown: Vec<&str> =
            self.filters.keys().map(String::as_str).filter(|name| !known.contains(name)).collect();
        unknown.sort_unstable();
        if let Some(name) = unknown.first() {
            let shown: String = name.chars().take(40).collect();
            let choices = if known.is_empty() {
                "this operation takes none".to_owned()
            } else {
                format!("use {}", known.join(", "))
            };
            return Err(refuse(format!("filter[{shown}] is not a filter of this list; {choices}")));
        }
        if self.pairs.iter().any(|(name, value)| name == "sort" && !value.is_empty()) {
            return Err(refuse("this list is sorted newest first and takes no sort; leave it out"));
        }
        Ok(())
    }

    /// The value of a parameter that is not a page, filter, fieldset or include.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The addresses of the pages before `prev` and after `next`, which are the ids at the two ends of this page.
    ///
    /// Every other parameter is kept, so that a caller who follows the links stays in the same list.
    pub fn links(&self, path: &str, prev: Option<&str>, next: Option<&str>) -> Links {
        Links {
            prev: prev.map(|id| self.address(path, "page[before]", id)),
            next: next.map(|id| self.address(path, "page[after]", id)),
        }
    }

    fn address(&self, path: &str, cursor: &str, id: &str) -> String {
        let mut out = String::with_capacity(path.len() + 64);
        out.push_str(path);
        let others = self.pairs.iter().filter(|(name, _)| !is_cursor(name));
        let pairs = others.map(|(name, value)| (name.as_str(), value.as_str()));
        for (at, (name, value)) in std::iter::once((cursor, id)).chain(pairs).enumerate() {
            out.push(if at == 0 { '?' } else { '&' });
            encode(name, &mut out);
            out.push('=');
            encode(value, &mut out);
        }
        out
    }

    fn read(&mut self, name: &str, value: &str) -> Result<(), QueryError> {
        let (family, member) = bracketed(name);
        match (family, member.as_deref()) {
            ("page", Some("after")) => self.page.after = not_blank(value),
            ("page", Some("before")) => self.page.before = not_blank(value),
            ("page", Some("size")) => self.page.size = size(value)?,
            ("filter", Some(filter)) => self.filters.entry(filter.to_owned()).or_default().extend(items(value)),
            ("fields", Some(of_type)) => self.fields.want(of_type, value),
            ("include", None) => self.include.get_or_insert_default().extend(paths(value)),
            _ => {}
        }
        Ok(())
    }
}

/// Splits `filter[a][b][]` into its family and its member `a.b`, in kebab casing.
fn bracketed(name: &str) -> (&str, Option<String>) {
    let Some((family, rest)) = name.split_once('[') else {
        return (name, None);
    };
    let Some(inside) = rest.strip_suffix(']') else {
        return (name, None);
    };
    let steps: Vec<_> = inside.split("][").filter(|step| !step.is_empty()).map(kebab).collect();
    (family, Some(steps.join(".")))
}

fn is_cursor(name: &str) -> bool {
    matches!(bracketed(name), ("page", Some(member)) if member == "after" || member == "before")
}

fn paths(value: &str) -> impl Iterator<Item = Vec<String>> {
    let paths = value.split(',').map(str::trim).filter(|path| !path.is_empty());
    paths.map(|path| path.split('.').map(|step| kebab(step.trim()).into_owned()).collect())
}

/// The items of a comma-separated list. An item in double quotes may contain commas.
pub(crate) fn items(list: &str) -> Vec<String> {
    let (mut items, mut rest) = (Vec::new(), list);
    while !rest.is_empty() {
        let quoted = rest.trim_start().strip_prefix('"').and_then(|inside| {
            let (item, after) = inside.split_once('"')?;
            let after = after.trim_start();
            (after.is_empty() || after.starts_with(',')).then_some((item, after))
        });
        let (item, after) = quoted.unwrap_or_else(|| {
            let end = rest.find(',').unwrap_or(rest.len());
            (&rest[..end], &rest[end..])
        });
        items.extend(Some(item.trim().to_owned()).filter(|item| !item.is_empty()));
        rest = after.strip_prefix(',').unwrap_or_default();
    }
    items
}

fn size(value: &str) -> Result<u16, QueryError> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let size = value.parse().ok().filter(|size| is_number && (1..=PAGE_SIZE_MAX).contains(size));
    size.ok_or_else(|| {
        let shown: String = value.chars().take(20).collect();
        refuse(format!("page[size] is '{shown}'; it must be a number from 1 to {PAGE_SIZE_MAX}"))
    })
}

fn not_blank(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn refuse(details: impl Into<String>) -> QueryError {
    QueryError { details: details.into() }
}

/// Decodes percent-encoding; a percent sign that starts no escape is kept.
fn decode(raw: &str) -> Result<Cow<'_, str>, QueryError> {
    if !raw.bytes().any(|byte| matches!(byte, b'%' | b'+' | 0)) {
        return Ok(Cow::Borrowed(raw));
    }
    let bytes = raw.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| hex(*bytes.get(at + 1)?, *bytes.get(at + 2)?)).flatten();
        out.push(escaped.unwrap_or(if *byte == b'+' { b' ' } else { *byte }));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    match String::from_utf8(out) {
        Ok(text) if !text.contains('\0') => Ok(Cow::Owned(text)),
        Ok(_) => Err(refuse("a query parameter contains the NUL character")),
        Err(_) => Err(refuse("a query parameter is not UTF-8")),
    }
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fieldset::Wanted;

    #[test]
    fn brackets_may_be_escaped_or_not() {
        for raw in ["page[after]=case_A&page[size]=3", "page%5Bafter%5D=case_A&page%5bsize%5d=3"] {
            let page = Query::parse(raw).unwrap().page;
            assert_eq!(page, Page { after: Some("case_A".to_owned()), before: None, size: 3 });
        }
    }

    #[test]
    fn a_page_has_ten_objects_by_default() {
        let table = [("", 10), ("page[size]=1", 1), ("page[size]=100", 100), ("page[limit]=7", 10), ("page=4", 10)];
        for (raw, size) in table {
            assert_eq!(Query::parse(raw).unwrap().page.size, size, "{raw}");
        }
    }

    #[test]
    fn a_page_size_out_of_range_or_not_a_number_is_refused() {
        for size in ["0", "101", "-1", "%2B5", "1.5", "ten", "", "99999999999999999999"] {
            let error = Query::parse(&format!("page[size]={size}")).unwrap_err();
            assert!(error.details.contains("from 1 to 100"), "{error}");
        }
    }

    #[test]
    fn both_cursors_at_once_are_refused_and_an_empty_one_is_none() {
        assert!(Query::parse("page[after]=a&page[before]=b").is_err());
        assert_eq!(Query::parse("page[after]=&page[before]=b").unwrap().page.after, None);
    }

    #[test]
    fn filters_are_comma_lists_named_in_any_casing() {
        let raw = "filter[caseTemplateId]=a,b&filter[status]=In%20review, Open&filter[status][]=X+Y&filter[identifier][keyName]=k&filter[note]=";
        let query = Query::parse(raw).unwrap();
        assert_eq!(query.filter("case-template-id"), ["a", "b"]);
        assert_eq!(query.filter("status"), ["In review", "Open", "X Y"]);
        assert_eq!(query.filter("identifier.key-name"), ["k"]);
        assert!(query.filter("note").is_empty() && !query.has_filter("note"));
        assert_eq!(query.whole_filters("note").count(), 0);
        assert_eq!(query.whole_filters("case-template-id").collect::<Vec<_>>(), ["a,b"]);
        assert_eq!(query.filter_or_whole("case-template-id"), ["a", "b", "a,b"]);
        assert!(query.filter("other").is_empty() && !query.has_filter("other"));
    }

    #[test]
    fn an_item_in_quotes_may_hold_commas() {
        let table: [(&str, &[&str]); 9] = [
            ("a,b", &["a", "b"]),
            ("\"In review, EU\",Open", &["In review, EU", "Open"]),
            ("Open , \"a,b\" ", &["Open", "a,b"]),
            ("\"a", &["\"a"]),
            ("\"a\"b,c", &["\"a\"b", "c"]),
            ("say \"a,b\"", &["say \"a", "b\""]),
            ("\"\",,", &[]),
            (" , ", &[]),
            ("", &[]),
        ];
        for (list, expected) in table {
            assert_eq!(items(list), expected, "{list}");
        }
    }

    #[test]
    fn an_unknown_filter_or_sort_is_refused_with_the_valid_ones() {
        let said =
            |raw: &str| Query::parse(raw).unwrap().only_filters(&["status", "note"]).map_err(|error| error.details);
        assert_eq!(said("filter[status]=a&filter[note]=&colour=blue&sort="), Ok(()));
        let unknown = "filter[colour] is not a filter of this list; use status, note";
        assert_eq!(said("filter[colour]=a&filter[status]=b"), Err(unknown.to_owned()));
        assert!(said("sort=-created-at").unwrap_err().contains("newest first"));
        let none = Query::parse("filter[a]=1").unwrap().only_filters(&[]).unwrap_err();
        assert!(none.details.contains("takes none"), "{none}");
    }

    #[test]
    fn an_absent_include_differs_from_an_empty_one() {
        let table: [(&str, Option<&[&[&str]]>); 4] = [
            ("", None),
            ("include=", Some(&[])),
            (
                "include=caseTemplate,workflow.active_deployment",
                Some(&[&["case-template"], &["workflow", "active-deployment"]]),
            ),
            ("include=a&include=b", Some(&[&["a"], &["b"]])),
        ];
        for (raw, paths) in table {
            let owned = paths.map(|paths| {
                paths.iter().map(|path| path.iter().map(|step| (*step).to_owned()).collect()).collect::<Vec<Vec<_>>>()
            });
            assert_eq!(Query::parse(raw).unwrap().include, owned, "{raw}");
        }
    }

    #[test]
    fn fieldsets_are_read_by_type() {
        let query = Query::parse("fields[case]=status,fields.amount&fields%5Breport/watchlist%5D=status").unwrap();
        assert!(matches!(query.fields.of("case").unwrap().wants("status"), Wanted::Whole));
        assert!(query.fields.of("report/watchlist").is_some());
        assert!(query.fields.of("account").is_none());
    }

    #[test]
    fn unknown_parameters_are_ignored() {
        let query = Query::parse("pretty&=x&colour=blue&page[colour]=1&[a]=b&filter]=1&x[y=1").unwrap();
        assert_eq!(query.page, Page::default());
        assert!(query.fields.is_empty());
    }

    #[test]
    fn text_that_no_column_can_store_is_refused() {
        for raw in ["filter[status]=%00", "filter[status]=%ff", "%ff=1"] {
            assert!(Query::parse(raw).is_err(), "{raw}");
        }
        assert_eq!(Query::parse("filter[status]=100%&filter[a]=%zz%4").unwrap().filter("status"), ["100%"]);
    }

    #[test]
    fn links_keep_every_other_parameter() {
        let query = Query::parse("page[size]=10&filter[status]=In review,Ö&page[after]=case_A&colour=blue").unwrap();
        let links = query.links("/api/v1/cases", Some("case_B"), Some("case_C"));
        let others = "page%5Bsize%5D=10&filter%5Bstatus%5D=In%20review%2C%C3%96&colour=blue";
        assert_eq!(links.prev, Some(format!("/api/v1/cases?page%5Bbefore%5D=case_B&{others}")));
        assert_eq!(links.next, Some(format!("/api/v1/cases?page%5Bafter%5D=case_C&{others}")));
        assert_eq!(Query::default().links("/api/v1/cases", None, None), Links::default());
    }

    #[test]
    fn a_link_reads_back_as_the_query_it_came_from() {
        let query = Query::parse("filter[status]=a%26b=c&include=x.y&fields[case]=").unwrap();
        let next = query.links("/p", None, Some("id&1")).next.unwrap();
        let back = Query::parse(next.strip_prefix("/p?").unwrap()).unwrap();
        assert_eq!(back.filters, query.filters);
        assert_eq!((back.include, back.fields), (query.include, query.fields));
        assert_eq!(back.page.after.as_deref(), Some("id&1"));
    }
}
