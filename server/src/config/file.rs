//! Reads a whole configuration file: syntax first, then every table, and all problems in one go.

use std::path::Path;

use brokerscope_collectors::Factory;
use toml::de::DeTable;

use super::model::Config;
use super::outside::Outside;
use super::problem::{Notes, Problem};
use super::section::Section;
use super::{connection, rule, server, store, webhook};

/// What the reading of a file needs beside its text.
pub struct Surroundings<'o> {
    /// The systems that connections may be of.
    pub factories: &'o [Box<dyn Factory>],
    pub outside: Outside<'o>,
}

/// Reads the file at `path` with this process's environment.
pub fn load(path: &Path) -> Result<Config, Vec<Problem>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        vec![Problem {
            line: 0,
            column: 0,
            key: String::new(),
            detail: format!("cannot be read: {error}"),
            remedy: "Check the path and that the user Brokerscope runs as may read it.".to_string(),
        }]
    })?;
    let factories = brokerscope_collectors::factories();
    let surroundings = Surroundings {
        factories: &factories,
        outside: Outside {
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            env: &|name| std::env::var(name).ok(),
            read: &|path| std::fs::read_to_string(path),
        },
    };
    parse(&text, &surroundings)
}

/// Reads a configuration from text.
pub fn parse(text: &str, surroundings: &Surroundings<'_>) -> Result<Config, Vec<Problem>> {
    let notes = Notes::on(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What follows a syntax error may be misread, so nothing else is said about such a file.
        for error in errors {
            let span = error.span().unwrap_or_default();
            let remedy = "This is not TOML; see https://toml.io for how to write it.";
            notes.note(&span, String::new(), error.message(), remedy);
        }
        return Err(notes.into_problems());
    }
    let config = read(document.get_ref(), &notes, surroundings);
    let problems = notes.into_problems();
    if problems.is_empty() { Ok(config) } else { Err(problems) }
}

fn read<'a>(document: &'a DeTable<'a>, notes: &'a Notes<'a>, surroundings: &Surroundings<'_>) -> Config {
    let mut top = Section::new(document, 0..0, notes);
    let outside = &surroundings.outside;
    let server = top
        .inner("server")
        .map(|section| server::read(section, outside))
        .unwrap_or_default();
    let store = top.inner("store").map(store::read).unwrap_or_default();
    let webhook = top.inner("webhook").and_then(|section| webhook::read(section, outside));
    let connections = connection::read(top.each("connection"), surroundings);
    let rules = rule::read(top.each("rule"), outside);
    top.finish();
    Config {
        server,
        store,
        webhook,
        connections,
        rules,
    }
}
