//! Doubles a number.
//!
//! The smallest possible step type, for the test that shows what a new step type requires.

use docket_kernel::Verb;
use docket_workflows::step_type::{About, Availability, Outcome, Plans, StepContext, StepType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Double.
pub struct Toy;

/// What Double takes.
#[derive(Deserialize, JsonSchema)]
pub struct Config {
    /// The number to double.
    pub number: i64,
}

/// What Double gives.
#[derive(Serialize, JsonSchema)]
pub struct Output {
    /// Twice the number.
    pub doubled: i64,
}

impl StepType for Toy {
    const ABOUT: About = About {
        key: "toy.double",
        category: "Toy",
        label: "Double",
        synonyms: &["twice"],
        source: include_str!("toy.rs"),
        plans: Plans {
            startup: Availability::Available,
            essential: Availability::Available,
            growth: Availability::Available,
            enterprise: Availability::Available,
        },
    };
    type Config = Config;
    type Output = Output;

    fn example() -> Value {
        json!({"number": 21})
    }

    fn run(_: &mut StepContext<'_>, config: Config) -> Verb<Outcome<Output>> {
        Ok(Outcome::Done(Output { doubled: config.number.saturating_mul(2) }))
    }
}
