//! Puts tags on an object: a case, an account, an inquiry or anything else a case can hold.
//!
//! Choose the **Object** and the **Tags**, existing or typed anew. A tag it carries already changes nothing; tags are
//! the same without regard to upper and lower case.

use docket_cases::tag_case;
use docket_kernel::{CaseId, Verb};
use docket_objects::tag_object;
use docket_workflows::step_type::{About, Availability, Plans, StepContext, StepType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::inputs::{ObjectInput, reference};

/// Tag Object.
pub struct TagObject;

/// What Tag Object takes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Config {
    /// The object the tags are put on.
    pub object: ObjectInput,
    /// The tags, by name.
    #[schemars(extend("x-widget" = "tags"))]
    pub tags: Vec<String>,
}

/// What later steps may read of Tag Object.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The tags that were not on the object before.
    pub added: Vec<String>,
    /// All tags the object carries now.
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

    fn run(context: &mut StepContext<'_>, config: Config) -> Verb<Output> {
        let id = config.object.0;
        let case = CaseId::of(&id);
        if CaseId::is_ours(&id) && context.work.get::<docket_cases::Case>(case.as_str())?.is_some() {
            let (case, added) = tag_case(context.work, context.actor, &case, &config.tags)?;
            return Ok(Output { added, tags: (*case.tags).clone() });
        }
        let (object, added) = tag_object(context.work, context.actor, &id, &config.tags)?;
        Ok(Output { added, tags: (*object.tags).clone() })
    }
}
