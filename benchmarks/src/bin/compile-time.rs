//! What a contributor waits for: a debug build from nothing, of everything and with one broker's feature only.
//!
//! `compile-time [feature...]`; all brokers without arguments. The crates must have been downloaded before.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::process::{Command, Stdio};
use std::time::Instant;

const BROKERS: [&str; 6] = ["rabbitmq", "kafka", "pulsar", "nats", "aws", "pubsub"];
/// Minutes.
const EVERYTHING_BAR: u32 = 12;
const ONE_BROKER_BAR: u32 = 5;

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let brokers = if given.is_empty() {
        BROKERS.map(String::from).to_vec()
    } else {
        given
    };
    println!("Each into an empty target folder, with crates that are on the disk already.\n");
    println!("| debug build | minutes | bar |\n|---|---|---|");
    let everything = minutes(&["--workspace", "--all-targets"]);
    println!("| everything: `cargo build --workspace --all-targets` | {everything:.1} | {EVERYTHING_BAR} |");
    for broker in brokers {
        let minutes = minutes(&[
            "--package",
            "brokerscope",
            "--no-default-features",
            "--features",
            &broker,
        ]);
        println!("| the server with `{broker}` only | {minutes:.1} | {ONE_BROKER_BAR} |");
    }
}

/// Builds into a folder of its own.
fn minutes(arguments: &[&str]) -> f64 {
    // Beside the usual one: a folder for temporary files may be too small, or in memory.
    let folder = tempfile::tempdir_in("target").expect("a folder beside what is built otherwise");
    eprintln!("cargo build {}", arguments.join(" "));
    let begun = Instant::now();
    let status = Command::new("cargo")
        .args(["build", "--offline", "--quiet"])
        .args(arguments)
        .arg("--target-dir")
        .arg(folder.path())
        .stdout(Stdio::null())
        .status()
        .expect("cargo starts");
    assert!(status.success(), "the build ended with {status}");
    begun.elapsed().as_secs_f64() / 60.0
}
