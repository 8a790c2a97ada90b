//! Lets cargo notice when the dashboard was built again. Without it a binary built before would keep the old one.

use std::path::Path;

fn main() {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    // A path that is not there would count as changed at every build.
    if let Err(error) = std::fs::create_dir_all(&built) {
        println!("cargo::warning=can't make {}: {error}", built.display());
    }
    println!("cargo::rerun-if-changed={}", built.display());
}
