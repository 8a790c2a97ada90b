//! A sample organization: invented people, cases with two months of history, and three workflows. The ordinary verbs
//! write all of it through the writer, while the clock advances from the past to now.

mod chance;
mod kinds;
mod loader;
mod past;
mod people;
mod scenario;
mod vendor;

use docket_access::Made;

use crate::failure::Failure;
use crate::node::Node;

pub use past::Past;

/// The source of the events that trigger the sample's first workflow.
pub const SOURCE: &str = "sample-vendor";

/// Fills a sandbox that was just set up. The node's clock must be `past`.
pub async fn fill(node: &Node, past: &Past, made: &Made, email: &str) -> Result<(), Failure> {
    let mut loader = loader::Loader::build(node, made, email).await?;
    for scene in scenario::write(past.present()) {
        past.walk_to(scene.at);
        loader.play(scene).await?;
    }
    past.walk_to(past.present());
    Ok(())
}
