//! Starts Brokerscope.
fn main() {}
