//! Builds the library that is placed between the docket under test and the C library. A C compiler is available: SQLite
//! is built with it.

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=interpose.c");
    println!("cargo::rerun-if-env-changed=CC");
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let library = PathBuf::from(env::var_os("OUT_DIR").expect("cargo says where to build")).join("interpose.so");
    let mut command = Command::new(compiler);
    command.args(["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]).arg(&library).arg("interpose.c");
    let done = command.arg("-ldl").status().expect("a C compiler runs");
    assert!(done.success(), "interpose.c could not be compiled");
    println!("cargo::rustc-env=DOCKET_INTERPOSE={}", library.display());
}
