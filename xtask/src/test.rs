//! `cargo xtask test`: everything, from arithmetic to browser journeys on real brokers.
//!
//! `BROKERS` names the brokers, e.g. `kafka,nats` (all of them unless it is said; empty for none).
//! Words after `--` select product tests by name, as with `cargo test`.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::native::Profile;
use crate::progress::{note, step};
use crate::{axe, brokers, files, native, packages, page, process};

/// Programs that brokers need, with the Debian package and the beginnings of the brokers' names.
const OF_BROKERS: [(&str, &str, &[&str]); 4] = [
    ("java", "default-jre-headless", &["kafka", "pulsar", "elasticmq"]),
    ("mvn", "maven", &["kafka", "pulsar", "elasticmq"]),
    ("go", "golang-go", &["nats", "pubsub"]),
    ("python3", "python3-venv", &["moto"]),
];

/// What the browser's program is called, the name of Debian's package first.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// `cargo xtask test`.
pub fn command(words: &[&str]) -> Outcome {
    let selected = match words {
        [] => &[][..],
        ["--", selected @ ..] => selected,
        _ => {
            return Err(Failure::new(
                "usage: [BROKERS=kafka,nats] cargo xtask test [-- NAME...]",
            ));
        }
    };
    let root = files::root()?;
    let names = std::env::var("BROKERS").unwrap_or_else(|_| "all".to_owned());
    let names: Vec<&str> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let names = brokers::known(&names)?;
    let chromium = ensure_programs(&names)?;
    page::build(page::Build::Dev)?;
    native::build(&root, Profile::Dev)?;
    let parts = match selected {
        [] => parts(&root),
        _ => Ok(()),
    };
    let product = with_brokers(&names, || product(&root, &names, &chromium, selected));
    parts.and(product)
}

/// Installs what is missing, or says all of it at once. Returns the browser.
fn ensure_programs(brokers: &[&'static str]) -> Outcome<PathBuf> {
    let mut missing = Vec::new();
    if let Err(failure) = native::ensure_compilers() {
        missing.push(failure.to_string());
    }
    for (program, package, prefixes) in OF_BROKERS {
        let wanted = |name: &&str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if brokers.iter().any(wanted)
            && let Err(failure) = packages::ensure(program, package)
        {
            missing.push(failure.to_string());
        }
    }
    let chromium = ensure_browser();
    match (chromium, missing.as_slice()) {
        (Ok(chromium), []) => Ok(chromium),
        (chromium, _) => {
            missing.extend(chromium.err().map(|failure| failure.to_string()));
            Err(Failure::new(format!(
                "tests need programs that are not there:\n  {}",
                missing.join("\n  ")
            )))
        }
    }
}

/// A browser of Chromium's family.
pub fn ensure_browser() -> Outcome<PathBuf> {
    match BROWSERS.iter().find_map(|name| process::find(name)) {
        Some(found) => Ok(found),
        None => packages::ensure(BROWSERS[0], BROWSERS[0]),
    }
}

/// Every crate's own tests.
fn parts(root: &Path) -> Outcome {
    step("tests of the rooms", || {
        let mut command = process::cargo();
        command
            .current_dir(root)
            .args(["test", "--workspace", "--no-fail-fast"]);
        process::run(command.args(["--exclude", "xtask", "--exclude", "brokerscope-tests"]))
    })
    .and(step("tests of xtask", || {
        let mut command = process::cargo();
        // In the profile that it runs in, so that it is not compiled twice.
        process::run(
            command
                .current_dir(root)
                .args(["test", "--package", "xtask", "--profile", "xtask"]),
        )
    }))
}

/// The tests of the whole product, whose closing lines are the last thing printed.
fn product(root: &Path, brokers: &[&str], chromium: &Path, selected: &[&str]) -> Outcome {
    let left_out: Vec<_> = brokers::names().filter(|name| !brokers.contains(name)).collect();
    println!("==> tests of the product");
    note(&format!(
        "with brokers: {}",
        if brokers.is_empty() {
            "none".to_owned()
        } else {
            brokers.join(", ")
        }
    ));
    if !left_out.is_empty() {
        note(&format!(
            "not run, for lack of their brokers: {} (without BROKERS every one is run)",
            left_out.join(", ")
        ));
    }
    let mut command = process::cargo();
    command
        .current_dir(root)
        .args(["test", "--package", "brokerscope-tests", "--"])
        .args(selected)
        .env("BROKERSCOPE_TEST_BROKERS", brokers.join(","))
        .env("BROKERSCOPE_TEST_CHROMIUM", chromium)
        .env("BROKERSCOPE_TEST_AXE", axe::ensure(root)?);
    process::run(&mut command)
}

/// Starts brokers for the time of `work`; those that ran before go on running.
fn with_brokers(names: &[&'static str], work: impl FnOnce() -> Outcome) -> Outcome {
    let ran_before = brokers::running()?;
    let started: Vec<_> = names
        .iter()
        .copied()
        .filter(|name| !ran_before.contains(name))
        .collect();
    let result = brokers::up(names).and_then(|()| work());
    let stopped = brokers::stop_quietly(&started);
    result.and(stopped)
}
