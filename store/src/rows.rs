//! How many rows one statement carries.

/// Many enough that the cost of a statement vanishes; eleven bound values each stay below SQLite's 32,766.
pub(crate) const PER_STATEMENT: usize = 500;
