//! Workflow templates: starting points made of the available step types, one file each. Where a step needs a case
//! template, the file contains the key of a sample template; before the template is offered, the key is replaced by a
//! template of the environment.

use docket_workflows::WorkflowTemplate;

macro_rules! templates {
    ($($id:literal),* $(,)?) => { [$(($id, include_str!(concat!("template/", $id, ".yaml")))),*] };
}

const TEMPLATES: [(&str, &str); 4] = templates!["onboarding-review", "account-takeover", "fraud", "transaction-review"];

/// Every workflow template.
pub fn templates() -> Vec<WorkflowTemplate> {
    TEMPLATES.iter().filter_map(|(id, text)| WorkflowTemplate::read(id, text)).collect()
}

#[cfg(test)]
mod tests {
    use docket_workflows::validate::check;

    use super::*;

    #[test]
    fn every_template_can_be_read_and_has_no_problem() {
        let read = templates();

        assert_eq!(read.len(), TEMPLATES.len());
        for template in read {
            let problems = check(&template.definition, &crate::engine()).problems;
            assert_eq!(problems, [], "{}", template.name);
            assert!(!template.description.is_empty());
        }
    }
}
