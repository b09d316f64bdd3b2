//! The store through its public door, on real files.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod checks;
mod crash;
mod entities;
mod harness;
mod history;
mod housekeeping;
mod old_files;
mod records;
mod samples;
mod size;
