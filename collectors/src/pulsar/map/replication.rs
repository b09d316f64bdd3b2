//! What is copied to other clusters, and how far that is behind.

use std::collections::BTreeSet;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind};

use super::{Mapped, View};

/// Another Pulsar cluster, by its name.
pub fn endpoint(cluster: &str) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, [format!("pulsar cluster {cluster}")])
}

/// Edges to the clusters that topics are copied to. Topics that receive copies have a producer that says so.
pub fn map(view: View<'_>, into: &mut Mapped) {
    let mut clusters: BTreeSet<&str> = BTreeSet::new();
    for (name, whole) in view.wholes {
        let remote: BTreeSet<&str> = whole
            .loaded
            .iter()
            .flat_map(|(_, topic)| topic.replication.keys())
            .map(String::as_str)
            .collect();
        for cluster in remote {
            clusters.insert(cluster);
            into.links.push(Link {
                from: name.key(),
                to: endpoint(cluster),
                kind: LinkKind::Copies,
                label: Some("geo-replication".into()),
                evidence: Evidence::Declared,
            });
        }
    }
    for cluster in clusters {
        let key = endpoint(cluster);
        if !into.entities.iter().any(|entity| entity.key == key) {
            let mut entity = Entity::new(key);
            entity.attributes.push(Attribute::new("cluster", cluster));
            into.entities.push(entity);
        }
    }
}
