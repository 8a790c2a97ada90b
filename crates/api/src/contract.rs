//! The paths of the contract, so that an operation Docket does not serve gets the response that the contract defines.
//!
//! The list is generated from the published description; a test compares the two where the description is available.

use std::collections::HashMap;
use std::sync::LazyLock;

const OPERATIONS: &str = include_str!("contract/operations.txt");

/// The page that lists which operations of the contract Docket serves, below the installation's address.
pub const COMPATIBILITY_PAGE: &str = "/docs/reference/compatibility.html";

/// A path of the contract, and its methods.
type ContractPath = (&'static str, Vec<&'static str>);

/// The paths with their methods, grouped by the number of segments.
static PATHS: LazyLock<HashMap<usize, Vec<ContractPath>>> = LazyLock::new(|| {
    let mut by_length: HashMap<usize, Vec<_>> = HashMap::new();
    for (methods, path) in OPERATIONS.lines().filter_map(|line| line.split_once(' ')) {
        by_length.entry(path.split('/').count()).or_default().push((path, methods.split(',').collect()));
    }
    by_length
});

/// Every operation of the contract: its method, and its path as the contract spells it.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = OPERATIONS.lines().filter_map(|line| line.split_once(' '));
    lines.flat_map(|(methods, path)| methods.split(',').map(move |method| (method, path)))
}

/// The contract's own path for a request, if the contract has such an operation.
pub(crate) fn path_of(method: &str, path: &str) -> Option<&'static str> {
    let path = path.strip_prefix("/api/v1")?.trim_end_matches('/');
    let known = PATHS.get(&path.split('/').count())?;
    let fits = |template: &str| {
        template.split('/').zip(path.split('/')).all(|(hole, part)| hole == part || is_hole(hole, part))
    };
    let fitting = known.iter().filter(|(template, methods)| methods.contains(&method) && fits(template));
    fitting.map(|(template, _)| *template).min_by_key(|template| template.matches('{').count())
}

fn is_hole(hole: &str, part: &str) -> bool {
    hole.starts_with('{') && !part.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_finds_the_path_of_the_contract_with_the_fewest_parameters() {
        let table = [
            ("DELETE", "/api/v1/cases/case_1", Some("/cases/{case-id}")),
            ("DELETE", "/api/v1/cases/case_1/", Some("/cases/{case-id}")),
            ("POST", "/api/v1/cases/search", Some("/cases/search")),
            ("POST", "/api/v1/inquiries/inq_1/resume", Some("/inquiries/{inquiry-id}/resume")),
            ("DELETE", "/api/v1/cases", None),
            ("DELETE", "/api/v1/cases//", None),
            ("PUT", "/api/v1/cases/case_1", None),
            ("GET", "/api/v1/workflows", None),
            ("GET", "/cases", None),
        ];
        for (method, path, found) in table {
            assert_eq!(path_of(method, path), found, "{method} {path}");
        }
        assert_eq!(operations().count(), 209);
    }
}
