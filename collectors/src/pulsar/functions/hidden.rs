//! Values of a component's own settings: they may be secrets, and errors like to repeat them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Kept only to be taken out of texts.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(BTreeSet<String>);

/// Shorter ones are in every text, and no secrets.
const SHORTEST: usize = 4;

impl Hidden {
    /// The text with an ellipsis instead of each value.
    pub fn hide(&self, text: &str) -> String {
        let mut values: Vec<&String> = self.0.iter().collect();
        // A value may be a part of a longer one.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values
            .into_iter()
            .fold(text.to_string(), |text, value| text.replace(value.as_str(), "…"))
    }

    fn take(&mut self, value: &Value) {
        let text = match value {
            Value::Array(values) => return values.iter().for_each(|value| self.take(value)),
            Value::Object(values) => return values.values().for_each(|value| self.take(value)),
            Value::String(text) => text.trim().to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) => return,
        };
        if text.len() >= SHORTEST {
            self.0.insert(text);
        }
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hidden, D::Error> {
        let mut hidden = Hidden::default();
        hidden.take(&Value::deserialize(deserializer)?);
        Ok(hidden)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hidden({})", self.0.len())
    }
}
