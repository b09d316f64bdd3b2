//! Functions and connectors as entities, and the edges between them, topics, and what is behind them.

use std::collections::BTreeSet;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind};

use super::Kind;
use super::memory::Id;
use super::wire::Config;
use crate::pulsar::map::{Mapped, View, topics::subscription_key};
use crate::pulsar::names::TopicName;

/// Adds what the worker told to what is known of connected clients.
pub fn map(view: View<'_>, into: &mut Mapped) {
    if view.functions.components.is_empty() {
        return;
    }
    let mut declared = Vec::new();
    for ((id, kind), known) in &view.functions.components {
        describe(id, *kind, known.config.as_ref(), into);
        if let Some(config) = &known.config {
            edges(view, id, *kind, config, &mut declared);
            beyond(id, *kind, config, into, &mut declared);
        }
    }
    // What was seen says more than what is configured.
    let seen: BTreeSet<(&EntityKey, &EntityKey, LinkKind)> = into
        .links
        .iter()
        .map(|link| (&link.from, &link.to, link.kind))
        .collect();
    declared.retain(|link| !seen.contains(&(&link.from, &link.to, link.kind)));
    into.links.extend(declared);
}

fn describe(id: &Id, kind: Kind, config: Option<&Config>, into: &mut Mapped) {
    let key = id.key();
    let mut attributes = vec![Attribute::new("type", kind.singular()).note(match kind {
        Kind::Function => "reads from Pulsar and writes to Pulsar",
        Kind::Source => "writes to Pulsar",
        Kind::Sink => "reads from Pulsar",
    })];
    if let Some(config) = config {
        let parallelism = config.parallelism.map(|n| n.to_string());
        let joined = |names: BTreeSet<&str>| {
            let names: Vec<&str> = names.into_iter().collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let inputs = joined(config.inputs());
        let patterns = joined(config.patterns());
        let told = [
            ("made of", Some(config.made_of())),
            ("class", config.class_name.as_deref()),
            ("inputs", inputs.as_deref()),
            ("topics pattern", patterns.as_deref()),
            ("output", config.output(kind)),
            ("log topic", config.log_topic.as_deref()),
            ("dead-letter topic", config.dead_letter_topic.as_deref()),
            ("subscription", config.subscription()),
            ("instances wanted", parallelism.as_deref()),
            ("runtime", config.runtime.as_deref()),
            ("processing guarantees", config.processing_guarantees.as_deref()),
        ];
        let told = told.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let told = told.filter(|(_, text)| !text.is_empty());
        attributes.extend(told.map(|(name, text)| Attribute::new(name, text)));
    }
    match into.entities.iter_mut().find(|entity| entity.key == key) {
        Some(connected) => connected.attributes.extend(attributes),
        None => {
            let mut entity = Entity::new(key);
            entity.attributes = attributes;
            into.entities.push(entity);
        }
    }
}

/// What is behind a connector is known by what it is made of: addresses are among its settings, and so are secrets.
fn beyond(id: &Id, kind: Kind, config: &Config, into: &mut Mapped, links: &mut Vec<Link>) {
    if kind == Kind::Function {
        return;
    }
    let component = id.key();
    let path = component.path.iter().cloned().chain([config.made_of().into()]);
    let mut entity = Entity::new(EntityKey::new(EntityKind::Endpoint, path));
    entity
        .attributes
        .push(Attribute::new("connector", id.full()).note("the system that this connector is made for"));
    links.push(match kind {
        Kind::Source => link(entity.key.clone(), component, LinkKind::Copies, None),
        _ => link(component, entity.key.clone(), LinkKind::Copies, None),
    });
    into.entities.push(entity);
}

fn edges(view: View<'_>, id: &Id, kind: Kind, config: &Config, links: &mut Vec<Link>) {
    let known = |text: &str| topic(text).filter(|name| view.wholes.contains_key(name));
    let own = id.full();
    let subscription = config.subscription().unwrap_or(&own);
    let inputs = if kind == Kind::Source {
        BTreeSet::new()
    } else {
        config.inputs()
    };
    for input in inputs.into_iter().filter_map(known) {
        // Through its subscription, unless it has never read anything.
        let from = match has(view, &input, subscription) {
            true => subscription_key(&input, subscription),
            false => input.key(),
        };
        links.push(link(from, id.key(), LinkKind::Consumes, None));
    }
    if let Some(output) = config.output(kind).and_then(known) {
        links.push(link(id.key(), output.key(), LinkKind::Publishes, None));
    }
    if let Some(log) = config.log_topic.as_deref().and_then(known) {
        links.push(link(id.key(), log.key(), LinkKind::Publishes, Some("logTopic")));
    }
    if let Some(letters) = config.dead_letter_topic.as_deref().and_then(known) {
        links.push(link(
            id.key(),
            letters.key(),
            LinkKind::DeadLetter,
            Some("deadLetterTopic"),
        ));
    }
}

fn has(view: View<'_>, topic: &TopicName, subscription: &str) -> bool {
    let loaded = view.wholes.get(topic).into_iter().flat_map(|whole| &whole.loaded);
    let mut loaded = loaded.map(|(_, topic)| topic.subscriptions.contains_key(subscription));
    let remembered = view.inventory.subscriptions.get(topic);
    loaded.any(|has| has) || remembered.is_some_and(|names| names.contains(subscription))
}

/// A topic as people write it: `words` is `persistent://public/default/words`.
fn topic(text: &str) -> Option<TopicName> {
    let full = match (text.contains("://"), text.matches('/').count()) {
        (true, _) => text.to_string(),
        (false, 0) => format!("persistent://public/default/{text}"),
        (false, _) => format!("persistent://{text}"),
    };
    TopicName::parse(&full).map(|name| name.whole())
}

fn link(from: EntityKey, to: EntityKey, kind: LinkKind, label: Option<&str>) -> Link {
    Link {
        from,
        to,
        kind,
        label: label.map(Into::into),
        evidence: Evidence::Declared,
    }
}
