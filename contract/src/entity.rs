//! What a broker is made of: entities, their identity, and the links between them.

use serde::{Deserialize, Serialize};

use crate::ConnectionId;

/// The store's number for an entity, unique over all connections; used in URLs so that no broker name has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct EntityId(pub i64);

/// The part an entity plays, the same for every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What messages are sent to.
    Destination,
    /// What a group of readers reads through.
    Subscription,
    /// A machine of the cluster, or the cluster itself.
    Node,
    /// A piece of a destination or subscription: a partition, a consumer, a member.
    Part,
    /// An application that publishes or reads.
    Service,
}

/// The kind of an entity in its own system's word. The comment is the meaning of the key's `path`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    /// The connection as a whole: `[]`.
    Cluster,
    /// A broker node: `[node name or id]`.
    Node,
    /// A RabbitMQ virtual host: `[vhost]`.
    Vhost,
    /// A RabbitMQ exchange: `[vhost, exchange]`; the default exchange is `[vhost, ""]`.
    Exchange,
    /// A Pulsar namespace: `[tenant, namespace]`.
    Namespace,
    /// A NATS account: `[account]`. An AWS account in one region: `[account, region]`.
    Account,
    /// A queue: `[vhost, queue]` on RabbitMQ, `[account, region, queue]` on SQS.
    Queue,
    /// A stream: `[vhost, stream]` on RabbitMQ, `[account, stream]` on NATS.
    Stream,
    /// A topic: `[topic]` on Kafka, `[tenant, namespace, topic]` on Pulsar, `[account, region, topic]` on SNS,
    /// `[project, topic]` on Pub/Sub.
    Topic,
    /// A NATS subject that somebody listens to: `[account, subject]`.
    Subject,
    /// A partition of a topic: `[topic, partition]` on Kafka, the topic's path and the partition on Pulsar.
    Partition,
    /// A Kafka consumer group: `[group]`.
    ConsumerGroup,
    /// A subscription: `[tenant, namespace, topic, subscription]` on Pulsar, `[account, region, topic, id]` on SNS,
    /// `[project, subscription]` on Pub/Sub.
    Subscription,
    /// A JetStream consumer: `[account, stream, consumer]`.
    StreamConsumer,
    /// One topic as read by a group: `[group, topic]`.
    GroupTopic,
    /// One partition as read by a group: `[group, topic, partition]`.
    GroupPartition,
    /// A member of a consumer group: `[group, member id]`.
    Member,
    /// A consumer of a queue: `[vhost, queue, channel and consumer tag]`. Of a Pulsar subscription: its path and the
    /// consumer's name.
    Consumer,
    /// A producer that is connected to a topic: the topic's path and the producer's name.
    Producer,
    /// An application, by the name its client gives: `[name]`.
    Service,
    /// Something outside of the connection that messages come from or go to: `[address]`, without secrets.
    Endpoint,
}

impl EntityKind {
    pub fn role(self) -> Role {
        use EntityKind::*;
        match self {
            Cluster | Node | Vhost | Namespace | Account => Role::Node,
            Exchange | Queue | Stream | Topic | Subject => Role::Destination,
            ConsumerGroup | Subscription | StreamConsumer => Role::Subscription,
            Partition | GroupTopic | GroupPartition | Member | Consumer | Producer => Role::Part,
            EntityKind::Service | Endpoint => Role::Service,
        }
    }

    /// The word on pages, lower case, singular.
    pub fn label(self) -> &'static str {
        use EntityKind::*;
        match self {
            Cluster => "cluster",
            Node => "node",
            Vhost => "virtual host",
            Exchange => "exchange",
            Namespace => "namespace",
            Account => "account",
            Queue => "queue",
            Stream => "stream",
            Topic => "topic",
            Subject => "subject",
            Partition => "partition",
            ConsumerGroup => "consumer group",
            Subscription => "subscription",
            StreamConsumer => "consumer of a stream",
            GroupTopic => "topic of a group",
            GroupPartition => "partition of a group",
            Member => "member",
            Consumer => "consumer",
            Producer => "producer",
            EntityKind::Service => "service",
            Endpoint => "endpoint",
        }
    }

    /// The name in the store, in URLs and in rules: the serialised form.
    pub fn slug(self) -> &'static str {
        use EntityKind::*;
        match self {
            Cluster => "cluster",
            Node => "node",
            Vhost => "vhost",
            Exchange => "exchange",
            Namespace => "namespace",
            Account => "account",
            Queue => "queue",
            Stream => "stream",
            Topic => "topic",
            Subject => "subject",
            Partition => "partition",
            ConsumerGroup => "consumer_group",
            Subscription => "subscription",
            StreamConsumer => "stream_consumer",
            GroupTopic => "group_topic",
            GroupPartition => "group_partition",
            Member => "member",
            Consumer => "consumer",
            Producer => "producer",
            EntityKind::Service => "service",
            Endpoint => "endpoint",
        }
    }

    pub const ALL: &[EntityKind] = {
        use EntityKind::*;
        &[
            Cluster,
            Node,
            Vhost,
            Exchange,
            Namespace,
            Account,
            Queue,
            Stream,
            Topic,
            Subject,
            Partition,
            ConsumerGroup,
            Subscription,
            StreamConsumer,
            GroupTopic,
            GroupPartition,
            Member,
            Consumer,
            Producer,
            EntityKind::Service,
            Endpoint,
        ]
    };

    /// The inverse of [`EntityKind::slug`].
    pub fn from_slug(slug: &str) -> Option<EntityKind> {
        EntityKind::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
}

