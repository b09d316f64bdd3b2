//! `cargo xtask bench NAME [ARGUMENT...]`: runs a benchmark and writes its section of `BENCHMARKS.md`.
//!
//! A benchmark is a program of the benchmarks crate; what it prints on standard
//! output is the body of its section, in Markdown, from the data it used to its table.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Failure, Outcome};
use crate::native::Profile;
use crate::progress::{note, step};
use crate::{brokers, files, native, page, process};

const PACKAGE: &str = "brokerscope-benchmarks";

/// `cargo xtask bench NAME [ARGUMENT...] | all`.
pub fn command(words: &[&str]) -> Outcome {
    let root = files::root()?;
    let benchmarks = benchmarks(&root)?;
    let names = benchmarks
        .iter()
        .map(|bench| bench.name.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let [wanted, arguments @ ..] = words else {
        return Err(Failure::new(format!(
            "usage: cargo xtask bench NAME [ARGUMENT...], of: {names}, all"
        )));
    };
    let chosen: Vec<_> = benchmarks
        .iter()
        .filter(|bench| *wanted == "all" || *wanted == bench.name)
        .collect();
    if chosen.is_empty() {
        return Err(Failure::new(format!(
            "there is no benchmark {wanted}; there are: {names}, all"
        )));
    }
    chosen
        .into_iter()
        .try_for_each(|one| step(&format!("benchmark {}", one.name), || bench(&root, one, arguments)))
}

/// A program of the benchmarks crate.
#[derive(Deserialize)]
struct Benchmark {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Benchmark>,
}

/// The benchmarks, as Cargo knows them.
fn benchmarks(root: &Path) -> Outcome<Vec<Benchmark>> {
    let mut command = process::cargo();
    command
        .current_dir(root)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_str(&process::stdout(&mut command)?)
        .map_err(|error| Failure::new(format!("cargo metadata: {error}")))?;
    let crates = metadata.packages.into_iter().filter(|package| package.name == PACKAGE);
    Ok(crates
        .flat_map(|package| package.targets)
        .filter(|target| target.kind == ["bin"])
        .collect())
}

/// The arguments are for the program: each says at its beginning which it takes.
fn bench(root: &Path, benchmark: &Benchmark, arguments: &[&str]) -> Outcome {
    let name = benchmark.name.as_str();
    let needs = prepare(root, name)?;
    let mut command = process::cargo();
    command
        .current_dir(root)
        .args(["run", "--release", "--package", PACKAGE, "--bin", name])
        // With the features of one benchmark at a time Cargo would compile most crates again for each of them.
        .arg("--all-features");
    if name == "store-ingest" {
        match brokers::peers::ensure() {
            Ok(peers) => drop(command.envs(peers)),
            Err(failure) => note(&format!("without its peers: {failure}")),
        }
    }
    command.arg("--").args(arguments);
    command.env("BROKERSCOPE_TEST_BROKERS", needs.brokers.join(","));
    if let Some(product) = needs.product {
        command.env("BROKERSCOPE_TEST_BINARY", product);
    }
    if let Some(chromium) = process::find("chromium") {
        command.env("BROKERSCOPE_TEST_CHROMIUM", chromium);
    }
    let mut body = process::stdout(&mut command)?;
    if !arguments.is_empty() {
        body = format!("With the arguments `{}`.\n\n{body}", arguments.join(" "));
    }
    if body.trim().is_empty() {
        return Err(Failure::new(format!("the benchmark {name} printed nothing")));
    }
    let path = root.join("BENCHMARKS.md");
    let before = if path.is_file() {
        files::read_text(&path)?
    } else {
        "# Benchmarks\n".to_owned()
    };
    files::write(&path, with_section(&before, name, &body, &machine()).as_bytes())
}

/// What a benchmark needs beside its own program.
struct Needs {
    /// The product as it is shipped, where it is what is measured.
    product: Option<PathBuf>,
    brokers: Vec<&'static str>,
}

/// Starts the brokers that a benchmark needs, and builds the product where that is what is measured.
fn prepare(root: &Path, name: &str) -> Outcome<Needs> {
    let (brokers, of_product): (&[&'static str], bool) = match name.split('-').next().unwrap_or_default() {
        // A collector by itself.
        "kafka" => (&["kafka"], false),
        "nats" => (&["nats"], false),
        "pulsar" => (&["pulsar"], false),
        "sqs" => (&["moto"], false),
        "page" | "rabbitmq" => (&["rabbitmq"], true),
        "idle" => (&["rabbitmq", "kafka"], true),
        "demo" | "scale" | "soak" => (&[], true),
        _ => (&[], false),
    };
    if !brokers.is_empty() {
        brokers::up(brokers)?;
    }
    let product = of_product.then(|| {
        page::build(page::Build::Release)?;
        native::build(root, Profile::Release)
    });
    Ok(Needs {
        product: product.transpose()?,
        brokers: brokers.to_vec(),
    })
}

/// The text with the benchmark's section in place of its old one, or at the end.
fn with_section(text: &str, name: &str, body: &str, machine: &str) -> String {
    let (start, end) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
    let section = format!(
        "{start}\n## {name}\n\n`cargo xtask bench {name}` on {machine}.\n\n{}\n{end}",
        body.trim()
    );
    let around = text
        .split_once(&start)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    match around {
        Some((before, after)) => format!("{before}{section}{after}"),
        None => format!("{}\n\n{section}\n", text.trim_end()),
    }
}

/// "2 cores (name of the processor), 24 GB of memory, Linux 6.1".
fn machine() -> String {
    let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = field(&text("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory = field(&text("/proc/meminfo"), "MemTotal").unwrap_or_default();
    let kilobytes: f64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    let kernel = text("/proc/sys/kernel/osrelease");
    let kernel: Vec<_> = kernel.trim().split('.').take(2).collect();
    format!(
        "{cores} cores ({processor}), {:.0} GB of memory, Linux {}",
        kilobytes / 1e6,
        kernel.join(".")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_added_once_and_then_replaced_in_place() {
        let first = with_section("# Benchmarks\n", "a", "| 1 |", "m");
        let both = with_section(&first, "b", "| 2 |", "m");
        let again = with_section(&both, "a", "| 3 |", "m");
        assert!(!again.contains("| 1 |") && again.contains("| 3 |"), "{again}");
        assert_eq!(again.matches("## a\n").count(), 1);
        assert!(again.find("## a") < again.find("## b"));
        assert_eq!(with_section(&again, "b", "| 2 |", "m"), again);
    }
}
