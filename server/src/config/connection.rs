//! `[[connection]]`: a broker cluster; its keys are the fields of its system's table.

use std::ops::Range;

use brokerscope_collectors::Factory;
use brokerscope_contract::{Settings, System};
use serde_json::Value;
use toml::de::DeValue;

use super::file::Surroundings;
use super::model::DeclaredConnection;
use super::outside::Outside;
use super::section::{Item, Section};
use crate::{names, settings};

pub fn read(sections: Vec<Section<'_>>, surroundings: &Surroundings<'_>) -> Vec<DeclaredConnection> {
    let mut connections: Vec<DeclaredConnection> = Vec::new();
    for mut section in sections {
        let name = name(&mut section, surroundings, &connections);
        if let Some(name) = &name {
            section.named(name);
        }
        let system = system(&mut section, surroundings);
        let paused = section.switch("paused").unwrap_or(false);
        // Without a known system nothing can be said about the other keys.
        let Some(factory) = system else { continue };
        let settings = read_settings(section, factory, &surroundings.outside);
        if let (Some(name), Some(settings)) = (name, settings) {
            connections.push(DeclaredConnection {
                name,
                system: factory.system(),
                paused,
                settings,
            });
        }
    }
    connections
}

fn name(section: &mut Section<'_>, surroundings: &Surroundings<'_>, before: &[DeclaredConnection]) -> Option<String> {
    let Some(given) = section.text("name", &surroundings.outside) else {
        section.note_missing("name", "is missing", "Add name = \"…\" to this [[connection]].");
        return None;
    };
    match names::name(given.get_ref()) {
        Err((detail, remedy)) => {
            section.note(&given.span(), "name", detail, remedy);
            None
        }
        Ok(name) if before.iter().any(|other| other.name == name) => {
            let detail = format!("another connection is called \"{name}\" already");
            section.note(&given.span(), "name", detail, "Give each connection a name of its own.");
            None
        }
        Ok(name) => Some(name),
    }
}

fn system<'s>(section: &mut Section<'_>, surroundings: &Surroundings<'s>) -> Option<&'s dyn Factory> {
    let known: Vec<(&str, System)> = surroundings
        .factories
        .iter()
        .map(|factory| (factory.system().slug(), factory.system()))
        .collect();
    let system = section.choice("system", &known);
    if system.is_none() && section.item("system").is_none() {
        let slugs: Vec<&str> = known.iter().map(|(slug, _)| *slug).collect();
        section.note_missing(
            "system",
            "is missing",
            format!("Add system = \"…\": one of {}.", slugs.join(", ")),
        );
    }
    let factories = surroundings.factories.iter();
    system.and_then(|system| factories.map(Box::as_ref).find(|factory| factory.system() == system))
}

/// The settings in their normal form; nothing when anything about them is wrong, which is then noted.
fn read_settings(section: Section<'_>, factory: &dyn Factory, outside: &Outside<'_>) -> Option<Settings> {
    let fields = factory.fields();
    let mut given = Settings::new();
    let mut places: Vec<(&str, Range<usize>)> = Vec::new();
    let mut readable = true;
    for (key, span, item) in section.rest() {
        // A key that cannot be read is kept as a place, so that it is not reported as missing too.
        places.push((key, span));
        match json(item, outside) {
            Ok(value) => {
                given.insert(key.to_string(), value);
            }
            Err((detail, remedy)) => {
                section.note_item(item, key, detail, remedy);
                readable = false;
            }
        }
    }
    let place = |key: &str| {
        let key = key.split(['.', '[']).next().unwrap_or(key);
        places.iter().find(|(known, _)| *known == key).map(|(_, span)| span)
    };
    for (field, when) in settings::unread(&fields, &given) {
        if let Some(span) = place(&field.key) {
            let detail = format!("has no effect unless `{}` is {}", when.key, when.values.join(" or "));
            section.note(span, &field.key, detail, format!("Remove it, or set `{}`.", when.key));
            readable = false;
        }
    }
    match settings::check(factory, &given) {
        Ok(settings) => readable.then_some(settings),
        Err(problems) => {
            for problem in problems {
                match place(&problem.field) {
                    Some(_) if !readable && !given.contains_key(&problem.field) => {}
                    Some(span) => section.note(span, &problem.field, problem.detail, problem.remedy),
                    None => section.note_missing(&problem.field, problem.detail, problem.remedy),
                }
            }
            None
        }
    }
}

fn json(item: Item<'_>, outside: &Outside<'_>) -> Result<Value, (String, String)> {
    match item.get_ref() {
        DeValue::String(text) => Ok(Value::String(text.to_string())),
        DeValue::Boolean(on) => Ok(Value::Bool(*on)),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(Value::from)
            .map_err(|_| ("is too large".to_string(), "Give a smaller number.".to_string())),
        DeValue::Array(items) => items
            .iter()
            .map(|item| json(item, outside))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        DeValue::Table(table) => outside
            .resolve(table)
            .map(Value::String)
            .map_err(|problem| (problem.detail, problem.remedy)),
        DeValue::Float(_) | DeValue::Datetime(_) => Err((
            "is neither a text, a whole number, true or false, nor a list".to_string(),
            "Put it in quotes if it is a text.".to_string(),
        )),
    }
}
