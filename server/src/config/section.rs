//! One table of the file while it is being read: typed values out, problems noted, unknown keys found at the end.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::outside::Outside;
use super::problem::Notes;
use super::quantity;
use crate::suggest;

/// A value as the file holds it, with its place.
pub type Item<'a> = &'a Spanned<DeValue<'a>>;

/// A table of the file. Ask for each key that may be there, then call [`Section::finish`].
#[derive(Debug)]
pub struct Section<'a> {
    table: &'a DeTable<'a>,
    /// Where the table begins, for problems with what is not there.
    span: Range<usize>,
    /// The names of the tables around a key, with a dot at the end; empty at the top.
    path: String,
    notes: &'a Notes<'a>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub fn new(table: &'a DeTable<'a>, span: Range<usize>, notes: &'a Notes<'a>) -> Section<'a> {
        Section {
            table,
            span,
            path: String::new(),
            notes,
            known: Vec::new(),
        }
    }

    /// A table inside this one; something else in its place is noted.
    pub fn inner(&mut self, key: &'static str) -> Option<Section<'a>> {
        let item = self.item(key)?;
        self.table_at(item, key)
    }

    /// Every table of an array of tables (`[[key]]`).
    pub fn each(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let Some(item) = self.item(key) else {
            return Vec::new();
        };
        match item.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.table_at(item, key)).collect(),
            _ => {
                self.note_item(
                    item,
                    key,
                    "is not a list of tables",
                    format!("Write `[[{key}]]` above each of them."),
                );
                Vec::new()
            }
        }
    }

    fn table_at(&self, item: Item<'a>, key: &str) -> Option<Section<'a>> {
        match item.get_ref() {
            DeValue::Table(table) => Some(Section {
                table,
                span: item.span(),
                path: format!("{}{key}.", self.path),
                notes: self.notes,
                known: Vec::new(),
            }),
            _ => {
                self.note_item(item, key, "is not a table", format!("Write `[{key}]` above its keys."));
                None
            }
        }
    }

    /// Adds a name to the path of the problems noted from here on.
    pub fn named(&mut self, name: &str) {
        self.path = format!("{}{name}.", self.path);
    }

    /// The value of `key` as it stands in the file, if it is there.
    pub fn item(&mut self, key: &'static str) -> Option<Item<'a>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// Every key that nobody asked for so far, with its place and value.
    pub fn rest(&self) -> impl Iterator<Item = (&'a str, Range<usize>, Item<'a>)> {
        let known = self.known.clone();
        self.table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
            .filter(move |(key, _, _)| !known.contains(key))
    }

    /// A text, which may also come from outside: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub fn text(&mut self, key: &'static str, outside: &Outside<'_>) -> Option<Spanned<String>> {
        let item = self.item(key)?;
        match item.get_ref() {
            DeValue::String(text) => Some(Spanned::new(item.span(), text.to_string())),
            DeValue::Table(table) => match outside.resolve(table) {
                Ok(text) => Some(Spanned::new(item.span(), text)),
                Err(problem) => {
                    self.note_item(item, key, problem.detail, problem.remedy);
                    None
                }
            },
            _ => {
                self.note_item(item, key, "is not a text", "Put it in quotes.");
                None
            }
        }
    }

    pub fn switch(&mut self, key: &'static str) -> Option<bool> {
        let item = self.item(key)?;
        let value = item.get_ref().as_bool();
        if value.is_none() {
            self.note_item(
                item,
                key,
                "is neither `true` nor `false`",
                "Write `true` or `false`, without quotes.",
            );
        }
        value
    }

    pub fn number(&mut self, key: &'static str) -> Option<Spanned<f64>> {
        let item = self.item(key)?;
        let value = match item.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|n| n as f64),
            DeValue::Float(number) => number.as_str().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        };
        if value.is_none() {
            self.note_item(
                item,
                key,
                "is not a number",
                "Write a number without quotes, for example `1000` or `0.5`.",
            );
        }
        value.map(|value| Spanned::new(item.span(), value))
    }

    pub fn duration(&mut self, key: &'static str) -> Option<Spanned<Duration>> {
        let remedy = "Write a number and s, m, h, d or w in quotes, for example \"30d\".";
        self.quantity(key, quantity::duration, "is not a duration", remedy)
    }

    pub fn bytes(&mut self, key: &'static str) -> Option<Spanned<u64>> {
        let remedy = "Write a number and its unit in quotes, for example \"10 GB\".";
        self.quantity(key, quantity::bytes, "is not a size", remedy)
    }

    fn quantity<T>(
        &mut self,
        key: &'static str,
        parse: fn(&str) -> Option<T>,
        detail: &str,
        remedy: &str,
    ) -> Option<Spanned<T>> {
        let item = self.item(key)?;
        let value = item.get_ref().as_str().and_then(parse);
        if value.is_none() {
            self.note_item(item, key, detail, remedy);
        }
        value.map(|value| Spanned::new(item.span(), value))
    }

    /// One of a few words; what it stands for comes out.
    pub fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let item = self.item(key)?;
        let given = item.get_ref().as_str();
        let found = words
            .iter()
            .find(|(word, _)| Some(*word) == given)
            .map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let detail = given.map_or("is not a text".to_string(), |given| format!("`{given}` is not known"));
            self.note_item(item, key, detail, suggest::remedy(given.unwrap_or(""), &known));
        }
        found
    }

    /// Notes a problem with `key`'s value.
    pub fn note_item(&self, item: Item<'a>, key: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.note(&item.span(), key, detail, remedy);
    }

    pub fn note(&self, span: &Range<usize>, key: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.notes.note(span, format!("{}{key}", self.path), detail, remedy);
    }

    /// Notes that something is missing from this table.
    pub fn note_missing(&self, key: &str, detail: impl Into<String>, remedy: impl Into<String>) {
        self.note(&self.span, key, detail, remedy);
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self) {
        for (key, span, _) in self.rest() {
            self.note(&span, key, "is not a known key", suggest::remedy(key, &self.known));
        }
    }
}
