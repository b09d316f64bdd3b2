//! What is typed into a connection's form, and the settings that it stands for.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{Field, FieldKind, Settings};
use serde_json::Value;

/// The text of every field by its key; a field that was never touched has none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entries {
    typed: BTreeMap<String, String>,
    /// Stored secrets that are to be forgotten.
    removed: BTreeSet<String>,
}

impl Entries {
    /// The fields as they are stored. Secrets never come back and stay empty.
    pub fn of(fields: &[Field], settings: &Settings) -> Entries {
        let typed = fields.iter().filter_map(|field| {
            let text = as_text(settings.get(&field.key)?);
            Some((field.key.clone(), text))
        });
        Entries {
            typed: typed.collect(),
            removed: BTreeSet::new(),
        }
    }

    pub fn text(&self, key: &str) -> &str {
        self.typed.get(key).map_or("", String::as_str)
    }

    pub fn set(&mut self, key: &str, text: String) {
        self.removed.remove(key);
        self.typed.insert(key.to_string(), text);
    }

    /// Marks a stored secret to be forgotten, or takes that back.
    pub fn remove_secret(&mut self, key: &str, remove: bool) {
        self.typed.remove(key);
        if remove {
            self.removed.insert(key.to_string());
        } else {
            self.removed.remove(key);
        }
    }

    pub fn is_removed(&self, key: &str) -> bool {
        self.removed.contains(key)
    }

    /// What counts: what was typed, or else the default.
    pub fn effective<'a>(&'a self, field: &'a Field) -> &'a str {
        match self.text(&field.key) {
            "" => field.default.as_deref().unwrap_or(""),
            text => text,
        }
    }

    /// Whether the field is asked for, given what the others say.
    pub fn is_shown(&self, field: &Field, fields: &[Field]) -> bool {
        let Some(only_when) = &field.only_when else {
            return true;
        };
        fields
            .iter()
            .find(|other| other.key == only_when.key)
            .is_some_and(|other| {
                self.is_shown(other, fields) && only_when.values.iter().any(|value| value == self.effective(other))
            })
    }

    /// The settings to send: fields that are shown and filled in. A stored secret that is left out is kept.
    pub fn settings(&self, fields: &[Field]) -> Settings {
        let shown = fields.iter().filter(|field| self.is_shown(field, fields));
        let values = shown.filter_map(|field| {
            if self.is_removed(&field.key) {
                return Some((field.key.clone(), Value::from("")));
            }
            let text = self.text(&field.key);
            (!text.trim().is_empty()).then(|| (field.key.clone(), as_value(&field.kind, text)))
        });
        values.collect()
    }
}

fn as_value(kind: &FieldKind, text: &str) -> Value {
    match kind {
        FieldKind::List => text
            .split(['\n', ','])
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect::<Vec<_>>()
            .into(),
        FieldKind::Switch => (text == "true").into(),
        // What is no number goes as it is: the server says what is wrong with it, at this field.
        FieldKind::Number { .. } => match text.trim().parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => text.trim().into(),
        },
        FieldKind::Text | FieldKind::Choice { .. } => text.trim().into(),
        FieldKind::Secret | FieldKind::Lines { .. } => text.into(),
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(as_text).collect::<Vec<_>>().join("\n"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields() -> Vec<Field> {
        vec![
            Field::text("brokers", "Brokers", "").of(FieldKind::List).required(),
            Field::text("tls", "TLS", "").of(FieldKind::Switch).default("false"),
            Field::text("ca", "CA", "")
                .of(FieldKind::Lines { secret: false })
                .only_when("tls", &["true"]),
            Field::text("login", "Login", "")
                .choice(&[("none", "None"), ("plain", "Plain")])
                .default("none"),
            Field::text("user", "User", "").only_when("login", &["plain"]),
            Field::text("password", "Password", "")
                .of(FieldKind::Secret)
                .only_when("login", &["plain"]),
            Field::text("every", "Every", "").of(FieldKind::Number {
                min: 1,
                max: 60,
                unit: "seconds".into(),
            }),
        ]
    }

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_typed_becomes_values_of_the_right_kind() {
        let mut entries = Entries::default();
        for (key, text) in [
            ("brokers", "a:1, b:2\n\nc:3"),
            ("tls", "true"),
            ("every", " 30 "),
            ("ca", "PEM\n"),
        ] {
            entries.set(key, text.into());
        }
        let sent = entries.settings(&fields());
        assert_eq!(
            sent,
            settings(json!({"brokers": ["a:1", "b:2", "c:3"], "tls": true, "every": 30, "ca": "PEM\n"}))
        );
    }

    #[test]
    fn a_field_that_is_not_shown_is_not_sent() {
        let mut entries = Entries::default();
        entries.set("user", "anna".into());
        entries.set("ca", "PEM".into());
        assert!(entries.settings(&fields()).is_empty());
        entries.set("login", "plain".into());
        assert_eq!(
            entries.settings(&fields()),
            settings(json!({"login": "plain", "user": "anna"}))
        );
    }

    #[test]
    fn what_is_no_number_is_sent_as_it_is() {
        let mut entries = Entries::default();
        entries.set("every", "soon".into());
        assert_eq!(entries.settings(&fields()), settings(json!({"every": "soon"})));
    }

    #[test]
    fn stored_settings_come_back_as_they_were() {
        let stored = settings(json!({"brokers": ["a:1", "b:2"], "tls": true, "every": 5}));
        assert_eq!(Entries::of(&fields(), &stored).settings(&fields()), stored);
    }

    #[test]
    fn a_stored_secret_is_kept_unless_replaced_or_removed() {
        let stored = settings(json!({"login": "plain"}));
        let mut entries = Entries::of(&fields(), &stored);
        assert_eq!(entries.settings(&fields()), stored);
        entries.remove_secret("password", true);
        assert_eq!(entries.settings(&fields())["password"], json!(""));
        entries.set("password", " new ".into());
        assert_eq!(entries.settings(&fields())["password"], json!(" new "));
        assert!(!entries.is_removed("password"));
    }
}
