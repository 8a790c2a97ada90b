//! Reads the query string of a request: paging, filters, fieldsets and what to include.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use crate::fieldset::Fieldsets;
use crate::inflection::kebab;

/// The number of objects on a page unless the caller says otherwise.
pub const PAGE_SIZE_DEFAULT: u16 = 10;
/// The most objects a page may hold.
pub const PAGE_SIZE_MAX: u16 = 100;

/// A query parameter that can't be read; becomes a 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What was asked, what is so, and what to do.
    pub details: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.details)
    }
}

impl std::error::Error for QueryError {}

/// Which page of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Objects that come after this id, which is to say older ones.
    pub after: Option<String>,
    /// Objects that come before this id.
    pub before: Option<String>,
    /// How many.
    pub size: u16,
}

impl Default for Page {
    fn default() -> Self {
        Self { after: None, before: None, size: PAGE_SIZE_DEFAULT }
    }
}

/// The relative addresses of the pages beside this one; null where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// The newer page.
    pub prev: Option<String>,
    /// The older page.
    pub next: Option<String>,
}

/// A query string, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The page wanted.
    pub page: Page,
    /// The attributes wanted.
    pub fields: Fieldsets,
    /// The relationship paths to include, in kebab casing; none when the caller did not say, empty when they said
    /// "nothing".
    pub include: Option<Vec<Vec<String>>>,
    filters: HashMap<String, Vec<String>>,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Reads a raw query string; parameters we do not know are ignored and kept for [`Query::links`].
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
            return Err(refuse("page[after] and page[before] stand together; send one of them"));
        }
        Ok(query)
    }

    /// The values of a filter, named in kebab casing; empty when it was not set.
    pub fn filter(&self, name: &str) -> &[String] {
        self.filters.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a filter was set, be it to nothing.
    pub fn has_filter(&self, name: &str) -> bool {
        self.filters.contains_key(name)
    }

    /// The text of a filter that is no list: as it was sent, commas and spaces too.
    pub fn whole_filter(&self, name: &str) -> Option<&str> {
        let is_named = |known: &str| bracketed(known) == ("filter", Some(name.to_owned()));
        self.pairs.iter().find(|(known, _)| is_named(known)).map(|(_, value)| value.as_str())
    }

    /// The names of the filters that were set, in kebab casing.
    pub fn filter_names(&self) -> impl Iterator<Item = &str> {
        self.filters.keys().map(String::as_str)
    }

    /// The value of a parameter that is no page, filter, fieldset or list of what to include.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The addresses of the pages before `prev` and after `next`, which are the ids at this page's two ends.
    ///
    /// Every other parameter is kept, so that a caller who follows the links walks the same list.
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
            ("filter", Some(filter)) => {
                let values = value.split(',').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned);
                self.filters.entry(filter.to_owned()).or_default().extend(values);
            }
            ("fields", Some(of_type)) => self.fields.want(of_type, value),
            ("include", None) => self.include.get_or_insert_default().extend(paths(value)),
            _ => {}
        }
        Ok(())
    }
}

/// Takes `filter[a][b][]` apart into its family and its member `a.b`, in kebab casing.
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

/// Undoes percent-encoding; a percent sign that starts no escape stands for itself.
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
    fn a_page_holds_ten_objects_unless_the_caller_says_otherwise() {
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
        assert!(query.filter("note").is_empty() && query.has_filter("note"));
        assert_eq!((query.whole_filter("note"), query.whole_filter("case-template-id")), (Some(""), Some("a,b")));
        assert!(query.filter("other").is_empty() && !query.has_filter("other"));
    }

    #[test]
    fn include_tells_silence_from_nothing() {
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
    fn text_no_column_could_hold_is_refused() {
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
