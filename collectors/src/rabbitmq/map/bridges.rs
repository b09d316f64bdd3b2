//! Shovels and federation links as parts of their virtual hosts, with a check and figures each.

use std::collections::BTreeSet;

use brokerscope_contract::{Absence, Attribute, CheckResult, Entity, EntityKey, EntityKind, Sample, Status, metrics};

use crate::rabbitmq::bridges::{Bridge, End, Id, Kind, Object, State};
use crate::rabbitmq::checks;

pub fn entity(bridge: &Bridge) -> Entity {
    let mut entity = Entity::new(bridge.id.key());
    entity.parent = Some(match &bridge.id.vhost {
        Some(vhost) => EntityKey::new(EntityKind::Vhost, [vhost.as_str()]),
        None => EntityKey::cluster(),
    });
    entity.attributes = vec![
        Attribute::new("kind", bridge.id.kind.word()),
        Attribute::new("state", word(&bridge.state)),
    ];
    match &bridge.ends {
        Some(ends) => {
            entity.attributes.push(Attribute::new("from", shown(&ends.from)));
            entity.attributes.push(Attribute::new("to", shown(&ends.to)));
        }
        None => {
            let note = "while it does not run, only users with the tag policymaker or administrator are told";
            entity
                .attributes
                .push(Attribute::new("from, to", "not told").note(note));
        }
    }
    entity
        .attributes
        .extend(bridge.node.as_ref().map(|node| Attribute::new("node", node)));
    if bridge.id.vhost.is_none() {
        let note = "defined in the configuration file of its node";
        entity.attributes.push(Attribute::new("static", "yes").note(note));
    }
    entity
}

fn word(state: &State) -> &'static str {
    match state {
        State::Running => "running",
        State::Flow => "running, slowed down",
        State::Blocked => "blocked",
        State::Starting => "connecting",
        State::Down(_) => "down",
    }
}

/// A place in words.
pub fn shown(end: &End) -> String {
    format!("{} at {}", object(&end.object), end.at)
}

pub fn object(object: &Object) -> String {
    match object {
        Object::Queue(name) => format!("queue {name}"),
        Object::Exchange(name, None) => format!("exchange {name}"),
        Object::Exchange(name, Some(key)) => format!("exchange {name}, key {key}"),
        Object::Address(address) => format!("address {address}"),
        Object::Unknown => "something that is not told".into(),
    }
}

pub fn samples(bridge: &Bridge) -> impl Iterator<Item = Sample> {
    let values = [
        (metrics::RABBITMQ_SHOVEL_FORWARDED, bridge.forwarded),
        (metrics::RABBITMQ_SHOVEL_PENDING, bridge.pending),
    ];
    let key = bridge.id.key();
    values
        .into_iter()
        .filter_map(move |(metric, value)| Some(Sample::new(key.clone(), metric, value?)))
}

/// `idle` are those that did not run when they were asked about before: one that is still connecting is not about to
/// run. Versions before 4 call a shovel that fails again and again so most of the time.
pub fn check(bridge: &Bridge, idle: &BTreeSet<Id>) -> CheckResult {
    let def = match bridge.id.kind {
        Kind::Shovel => checks::SHOVEL,
        Kind::Federation => checks::FEDERATION_LINK,
    };
    let key = bridge.id.key();
    match &bridge.state {
        State::Running => def.result(key, Status::Ok, between("runs", bridge)),
        State::Flow => def.result(
            key,
            Status::Ok,
            between("runs as fast as its destination takes messages", bridge),
        ),
        State::Blocked => {
            let text = "connected, but its destination takes no messages, as while it has an alarm";
            def.result(key, Status::Warning, between(text, bridge))
        }
        State::Starting if idle.contains(&bridge.id) => {
            let text = "not connected, and trying again; the broker's log says why";
            def.result(key, Status::Critical, between(text, bridge))
        }
        State::Starting => def.unknown(key, Absence::NoData, between("connecting", bridge)),
        State::Down(reason) => {
            let text = format!("not connected: {reason}");
            def.result(key, Status::Critical, between(&text, bridge))
        }
    }
}

fn between(text: &str, bridge: &Bridge) -> String {
    match &bridge.ends {
        Some(ends) => format!("{text} (from {} to {})", shown(&ends.from), shown(&ends.to)),
        None => text.into(),
    }
}
