//! Adds tags to an object: a case, an account, an inquiry or any other object that a case can hold.
//!
//! Choose the **Object** and the **Tags**, existing or new. A tag that the object already has is left as it is; tags that
//! differ only in upper and lower case are the same.

use docket_cases::tag_case;
use docket_kernel::{CaseId, Refusal, Verb};
use docket_objects::{checked_tag, tag_object};
use docket_workflows::problem::Problem;
use docket_workflows::step_type::{About, Availability, CheckContext, Outcome, Plans, StepContext, StepType};
use docket_workflows::value::Input;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::inputs::{ObjectInput, reference};

/// Tag Object.
pub struct TagObject;

/// What Tag Object takes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Config {
    /// The object to tag.
    pub object: ObjectInput,
    /// The tags, by name.
    #[schemars(extend("x-widget" = "tags"))]
    pub tags: Vec<String>,
}

/// What later steps may read of Tag Object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The tags that the step added.
    pub added: Vec<String>,
    /// All tags of the object after the step.
    pub tags: Vec<String>,
}

impl StepType for TagObject {
    const ABOUT: About = About {
        key: "object.tag",
        category: "Object",
        label: "Tag Object",
        synonyms: &["add tag", "label", "mark"],
        source: include_str!("tag_object.rs"),
        plans: Plans {
            startup: Availability::Limited,
            essential: Availability::Available,
            growth: Availability::Available,
            enterprise: Availability::Available,
        },
    };
    type Config = Config;
    type Output = Output;

    fn example() -> Value {
        json!({"object": reference("trigger"), "tags": ["watchlist"]})
    }

    fn run(context: &mut StepContext<'_>, config: Config) -> Verb<Outcome<Output>> {
        let id = config.object.0;
        let case = CaseId::of(&id);
        if CaseId::is_ours(&id) && context.work.get::<docket_cases::Case>(case.as_str())?.is_some() {
            let (case, added) = tag_case(context.work, context.actor, &case, &config.tags)?;
            return Ok(Outcome::Done(Output { added, tags: (*case.tags).clone() }));
        }
        let (object, added) = tag_object(context.work, context.actor, &id, &config.tags)?;
        Ok(Outcome::Done(Output { added, tags: (*object.tags).clone() }))
    }

    fn check(context: &mut CheckContext<'_, '_>) -> Verb<Vec<Problem>> {
        let constants: Vec<Option<Value>> = match context.step.with.get("tags") {
            Some(Input::Array(tags)) => tags.iter().map(Input::constant).collect(),
            Some(Input::Literal(Value::Array(tags))) => tags.iter().cloned().map(Some).collect(),
            _ => Vec::new(),
        };
        let refused = constants.into_iter().enumerate().filter_map(|(place, tag)| match tag {
            Some(Value::String(tag)) => Some((place, checked_tag(&tag).err()?)),
            _ => None,
        });
        let problem = |(place, refusal): (usize, Refusal)| {
            context.step.problem(&["tags", &place.to_string()], "bad_tag", refusal.sentence.clone())
        };
        Ok(refused.map(problem).collect())
    }
}
