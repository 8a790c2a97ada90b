//! The page that says what Docket serves of the published contract, made from the two descriptions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use docket_contract::{Contract, Operation, VERSIONS};

use crate::world::described;

const HEAD: &str = "\
# Compatibility

<!-- Made by tests/contract from the published description and Docket's own; DOCKET_WRITE_DOCS=1 cargo test -p docket-contract
compatibility writes it. -->

Docket serves operations of the published Persona API at the same paths, with the same bodies, headers, versions and errors. A client
written for that API works when its base URL is changed, as far as it calls what is served here.

- **compatible**: requests and answers are as the published description has them.
- **extended**: the same, and Docket takes more. What it takes more is optional.
- **not served**: the answer is 404 with the code `not-served`, and nothing is changed.

Members of a request body that the published description has and Docket does not keep are accepted and have no effect; they are listed
as *without effect*. Where the loss of one would matter, Docket refuses it instead: restrictions of an API key.

A blank filter is no filter. A filter that a list does not know, and a `sort`, are refused with 400. A cursor that names no object of
the list is 400. A slash at the end of a path changes nothing.
";

/// Why operations of a group are not served.
fn reason(group: &str) -> &'static str {
    match group {
        "Accounts" | "Account Types" | "API Keys" | "Cases" | "Events" | "Inquiries" | "Transactions" | "Documents" => {
            "not built yet; Docket has the object"
        }
        "Transaction Types" | "Inquiry Templates" => "not built yet; Docket keeps the id that a vendor's event names",
        "Webhooks" | "API Logs" | "User Audit Logs" | "Rate Limits" | "Lists" | "List Items" | "Importers" => {
            "not built yet"
        }
        "Workflows" | "Case Templates" => "not built yet; Docket's own operations change these objects",
        "Reports" => "Docket runs no reports; it takes in those that a vendor's events bring",
        "Inquiry Sessions" | "Theme Sets" | "Connect" | "Relay" | "OAuth" | "Devices" => {
            "belongs to the collection of data from people, which Docket leaves to a vendor"
        }
        "Graph" => "Docket has no graph of accounts",
        other if other.contains("Verification") => {
            "Docket runs no verifications; it takes in those that a vendor's events bring"
        }
        other => panic!("say why operations of '{other}' are not served"),
    }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What Docket says of one operation.
fn verdict(theirs: &Operation<'_>) -> String {
    let Some(ours) = described().operation(theirs.method, theirs.path).filter(|ours| ours.path == theirs.path) else {
        return format!("not served: {}", reason(theirs.group()));
    };
    let more: BTreeSet<String> = ours.takes().difference(&theirs.takes()).cloned().collect();
    let less: BTreeSet<String> =
        theirs.takes().difference(&ours.takes()).filter(|name| !is_a_field(name)).cloned().collect();
    let (refused, less): (BTreeSet<_>, BTreeSet<_>) =
        less.into_iter().partition(|name| REFUSED.iter().any(|end| name.ends_with(end)));
    let mut said = if more.is_empty() { "compatible".to_owned() } else { format!("extended: {}", list(&more)) };
    if !less.is_empty() {
        let _ = write!(said, "; without effect: {}", list(&less));
    }
    if !refused.is_empty() {
        let _ = write!(said, "; refused: {}", list(&refused));
    }
    said
}

/// What Docket does not keep and refuses.
const REFUSED: [&str; 3] = ["api-attributes-blocklist", "file-access-token-expires-in", "ip-address-allowlist"];

/// Whether an attribute of an account stands for one of its fields, and is kept there.
fn is_a_field(name: &str) -> bool {
    let fields =
        ["name-", "address-", "birthdate", "phone-number", "email-address", "social-security-number", "country-code"];
    name.strip_prefix("data.attributes.").is_some_and(|name| fields.iter().any(|field| name.starts_with(field)))
}

fn page(contract: &Contract) -> String {
    let mut groups: BTreeMap<&str, Vec<Operation<'_>>> = BTreeMap::new();
    for operation in contract.operations() {
        groups.entry(operation.group()).or_default().push(operation);
    }
    let all: Vec<String> = groups.values().flatten().map(verdict).collect();
    let of = |word: &str| all.iter().filter(|said| said.starts_with(word)).count();
    let mut page = format!(
        "{HEAD}\nOf the {} operations of version {}, {} are compatible, {} extended, {} not served.\n",
        all.len(),
        contract.version(),
        of("compatible"),
        of("extended"),
        of("not served"),
    );
    for (group, mut operations) in groups {
        let _ = write!(page, "\n## {group}\n\n| operation | in Docket |\n|---|---|\n");
        operations.sort_by_key(|operation| (operation.path, operation.method));
        for operation in operations {
            let _ = writeln!(
                page,
                "| `{} {}` | {} |",
                operation.method.to_uppercase(),
                operation.path,
                verdict(&operation)
            );
        }
    }
    page
}

#[test]
fn the_page_of_compatibility_is_as_the_two_descriptions_have_it() {
    let contracts = Contract::or_skip("the_page_of_compatibility_is_as_the_two_descriptions_have_it");
    let Some(newest) = contracts.iter().find(|contract| contract.version() == VERSIONS[0]) else { return };
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/compatibility.md");
    let made = page(newest);
    if std::env::var_os("DOCKET_WRITE_DOCS").is_some() {
        std::fs::write(&path, &made).expect("the page is written");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == made,
        "docs/reference/compatibility.md is stale; run DOCKET_WRITE_DOCS=1 cargo test -p docket-contract compatibility"
    );
}
