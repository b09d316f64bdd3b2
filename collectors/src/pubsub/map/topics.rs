//! Topics with the settings that explain them.

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind};

use super::{attribute, labels, lasting, project_key};
use crate::pubsub::inventory::Inventory;
use crate::pubsub::wire::Topic;

/// The topics of a project. `readers` is how many subscriptions of all watched projects each one has, by full name.
pub fn entities(project: &str, inventory: &Inventory, readers: &BTreeMap<&str, usize>) -> Vec<Entity> {
    let mut snapshots: BTreeMap<&str, usize> = BTreeMap::new();
    for snapshot in &inventory.snapshots {
        *snapshots.entry(&snapshot.topic).or_default() += 1;
    }
    let entity = |(id, topic): (&String, &Topic)| {
        let mut entity = Entity::new(EntityKey::new(EntityKind::Topic, [project, id]));
        entity.parent = Some(project_key(project));
        let count = |of: &BTreeMap<&str, usize>| of.get(topic.name.as_str()).copied().unwrap_or(0);
        entity.attributes = attributes(topic, count(readers), count(&snapshots));
        entity
    };
    inventory.topics.iter().map(entity).collect()
}

fn attributes(topic: &Topic, readers: usize, snapshots: usize) -> Vec<Attribute> {
    let schema = topic
        .schema_settings
        .as_ref()
        .filter(|schema| !schema.schema.is_empty());
    let policy = topic.message_storage_policy.as_ref();
    let regions = policy.map(|policy| policy.allowed_persistence_regions.join(", "));
    let ingestion = topic.ingestion_data_source_settings.as_ref();
    let source = ingestion.and_then(|settings| settings.keys().find(|key| *key != "platformLogsSettings"));
    let state = topic.state.as_ref();
    [
        Some(subscriptions(readers)),
        state
            .filter(|state| !matches!(state.as_str(), "ACTIVE" | "STATE_UNSPECIFIED"))
            .map(|state| attribute("state", state)),
        lasting(
            "messageRetentionDuration",
            topic.message_retention_duration.as_ref(),
            "published messages stay readable for",
        ),
        schema.map(|schema| {
            let shown = attribute("schema", &schema.schema);
            match schema.encoding.as_deref().unwrap_or_default() {
                "" => shown,
                encoding => shown.note(format!(
                    "messages are checked against it, as {}",
                    encoding.to_lowercase()
                )),
            }
        }),
        source.map(|source| attribute("ingestion", source).note("the topic itself takes messages in from there")),
        regions
            .filter(|regions| !regions.is_empty())
            .map(|regions| attribute("allowedPersistenceRegions", &regions)),
        topic.kms_key_name.as_ref().map(|key| attribute("kmsKeyName", key)),
        (snapshots > 0).then(|| attribute("snapshots", &snapshots.to_string())),
        labels(&topic.labels),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn subscriptions(readers: usize) -> Attribute {
    let shown = attribute("subscriptions", &readers.to_string());
    match readers {
        0 => shown.note("none in the watched projects: what is published here is lost unless others subscribe"),
        _ => shown,
    }
}
