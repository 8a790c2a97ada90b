//! An organization to try things on: invented people, cases with two months of history, and three workflows. All of it
//! is made by the verbs everybody uses, through the writer, while the clock walks from then to now.

mod chance;
mod folk;
mod kinds;
mod past;
mod script;
mod stage;
mod vendor;

use docket_access::Made;

use crate::failure::Failure;
use crate::node::Node;

pub use past::Past;

/// The source whose events the sample's first workflow waits for.
pub const SOURCE: &str = "sample-vendor";

/// Fills a sandbox that was just set up. The node's clock must be this past.
pub async fn fill(node: &Node, past: &Past, made: &Made, email: &str) -> Result<(), Failure> {
    let mut stage = stage::Stage::build(node, made, email).await?;
    for scene in script::write(past.present()) {
        past.walk_to(scene.at);
        stage.play(scene).await?;
    }
    past.walk_to(past.present());
    Ok(())
}
