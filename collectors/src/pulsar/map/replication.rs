//! What is copied to other clusters.

use std::collections::BTreeSet;

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

/// Edges to the clusters that topics are copied to. Topics that receive copies have a producer that says so.
pub fn map(view: View<'_>, into: &mut Mapped) {
    let of_clients = into
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Endpoint);
    let known: BTreeSet<EntityKey> = of_clients.map(|entity| entity.key.clone()).collect();
    for (name, whole) in view.wholes {
        let remote: BTreeSet<&str> = whole
            .loaded
            .iter()
            .flat_map(|(_, topic)| topic.replication.keys())
            .map(String::as_str)
            .collect();
        for cluster in remote {
            let there = entity(cluster, name);
            into.links.push(Link {
                from: name.key(),
                to: there.key.clone(),
                kind: LinkKind::Copies,
                label: Some("geo-replication".into()),
                evidence: Evidence::Declared,
            });
            if !known.contains(&there.key) {
                into.entities.push(there);
            }
        }
    }
}
