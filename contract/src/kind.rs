//! The kinds of things that brokers are made of, in each system's own words, and the part each plays.

use serde::{Deserialize, Serialize};

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
    /// A piece of something else: a partition, a consumer, a member; a virtual host's bridge.
    Part,
    /// An application that publishes or reads, or what stands for one: a connector, the system behind it.
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
    /// What the broker itself copies messages with, a RabbitMQ shovel or federation link: `[vhost, "shovel" or
    /// "federation", name]`; a shovel of the configuration file has no virtual host. What it joins, its links say.
    Bridge,
    /// An application, by the name its client gives: `[name]`.
    Service,
    /// What the system runs beside its brokers to bring messages in, change them or take them out: `[connector]` on Kafka
    /// Connect; a function, source or sink of Pulsar: `[tenant, namespace, name]`.
    Connector,
    /// Something outside of the connection that messages come from or go to: `[address]`, without secrets; in a broker
    /// elsewhere `[that broker, the queue or topic there]`; what a connector reads or writes: the connector's path, and its
    /// class or the archive that it is made of.
    Endpoint,
}

impl EntityKind {
    pub fn role(self) -> Role {
        use EntityKind::*;
        match self {
            Cluster | Node | Vhost | Namespace | Account => Role::Node,
            Exchange | Queue | Stream | Topic | Subject => Role::Destination,
            ConsumerGroup | Subscription | StreamConsumer => Role::Subscription,
            Partition | GroupTopic | GroupPartition | Member | Consumer | Producer | Bridge => Role::Part,
            EntityKind::Service | Connector | Endpoint => Role::Service,
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
            Bridge => "bridge",
            EntityKind::Service => "service",
            Connector => "connector",
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
            Bridge => "bridge",
            EntityKind::Service => "service",
            Connector => "connector",
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
            Bridge,
            EntityKind::Service,
            Connector,
            Endpoint,
        ]
    };

    /// The inverse of [`EntityKind::slug`].
    pub fn from_slug(slug: &str) -> Option<EntityKind> {
        EntityKind::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }
}
