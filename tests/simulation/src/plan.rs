//! The commands of clients, drawn at random over the existing data.

use std::collections::HashMap;
use std::sync::Arc;

use docket_cases::{
    Case, CaseStatus, CreateRequest, StatusInput, StatusType, TemplateChange, add_objects, change_template,
    create_case, redact_case, tag_case, update_status,
};
use docket_kernel::{CaseId, Entity, UnitOfWork, Verb, WorkflowId};
use docket_objects::{
    AccountRequest, Decision, Object, Taken, create_account, decide_inquiry, redact_account, redact_inquiry, take_in,
};
use docket_storage::Command;
use docket_workflows::{Engine, archive, pause, publish, resume, save_draft, start_by_api};
use docket_workflows::{Workflow, WorkflowState};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::database::{Plant, State, text};
use crate::world::{Tenant, escalation, intake, status};

/// The effect of an acknowledged command.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// How many events of the command's main names it recorded.
    pub events: usize,
    /// Rows that exist since then: table and key.
    pub rows: Vec<(&'static str, Arc<str>)>,
    /// A case, its version since then, and its new status.
    pub moved: Option<(Arc<str>, i64, String)>,
}

/// The subject of a command, for the checks of its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    Anything,
    /// An object of another environment: the command must be refused.
    Foreign,
    /// Switching off a workflow.
    Off(WorkflowId),
    /// Switching on a workflow, possibly.
    On(WorkflowId),
}

/// A command ready to be submitted.
pub struct Order {
    pub name: &'static str,
    pub about: Expectation,
    /// The events that it records itself, if it has an effect.
    pub main: &'static [&'static str],
    /// A case that certainly exists, since cases are never removed.
    pub there: Option<CaseId>,
    pub command: Command<Effect>,
}

impl Order {
    fn on(self, case: &CaseId) -> Self {
        Self { there: (case.as_str() != NOWHERE).then(|| case.clone()), ..self }
    }
}

/// The id of a case that never existed.
const NOWHERE: &str = "case_nowhere";

/// Draws the commands of a client.
pub struct Planner<'p> {
    pub places: &'p [Tenant],
    pub state: &'p State,
    pub engine: &'p Arc<Engine>,
    pub chance: &'p mut Chance,
    pub request: &'p str,
    pub draws: &'static [usize],
}

/// Every command, as often as it should occur.
pub const EVERYTHING: &[usize] = &[
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
    31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
];
/// The commands that change configuration, which is read without a lock.
pub const CONFIGURATION: &[usize] = &[26, 28, 31];
/// The commands that create an object that must be unique.
pub const ARRIVALS: &[usize] = &[0, 37];

type Done = Verb<Effect>;

