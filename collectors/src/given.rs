//! Reads single settings of a connection, and collects what is wrong with them.

use std::ops::RangeInclusive;
use std::time::Duration;

use brokerscope_contract::{FieldProblem, Settings};
use serde_json::Value;

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

    /// Said once, also where the same field is read for several services.
    pub fn wrong(&mut self, field: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        let problem = FieldProblem::new(field, detail, remedy);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn text(&self, key: &str) -> Option<String> {
        let text = self.settings.get(key)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_string())
    }

    pub fn needed(&mut self, key: &str, remedy: &str) -> String {
        let text = self.text(key);
        if text.is_none() {
            self.wrong(key, "is missing", remedy);
        }
        text.unwrap_or_default()
    }

    pub fn list(&self, key: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.settings.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        let texts = texts.into_iter().map(str::trim);
        texts.filter(|text| !text.is_empty()).map(str::to_string).collect()
    }

    /// A list of addresses, as `read` understands each. Its error goes on after the address: "is not an address".
    pub fn addresses<T>(&mut self, key: &str, remedy: &str, read: impl Fn(&str) -> Result<T, &'static str>) -> Vec<T> {
        let mut addresses = Vec::new();
        for text in self.list(key) {
            match read(&text) {
                Ok(address) => addresses.push(address),
                Err(why) => self.wrong(key, format!("{:?} {why}", without_login(&text)), remedy),
            }
        }
        addresses
    }

    pub fn seconds(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> Duration {
        Duration::from_secs(self.number(key, range, default, "seconds"))
    }

    /// A number of something.
    pub fn number(&mut self, key: &str, range: RangeInclusive<u64>, default: u64, of: &str) -> u64 {
        let number = match self.settings.get(key) {
            None | Some(Value::Null) => Some(default),
            Some(Value::String(text)) if text.trim().is_empty() => Some(default),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        number.filter(|n| range.contains(n)).unwrap_or_else(|| {
            let remedy = format!("Give a whole number from {} to {}.", range.start(), range.end());
            self.wrong(key, format!("is not a number of {of} in range"), remedy);
            default
        })
    }

    pub fn switch(&self, key: &str, default: bool) -> bool {
        match self.settings.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) if !text.trim().is_empty() => text.trim() == "true",
            _ => default,
        }
    }
}

/// An address as it may be shown in an error: a login inside it is a secret.
pub fn without_login(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://...@{rest}"),
        (None, Some((_, rest))) => format!("...@{rest}"),
        _ => text.to_string(),
    }
}
