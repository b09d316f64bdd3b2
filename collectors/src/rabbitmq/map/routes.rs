//! How messages travel between exchanges and queues: bindings and alternate exchanges as links.

use std::collections::BTreeMap;

use brokerscope_contract::{EntityKey, EntityKind, Evidence, Link, LinkKind};

use crate::rabbitmq::inventory::Inventory;
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::policies::text_of;
use crate::rabbitmq::wire::Binding;

/// Two objects joined by more bindings than this get one link that says how many: nobody reads a hundred keys on one
/// line.
const MOST_LINKS_OF_A_PAIR: usize = 8;

/// Bindings and alternate exchanges, and what the default exchange was seen to do.
pub fn links(inventory: &Inventory, default_routes: &[Name]) -> Vec<Link> {
    let kinds = kinds(inventory);
    let mut pairs: BTreeMap<(EntityKey, EntityKey), Vec<String>> = BTreeMap::new();
    for binding in &inventory.bindings {
        let from = Name::new(&binding.vhost, &binding.source).key(EntityKind::Exchange);
        pairs
            .entry((from, target(binding, &kinds)))
            .or_default()
            .push(label(binding));
    }
    let bindings = pairs.into_iter().flat_map(|((from, to), mut labels)| {
        labels.sort_unstable();
        labels.dedup();
        if labels.len() > MOST_LINKS_OF_A_PAIR {
            labels = vec![format!("{} routing keys", labels.len())];
        }
        labels.into_iter().map(move |label| Link {
            from: from.clone(),
            to: to.clone(),
            kind: LinkKind::Binding,
            label: Some(label).filter(|label| !label.is_empty()),
            evidence: Evidence::Declared,
        })
    });
    let defaults = default_routes.iter().map(|queue| Link {
        from: Name::new(&queue.vhost, "").key(EntityKind::Exchange),
        to: queue_key(queue, &kinds),
        kind: LinkKind::Binding,
        label: None,
        evidence: Evidence::Counted,
    });
    bindings.chain(defaults).chain(alternates(inventory)).collect()
}

/// The kinds of the queues, by name.
pub type Kinds<'a> = BTreeMap<(&'a str, &'a str), QueueType>;

pub fn kinds(inventory: &Inventory) -> Kinds<'_> {
    inventory
        .queues
        .iter()
        .map(|queue| ((queue.vhost.as_str(), queue.name.as_str()), queue.kind()))
        .collect()
}

/// The key of a queue; one that is not in the inventory counts as a plain queue.
pub fn queue_key(name: &Name, kinds: &Kinds<'_>) -> EntityKey {
    let kind = kinds.get(&(name.vhost.as_str(), name.name.as_str())).copied();
    name.key(kind.unwrap_or(QueueType::Classic).entity_kind())
}

fn target(binding: &Binding, kinds: &Kinds<'_>) -> EntityKey {
    let name = Name::new(&binding.vhost, &binding.destination);
    match binding.destination_type.as_str() {
        "exchange" => name.key(EntityKind::Exchange),
        _ => queue_key(&name, kinds),
    }
}

/// The routing key, or what a headers exchange compares.
fn label(binding: &Binding) -> String {
    let arguments = binding.arguments.iter().map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key}={text}"),
        None => format!("{key}={value}"),
    });
    let key = Some(binding.routing_key.clone()).filter(|key| !key.is_empty());
    key.into_iter().chain(arguments).collect::<Vec<_>>().join(", ")
}

fn alternates(inventory: &Inventory) -> impl Iterator<Item = Link> {
    inventory.exchanges.iter().filter_map(|exchange| {
        let settings = inventory.policies.of_exchange(exchange);
        let target = text_of(&settings, "alternate-exchange")?;
        Some(Link {
            from: exchange.key().key(EntityKind::Exchange),
            to: Name::new(&exchange.vhost, target).key(EntityKind::Exchange),
            kind: LinkKind::AlternateExchange,
            label: None,
            evidence: Evidence::Declared,
        })
    })
}
