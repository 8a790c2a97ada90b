//! Tests of the doctor with manipulated databases: each way in which rows can contradict each other is created on
//! purpose, in the consistent database that a simulation left behind.

use std::collections::BTreeSet;

use docket_cases::{Case, CaseObject, CaseStatus, StatusType};
use docket_events::{Event, Periods, Redaction, Retention};
use docket_kernel::{CaseId, Cell, Entity, EnvironmentId, EventId, Json, RunId, WorkflowId};
use docket_objects::{Object, Receipt};
use docket_workflows::{
    Fault, FaultState, NamedStatus, Run, RunState, Segment, StepState, Subscription, Version, Workflow, blanked_run,
    fault_of_run,
};

use crate::database::State;
use crate::journal::all;
use crate::seeds::outcome;

/// The number of seeds whose databases are searched for a suitable row.
const SEEDS: u64 = 30;

/// A memory limit in bytes that a database exceeds many times.
const SMALL: usize = 32 << 10;

/// Changes the first row that the closure can change; returns whether there was one.
fn change<E: Entity>(state: &mut State, doctor: impl Fn(&mut E) -> bool) -> bool {
    for mut row in all::<E>(state) {
        if doctor(&mut row) {
            state.kept(E::TABLE).put(&row.key(), Some(row.encode()));
            return true;
        }
    }
    false
}

/// Removes the first such row.
fn remove<E: Entity>(state: &mut State, which: impl Fn(&E) -> bool) -> bool {
    let found = all::<E>(state).into_iter().find(which);
    found.is_some_and(|row| {
        state.kept(E::TABLE).put(&row.key(), None);
        true
    })
}

/// Adds a copy of the first such row.
fn double<E: Entity>(state: &mut State, doctor: impl Fn(&mut E) -> bool) -> bool {
    all::<E>(state).into_iter().any(|mut row| {
        let is_other = doctor(&mut row);
        if is_other {
            state.kept(E::TABLE).put(&row.key(), Some(row.encode()));
        }
        is_other
    })
}

/// Writes a value of a wrong type into the first row of a table.
fn garble<E: Entity>(state: &mut State, column: &str) -> bool {
    all::<E>(state).into_iter().next().is_some_and(|row| {
        let mut cells = row.encode();
        cells[E::TABLE.column(column)] = Cell::Json("7".into());
        state.kept(E::TABLE).put(&row.key(), Some(cells));
        true
    })
}

fn elsewhere() -> EnvironmentId {
    EnvironmentId::of("env_elsewhere")
}

/// A change of a step.
fn step(state: &mut State, doctor: impl Fn(&mut docket_workflows::StepRun) -> bool) -> bool {
    change::<Segment>(state, |segment| {
        let mut steps: Vec<_> = segment.steps.iter().map(|step| (**step).clone()).collect();
        let changed = steps.iter_mut().any(&doctor);
        segment.steps = Json::new(steps.into_iter().map(std::sync::Arc::new).collect());
        changed
    })
}

