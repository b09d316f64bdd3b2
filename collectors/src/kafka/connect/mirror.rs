//! Connectors that copy topics of another Kafka cluster: which topic there became which topic here.

use std::collections::BTreeSet;

use brokerscope_contract::{
    Attribute, Elsewhere, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, Site, System,
};

use super::map::Known;
use super::memory::Memory;
use super::wire::{Connector, Direction};
use crate::addresses::{self, is_loopback, own_machine};

/// A topic of the other cluster and the one that it is copied into.
struct Pair {
    from: EntityKey,
    into: EntityKey,
    original: String,
}

/// The topics that a connector has copied. Nothing where it copies no topics, or where it does not say from where.
fn pairs(name: &str, connector: &Connector, memory: &Memory, known: &impl Known) -> impl Iterator<Item = Pair> {
    let cluster = cluster(connector);
    let written = memory.written.get(name).into_iter().flatten();
    written.filter_map(move |topic| {
        let original = connector.original(topic)?;
        Some(Pair {
            from: EntityKey::new(EntityKind::Endpoint, [cluster.clone()?, format!("topic {original}")]),
            into: known.topic(topic)?,
            original: original.to_string(),
        })
    })
}

/// In words; by its name where the connector has one for it.
fn cluster(connector: &Connector) -> Option<String> {
    let settings = &connector.info.config;
    let servers = settings.source_servers()?;
    let alias = settings.source_cluster.as_deref().filter(|alias| !alias.is_empty());
    Some(match alias {
        Some(alias) => format!("Kafka cluster {alias}"),
        None => format!("Kafka cluster at {servers}"),
    })
}

/// Whether it is known what it copies, so that nothing vague needs to be drawn before it.
pub fn is_mirror(name: &str, connector: &Connector, memory: &Memory, known: &impl Known) -> bool {
    pairs(name, connector, memory, known).next().is_some()
}

/// The topics of other clusters. `workers` are the hosts by which Kafka Connect is reached.
pub fn entities(memory: &Memory, known: &impl Known, workers: &[&str]) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    let mut present = BTreeSet::new();
    for (name, connector) in memory.connectors.iter().flatten() {
        let sites = sites(connector, workers);
        for pair in pairs(name, connector, memory, known) {
            if !present.insert(pair.from.clone()) {
                continue;
            }
            let mut entity = Entity::new(pair.from);
            entity.attributes.push(Attribute::new("copied by", name));
            let servers = connector.info.config.source_servers();
            entity
                .attributes
                .extend(servers.map(|servers| Attribute::new("bootstrap servers", servers)));
            entity.stands_for = (!sites.is_empty()).then(|| Elsewhere {
                system: System::Kafka,
                at: Site::Addresses(sites.clone()),
                keys: vec![EntityKey::new(EntityKind::Topic, [pair.original])],
            });
            entities.push(entity);
        }
    }
    entities
}

pub fn links(memory: &Memory, known: &impl Known) -> Vec<Link> {
    let mut links = Vec::new();
    for (name, connector) in memory.connectors.iter().flatten() {
        links.extend(pairs(name, connector, memory, known).map(|pair| Link {
            from: pair.from,
            to: pair.into,
            kind: LinkKind::Copies,
            label: Some(format!("connector {name}")),
            evidence: Evidence::Connected,
        }));
    }
    links
}

/// Where the other cluster is. A loopback address is on the machine of the worker.
fn sites(connector: &Connector, workers: &[&str]) -> Vec<String> {
    let servers = connector.info.config.source_servers().unwrap_or_default();
    let sites = servers.split(',').filter_map(|server| {
        let (host, port) = addresses::parts(server, None)?;
        match is_loopback(&host) {
            true => Some(addresses::address(own_machine(workers)?, port)),
            false => Some(addresses::address(&host, port)),
        }
    });
    addresses::set(sites)
}

