//! Virtual hosts, exchanges and queues as entities.

use std::collections::HashSet;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind};

use super::attributes;
use crate::rabbitmq::inventory::Inventory;
use crate::rabbitmq::super_streams::SuperStreams;
use crate::rabbitmq::wire::{Exchange, Queue, Vhost};

/// Every object of the inventory.
pub fn entities(inventory: &Inventory, super_streams: &SuperStreams) -> Vec<Entity> {
    let bound: HashSet<(&str, &str)> = inventory
        .bindings
        .iter()
        .map(|binding| (binding.vhost.as_str(), binding.source.as_str()))
        .collect();
    let vhosts = inventory.vhosts.iter().map(vhost);
    let exchanges = inventory.exchanges.iter().map(|exchange| {
        let is_bound = bound.contains(&(exchange.vhost.as_str(), exchange.name.as_str()));
        let mut entity = self::exchange(exchange, is_bound, inventory);
        if let Some(partitions) = super_streams.partitions(&exchange.key()) {
            let of = format!("of {}", many(partitions.len()));
            let note = "its partitions are streams of their own; figures are sums over all of them";
            entity.attributes.push(Attribute::new("super stream", of).note(note));
        }
        entity
    });
    let queues = inventory.queues.iter().map(|queue| {
        let mut entity = self::queue(queue, inventory);
        if let Some(whole) = super_streams.containing(&queue.key()) {
            entity.parent = Some(whole.key(EntityKind::Exchange));
            let note = "it is one partition of it";
            entity
                .attributes
                .push(Attribute::new("super stream", &whole.name).note(note));
        }
        entity
    });
    vhosts.chain(exchanges).chain(queues).collect()
}

fn many(partitions: usize) -> String {
    match partitions {
        1 => "1 partition".into(),
        n => format!("{n} partitions"),
    }
}

fn vhost(vhost: &Vhost) -> Entity {
    let mut entity = Entity::new(EntityKey::new(EntityKind::Vhost, [vhost.name.as_str()]));
    let mut add = |name: &str, value: Option<&str>| {
        let value = value.filter(|value| !value.is_empty() && *value != "undefined");
        entity.attributes.extend(value.map(|value| Attribute::new(name, value)));
    };
    add("description", vhost.description.as_deref());
    add("default queue type", vhost.default_queue_type.as_deref());
    if vhost.tracing {
        let note = "every message is copied to amq.rabbitmq.trace, which costs throughput";
        entity.attributes.push(Attribute::new("tracing", "on").note(note));
    }
    entity
}

/// The exchanges that every virtual host is born with are the broker's own until somebody binds to them.
fn exchange(exchange: &Exchange, is_bound: bool, inventory: &Inventory) -> Entity {
    let mut entity = Entity::new(exchange.key().key(EntityKind::Exchange));
    entity.parent = Some(EntityKey::new(EntityKind::Vhost, [exchange.vhost.as_str()]));
    entity.attributes = attributes::of_exchange(exchange, &inventory.policies.of_exchange(exchange));
    let predeclared = exchange.name.is_empty() || exchange.name.starts_with("amq.");
    entity.internal = exchange.internal || (predeclared && !is_bound);
    entity
}

fn queue(queue: &Queue, inventory: &Inventory) -> Entity {
    let mut entity = Entity::new(queue.key().key(queue.kind().entity_kind()));
    entity.parent = Some(EntityKey::new(EntityKind::Vhost, [queue.vhost.as_str()]));
    entity.attributes = attributes::of_queue(queue, &inventory.policies.of_queue(queue));
    entity.internal = queue.internal;
    entity
}
