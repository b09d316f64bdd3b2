//! Consumers and producers, and the applications behind them.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, metrics};

use super::service_name::{Who, host, of_consumer, of_publisher};
use super::topics::subscription_key;
use super::{Mapped, View, sum};
use crate::pulsar::inventory::Whole;
use crate::pulsar::names::{Reader, TopicName};
use crate::pulsar::wire::{Consumer, Publisher};

pub fn map(view: View<'_>, into: &mut Mapped) {
    let mut people = People::default();
    for (name, whole) in view.wholes.iter().filter(|(name, _)| !name.is_internal()) {
        consumers(name, whole, &mut people, into);
        producers(name, whole, &mut people, into);
    }
    into.entities.extend(people.entities());
    into.links.extend(people.links.into_iter().map(Link::from));
}

/// Who is behind all clients. An application with many clients is one.
#[derive(Default)]
struct People {
    hosts: BTreeMap<EntityKey, BTreeSet<String>>,
    /// Topics of other clusters, which copy into topics of this one.
    copied: BTreeMap<EntityKey, Entity>,
    links: BTreeSet<Ordered>,
}

/// A link from, to, and of which kind: ordered, so that each is told once and always at the same place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ordered(EntityKey, EntityKey, LinkKind);

impl From<Ordered> for Link {
    fn from(Ordered(from, to, kind): Ordered) -> Link {
        Link {
            from,
            to,
            kind,
            label: None,
            evidence: Evidence::Connected,
        }
    }
}

impl People {
    /// The entity of who it is at a topic, noted with its host.
    fn meet(&mut self, who: Who, topic: &TopicName, address: Option<&str>) -> (EntityKey, bool) {
        let (key, outside) = match who {
            Who::Service(name) => (EntityKey::new(EntityKind::Service, [name]), false),
            Who::Component(id) => (id.key(), false),
            Who::Replicator(cluster) => {
                let there = super::replication::entity(&cluster, topic);
                let key = there.key.clone();
                self.copied.insert(key.clone(), there);
                return (key, true);
            }
        };
        let hosts = self.hosts.entry(key.clone()).or_default();
        // A component runs wherever its worker puts it.
        if key.kind == EntityKind::Service {
            hosts.insert(host(address).to_string());
        }
        (key, outside)
    }

    fn entities(&self) -> Vec<Entity> {
        let all = self.hosts.iter().map(|(key, hosts)| {
            let mut entity = Entity::new(key.clone());
            if !hosts.is_empty() {
                let some: Vec<&str> = hosts.iter().take(8).map(String::as_str).collect();
                entity.attributes.push(Attribute::new("host", some.join(", ")));
            }
            entity
        });
        all.chain(self.copied.values().cloned()).collect()
    }
}

fn consumers(topic: &TopicName, whole: &Whole<'_>, people: &mut People, into: &mut Mapped) {
    // One client has a consumer on each partition, all of one name; on partitions of other brokers over other
    // connections, so that the port says nothing.
    let mut clients: BTreeMap<(&str, &str, &str), Vec<&Consumer>> = BTreeMap::new();
    for (_, part) in &whole.loaded {
        for (subscription, figures) in &part.subscriptions {
            if Reader::of(subscription) == Reader::Application {
                for consumer in &figures.consumers {
                    let host = host(consumer.address.as_deref());
                    let client = (subscription.as_str(), consumer.consumer_name.as_str(), host);
                    clients.entry(client).or_default().push(consumer);
                }
            }
        }
    }
    for ((subscription, name, host), parts) in clients {
        let parent = subscription_key(topic, subscription);
        let path = parent.path.iter().cloned().chain([format!("{name}@{host}")]);
        let mut entity = Entity::new(EntityKey::new(EntityKind::Consumer, path));
        entity.parent = Some(parent.clone());
        let since = parts
            .iter()
            .filter_map(|consumer| consumer.connected_since.as_deref())
            .min();
        let version = parts.first().and_then(|consumer| consumer.client_version.as_deref());
        entity.attributes = attributes(host, version, since);
        if !whole.waits {
            samples(&entity.key, &parts, into);
        }
        into.entities.push(entity);
        if let Some(consumer) = parts.first() {
            let (reader, outside) =
                people.meet(of_consumer(consumer, subscription), topic, consumer.address.as_deref());
            let kind = if outside { LinkKind::Copies } else { LinkKind::Consumes };
            people.links.insert(Ordered(parent, reader, kind));
        }
    }
}

fn samples(key: &EntityKey, parts: &[&Consumer], into: &mut Mapped) {
    let blocked = parts.iter().filter_map(|consumer| consumer.blocked_on_unacked);
    into.sample(
        key,
        [
            (
                metrics::IN_FLIGHT,
                sum(parts.iter().map(|consumer| consumer.unacked_messages)),
            ),
            (
                metrics::PULSAR_PERMITS,
                sum(parts.iter().map(|consumer| consumer.available_permits)),
            ),
            (metrics::PULSAR_BLOCKED, blocked.reduce(|a, b| a || b).map(f64::from)),
        ],
    );
}

fn producers(topic: &TopicName, whole: &Whole<'_>, people: &mut People, into: &mut Mapped) {
    let mut clients: BTreeMap<&str, Vec<&Publisher>> = BTreeMap::new();
    for (_, part) in &whole.loaded {
        for publisher in &part.publishers {
            clients.entry(&publisher.producer_name).or_default().push(publisher);
        }
    }
    for (name, parts) in clients {
        let Some(publisher) = parts.first() else { continue };
        let (writer, outside) = people.meet(of_publisher(publisher), topic, publisher.address.as_deref());
        let kind = if outside { LinkKind::Copies } else { LinkKind::Publishes };
        people.links.insert(Ordered(writer, topic.key(), kind));
        let mut entity = Entity::new(topic.child(EntityKind::Producer, name));
        entity.parent = Some(topic.key());
        let since = parts
            .iter()
            .filter_map(|publisher| publisher.connected_since.as_deref())
            .min();
        let host = host(publisher.address.as_deref());
        entity.attributes = attributes(host, publisher.client_version.as_deref(), since);
        into.entities.push(entity);
    }
}

fn attributes(host: &str, version: Option<&str>, since: Option<&str>) -> Vec<Attribute> {
    let texts = [("host", Some(host)), ("client", version), ("connected since", since)];
    let told = texts
        .into_iter()
        .filter_map(|(name, text)| Some(Attribute::new(name, text?)));
    told.collect()
}
