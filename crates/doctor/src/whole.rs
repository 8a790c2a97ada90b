//! Data stored as a whole while everything else is checked one share at a time: people, the definitions of an
//! organization, redactions and retention policies.

use docket_access::{ApiKey, Environment, Installation, Organization, Session, Tries, User};
use docket_cases::{CaseStatus, CaseTemplate, FileChunk};
use docket_events::{Redaction, Retention};
use docket_kernel::{Entity, Row, RowError, Table};
use docket_objects::Source;
use docket_workflows::{DraftSave, NamedField, NamedStatus, OpenEditor, Subscription, Version, Workflow};

use crate::Doctor;
use crate::people::People;

impl Doctor {
    /// Decodes a row of a table that only the first pass reads, and stores the parts that are checked later.
    pub(crate) fn keep_settings(&mut self, table: &'static Table, row: Row) -> Result<(), RowError> {
        match table.name {
            name if name == Redaction::TABLE.name => {
                self.redactions.take(Redaction::decode(row)?, &mut self.findings);
            }
            name if name == Retention::TABLE.name => {
                self.policies.take(&Retention::decode(row)?, &mut self.findings);
            }
            name if name == FileChunk::TABLE.name => self.chunks.take(&FileChunk::decode(row)?),
            name if name == Organization::TABLE.name => self.people.add_organization(&Organization::decode(row)?),
            name if name == Environment::TABLE.name => self.people.add_environment(&Environment::decode(row)?),
            name if name == User::TABLE.name => self.people.add_user(&User::decode(row)?),
            name if name == Installation::TABLE.name => self.people.add_installation(&Installation::decode(row)?),
            name if name == ApiKey::TABLE.name => self.people.judge_key(&ApiKey::decode(row)?, &mut self.findings),
            name if name == Session::TABLE.name => {
                self.people.judge_session(&Session::decode(row)?, &mut self.findings);
            }
            name if name == Tries::TABLE.name => People::judge_tries(&Tries::decode(row)?, &mut self.findings),
            name if name == Source::TABLE.name => drop(Source::decode(row)?),
            name if name == CaseTemplate::TABLE.name => self.templates.add_template(CaseTemplate::decode(row)?),
            name if name == CaseStatus::TABLE.name => self.templates.add_status(CaseStatus::decode(row)?),
            name if name == Workflow::TABLE.name => self.workflows.add_workflow(Workflow::decode(row)?),
            name if name == Version::TABLE.name => self.workflows.add_version(&Version::decode(row)?),
            name if name == Subscription::TABLE.name => {
                self.workflows.subscriptions.push(Subscription::decode(row)?);
            }
            name if name == NamedStatus::TABLE.name => self.workflows.named_statuses.push(NamedStatus::decode(row)?),
            name if name == NamedField::TABLE.name => self.workflows.named_fields.push(NamedField::decode(row)?),
            name if name == DraftSave::TABLE.name => {
                let save = DraftSave::decode(row)?;
                self.workflows.beside.push((table, save.key(), save.scope(), save.workflow_id.key()));
            }
            name if name == OpenEditor::TABLE.name => {
                let editor = OpenEditor::decode(row)?;
                self.workflows.beside.push((table, editor.key(), editor.scope(), editor.workflow_id.key()));
            }
            _ => {}
        }
        Ok(())
    }
}
