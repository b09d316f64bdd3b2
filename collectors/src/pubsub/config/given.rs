//! Reads single settings, and collects what is wrong with them.

use std::time::Duration;

use brokerscope_contract::{FieldProblem, Settings};
use reqwest::Url;
use serde_json::Value;

use crate::pubsub::questions::Detail;

/// Settings by key, where empty counts as absent, and what is wrong with them.
pub struct Given<'a> {
    settings: &'a Settings,
    pub problems: Vec<FieldProblem>,
}

impl<'a> Given<'a> {
    pub fn new(settings: &'a Settings) -> Given<'a> {
        Given {
            settings,
            problems: Vec::new(),
        }
    }

    pub fn wrong(&mut self, field: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push(FieldProblem::new(field, detail, remedy));
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let text = self.settings.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_string())
    }

    /// Ids of projects, each once. An id may begin with a domain: `example.com:shop`.
    pub fn projects(&mut self) -> Vec<String> {
        let texts: Vec<&str> = match self.settings.get("projects") {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        let mut projects: Vec<String> = Vec::new();
        for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
            let id = text.strip_prefix("projects/").unwrap_or(text);
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c);
            if !id.chars().all(fits) {
                let detail = format!("{id:?} is not the id of a project");
                let remedy = "Ids are of lower-case letters, digits and hyphens: gcloud projects list shows them.";
                self.wrong("projects", detail, remedy);
            } else if !projects.iter().any(|known| known == id) {
                projects.push(id.to_string());
            }
        }
        if projects.is_empty() && self.problems.is_empty() {
            self.wrong("projects", "names no project", "Give the id of a project.");
        }
        projects
    }

    pub fn detail(&mut self) -> Detail {
        let Some(text) = self.text("detail") else {
            return Detail::Standard;
        };
        let known = Detail::ALL.into_iter().find(|detail| detail.slug() == text);
        known.unwrap_or_else(|| {
            self.wrong("detail", "is none of the choices", "Choose basic, standard or full.");
            Detail::Standard
        })
    }

    /// The root of an interface, ending with a slash; `None` when it is left empty or wrong.
    pub fn address(&mut self, key: &str) -> Option<Url> {
        let text = self.text(key)?;
        let read = root(&text).map_err(|why| {
            self.wrong(key, why, "Write it like https://europe-west1-pubsub.googleapis.com.");
        });
        read.ok()
    }

    pub fn seconds(&mut self, key: &str, range: std::ops::RangeInclusive<u64>, default: u64) -> Duration {
        let seconds = match self.settings.get(key) {
            None | Some(Value::Null) => Some(default),
            Some(Value::String(text)) if text.trim().is_empty() => Some(default),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        let seconds = seconds.filter(|n| range.contains(n)).unwrap_or_else(|| {
            let remedy = format!("Give a whole number from {} to {}.", range.start(), range.end());
            self.wrong(key, "is not a number of seconds in range", remedy);
            default
        });
        Duration::from_secs(seconds)
    }
}

/// Reads an address and normalises it to the root of an interface. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    // The variable of the emulator is written without a scheme.
    let with_scheme = match text.contains("://") {
        true => text.to_string(),
        false => format!("http://{text}"),
    };
    let mut url = Url::parse(&with_scheme).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which is not used here");
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v1").or(path.strip_suffix("/v3")).unwrap_or(path);
    let path = format!("{path}/");
    url.set_path(&path);
    Ok(url)
}