type Doctored = (&'static str, fn(&mut State) -> bool);

/// An invariant, and a way to violate it.
const WAYS: &[Doctored] = &[
    ("readable", |s| garble::<Segment>(s, "steps")),
    ("parked-work", |s| {
        all::<Run>(s).into_iter().next().is_some_and(|run| {
            let fault = Fault {
                id: fault_of_run(run.id.as_str()).into(),
                environment_id: run.environment_id,
                version: 1,
                object_type: "workflow-run".into(),
                object_id: run.id.to_string(),
                workflow_id: None,
                state: FaultState::Parked,
                reason: "its version can't be read".into(),
                tries: 8,
                created_at: run.created_at,
                tried_at: None,
            };
            s.kept(Fault::TABLE).put(&fault.key(), Some(fault.encode()));
            true
        })
    }),
    ("event-order", |s| {
        change::<Event>(s, |event| {
            event.object_ordinal -= 1;
            event.object_ordinal == 1
        })
    }),
    ("event-is-whole", |s| {
        change::<Event>(s, |event| {
            event.actor_type = "unknown".into();
            true
        })
    }),
    ("statuses-of-template", |s| remove::<CaseStatus>(s, |status| status.r#type == StatusType::Initial)),
    ("statuses-of-template", |s| {
        change::<CaseStatus>(s, |status| std::mem::replace(&mut status.r#type, StatusType::Initial) == StatusType::End)
    }),
    ("open-assignee", |s| {
        change::<Case>(s, |case| {
            case.open_assignee_id = Some("eve@there.example".into());
            case.assignee_id.as_deref() != Some("eve@there.example") || case.resolved_at.is_some()
        })
    }),
    ("status-of-template", |s| {
        let other = all::<CaseStatus>(s);
        change::<Case>(s, |case| {
            let foreign = other.iter().find(|status| status.template_id != case.template_id);
            foreign.is_some_and(|status| {
                case.status_id = status.id.clone();
                true
            })
        })
    }),
    ("resolution", |s| change::<Case>(s, |case| case.resolution.take().is_some())),
    ("resolution", |s| change::<Case>(s, |case| case.resolved_at.take().is_some())),
    ("case-chain", |s| {
        change::<Case>(s, |case| {
            case.version += 1;
            true
        })
    }),
    ("status-names", |s| {
        change::<CaseStatus>(s, |status| {
            status.folded.push('x');
            true
        })
    }),
    ("case-chain", |s| remove::<Event>(s, |event| event.name == "case.created")),
    ("case-chain", |s| remove::<Event>(s, |event| event.name == "case.status-updated")),
    ("case-chain", |s| remove::<Event>(s, |event| event.name == "case.resolved")),
    ("case-chain", |s| {
        change::<Event>(s, |event| {
            event.from_value.clone_from(&event.to_value);
            event.name == "case.status-updated"
        })
    }),
    ("case-chain", |s| remove::<Case>(s, |_| true)),
    ("case-holds", |s| remove::<CaseObject>(s, |_| true)),
    ("same-environment", |s| {
        change::<Case>(s, |case| {
            case.environment_id = elsewhere();
            true
        })
    }),
    ("same-environment", |s| {
        change::<Event>(s, |event| {
            event.environment_id = elsewhere();
            event.object_type == "case" && event.cause_event_id.is_none()
        })
    }),
    ("same-environment", |s| {
        change::<Run>(s, |run| {
            run.environment_id = elsewhere();
            true
        })
    }),
    ("parent-is-there", |s| remove::<Object>(s, |object| object.kind == "inquiry")),
    ("parent-is-there", |s| remove::<Version>(s, |_| true)),
    ("parent-is-there", |s| {
        change::<Run>(s, |run| {
            run.workflow_id = WorkflowId::of("wfl_none");
            true
        })
    }),
    ("cause-is-there", |s| change::<Event>(s, |event| event.cause_event_id.replace(EventId::of("evt_none")).is_some())),
    ("cause-is-there", |s| change::<Event>(s, |event| event.cause_run_id.replace("wfr_none".into()).is_some())),
    ("event-is-whole", |s| {
        change::<Event>(s, |event| {
            event.object_id = "another".into();
            true
        })
    }),
    ("event-is-whole", |s| {
        change::<Event>(s, |event| event.name == "case.status-updated" && event.to_value.take().is_some())
    }),
    ("event-is-whole", |s| change::<Event>(s, |event| event.actor_id.take().is_some())),
    ("depth", |s| {
        change::<Run>(s, |run| {
            run.depth += 1;
            true
        })
    }),
    ("depth", |s| {
        change::<Event>(s, |event| {
            event.depth = 9;
            true
        })
    }),
    ("source-events", |s| {
        change::<Event>(s, |event| {
            event.origin = Some("src_any".into());
            event.object_type == "case"
        })
    }),
    ("vendor-event-once", |s| remove::<Receipt>(s, |receipt| receipt.event_id.is_some())),
    ("vendor-event-once", |s| {
        double::<Receipt>(s, |receipt| {
            receipt.id = docket_kernel::ReceiptId::of("rct_again");
            true
        })
    }),
    ("unique-keys", |s| {
        double::<Case>(s, |case| {
            case.id = CaseId::of("case_again");
            true
        })
    }),
    ("subscriptions", |s| remove::<Subscription>(s, |_| true)),
    ("subscriptions", |s| {
        change::<Subscription>(s, |row| {
            row.is_paused = !row.is_paused;
            true
        })
    }),
    ("named-statuses", |s| {
        change::<NamedStatus>(s, |row| {
            row.folded = "a status that is missing".into();
            true
        })
    }),
    ("versions", |s| {
        change::<Workflow>(s, |workflow| {
            workflow.published_count += 1;
            true
        })
    }),
    ("one-run-per-event", |s| {
        double::<Run>(s, |run| {
            run.id = RunId::of("wfr_again");
            run.start_key.is_some()
        })
    }),
    ("no-limbo", |s| {
        change::<Run>(s, |run| {
            run.state = RunState::Running;
            run.completed_at = None;
            true
        })
    }),
    ("events-of-runs", |s| remove::<Event>(s, |event| event.name == "workflow-run.completed")),
    ("trigger-is-kept", |s| {
        change::<Run>(s, |run| {
            run.trigger = Json::new(serde_json::json!({"id": "another"}));
            run.start_key.is_some()
        })
    }),
    ("segments", |s| remove::<Segment>(s, |_| true)),
    ("segments", |s| {
        change::<Segment>(s, |segment| {
            segment.steps = Json::new(Vec::new());
            true
        })
    }),
    ("steps-of-version", |s| {
        step(s, |step| {
            step.id = "another".into();
            true
        })
    }),
    ("steps-are-whole", |s| {
        step(s, |step| {
            step.input = serde_json::Value::Null;
            step.state == StepState::Succeeded
        })
    }),
    ("steps-are-whole", |s| step(s, |step| step.error.take().is_some())),
    ("events-of-steps", |s| step(s, |step| !std::mem::take(&mut step.events).is_empty())),
    ("status-of-steps", |s| {
        step(s, |step| {
            let changed = step.r#do == "case.update_status" && step.output["changed"] == true;
            step.output["status"] = "another".into();
            changed
        })
    }),
    ("digest-of-event", |s| {
        change::<Event>(s, |event| {
            event.payload.edit()["note"] = "another".into();
            event.redaction_id.is_none()
        })
    }),
    ("digest-of-event", |s| {
        change::<Event>(s, |event| event.redaction_id.is_some() && event.salt.replace("kept".into()).is_none())
    }),
    ("digest-of-event", |s| {
        change::<Event>(s, |event| {
            event.payload.edit()["note"] = "kept".into();
            event.redaction_id.is_some()
        })
    }),
    ("redacted-is-blank", |s| {
        change::<Case>(s, |case| {
            case.tags.edit().push("kept".into());
            case.redacted_at.is_some()
        })
    }),
    ("redacted-is-blank", |s| {
        let done = all::<Redaction>(s).into_iter().find(|redaction| redaction.done_at.is_some());
        done.is_some_and(|redaction| {
            change::<Run>(s, |run| {
                *run = blanked_run(run);
                run.redaction_id = Some(redaction.id.to_string());
                let has_history = run.completed_at.is_some() && run.progress.segments > 0;
                has_history && run.environment_id == redaction.environment_id
            })
        })
    }),
    ("redacted-is-blank", |s| {
        change::<Run>(s, |run| {
            run.progress.edit().output.insert("kept".to_owned(), "value".into());
            run.redaction_id.is_some() && run.completed_at.is_some()
        })
    }),
    ("redacted-is-blank", |s| {
        let redacted: Vec<Redaction> = all::<Redaction>(s).into_iter().filter(|it| it.done_at.is_some()).collect();
        redacted.first().is_some_and(|redaction| {
            change::<Event>(s, |event| {
                event.content_of = Some(redaction.object_id.clone());
                event.environment_id == redaction.environment_id && event.created_at <= redaction.redacted_at
            })
        })
    }),
    ("retained-is-blank", |s| {
        change::<Event>(s, |event| {
            event.retained_at = Some(event.created_at);
            event.redaction_id.is_none() && event.object_type == "case"
        })
    }),
    ("retained-is-blank", |s| {
        change::<Run>(s, |run| {
            run.retained_at = run.completed_at;
            run.redaction_id.is_none() && run.retained_at.is_some()
        })
    }),
    ("retained-is-blank", |s| {
        change::<Segment>(s, |segment| {
            segment.retained_at = Some(segment.created_at);
            segment.redaction_id.is_none() && segment.steps.iter().any(|step| step.r#do == "case.update_status")
        })
    }),
    ("retained-is-blank", |s| {
        let event = all::<Event>(s).into_iter().find(|event| event.redaction_id.is_none());
        event.is_some_and(|event| {
            let mut policy = Retention::of_default(&event.environment_id, event.created_at);
            policy.progress.edit().event_content.place.at = event.created_at.plus_seconds(1);
            s.kept(Retention::TABLE).put(&policy.key(), Some(policy.encode()));
            true
        })
    }),
    ("retained-has-ended", |s| {
        change::<Run>(s, |run| {
            (run.retained_at, run.state) = (run.completed_at, RunState::Running);
            run.retained_at.is_some()
        })
    }),
    ("no-limbo", |s| {
        all::<Event>(s).into_iter().next().is_some_and(|event| {
            let mut policy = Retention::of_default(&event.environment_id, event.created_at);
            policy.periods = Json::new(Periods { event_content: Some(90), ..Periods::default() });
            s.kept(Retention::TABLE).put(&policy.key(), Some(policy.encode()));
            true
        })
    }),
    ("parent-is-there", |s| remove::<Redaction>(s, |redaction| redaction.object_type == "case")),
    ("outcome", |s| {
        change::<Run>(s, |run| {
            let completed = run.state == RunState::Completed;
            run.state = RunState::CompletedWithErrors;
            completed
        })
    }),
];

#[test]
fn the_doctor_reports_every_manipulated_row() {
    let worlds: Vec<State> = (0..SEEDS).map(|seed| outcome(seed, None).state.copy()).collect();
    assert!(worlds.iter().all(|world| docket_doctor::examine(world).unwrap().is_empty()));
    assert!(worlds.iter().all(|world| docket_doctor::examine_within(SMALL, world).unwrap().is_empty()));

    let mut unnoticed = Vec::new();
    for (place, (invariant, doctor)) in WAYS.iter().enumerate() {
        let mut copies = worlds.iter().map(State::copy);
        match copies.find_map(|mut world| doctor(&mut world).then_some(world)) {
            None => unnoticed.push(format!("way {place} ({invariant}) found no row to doctor")),
            Some(doctored) => {
                let violations = docket_doctor::examine(&doctored).unwrap();
                let in_many_passes = docket_doctor::examine_within(SMALL, &doctored).unwrap();
                assert_eq!(violations, in_many_passes, "way {place} ({invariant}): with a small memory limit");
                if !violations.iter().any(|violation| violation.invariant == *invariant) {
                    unnoticed.push(format!("way {place} ({invariant}): {violations:#?}"));
                }
            }
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

#[test]
fn every_invariant_of_the_doctor_is_tested() {
    let sources = [
        include_str!("../../../crates/doctor/src/cases.rs"),
        include_str!("../../../crates/doctor/src/causes.rs"),
        include_str!("../../../crates/doctor/src/faults.rs"),
        include_str!("../../../crates/doctor/src/findings.rs"),
        include_str!("../../../crates/doctor/src/lib.rs"),
        include_str!("../../../crates/doctor/src/objects.rs"),
        include_str!("../../../crates/doctor/src/redactions.rs"),
        include_str!("../../../crates/doctor/src/retention.rs"),
        include_str!("../../../crates/doctor/src/runs.rs"),
        include_str!("../../../crates/doctor/src/settings.rs"),
    ];
    let mut named = BTreeSet::new();
    for call in sources.iter().flat_map(|source| source.split(".add(").chain(source.split(".same(")).skip(1)) {
        if let Some((invariant, _)) = call.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            named.insert(invariant);
        }
    }
    let broken: BTreeSet<_> = WAYS.iter().map(|(invariant, _)| *invariant).collect();

    assert!(named.len() > 20, "{named:?}");
    assert_eq!(named, broken);
}
