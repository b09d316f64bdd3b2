//! Build and housekeeping commands.
fn main() {}
