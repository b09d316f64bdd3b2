//! Checks a connection's settings against its system's field table, the same way for the file and for the page.
//!
//! What comes out has one JSON type per kind of field: text, choice, secret and lines a string, list an array of
//! strings, switch a boolean, number an integer. Empty values are left out: the collector's defaults apply.

use std::collections::BTreeMap;

use brokerscope_collectors::Factory;
use brokerscope_contract::field::OnlyWhen;
use brokerscope_contract::{Field, FieldKind, FieldProblem, Settings};
use serde_json::Value;

use crate::suggest;

/// The secret settings of a connection by field key, on their way between the page, the vault and the collector.
pub type Secrets = BTreeMap<String, String>;

/// The settings in their normal form, after the table and then the collector itself had no objection.
///
/// Keys of problems are bare field keys.
pub fn check(factory: &dyn Factory, given: &Settings) -> Result<Settings, Vec<FieldProblem>> {
    let settings = normalise(&factory.fields(), given)?;
    factory.build(&settings)?;
    Ok(settings)
}

/// Settings that are present but not read, because of the value of another one.
pub fn unread<'f>(fields: &'f [Field], given: &Settings) -> Vec<(&'f Field, &'f OnlyWhen)> {
    fields
        .iter()
        .filter(|field| given.contains_key(&field.key))
        .filter_map(|field| field.only_when.as_ref().map(|when| (field, when)))
        .filter(|(_, when)| !applies(fields, given, when))
        .collect()
}

/// Takes the secret ones out of `settings`.
pub fn split_secrets(fields: &[Field], settings: &mut Settings) -> Secrets {
    fields
        .iter()
        .filter(|field| field.kind.is_secret())
        .filter_map(|field| match settings.remove(&field.key)? {
            Value::String(text) => Some((field.key.clone(), text)),
            _ => None,
        })
        .collect()
}

/// Puts the secrets back in, as the collector needs them.
pub fn with_secrets(mut settings: Settings, secrets: &Secrets) -> Settings {
    for (key, value) in secrets {
        settings.insert(key.clone(), Value::String(value.clone()));
    }
    settings
}

fn normalise(fields: &[Field], given: &Settings) -> Result<Settings, Vec<FieldProblem>> {
    let mut settings = Settings::new();
    let mut problems = unknown_keys(fields, given);
    for field in fields {
        if let Some(when) = &field.only_when
            && !applies(fields, given, when)
        {
            continue;
        }
        match given.get(&field.key).map_or(Ok(None), |value| value_of(field, value)) {
            Ok(Some(value)) => {
                settings.insert(field.key.clone(), value);
            }
            Ok(None) if field.required => problems.push(FieldProblem::new(
                &field.key,
                format!("{} is missing", field.label),
                required_remedy(field),
            )),
            Ok(None) => {}
            Err((detail, remedy)) => problems.push(FieldProblem::new(&field.key, detail, remedy)),
        }
    }
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

fn unknown_keys(fields: &[Field], given: &Settings) -> Vec<FieldProblem> {
    let known: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    given
        .keys()
        .filter(|key| !known.contains(&key.as_str()))
        .map(|key| FieldProblem::new(key, "is not a setting of this system", suggest::remedy(key, &known)))
        .collect()
}

/// Whether the other field has one of the values, its default counting when it is left empty.
fn applies(fields: &[Field], given: &Settings, when: &OnlyWhen) -> bool {
    let other = fields.iter().find(|field| field.key == when.key);
    let value = given
        .get(&when.key)
        .and_then(as_typed)
        .or_else(|| other.and_then(|field| field.default.clone()));
    // A switch without a default is off.
    let value = value.or_else(|| {
        other
            .filter(|field| field.kind == FieldKind::Switch)
            .map(|_| "false".to_string())
    });
    value.is_some_and(|value| when.values.contains(&value))
}

/// A value as it would be typed into the form; nothing for an empty one.
fn as_typed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(on) => Some(on.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The value in its field's type, `None` when it is empty, or what is wrong with it and the remedy.
fn value_of(field: &Field, value: &Value) -> Result<Option<Value>, (String, String)> {
    if value.is_null() {
        return Ok(None);
    }
    match &field.kind {
        FieldKind::Text => Ok(filled(text_of(value)?.trim())),
        // Blanks may belong to a password.
        FieldKind::Secret | FieldKind::Lines { .. } => Ok(filled(text_of(value)?)),
        FieldKind::List => list_of(value),
        FieldKind::Switch => switch_of(value),
        FieldKind::Choice { options } => {
            let text = text_of(value)?;
            let known: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            if text.is_empty() || known.contains(&text) {
                Ok(filled(text))
            } else {
                Err((
                    format!("`{text}` is not one of the choices"),
                    suggest::remedy(text, &known),
                ))
            }
        }
        FieldKind::Number { min, max, unit } => number_of(value, *min, *max, unit),
    }
}

fn filled(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::String(text.to_string()))
}

fn text_of(value: &Value) -> Result<&str, (String, String)> {
    value
        .as_str()
        .ok_or_else(|| ("is not a text".to_string(), "Write it in quotes.".to_string()))
}

fn list_of(value: &Value) -> Result<Option<Value>, (String, String)> {
    let not_a_list = || {
        (
            "is not a list of texts".to_string(),
            "Write it as [\"one\", \"two\"].".to_string(),
        )
    };
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split([',', '\n']).collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().ok_or_else(not_a_list))
            .collect::<Result<_, _>>()?,
        _ => return Err(not_a_list()),
    };
    let texts: Vec<Value> = texts.into_iter().filter_map(|text| filled(text.trim())).collect();
    Ok((!texts.is_empty()).then_some(Value::Array(texts)))
}

fn switch_of(value: &Value) -> Result<Option<Value>, (String, String)> {
    match value {
        Value::Bool(on) => Ok(Some(Value::Bool(*on))),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text == "true" || text == "false" => Ok(Some(Value::Bool(text == "true"))),
        _ => Err((
            "is neither true nor false".into(),
            "Write true or false, without quotes.".into(),
        )),
    }
}

fn number_of(value: &Value, min: i64, max: i64, unit: &str) -> Result<Option<Value>, (String, String)> {
    let number = match value {
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    let span = format!("Give a whole number from {min} to {max} {unit}")
        .trim_end()
        .to_string()
        + ".";
    match number {
        None => Err(("is not a whole number".to_string(), span)),
        Some(number) if number < min || number > max => Err((format!("{number} is out of range"), span)),
        Some(number) => Ok(Some(Value::from(number))),
    }
}

fn required_remedy(field: &Field) -> String {
    match &field.placeholder {
        Some(example) => format!("Fill in `{}`, for example {example}.", field.key),
        None => format!("Fill in `{}`.", field.key),
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
