//! The kinds of broker, by their OpenTelemetry names, and each one's own vocabulary.

use serde::{Deserialize, Serialize};

/// A broker system. The serialised form is the value of OpenTelemetry's `messaging.system`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum System {
    #[serde(rename = "kafka")]
    Kafka,
    #[serde(rename = "rabbitmq")]
    RabbitMq,
    #[serde(rename = "pulsar")]
    Pulsar,
    #[serde(rename = "nats")]
    Nats,
    /// SQS queues together with the SNS topics that feed them.
    #[serde(rename = "aws_sqs")]
    AwsSqs,
    #[serde(rename = "gcp_pubsub")]
    GcpPubsub,
}

impl System {
    pub const ALL: &[System] = &[
        System::Kafka,
        System::RabbitMq,
        System::Pulsar,
        System::Nats,
        System::AwsSqs,
        System::GcpPubsub,
    ];

    /// The OpenTelemetry name, used in URLs, files and the store.
    pub fn slug(self) -> &'static str {
        match self {
            System::Kafka => "kafka",
            System::RabbitMq => "rabbitmq",
            System::Pulsar => "pulsar",
            System::Nats => "nats",
            System::AwsSqs => "aws_sqs",
            System::GcpPubsub => "gcp_pubsub",
        }
    }

    /// The name a person reads.
    pub fn label(self) -> &'static str {
        match self {
            System::Kafka => "Apache Kafka",
            System::RabbitMq => "RabbitMQ",
            System::Pulsar => "Apache Pulsar",
            System::Nats => "NATS",
            System::AwsSqs => "Amazon SQS and SNS",
            System::GcpPubsub => "Google Cloud Pub/Sub",
        }
    }

    /// The feature of the build that brings its collector.
    pub fn feature(self) -> &'static str {
        match self {
            System::Kafka => "kafka",
            System::RabbitMq => "rabbitmq",
            System::Pulsar => "pulsar",
            System::Nats => "nats",
            System::AwsSqs => "aws",
            System::GcpPubsub => "pubsub",
        }
    }

    /// What a person needs to have at hand to connect to it.
    pub fn needs(self) -> &'static str {
        match self {
            System::Kafka => "needs the addresses of its brokers, and a login if they ask for one",
            System::RabbitMq => "needs the address of its management plugin, and a user with the monitoring tag",
            System::Pulsar => "needs the address of its admin API, and a token if it asks for one",
            System::Nats => "needs the address of a server or of its monitoring port, and a user of the system account",
            System::AwsSqs => "needs regions, and credentials that may read queues, topics and CloudWatch",
            System::GcpPubsub => "needs a project, and credentials that may view Pub/Sub and Monitoring",
        }
    }

    /// The inverse of [`System::slug`].
    pub fn from_slug(slug: &str) -> Option<System> {
        System::ALL.iter().copied().find(|system| system.slug() == slug)
    }

    /// What this system calls its nodes, in the plural.
    pub fn nodes_word(self) -> &'static str {
        match self {
            System::Kafka => "brokers",
            System::RabbitMq => "nodes",
            System::Pulsar => "brokers",
            System::Nats => "servers",
            System::AwsSqs => "regions",
            System::GcpPubsub => "projects",
        }
    }
}