fn one(rows: Vec<(&'static str, Arc<str>)>) -> Effect {
    Effect { events: 1, rows, moved: None }
}

impl Planner<'_> {
    /// The next command.
    pub fn order(&mut self) -> Order {
        let here = self.chance.below(self.places.len());
        let place = self.places[here].clone();
        match *self.chance.pick(self.draws) {
            0..=10 => self.ingest(&place),
            11..=17 => self.set_status(&place),
            18..=19 => self.tag(&place),
            20..=22 => self.add_objects(&place),
            23..=25 => self.create_case(&place),
            26..=27 => self.switch(&place),
            28..=30 => self.draft_or_publish(&place),
            31..=32 => self.change_template(&place),
            33..=35 => self.trigger(&place),
            36 => self.decide(&place),
            37..=38 => self.account(&place),
            40 => self.redact(&place),
            _ => self.foreign(here),
        }
    }

    fn order_of(
        &self,
        place: &Tenant,
        name: &'static str,
        main: &'static [&'static str],
        verb: impl Fn(&mut UnitOfWork) -> Done + Send + Sync + 'static,
    ) -> Order {
        let plant = self.state.plant.and_then(Plant::in_the_unit_of_work);
        let verb = move |work: &mut UnitOfWork| {
            work.plant(plant);
            verb(work)
        };
        Order {
            name,
            about: Expectation::Anything,
            main,
            there: None,
            command: Command::new(name, place.scope(), verb),
        }
    }

    fn keys(&self, table: &str, place: &Tenant) -> Vec<Arc<str>> {
        let Some(kept) = self.state.tables.get(table) else { return Vec::new() };
        let scope = kept.table.column(kept.table.scope);
        let here = kept.rows.iter().filter(|(_, row)| text(&row[scope]) == Some(place.environment.key()));
        here.map(|(key, _)| Arc::clone(key)).collect()
    }

    fn case(&mut self, place: &Tenant) -> CaseId {
        let keys = self.keys(Case::TABLE.name, place);
        // The newest cases are the ones that other clients work on too.
        let from = keys.len().saturating_sub(4);
        match keys.get(from + self.chance.below(keys.len() - from)) {
            Some(key) if !self.chance.one_in(30) => CaseId::of(key),
            _ => CaseId::of(NOWHERE),
        }
    }

    /// A status, of the case's own template most of the time.
    fn status_name(&mut self, case: &CaseId) -> String {
        const OTHERS: [&str; 6] = ["pending", "APPROVED", "Waiting", "Nowhere", "Ping", "Screening"];
        let template = Case::TABLE.column("template_id");
        let template = self.state.row(Case::TABLE, case.as_str()).and_then(|row| text(&row[template]));
        let statuses = template.map(|template| self.statuses_of(&template)).unwrap_or_default();
        if self.chance.one_in(6) || statuses.is_empty() {
            return (*self.chance.pick(&OTHERS)).to_owned();
        }
        self.chance.pick(&statuses).name.clone()
    }

    fn object(&mut self) -> String {
        match self.chance.below(8) {
            0 => "inq_nowhere".into(),
            1 | 2 => format!("act_{}", self.chance.below(3)),
            _ => format!("inq_{}", self.chance.below(6)),
        }
    }

    /// A number that several clients draw at about the same time.
    fn lately(&self) -> usize {
        usize::try_from(self.state.now / 60_000).unwrap_or(0) % 1_000
    }

    fn ingest(&mut self, place: &Tenant) -> Order {
        let number = if self.chance.one_in(2) { self.chance.below(60) } else { self.lately() + 60 };
        // Sometimes the source tries to report events that only Docket may record.
        let body =
            if self.chance.one_in(12) { forged(number, self.case(place).as_str()) } else { vendor_event(number) };
        let (actor, source) = (place.actor(self.request), place.source.clone());
        let main = &["inquiry.completed", "inquiry.failed", "inquiry.started"];
        self.order_of(place, "ingest", main, move |work| {
            Ok(match take_in(work, &actor, &source, &body)? {
                Taken::Recorded(event) => one(vec![("event", event.key())]),
                Taken::Before | Taken::Ignored(_) => Effect::default(),
            })
        })
    }

    fn set_status(&mut self, place: &Tenant) -> Order {
        let case = self.case(place);
        let (to, actor) = (self.status_name(&case), place.actor(self.request));
        let there = case.clone();
        let order = self.order_of(place, "set-status", &["case.status-updated"], move |work| {
            let change = update_status(work, &actor, &case, &to, None)?;
            let moved = change.changed.then(|| (change.case.id.key(), change.case.version, change.to.clone()));
            Ok(Effect { events: usize::from(change.changed), rows: Vec::new(), moved })
        });
        order.on(&there)
    }

    fn tag(&mut self, place: &Tenant) -> Order {
        let (case, actor) = (self.case(place), place.actor(self.request));
        let tags = vec![format!("tag {}", self.chance.below(5))];
        let there = case.clone();
        let order = self.order_of(place, "tag", &["case.updated-tags"], move |work| {
            let (_, added) = tag_case(work, &actor, &case, &tags)?;
            Ok(Effect { events: usize::from(!added.is_empty()), ..Effect::default() })
        });
        order.on(&there)
    }

    fn add_objects(&mut self, place: &Tenant) -> Order {
        let (case, actor) = (self.case(place), place.actor(self.request));
        let ids: Vec<String> = (0..=self.chance.below(2)).map(|_| self.object()).collect();
        let there = case.clone();
        let order = self.order_of(place, "add-objects", &["case.updated"], move |work| {
            let before = work.get::<Case>(case.as_str())?.map_or(0, |case| case.version);
            let case = add_objects(work, &actor, &case, &ids)?;
            Ok(Effect { events: usize::from(case.version != before), ..Effect::default() })
        });
        order.on(&there)
    }

    fn create_case(&mut self, place: &Tenant) -> Order {
        let template = *self.chance.pick(&[&place.plain, &place.plain, &place.custom, &place.ping]);
        let object_ids = if self.chance.one_in(2) { vec![self.object()] } else { Vec::new() };
        let request = CreateRequest { template_id: template.id.to_string(), object_ids, ..CreateRequest::default() };
        let actor = place.actor(self.request);
        self.order_of(place, "create-case", &["case.created"], move |work| {
            let case = create_case(work, &actor, &request)?;
            Ok(one(vec![(Case::TABLE.name, case.id.key())]))
        })
    }

    fn switch(&mut self, place: &Tenant) -> Order {
        let names = ["intake", "escalation", "loops", "goes-on"];
        let name = *self.chance.pick(&names);
        let id = place.workflow(name).id.clone();
        let (actor, engine) = (place.actor(self.request), Arc::clone(self.engine));
        let to = match self.chance.below(20) {
            0 => WorkflowState::Archived,
            1..=8 => WorkflowState::Paused,
            _ => WorkflowState::Running,
        };
        let main = &["workflow.paused", "workflow.resumed", "workflow.archived"];
        let about =
            if to == WorkflowState::Running { Expectation::On(id.clone()) } else { Expectation::Off(id.clone()) };
        let order = self.order_of(place, "switch", main, move |work| {
            let before = work.get::<Workflow>(id.as_str())?.map_or(0, |workflow| workflow.version);
            let switch = match to {
                WorkflowState::Paused => pause,
                WorkflowState::Archived => archive,
                _ => resume,
            };
            let workflow = switch(&engine, work, &actor, &id)?;
            Ok(Effect { events: usize::from(workflow.version != before), ..Effect::default() })
        });
        Order { about, ..order }
    }

    fn draft_or_publish(&mut self, place: &Tenant) -> Order {
        let name = *self.chance.pick(&["intake", "escalation"]);
        let id = place.workflow(name).id.clone();
        let (actor, engine) = (place.actor(self.request), Arc::clone(self.engine));
        if self.chance.one_in(2) {
            let mark = format!("_{}", self.chance.below(9));
            let definition = if name == "intake" { intake(place, &mark) } else { escalation(&mark) };
            let version = Workflow::TABLE.column("version");
            let row = self.state.row(Workflow::TABLE, id.as_str());
            let expected = row.and_then(|row| crate::database::int(&row[version]));
            return self.order_of(place, "save-draft", &[], move |work| {
                save_draft(&engine, work, &actor, &id, expected, &definition)?;
                Ok(Effect::default())
            });
        }
        self.order_of(place, "publish", &["workflow.published"], move |work| {
            let before = work.get::<Workflow>(id.as_str())?.map_or(0, |workflow| workflow.version);
            let workflow = publish(&engine, work, &actor, &id, None)?;
            Ok(Effect { events: usize::from(workflow.version != before), ..Effect::default() })
        })
    }

    fn change_template(&mut self, place: &Tenant) -> Order {
        let (actor, id) = (place.actor(self.request), place.custom.id.clone());
        let mut statuses: Vec<StatusInput> = self.statuses_of(id.as_str());
        let mut successors = HashMap::new();
        let renamed = format!("Screening {}", self.chance.below(3));
        match self.chance.below(5) {
            0 => statuses.push(status(&format!("Extra {}", self.chance.below(3)), StatusType::Intermediate)),
            1 => statuses
                .iter_mut()
                .filter(|known| known.name.starts_with("Screening"))
                .for_each(|s| s.name.clone_from(&renamed)),
            2 => statuses
                .iter_mut()
                .filter(|known| known.name.starts_with("Extra"))
                .for_each(|s| s.r#type = StatusType::End),
            _ if statuses.len() > 3 => {
                let gone = 1 + self.chance.below(statuses.len() - 1);
                let gone = statuses.remove(gone);
                let successor = self.chance.pick(&statuses).name.clone();
                if !self.chance.one_in(4) {
                    successors.insert(gone.name, successor);
                }
            }
            _ => {}
        }
        let change = TemplateChange { statuses: Some(statuses), successors, ..TemplateChange::default() };
        self.order_of(place, "change-template", &["case-template.updated"], move |work| {
            change_template(work, &actor, &id, &change, crate::world::USES)?;
            Ok(one(Vec::new()))
        })
    }

    /// The current statuses of a template, in order.
    fn statuses_of(&self, template: &str) -> Vec<StatusInput> {
        let Some(kept) = self.state.tables.get(CaseStatus::TABLE.name) else { return Vec::new() };
        let mut list: Vec<CaseStatus> =
            kept.rows.values().filter_map(|row| CaseStatus::decode(row.clone()).ok()).collect();
        list.retain(|known| known.template_id.as_str() == template);
        list.sort_by_key(|known| known.position);
        list.into_iter().map(|known| StatusInput { id: Some(known.id), ..status(&known.name, known.r#type) }).collect()
    }

    fn trigger(&mut self, place: &Tenant) -> Order {
        let id = place.workflow("by-hand").id.clone();
        let (actor, engine) = (place.actor(self.request), Arc::clone(self.engine));
        let case = self.case(place);
        let status = self.status_name(&case);
        let given = match self.chance.below(8) {
            0 => json!({"case": case}),
            1 => json!({"case": case, "status": 5, "more": true}),
            _ => json!({"case": case, "status": status}),
        };
        let given = given.as_object().cloned().unwrap_or_default();
        self.order_of(place, "trigger", &["workflow-run.created"], move |work| {
            let run = start_by_api(&engine, work, &actor, &id, &given)?;
            Ok(one(vec![("workflow_run", run.id.key())]))
        })
    }

    fn decide(&mut self, place: &Tenant) -> Order {
        let actor = place.actor(self.request);
        let (id, decision) = (format!("inq_{}", self.chance.below(6)), *self.chance.pick(Decision::ALL));
        let main = &["inquiry.approved", "inquiry.declined", "inquiry.marked-for-review"];
        self.order_of(place, "decide", main, move |work| {
            let key = docket_objects::key(&actor.environment, &id);
            let before = work.get::<Object>(&key)?.map_or(0, |inquiry| inquiry.version);
            let inquiry = decide_inquiry(work, &actor, &id, decision, None)?;
            Ok(Effect { events: usize::from(inquiry.version != before), ..Effect::default() })
        })
    }

    fn account(&mut self, place: &Tenant) -> Order {
        let actor = place.actor(self.request);
        let reference_id = Some(format!("ref_{}", self.lately()));
        let request = AccountRequest { reference_id, ..AccountRequest::default() };
        self.order_of(place, "create-account", &["account.created"], move |work| {
            let account = create_account(work, &actor, &request)?;
            Ok(one(vec![(Object::TABLE.name, Arc::clone(&account.id))]))
        })
    }

    /// Erases content: usually of a case, since later reports of a redacted inquiry are ignored.
    fn redact(&mut self, place: &Tenant) -> Order {
        let actor = place.actor(self.request);
        match self.chance.below(6) {
            0 => {
                let id = format!("inq_{}", self.chance.below(6));
                self.order_of(place, "redact-inquiry", &["inquiry.redacted"], move |work| {
                    redact_inquiry(work, &actor, &id)?;
                    Ok(one(Vec::new()))
                })
            }
            1 => {
                let id = format!("act_{}", self.chance.below(3));
                self.order_of(place, "redact-account", &["account.redacted"], move |work| {
                    let key = docket_objects::key(&actor.environment, &id);
                    let before = work.get::<Object>(&key)?.map_or(0, |account| account.version);
                    let account = redact_account(work, &actor, &id)?;
                    Ok(Effect { events: usize::from(account.version != before), ..Effect::default() })
                })
            }
            _ => {
                let case = self.case(place);
                let there = case.clone();
                let order = self.order_of(place, "redact-case", &["case.redacted"], move |work| {
                    redact_case(work, &actor, &case)?;
                    Ok(one(Vec::new()))
                });
                order.on(&there)
            }
        }
    }

    /// A command here for an object of another environment.
    fn foreign(&mut self, here: usize) -> Order {
        let there = self.places[(here + 1) % self.places.len()].clone();
        let place = self.places[here].clone();
        let (case, actor) = (self.case(&there), place.actor(self.request));
        let workflow = there.workflow("by-hand").id.clone();
        let engine = Arc::clone(self.engine);
        let which = self.chance.below(3);
        let order = self.order_of(&place, "foreign", &[], move |work| {
            match which {
                0 => drop(update_status(work, &actor, &case, "Pending", None)?),
                1 => drop(tag_case(work, &actor, &case, &["theirs".into()])?),
                _ => drop(start_by_api(&engine, work, &actor, &workflow, &serde_json::Map::new())?),
            }
            Ok(Effect::default())
        });
        Order { about: if self.places.len() > 1 { Expectation::Foreign } else { Expectation::Anything }, ..order }
    }
}

/// A source's forged event about one of Docket's cases.
fn forged(number: usize, case: &str) -> Value {
    let (name, kind, id) = match number % 4 {
        0 => ("case.status-updated", "case", case.to_owned()),
        1 => ("case.status-updated", "case", format!("case_of_vendor_{number}")),
        2 => ("case-comment.created", "case-comment", format!("ccmt_of_vendor_{number}")),
        _ => ("inquiry.completed", "inquiry", case.to_owned()),
    };
    json!({"data": {"type": "event", "id": format!("evt_f{number}"), "attributes": {
        "name": name,
        "created-at": "2026-01-01T00:00:00.000Z",
        "payload": {"data": {
            "type": kind, "id": id, "attributes": {"status": "Screening"},
            "relationships": {"case": {"data": {"type": "case", "id": case}}}
        }}
    }}})
}

/// A vendor's event: the same number is the same event.
fn vendor_event(number: usize) -> Value {
    let name = match number % 10 {
        0 => "inquiry.failed",
        1 => "inquiry.started",
        _ => "inquiry.completed",
    };
    let inquiry = format!("inq_{}", number % 6);
    let account = format!("act_{}", number % 3);
    json!({"data": {"type": "event", "id": format!("evt_v{number}"), "attributes": {
        "name": name,
        "created-at": format!("2026-01-01T00:00:{:02}.000Z", number % 60),
        "payload": {"data": {
            "type": "inquiry", "id": inquiry,
            "attributes": {"status": "completed", "fields": {
                "match": {"type": "boolean", "value": !number.is_multiple_of(4)},
                "risky": {"type": "boolean", "value": number.is_multiple_of(7)}
            }},
            "relationships": {"account": {"data": {"type": "account", "id": account}}}
        }}
    }}})
}
