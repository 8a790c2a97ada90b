//! Redactions as lines of a file: read from a database, and made again in an older copy of it.

use std::sync::Arc;

use docket_access::store::ENVIRONMENTS_OF_KIND;
use docket_access::{Environment, EnvironmentKind, first_organization};
use docket_cases::Case;
use docket_erasure::{Again, Made, redact_as_before};
use docket_events::{Redaction, redaction_key};
use docket_kernel::{Actor, Entity, EnvironmentId, Moment, Permission, Scope, UnitOfWork, Verb, Who};
use docket_objects::Object;
use docket_storage::{Command, Filter, ListQuery, PageDirection};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::node::Node;

/// The number of redactions that one order reads or repeats.
pub const LINES_AT_ONCE: u32 = 200;
/// The number of redactions that one command repeats.
const AT_ONCE: usize = 20;
/// The maximum number of batches of one order.
const BATCHES_MAX: usize = 50;
/// A redaction that is due so soon counts as due, because clocks differ. A pass that failed is due later than this.
const SOON_SECONDS: i64 = 5;

/// Which installation this is, and its environments.
pub async fn identify(node: &Node) -> Result<Value, Failure> {
    let (first, environments) = node.reader().view(Scope::Installation, installation).await?;
    Ok(json!({"installation": first, "environments": environments}))
}

fn installation(work: &mut UnitOfWork) -> Verb<(Option<String>, Vec<String>)> {
    let mut environments = Vec::new();
    for kind in EnvironmentKind::ALL {
        let of_kind = work.ask::<Environment>(&ENVIRONMENTS_OF_KIND, kind.as_str())?;
        environments.extend(of_kind.iter().map(|environment| environment.id.to_string()));
    }
    environments.sort();
    Ok((first_organization(work)?.map(|id| id.to_string()), environments))
}

/// Some redactions of an environment, and the key of the last where there may be more.
pub async fn read(node: &Node, environment: String, after: Option<String>) -> Result<Value, Failure> {
    let turn = after.map_or(PageDirection::First, |key| PageDirection::After(Arc::from(key)));
    let found = page(node, &environment, Vec::new(), turn, LINES_AT_ONCE).await?;
    let lines: Vec<Value> = found.iter().map(|redaction| line(redaction)).collect();
    let is_full = u32::try_from(found.len()).is_ok_and(|count| count == LINES_AT_ONCE);
    let after = found.last().filter(|_| is_full).map(|redaction| redaction.id.to_string());
    Ok(json!({"redactions": lines, "after": after}))
}

/// Runs batches in which redactions that are due have a pass. Returns whether some are due still, and how many are not done:
/// of each environment at most as many as one order reads.
pub async fn blank_copies(node: &Node) -> Result<Value, Failure> {
    let (_, environments) = node.reader().view(Scope::Installation, installation).await?;
    let mut due = count(node, &environments, true).await?;
    for _ in 0..BATCHES_MAX {
        if due == 0 {
            break;
        }
        node.writer().nudge();
        node.writer().submit(Command::new("blank-copies", Scope::Installation, |_| Ok(()))).await?;
        due = count(node, &environments, true).await?;
    }
    Ok(json!({"due": due > 0, "pending": count(node, &environments, false).await?}))
}

/// How many redactions of these environments are not done, or are also due.
async fn count(node: &Node, environments: &[String], is_due: bool) -> Result<usize, Failure> {
    let soon = node.clock.now().plus_seconds(SOON_SECONDS);
    let mut count = 0;
    for environment in environments {
        let filter = if is_due { Filter::Until("due_at", soon) } else { Filter::Absent("done_at") };
        count += page(node, environment, vec![filter], PageDirection::First, LINES_AT_ONCE).await?.len();
    }
    Ok(count)
}

async fn page(
    node: &Node,
    environment: &str,
    filters: Vec<Filter>,
    turn: PageDirection,
    limit: u32,
) -> Result<Vec<Arc<Redaction>>, Failure> {
    let query = ListQuery { table: Redaction::TABLE, filters, turn, limit };
    Ok(node.reader().list(Arc::from(environment), query).await?)
}

/// Makes redactions again. Answers how many objects are redacted now, were redacted here before, and are not here.
pub async fn again(node: &Node, lines: &[Value]) -> Result<Value, Failure> {
    let (_, environments) = node.reader().view(Scope::Installation, installation).await?;
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        found.push(made(line)?);
    }
    let mut counts = [0_u64; Again::ALL.len()];
    let mut rest = found.as_slice();
    while let Some((environment, _)) = rest.first() {
        let alike = rest.iter().take(AT_ONCE).take_while(|(other, _)| other == environment).count();
        let (now, later) = rest.split_at(alike);
        rest = later;
        if !environments.iter().any(|known| known == environment.as_str()) {
            counts[Again::Absent as usize] += now.len() as u64;
            continue;
        }
        let now: Vec<Made> = now.iter().map(|(_, made)| made.clone()).collect();
        for again in redact(node, environment, now).await? {
            counts[again as usize] += 1;
        }
    }
    let counted = Again::ALL.iter().map(|again| (again.as_str().to_owned(), json!(counts[*again as usize])));
    Ok(Value::Object(counted.collect()))
}

async fn redact(node: &Node, environment: &EnvironmentId, all: Vec<Made>) -> Result<Vec<Again>, Failure> {
    let operator = Actor::new(Who::System, environment.clone(), Permission::of_organizations().collect());
    let command = Command::new("redact-again", Scope::Of(environment.key()), move |work| {
        for made in &all {
            let key = redaction_key(&operator.environment, &made.object_id);
            work.hint::<Redaction>(&key);
            match made.object_type.as_str() {
                "case" => work.hint::<Case>(&made.object_id),
                _ => work.hint::<Object>(&key),
            }
        }
        all.iter().map(|made| redact_as_before(work, &operator, made)).collect::<Verb<Vec<Again>>>()
    });
    Ok(node.writer().submit(command).await?)
}

/// A redaction as a line.
pub fn line(redaction: &Redaction) -> Value {
    let made = Made::from(redaction);
    json!({
        "environment": redaction.environment_id,
        "type": made.object_type,
        "id": made.object_id,
        "redacted-with": made.redacted_with,
        "redacted-at": made.redacted_at.to_string(),
        "first-redacted-at": made.created_at.to_string(),
        "actor": {"type": made.actor_type, "id": made.actor_id, "shown": made.actor_shown},
    })
}

/// The redaction of a line, and its environment.
pub fn made(line: &Value) -> Result<(EnvironmentId, Made), Failure> {
    let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let must = |pointer: &str| text(pointer).ok_or_else(|| Failure::new(format_args!("it has no text at {pointer}")));
    let time = |pointer: &str| {
        let written = must(pointer)?;
        Moment::parse(&written).ok_or_else(|| Failure::new(format_args!("'{written}' at {pointer} is not a time")))
    };
    let made = Made {
        object_type: must("/type")?,
        object_id: must("/id")?,
        redacted_with: text("/redacted-with"),
        actor_type: must("/actor/type")?,
        actor_id: text("/actor/id"),
        actor_shown: text("/actor/shown"),
        redacted_at: time("/redacted-at")?,
        created_at: time("/first-redacted-at")?,
    };
    Ok((EnvironmentId::of(must("/environment")?), made))
}
