//! What a person sees while a command works: a line when a step starts and its time when it ends.

use std::time::Instant;

use crate::failure::Outcome;

/// Does one step of a longer command, saying so and how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    let started = Instant::now();
    println!("==> {what}");
    let result = work();
    let seconds = started.elapsed().as_secs_f64();
    match &result {
        Ok(_) => println!("    {what}: done in {seconds:.1} s"),
        Err(_) => println!("    {what}: FAILED after {seconds:.1} s"),
    }
    result
}

/// One more thing worth knowing about the step that runs.
pub fn note(text: &str) {
    println!("    {text}");
}
