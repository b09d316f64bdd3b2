//! Schemas as attributes of their topics.

use brokerscope_contract::{Attribute, Warning};

use super::memory::{Memory, Subject};
use super::{Part, subject};

/// What the registry says of a topic's keys and values; nothing of a part that has no subject by this name.
pub fn attributes(memory: &Memory, topic: &str) -> Vec<Attribute> {
    let parts = [(Part::Key, "key schema"), (Part::Value, "value schema")];
    parts
        .into_iter()
        .filter_map(|(part, label)| {
            let name = subject(topic, part);
            memory.names.as_ref()?.get(&name)?;
            Some(match memory.subjects.get(&name) {
                Some(known) => attribute(memory, label, &name, known),
                None => Attribute::new(label, "not asked yet").note(format!("subject {name}: has its turn soon")),
            })
        })
        .collect()
}

fn attribute(memory: &Memory, label: &str, name: &str, subject: &Subject) -> Attribute {
    let mut value = Vec::new();
    match &subject.latest {
        Some((version, kind)) => value.extend([format!("version {version}"), kind.clone()]),
        None => value.push("version not known".into()),
    }
    let mut notes = vec![format!("subject {name}, by the topic's name")];
    if let Some(count) = subject.versions {
        notes.push(match count {
            1 => "1 version is kept".into(),
            n => format!("{n} versions are kept"),
        });
    }
    match (&subject.level, &memory.level) {
        (Some(Some(own)), _) => {
            value.push(own.clone());
            notes.push("compatibility of its own".into());
        }
        (Some(None), Some(Ok(level))) => {
            value.push(level.clone());
            notes.push("compatibility of the whole registry".into());
        }
        _ => notes.push("its compatibility is not known".into()),
    }
    if let Some(failure) = &subject.trouble {
        notes.push(failure.to_string());
    }
    if memory.trouble.is_some() {
        notes.push("as the registry told last".into());
    }
    Attribute::new(label, value.join(", ")).note(notes.join("; "))
}

/// Of the whole registry, with the connection: `topics` are all topics that are seen.
pub fn summary<'a>(memory: &Memory, topics: impl Iterator<Item = &'a str>) -> Option<Attribute> {
    let names = memory.names.as_ref()?;
    let joined: usize = topics
        .map(|topic| {
            let has = |part: &Part| names.contains(&subject(topic, *part));
            [Part::Key, Part::Value].iter().filter(|part| has(part)).count()
        })
        .sum();
    let others = names.len().saturating_sub(joined);
    let attribute = Attribute::new("schema subjects", names.len().to_string());
    Some(match others {
        0 => attribute,
        n => attribute.note(format!(
            "{n} of them are named after no topic that is seen here, by another naming strategy or for a topic that is gone"
        )),
    })
}

pub fn warnings(memory: &Memory) -> Vec<Warning> {
    let Some(failure) = &memory.trouble else {
        return Vec::new();
    };
    let stands = match memory.names {
        Some(_) => "schemas are shown as they were last",
        None => "no schema is shown",
    };
    vec![Warning {
        reason: failure.absence(),
        metrics: Vec::new(),
        entity: None,
        text: format!("The Schema Registry could not be asked: {failure}; {stands}."),
        remedy: Some(failure.remedy()),
    }]
}
