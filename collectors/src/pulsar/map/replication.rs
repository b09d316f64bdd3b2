//! What is copied to other clusters.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{
    Attribute, Elsewhere, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, Site, System,
};

use super::{Mapped, View};
use crate::pulsar::names::TopicName;

/// A topic as another cluster has it.
pub fn endpoint(cluster: &str, topic: &TopicName) -> EntityKey {
    let topic = format!("topic {}", topic.key().path.join("/"));
    EntityKey::new(EntityKind::Endpoint, [format!("pulsar cluster {cluster}"), topic])
}

/// Copies keep the names of their topics.
pub fn entity(cluster: &str, topic: &TopicName) -> Entity {
    let mut entity = Entity::new(endpoint(cluster, topic));
    entity.attributes.push(Attribute::new("cluster", cluster));
    entity.stands_for = Some(Elsewhere {
        system: System::Pulsar,
        at: Site::Cluster(cluster.into()),
        keys: vec![topic.key()],
    });
    entity
}

/// Edges to the clusters that topics are copied to, and from those that copy: a topic tells both beside each other. Where
/// the other cluster's replicator is listed as a producer, that has made the latter already.
pub fn map(view: View<'_>, into: &mut Mapped) {
    let of_clients = into
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Endpoint);
    let known: BTreeSet<EntityKey> = of_clients.map(|entity| entity.key.clone()).collect();
    let copied = into.links.iter().filter(|link| link.kind == LinkKind::Copies);
    let copied: BTreeSet<(EntityKey, EntityKey)> = copied.map(|link| (link.from.clone(), link.to.clone())).collect();
    for (name, whole) in view.wholes {
        let mut remote: BTreeMap<&str, bool> = BTreeMap::new();
        for (cluster, replicator) in whole.loaded.iter().flat_map(|(_, topic)| &topic.replication) {
            let comes = replicator
                .inbound_connection
                .as_deref()
                .is_some_and(|from| !from.is_empty());
            *remote.entry(cluster).or_default() |= comes;
        }
        for (cluster, comes) in remote {
            let there = entity(cluster, name);
            let link = |from: EntityKey, to: EntityKey, evidence: Evidence| Link {
                from,
                to,
                kind: LinkKind::Copies,
                label: Some("geo-replication".into()),
                evidence,
            };
            into.links.push(link(name.key(), there.key.clone(), Evidence::Declared));
            if comes && !copied.contains(&(there.key.clone(), name.key())) {
                into.links
                    .push(link(there.key.clone(), name.key(), Evidence::Connected));
            }
            if !known.contains(&there.key) {
                into.entities.push(there);
            }
        }
    }
}
