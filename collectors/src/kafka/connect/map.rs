//! Connectors as entities, and the edges between topics, connectors and what is behind them.

use std::collections::BTreeSet;

use brokerscope_contract::{Absence, Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, Warning};

use super::memory::Memory;
use super::mirror;
use super::wire::{Connector, Direction};

pub fn key(connector: &str) -> EntityKey {
    EntityKey::new(EntityKind::Connector, [connector])
}

/// What is behind a connector is known by its class only: addresses are among its settings, and so are secrets.
fn beyond(name: &str, connector: &Connector) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, [name, connector.class()])
}

/// What an edge may begin or end at.
pub trait Known {
    fn topic(&self, name: &str) -> Option<EntityKey>;
    fn group(&self, name: &str) -> Option<EntityKey>;
}

/// `workers` are the hosts by which Kafka Connect is reached.
pub fn entities(memory: &Memory, known: &impl Known, workers: &[&str]) -> Vec<Entity> {
    let mut entities = mirror::entities(memory, known, workers);
    for (name, connector) in memory.connectors.iter().flatten() {
        entities.push(entity(name, connector));
        if !mirror::is_mirror(name, connector, memory, known) {
            let mut beyond = Entity::new(beyond(name, connector));
            let note = "the system that this connector's class is made for";
            beyond.attributes.push(Attribute::new("connector", name).note(note));
            entities.push(beyond);
        }
    }
    entities
}

fn entity(name: &str, connector: &Connector) -> Entity {
    let mut entity = Entity::new(key(name));
    let (status, settings) = (&connector.status, &connector.info.config);
    let mut add = |attribute| entity.attributes.push(attribute);
    add(match connector.info.direction {
        Direction::Source => Attribute::new("type", "source").note("writes to Kafka"),
        Direction::Sink => Attribute::new("type", "sink").note("reads from Kafka"),
        Direction::Unknown => {
            Attribute::new("type", "unknown").note("its class is not installed on the worker that answered")
        }
    });
    add(Attribute::new("state", &status.connector.state));
    add(Attribute::new(
        "connector.class",
        settings.class.as_deref().unwrap_or("not told"),
    ));
    let running = status.tasks.iter().filter(|task| task.state.state == "RUNNING").count();
    add(Attribute::new(
        "tasks running",
        format!("{running} of {}", status.tasks.len()),
    ));
    if !status.connector.worker_id.is_empty() {
        add(Attribute::new("worker", &status.connector.worker_id).note("tasks may run on others"));
    }
    let named = [
        ("tasks.max", &settings.tasks_max),
        ("topics", &settings.topics),
        ("topics.regex", &settings.topics_regex),
        ("source.cluster.alias", &settings.source_cluster),
        ("target.cluster.alias", &settings.target_cluster),
        ("errors.deadletterqueue.topic.name", &settings.dead_letters),
    ];
    for (name, value) in named {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            add(Attribute::new(name, value));
        }
    }
    match settings.tolerance.as_deref() {
        Some("all") if connector.dead_letters().is_none() => add(Attribute::new("errors.tolerance", "all")
            .note("messages that it cannot handle are dropped without a trace: no dead-letter topic is set")),
        Some(tolerance) => add(Attribute::new("errors.tolerance", tolerance)),
        None => {}
    }
    entity
}

pub fn links(memory: &Memory, known: &impl Known) -> Vec<Link> {
    let mut links = mirror::links(memory, known);
    for (name, connector) in memory.connectors.iter().flatten() {
        let mut link = |from: EntityKey, to: EntityKey, kind, evidence| {
            links.push(Link {
                from,
                to,
                kind,
                label: None,
                evidence,
            });
        };
        match connector.info.direction {
            Direction::Sink => {
                link(key(name), beyond(name, connector), LinkKind::Copies, Evidence::Declared);
                // Through its group, unless it has never read anything.
                let group = connector.group(name).and_then(|group| known.group(&group));
                let reader = group.clone().unwrap_or_else(|| key(name));
                let kind = match &group {
                    Some(group) => {
                        link(group.clone(), key(name), LinkKind::Consumes, Evidence::Declared);
                        LinkKind::Subscribes
                    }
                    None => LinkKind::Consumes,
                };
                for topic in connector.topics().filter_map(|topic| known.topic(topic)) {
                    link(topic, reader.clone(), kind, Evidence::Declared);
                }
            }
            Direction::Source => {
                if !mirror::is_mirror(name, connector, memory, known) {
                    link(beyond(name, connector), key(name), LinkKind::Copies, Evidence::Declared);
                }
                let written: BTreeSet<&String> = memory.written.get(name).into_iter().flatten().collect();
                for topic in written.into_iter().filter_map(|topic| known.topic(topic)) {
                    link(key(name), topic, LinkKind::Publishes, Evidence::Connected);
                }
            }
            Direction::Unknown => {}
        }
        if let Some(topic) = connector.dead_letters().and_then(|topic| known.topic(topic)) {
            links.push(Link {
                from: key(name),
                to: topic,
                kind: LinkKind::DeadLetter,
                label: Some("errors.deadletterqueue.topic.name".into()),
                evidence: Evidence::Declared,
            });
        }
    }
    links
}

pub fn warnings(memory: &Memory) -> Vec<Warning> {
    let warning = |reason, text, remedy| Warning {
        reason,
        metrics: Vec::new(),
        entity: None,
        text,
        remedy,
    };
    let mut warnings = Vec::new();
    if let Some(failure) = &memory.trouble {
        let stands = match memory.connectors {
            Some(_) => "connectors are shown as they were last",
            None => "no connector is shown",
        };
        let text = format!("Kafka Connect could not be asked: {failure}; {stands}.");
        warnings.push(warning(failure.absence(), text, Some(failure.remedy())));
    }
    if let Some(failure) = &memory.written_trouble {
        let disabled = failure.to_string().contains("racking is disabled");
        let (reason, remedy) = match disabled {
            true => (
                Absence::Disabled,
                "Set topic.tracking.enable=true on the workers.".to_string(),
            ),
            false => (failure.absence(), failure.remedy()),
        };
        let text = format!("Where source connectors write to is not told: {failure}.");
        warnings.push(warning(reason, text, Some(remedy)));
    }
    warnings
}
