//! Who reads and who publishes: consumers as parts of their queues, services behind connections, and their links.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use brokerscope_contract::{Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, Sample, metrics};
use brokerscope_figures::format::count;

use super::consumers::part;
use super::service_name::{service_name, user_at_host};
use crate::rabbitmq::names::{Name, QueueType};
use crate::rabbitmq::wire::{Channel, Connection, Consumer, StreamConnection, StreamConsumer, StreamPublisher};

/// The answers about clients. Lists that could not be had are empty.
#[derive(Debug, Default)]
pub struct Clients {
    pub connections: Vec<Connection>,
    pub channels: Vec<Channel>,
    pub consumers: Vec<Consumer>,
    pub streams: StreamClients,
    pub publishers: Vec<Publisher>,
}

/// Clients of streams over their own protocol.
#[derive(Debug, Clone, Default)]
pub struct StreamClients {
    pub consumers: Vec<StreamConsumer>,
    pub publishers: Vec<StreamPublisher>,
}

/// A connection that publishes to an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    pub exchange: Name,
    /// The connection's name.
    pub connection: String,
    pub evidence: Evidence,
}

/// What the clients come to.
#[derive(Debug, Default)]
pub struct Mapped {
    /// Consumers and services.
    pub entities: Vec<Entity>,
    pub links: Vec<Link>,
    pub samples: Vec<Sample>,
    /// Whether all consumers are among the entities.
    pub complete: bool,
}

/// Beyond this many consumers only their sums are kept: nobody looks through more, and the store would hold them all.
const MOST_CONSUMERS: usize = 5_000;

/// `queue_type` tells the kind of a queue; `None` is a queue that is not watched.
pub fn map(clients: &Clients, queue_type: impl Fn(&Name) -> Option<QueueType>) -> Mapped {
    let people = People::new(clients);
    let mut mapped = Mapped {
        complete: clients.consumers.len() <= MOST_CONSUMERS,
        ..Mapped::default()
    };
    let mut links = BTreeMap::new();
    let mut services: BTreeMap<String, Vec<&Connection>> = BTreeMap::new();
    for connection in &clients.connections {
        services.entry(service_name(connection)).or_default().push(connection);
    }
    let mut limits: BTreeMap<EntityKey, Limit> = BTreeMap::new();
    let mut used = HashMap::new();
    let mut told = HashSet::new();
    for consumer in &clients.streams.consumers {
        let stream = Name::new(&consumer.queue.vhost, &consumer.queue.name);
        if queue_type(&stream).is_some() {
            services
                .entry(people.of_stream(&consumer.connection_details))
                .or_default();
            told.insert(stream);
        }
    }
    for consumer in &clients.consumers {
        let queue = Name::new(&consumer.queue.vhost, &consumer.queue.name);
        let Some(kind) = queue_type(&queue) else { continue };
        let queue_key = queue.key(kind.entity_kind());
        limits.entry(queue_key.clone()).or_default().add(consumer);
        let service = people.of_consumer(consumer);
        if let Some(service) = &service {
            services.entry(service.clone()).or_default();
            // A stream is read through subscriptions, where those are told of.
            if !(kind == QueueType::Stream && told.contains(&queue) && consumer.is_of_streams()) {
                let both = (queue_key.clone(), service_key(service));
                links.insert(both, (LinkKind::Consumes, Evidence::Connected));
            }
        }
        if mapped.complete {
            let (entity, samples) = part(consumer, queue_key, service.as_deref(), &people, &mut used);
            mapped.entities.push(entity);
            mapped.samples.extend(samples);
        }
    }
    for publisher in &clients.streams.publishers {
        let stream = Name::new(&publisher.queue.vhost, &publisher.queue.name);
        let Some(kind) = queue_type(&stream) else { continue };
        let service = people.of_stream(&publisher.connection_details);
        services.entry(service.clone()).or_default();
        let both = (service_key(&service), stream.key(kind.entity_kind()));
        links.insert(both, (LinkKind::Publishes, Evidence::Connected));
    }
    for publisher in &clients.publishers {
        let Some(service) = people.of_connection(Some(&publisher.connection)) else {
            continue;
        };
        let both = (service_key(&service), publisher.exchange.key(EntityKind::Exchange));
        links.insert(both, (LinkKind::Publishes, publisher.evidence));
    }
    let links = links.into_iter();
    mapped.links = links
        .map(|((from, to), (kind, evidence))| Link {
            from,
            to,
            kind,
            label: None,
            evidence,
        })
        .collect();
    mapped.entities.extend(
        services
            .into_iter()
            .map(|(name, connections)| service(&name, &connections)),
    );
    mapped
        .samples
        .extend(limits.into_iter().filter_map(|(queue, limit)| limit.sample(queue)));
    mapped
}

