//! The field tables from which a connection's form, file format, validation and documentation are derived.

use serde::{Deserialize, Serialize};

/// One setting of a connection. Each collector owns a table of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Field {
    /// The key in files and in the API, `snake_case`.
    pub key: String,
    pub label: String,
    /// One or two sentences under the input: what it is and what happens when it is left empty.
    pub help: String,
    pub kind: FieldKind,
    pub required: bool,
    /// The value used when the field is left empty, as it would be typed.
    pub default: Option<String>,
    /// An example shown inside the empty input.
    pub placeholder: Option<String>,
    /// Shown (and read) only while another field has one of these values.
    pub only_when: Option<OnlyWhen>,
    /// Hidden under "More settings" until asked for.
    pub advanced: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct OnlyWhen {
    pub key: String,
    pub values: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    /// Never sent back; encrypted at rest.
    Secret,
    /// Several lines of text such as a PEM certificate. `secret` ones are treated like [`FieldKind::Secret`].
    Lines {
        secret: bool,
    },
    /// A list of values, one per line or separated by commas; in files an array of strings.
    List,
    Switch,
    Choice {
        options: Vec<ChoiceOption>,
    },
    /// A whole number with inclusive bounds and a unit such as "seconds".
    Number {
        min: i64,
        max: i64,
        unit: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ChoiceOption {
    pub value: String,
    pub label: String,
}

impl FieldKind {
    /// Whether values of this field must be encrypted at rest and never sent to the page.
    pub fn is_secret(&self) -> bool {
        matches!(self, FieldKind::Secret | FieldKind::Lines { secret: true })
    }
}

impl Field {
    /// An optional single-line field; the other properties are set by the methods below.
    pub fn text(key: &str, label: &str, help: &str) -> Field {
        Field {
            key: key.into(),
            label: label.into(),
            help: help.into(),
            kind: FieldKind::Text,
            required: false,
            default: None,
            placeholder: None,
            only_when: None,
            advanced: false,
        }
    }

    pub fn of(mut self, kind: FieldKind) -> Field {
        self.kind = kind;
        self
    }

    pub fn choice(mut self, options: &[(&str, &str)]) -> Field {
        let options = options
            .iter()
            .map(|(value, label)| ChoiceOption {
                value: (*value).into(),
                label: (*label).into(),
            })
            .collect();
        self.kind = FieldKind::Choice { options };
        self
    }

    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    pub fn default(mut self, value: &str) -> Field {
        self.default = Some(value.into());
        self
    }

    pub fn placeholder(mut self, example: &str) -> Field {
        self.placeholder = Some(example.into());
        self
    }

    pub fn only_when(mut self, key: &str, values: &[&str]) -> Field {
        let values = values.iter().map(|value| (*value).to_string()).collect();
        self.only_when = Some(OnlyWhen {
            key: key.into(),
            values,
        });
        self
    }

    pub fn advanced(mut self) -> Field {
        self.advanced = true;
        self
    }
}
