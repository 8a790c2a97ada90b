//! Makes cargo notice that the dashboard was built again, so that a release never embeds an old one. Other builds read
//! it from disk and need not be rebuilt.

use std::env;
use std::fs;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist");
    // A missing path would count as changed at every build.
    if let Err(error) = fs::create_dir_all(&built) {
        println!("cargo::warning=can't make {}: {error}", built.display());
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", built.display());
    }
}
