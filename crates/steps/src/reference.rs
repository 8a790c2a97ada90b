//! Generates the reference pages of step types from their files.

use std::fmt::Write;

use docket_workflows::step_type::{Availability, Entry};

/// The file name of a step type's page: `case-update-status.md`.
pub fn file_name(entry: &Entry) -> String {
    format!("{}.md", entry.about.key.replace(['.', '_'], "-"))
}

/// The file name of a step type's guide, if it has one: `update-case-status.md`.
pub fn guide_name(entry: &Entry) -> String {
    format!("{}.md", entry.about.label.to_lowercase().replace(' ', "-"))
}

/// The page of a step type, in Markdown, with a link to its guide if a guide is named.
pub fn page(entry: &Entry, guide: Option<&str>) -> String {
    let about = &entry.about;
    let mut page = format!("# {}\n\n", about.label);
    let _ = writeln!(page, "*Find Action* › {} › **{}** · `do: {}`\n", about.category, about.label, about.key);
    let _ = writeln!(page, "{}\n", entry.docs());
    if let Some(guide) = guide {
        let _ = writeln!(page, "[Step by step, with pictures](../../guide/{guide})\n");
    }
    page.push_str("## Inputs\n\n| input | takes | required | |\n|---|---|---|---|\n");
    for input in &entry.shape.inputs {
        let required = if input.required { "yes" } else { "no" };
        let doc = input.doc.replace('\n', " ");
        let _ = writeln!(page, "| `{}` | {} | {required} | {doc} |", input.name, input.kind);
    }
    page.push_str("\n## Output\n\n");
    page.push_str(&output(entry));
    let example = serde_json::json!({"id": about.key.replace('.', "_"), "name": about.label, "do": about.key, "with": entry.example});
    let _ = writeln!(page, "\n## Example\n\n```yaml\n{}```", docket_workflows::read::to_yaml(&example));
    page.push_str("\n## Plans\n\n| Startup Program | Essential | Growth | Enterprise |\n|---|---|---|---|\n");
    let plans = about.plans;
    let _ = writeln!(
        page,
        "| {} | {} | {} | {} |",
        word(plans.startup),
        word(plans.essential),
        word(plans.growth),
        word(plans.enterprise)
    );
    page
}

fn output(entry: &Entry) -> String {
    use docket_workflows::kind::OutputShape;
    match &entry.shape.output {
        OutputShape::Nothing => "Nothing.\n".to_owned(),
        OutputShape::Value(kind) => format!("The step's id refers to {kind}; its attributes are read live.\n"),
        OutputShape::Fields(fields) => {
            let mut table = "| name | is |\n|---|---|\n".to_owned();
            for (name, kind) in fields {
                let _ = writeln!(table, "| `{name}` | {kind} |");
            }
            table
        }
    }
}

fn word(availability: Availability) -> &'static str {
    match availability {
        Availability::Available => "available",
        Availability::Limited => "limited",
        Availability::Unavailable => "not available",
    }
}