impl Connector {
    /// What a topic that it wrote is called where it was read.
    fn original<'a>(&self, topic: &'a str) -> Option<&'a str> {
        let settings = &self.info.config;
        if self.info.direction != Direction::Source {
            return None;
        }
        match self.class() {
            "MirrorSourceConnector" | "MirrorSource" => {
                let policy = settings.replication_policy.as_deref().unwrap_or_default();
                match policy.rsplit('.').next().unwrap_or_default() {
                    "" | "DefaultReplicationPolicy" => {
                        let separator = settings.replication_separator.as_deref().unwrap_or(".");
                        let rest = topic.strip_prefix(settings.source_cluster.as_deref()?)?;
                        rest.strip_prefix(separator).filter(|topic| !topic.is_empty())
                    }
                    "IdentityReplicationPolicy" => Some(topic),
                    _ => None,
                }
            }
            "ReplicatorSourceConnector" => {
                let renamed = settings
                    .rename_format
                    .as_deref()
                    .is_some_and(|format| format != "${topic}");
                (!renamed).then_some(topic)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::connect::wire::Connectors;

    struct Here;

    impl Known for Here {
        fn topic(&self, name: &str) -> Option<EntityKey> {
            (name != "unwatched").then(|| EntityKey::new(EntityKind::Topic, [name]))
        }

        fn group(&self, _: &str) -> Option<EntityKey> {
            None
        }
    }

    fn memory(config: serde_json::Value, written: &[&str]) -> Memory {
        let state = serde_json::json!({"state": "RUNNING", "worker_id": "w:8083"});
        let answer = serde_json::json!({"m": {"status": {"connector": state, "tasks": []},
            "info": {"type": "source", "config": config}}});
        let connectors: Connectors = serde_json::from_value(answer).unwrap();
        let written: Vec<String> = written.iter().map(|topic| topic.to_string()).collect();
        let mut memory = Memory::default();
        memory.connectors = Some(connectors);
        memory.written.insert("m".into(), written);
        memory
    }

    const MIRROR: &str = "org.apache.kafka.connect.mirror.MirrorSourceConnector";

    #[test]
    fn topics_are_told_by_what_they_are_called_on_the_other_side() {
        let servers = "k1.example:9092,k2.example:9092";
        let mirror = |more: serde_json::Value| {
            let mut config = serde_json::json!({"connector.class": MIRROR, "source.cluster.alias": "eu",
                "source.cluster.bootstrap.servers": servers});
            config
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            config
        };
        let identity = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy";
        let replicator = |format: &str| {
            serde_json::json!({"connector.class": "io.confluent.connect.replicator.ReplicatorSourceConnector",
                "src.kafka.bootstrap.servers": servers, "topic.rename.format": format})
        };
        for (config, topic, original) in [
            (mirror(serde_json::json!({})), "eu.orders", Some("orders")),
            (mirror(serde_json::json!({})), "eu.us.orders", Some("us.orders")),
            (mirror(serde_json::json!({})), "orders", None),
            (
                mirror(serde_json::json!({"replication.policy.separator": "_"})),
                "eu_orders",
                Some("orders"),
            ),
            (
                mirror(serde_json::json!({"replication.policy.class": identity})),
                "orders",
                Some("orders"),
            ),
            (
                mirror(serde_json::json!({"replication.policy.class": "my.Own"})),
                "eu.orders",
                None,
            ),
            (replicator("${topic}"), "orders", Some("orders")),
            (replicator("${topic}.copy"), "orders.copy", None),
            (
                serde_json::json!({"connector.class": MIRROR, "source.cluster.alias": "eu"}),
                "eu.orders",
                None,
            ),
        ] {
            let memory = memory(config.clone(), &[topic]);
            let found: Vec<_> = entities(&memory, &Here, &[])
                .into_iter()
                .map(|entity| entity.stands_for.expect("it says where").keys[0].name().to_string())
                .collect();
            assert_eq!(found.first().map(String::as_str), original, "{config} {topic}");
        }
    }

    #[test]
    fn a_mirrored_topic_leads_from_the_other_cluster_and_only_if_it_is_watched_here() {
        let config = serde_json::json!({"connector.class": MIRROR, "source.cluster.alias": "eu",
            "source.cluster.bootstrap.servers": "localhost:9093, K2.example:9092"});
        let memory = memory(config, &["eu.orders", "unwatched"]);
        let links = links(&memory, &Here);
        assert_eq!(links.len(), 1);
        assert_eq!(links[0].from.path[..], ["Kafka cluster eu", "topic orders"]);
        assert_eq!(links[0].to.path[..], ["eu.orders"]);
        let at = |workers: &[&str]| entities(&memory, &Here, workers)[0].stands_for.clone().unwrap().at;
        let sites = |list: &[&str]| Site::Addresses(list.iter().map(|site| site.to_string()).collect());
        // Loopback is the worker's own machine.
        assert_eq!(at(&["w.example"]), sites(&["k2.example:9092", "w.example:9093"]));
        assert_eq!(at(&["127.0.0.1"]), sites(&["k2.example:9092", "localhost:9093"]));
        assert_eq!(at(&["w1.example", "w2.example"]), sites(&["k2.example:9092"]));
    }
}
