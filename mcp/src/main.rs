//! AuthLoop.
fn main() {}