/// Identity of an entity inside its connection. Names may hold any character, so a path is never joined to parse it back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityKey {
    pub kind: EntityKind,
    pub path: Vec<String>,
}

impl EntityKey {
    pub fn new<S: Into<String>>(kind: EntityKind, path: impl IntoIterator<Item = S>) -> EntityKey {
        EntityKey {
            kind,
            path: path.into_iter().map(Into::into).collect(),
        }
    }

    /// The connection as a whole.
    pub fn cluster() -> EntityKey {
        EntityKey {
            kind: EntityKind::Cluster,
            path: Vec::new(),
        }
    }

    /// The last element of the path; empty for the cluster and for RabbitMQ's default exchange.
    pub fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// What comes before the name, for display only.
    pub fn scope(&self) -> String {
        match self.path.len() {
            0 | 1 => String::new(),
            n => self.path[..n - 1].join(" / "),
        }
    }
}

/// An entity as a collector sees it on one visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Entity {
    pub key: EntityKey,
    /// The entity on whose page this one is listed: a partition's topic, a consumer's queue.
    pub parent: Option<EntityKey>,
    /// Settings of the broker object that explain its behaviour, in display order.
    pub attributes: Vec<Attribute>,
    /// Belongs to the broker itself (`__consumer_offsets`, `amq.topic`); hidden until asked for.
    pub internal: bool,
}

impl Entity {
    pub fn new(key: EntityKey) -> Entity {
        Entity {
            key,
            parent: None,
            attributes: Vec::new(),
            internal: false,
        }
    }
}

/// One setting or fact about an entity, as text for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Attribute {
    /// The broker's own name for it, e.g. `retention.ms`, `x-dead-letter-exchange`.
    pub name: String,
    pub value: String,
    /// What it means here, e.g. "messages older than 7 days are removed".
    pub note: Option<String>,
}

impl Attribute {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Attribute {
        Attribute {
            name: name.into(),
            value: value.into(),
            note: None,
        }
    }

    pub fn note(mut self, note: impl Into<String>) -> Attribute {
        self.note = Some(note.into());
        self
    }
}

/// A directed edge of the topology inside one connection; messages flow from `from` to `to`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Link {
    pub from: EntityKey,
    pub to: EntityKey,
    pub kind: LinkKind,
    /// A routing key, a pattern, a policy's name: what distinguishes and explains this edge.
    pub label: Option<String>,
    pub evidence: Evidence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A service sends to a destination.
    Publishes,
    /// An exchange routes to a queue or another exchange.
    Binding,
    /// Where an exchange sends what it cannot route.
    AlternateExchange,
    /// Where a queue sends what it gives up.
    DeadLetter,
    /// A topic or queue is read through a subscription.
    Subscribes,
    /// A service reads a queue or a subscription.
    Consumes,
    /// A subscription pushes what it gets into a queue or to an address.
    Delivers,
    /// Messages are copied over by the broker or beside it: mirror, source, shovel, federation, replication, connector.
    Copies,
}

/// How an edge is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Configured: a binding, an argument, a policy.
    Declared,
    /// The broker reports live clients on it.
    Connected,
    /// Messages were counted on it.
    Counted,
    /// Concluded from names; may be wrong.
    Inferred,
}

/// An entity as the API names it: enough to show and link it anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct EntityRef {
    pub id: EntityId,
    pub connection: ConnectionId,
    pub kind: EntityKind,
    /// What comes before the name, such as a virtual host; empty when there is none.
    pub scope: String,
    pub name: String,
}

impl EntityRef {
    /// The name as a person reads it; the nameless ones have a name too.
    pub fn title(&self) -> &str {
        match (self.kind, self.name.as_str()) {
            (EntityKind::Exchange, "") => "(default exchange)",
            (EntityKind::Cluster, "") => "cluster",
            (_, name) => name,
        }
    }
}
