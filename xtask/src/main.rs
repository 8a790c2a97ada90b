//! The house inspector and the gate.
fn main() {}