fn service_key(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Service, [name])
}

/// Connections by name, and channels.
pub struct People<'a> {
    services: HashMap<&'a str, String>,
    pub channels: HashMap<&'a str, &'a Channel>,
}

impl<'a> People<'a> {
    pub fn new(clients: &'a Clients) -> People<'a> {
        let connections = clients.connections.iter();
        People {
            services: connections
                .map(|connection| (connection.name.as_str(), service_name(connection)))
                .collect(),
            channels: clients
                .channels
                .iter()
                .map(|channel| (channel.name.as_str(), channel))
                .collect(),
        }
    }

    fn of_connection(&self, name: Option<&str>) -> Option<String> {
        self.services.get(name?).cloned()
    }

    /// A reader or writer of streams.
    pub fn of_stream(&self, details: &StreamConnection) -> String {
        self.of_connection(details.name.as_deref())
            .unwrap_or_else(|| user_at_host(details.user.as_deref(), details.peer_host.as_deref()))
    }

    /// AMQP 1.0 consumers do not say whose they are.
    fn of_consumer(&self, consumer: &Consumer) -> Option<String> {
        let details = &consumer.channel_details;
        let by_connection = self.of_connection(details.connection_name.as_deref());
        let by_user = || {
            details
                .user
                .as_deref()
                .map(|user| user_at_host(Some(user), details.peer_host.as_deref()))
        };
        by_connection.or_else(by_user)
    }
}

/// How many messages the consumers of a queue may hold together.
#[derive(Debug, Default)]
struct Limit {
    sum: f64,
    /// One without a limit makes the queue's limit meaningless.
    unlimited: bool,
}

impl Limit {
    fn add(&mut self, consumer: &Consumer) {
        let waits_its_turn = consumer.active == Some(false);
        if waits_its_turn || !consumer.ack_required {
            return;
        }
        match consumer.prefetch_count.filter(|prefetch| *prefetch > 0.0) {
            Some(prefetch) => self.sum += prefetch,
            None => self.unlimited = true,
        }
    }

    fn sample(&self, queue: EntityKey) -> Option<Sample> {
        let is_known = !self.unlimited && self.sum > 0.0;
        is_known.then(|| Sample::new(queue, metrics::IN_FLIGHT_LIMIT, self.sum))
    }
}

fn service(name: &str, connections: &[&Connection]) -> Entity {
    let mut entity = Entity::new(service_key(name));
    let mut add = |name: &str, of: fn(&Connection) -> Option<&str>| {
        let values: BTreeSet<&str> = connections.iter().filter_map(|connection| of(connection)).collect();
        if !values.is_empty() {
            let some = values.into_iter().take(8).collect::<Vec<_>>().join(", ");
            entity.attributes.push(Attribute::new(name, some));
        }
    };
    add("protocol", |connection| connection.protocol.as_deref());
    add("user", |connection| connection.user.as_deref());
    add("host", |connection| connection.peer_host.as_deref());
    add("virtual host", |connection| connection.vhost.as_deref());
    if !connections.is_empty() {
        entity
            .attributes
            .push(Attribute::new("connections", count(connections.len() as f64)));
    }
    let is_blocked = |connection: &&&Connection| matches!(connection.state.as_deref(), Some("blocked" | "blocking"));
    let blocked = connections.iter().filter(is_blocked).count();
    if blocked > 0 {
        let note = "an alarm keeps the broker from reading what they publish";
        entity
            .attributes
            .push(Attribute::new("blocked connections", count(blocked as f64)).note(note));
    }
    entity
}
