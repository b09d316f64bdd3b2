//! Asks a cluster through librdkafka: I/O only, each answer in the shapes of [`super::wire`].
//!
//! Librdkafka blocks, so every call runs on a thread made for waiting and has a timeout far below the time
//! between two visits. Nothing here subscribes, commits, produces or creates: only Metadata, List and Describe
//! requests leave this module.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rdkafka::client::{Client as Native, DefaultClientContext};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaType;
use serde::{Deserialize, Serialize};

use super::cadence::patience;
use super::config::Config;
use super::ffi::{self, Happening};
use super::wire::{
    Broker, Cluster, Group, GroupList, LogEnd, Metadata, Partition, PartitionOffset, Topic, TopicConfig, Trouble,
};

/// Settings of topics that explain their behaviour; of the others nothing is kept.
pub const KEPT_CONFIGS: &[&str] = &[
    "cleanup.policy",
    "retention.ms",
    "retention.bytes",
    "min.insync.replicas",
    "max.message.bytes",
    "segment.bytes",
    "segment.ms",
];

/// OffsetFetch requests under way at once to one coordinator: above 50 nothing is gained, and 20 leave room for
/// several coordinators within that.
const GROUPS_IN_FLIGHT: usize = 20;
/// Groups per describe call, and calls under way at once. Librdkafka sends one request per group and call.
const GROUPS_PER_DESCRIBE: usize = 50;
const DESCRIBES_IN_FLIGHT: usize = 10;
/// Topics per DescribeConfigs request.
const TOPICS_PER_DESCRIBE: usize = 200;
/// ListOffsets chunks under way at once to one leader.
const CHUNKS_IN_FLIGHT: usize = 2;

/// Partitions that one broker leads, to be asked for in one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub leader: i32,
    pub partitions: Vec<(String, i32)>,
}

/// One librdkafka client: its threads and connections live until it is dropped.
pub struct Client {
    /// Empty only while being dropped.
    native: Option<Arc<Native>>,
}

impl Drop for Client {
    fn drop(&mut self) {
        // Ending a client waits for its threads, which must not hold up the runtime. Without a runtime there is
        // nothing to hold up.
        if let (Some(native), Ok(runtime)) = (self.native.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn_blocking(move || drop(native));
        }
    }
}

impl Client {
    /// Makes the client; its threads begin to connect by themselves. Waits for nothing.
    ///
    /// The error is librdkafka's objection to the settings, such as a key that does not fit its certificate.
    pub fn open(config: &Config, purpose: Purpose) -> Result<Client, String> {
        let config = native_config(config, purpose);
        let make = || {
            let native = config.create_native_config()?;
            Native::new(&config, native, RDKafkaType::RD_KAFKA_PRODUCER, DefaultClientContext)
        };
        match make() {
            Ok(native) => Ok(Client {
                native: Some(Arc::new(native)),
            }),
            Err(KafkaError::ClientConfig(_, reason, key, _)) => Err(format!("{key}: {reason}")),
            Err(KafkaError::ClientCreation(reason)) => Err(reason),
            Err(other) => Err(other.to_string()),
        }
    }

    /// Every topic and the brokers that are alive.
    pub async fn metadata(&self, timeout: Duration) -> Result<Metadata, Trouble> {
        self.blocking(move |native| match native.fetch_metadata(None, timeout) {
            Ok(metadata) => Ok(read_metadata(&metadata)),
            Err(error) => {
                let code = error.rdkafka_error_code().map_or(-185, |code| code as i32);
                Err(Trouble::new(code, error.to_string()))
            }
        })
        .await
        .unwrap_or_else(|| Err(stopped()))
    }

    pub async fn cluster(&self, operations: bool, timeout: Duration) -> Result<Cluster, Trouble> {
        self.blocking(move |client| ffi::ask(client.native_client(), &ffi::DescribeCluster { operations }, timeout))
            .await
            .unwrap_or_else(|| Err(stopped()))
    }

    pub async fn groups(&self, timeout: Duration) -> Result<GroupList, Trouble> {
        self.blocking(move |client| ffi::ask(client.native_client(), &ffi::ListGroups, timeout))
            .await
            .unwrap_or_else(|| Err(stopped()))
    }

    /// One entry per group, in any order.
    pub async fn describe_groups(
        &self,
        groups: Vec<String>,
        timeout: Duration,
    ) -> Vec<(String, Result<Group, Trouble>)> {
        self.blocking(move |client| {
            let chunks: Vec<&[String]> = groups.chunks(GROUPS_PER_DESCRIBE).collect();
            let questions: Vec<_> = chunks.iter().map(|chunk| ffi::DescribeGroups(chunk)).collect();
            let answers = ffi::ask_all(client.native_client(), &questions, DESCRIBES_IN_FLIGHT, timeout);
            chunks
                .into_iter()
                .zip(answers)
                .flat_map(|(names, answer)| spread(names, answer))
                .collect()
        })
        .await
        .unwrap_or_default()
    }

    /// Every offset that the groups have committed. Each lane is asked on its own, so that the groups of a dead
    /// coordinator wait for nobody but each other.
    pub async fn committed(
        &self,
        lanes: Vec<Vec<String>>,
        timeout: Duration,
    ) -> Vec<(String, Result<Vec<PartitionOffset>, Trouble>)> {
        let lanes = lanes.into_iter().map(|groups| {
            self.blocking(move |client| {
                let questions: Vec<_> = groups.iter().map(|group| ffi::GroupOffsets(group)).collect();
                let answers = ffi::ask_all(client.native_client(), &questions, GROUPS_IN_FLIGHT, timeout);
                groups.iter().cloned().zip(answers).collect::<Vec<_>>()
            })
        });
        join_all(lanes).await.into_iter().flatten().flatten().collect()
    }

    /// First or next offsets, chunk by chunk; each leader is asked on its own.
    pub async fn offsets(
        &self,
        chunks: Vec<Chunk>,
        end: LogEnd,
        timeout: Duration,
    ) -> Vec<(Chunk, Result<Vec<PartitionOffset>, Trouble>)> {
        let mut leaders: BTreeMap<i32, Vec<Chunk>> = BTreeMap::new();
        for chunk in chunks {
            leaders.entry(chunk.leader).or_default().push(chunk);
        }
        let lanes = leaders.into_values().map(|chunks| {
            self.blocking(move |client| {
                let questions: Vec<_> = chunks
                    .iter()
                    .map(|chunk| ffi::ListOffsets {
                        partitions: &chunk.partitions,
                        end,
                    })
                    .collect();
                let answers = ffi::ask_all(client.native_client(), &questions, CHUNKS_IN_FLIGHT, timeout);
                drop(questions);
                chunks.into_iter().zip(answers).collect::<Vec<_>>()
            })
        });
        join_all(lanes).await.into_iter().flatten().flatten().collect()
    }

    /// The settings of topics, of which [`KEPT_CONFIGS`] are kept.
    pub async fn topic_configs(
        &self,
        topics: Vec<String>,
        timeout: Duration,
    ) -> Vec<(String, Result<TopicConfig, Trouble>)> {
        self.blocking(move |client| {
            let chunks: Vec<&[String]> = topics.chunks(TOPICS_PER_DESCRIBE).collect();
            let questions: Vec<_> = chunks
                .iter()
                .map(|chunk| ffi::DescribeTopicConfigs {
                    topics: chunk,
                    keep: KEPT_CONFIGS,
                })
                .collect();
            let answers = ffi::ask_all(client.native_client(), &questions, 1, timeout);
            chunks
                .into_iter()
                .zip(answers)
                .flat_map(|(names, answer)| spread(names, answer))
                .collect()
        })
        .await
        .unwrap_or_default()
    }

    /// What librdkafka reported since the last call: log lines, errors, statistics.
    pub fn happenings(&self) -> Vec<Happening> {
        self.native
            .as_ref()
            .map(|native| ffi::drain(native.native_client()))
            .unwrap_or_default()
    }

    /// Runs `ask` where blocking is allowed; `None` when the runtime is shutting down.
    async fn blocking<T: Send + 'static>(&self, ask: impl FnOnce(&Native) -> T + Send + 'static) -> Option<T> {
        let native = Arc::clone(self.native.as_ref()?);
        tokio::task::spawn_blocking(move || ask(&native)).await.ok()
    }
}

/// What is known of each name, or why nothing is.
type ByName<T> = Vec<(String, Result<T, Trouble>)>;

/// Gives the failure of a whole request to each of its names.
fn spread<T>(names: &[String], answer: Result<ByName<T>, Trouble>) -> ByName<T> {
    match answer {
        Ok(entries) => entries,
        Err(trouble) => names.iter().map(|name| (name.clone(), Err(trouble.clone()))).collect(),
    }
}

fn stopped() -> Trouble {
    Trouble::new(-198, "the question was dropped while shutting down")
}

/// What a client is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Visits,
    /// "Test connection": librdkafka tells each step of connecting.
    Probe,
}

fn native_config(config: &Config, purpose: Purpose) -> ClientConfig {
    let mut native = ClientConfig::new();
    // Librdkafka looks for such a broker once a second, and the first answer is waited for twice as long as others.
    let first_answer = patience(Duration::from_secs(config.interval_seconds)) * 2;
    let setup = first_answer.as_millis().saturating_sub(1_300).max(1_000);
    let servers: Vec<String> = config.bootstrap.iter().map(ToString::to_string).collect();
    native
        .set("bootstrap.servers", servers.join(","))
        .set("client.id", "brokerscope")
        .set("security.protocol", config.security_protocol())
        // Brokers may ask clients to push metrics to them; we are here to read.
        .set("enable.metrics.push", "false")
        // A broker that accepts the connection and says nothing is given up in time for the same visit to say so.
        .set("socket.connection.setup.timeout.ms", setup.to_string())
        .set("api.version.request.timeout.ms", setup.to_string())
        // Not too eager: every attempt with a wrong password is one step towards a locked account.
        .set("reconnect.backoff.ms", "500")
        // Statistics tell what our visits cost; one document per visit is enough.
        .set("statistics.interval.ms", (config.interval_seconds * 1_000).to_string())
        .set_log_level(RDKafkaLogLevel::Info);
    if let Some(tls) = &config.tls {
        match &tls.ca {
            Some(pem) => native.set("ssl.ca.pem", pem),
            // OpenSSL is linked statically and does not know where this system keeps its authorities.
            None => native.set("ssl.ca.location", "probe"),
        };
        let given = [
            ("ssl.certificate.pem", &tls.certificate),
            ("ssl.key.pem", &tls.key),
            ("ssl.key.password", &tls.key_password),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                native.set(key, value);
            }
        }
        let check = if tls.check_hostname { "https" } else { "none" };
        native.set("ssl.endpoint.identification.algorithm", check);
    }
    if let Some(sasl) = &config.sasl {
        native
            .set("sasl.mechanism", sasl.mechanism.name())
            .set("sasl.username", &sasl.user)
            .set("sasl.password", &sasl.password);
    }
    if purpose == Purpose::Probe {
        // With these, each broker says in which state of connecting it is.
        native
            .set("debug", "broker,security")
            .set_log_level(RDKafkaLogLevel::Debug);
    }
    native
}

fn read_metadata(metadata: &rdkafka::metadata::Metadata) -> Metadata {
    let brokers = metadata.brokers().iter().map(|broker| Broker {
        id: broker.id(),
        host: broker.host().to_string(),
        port: u16::try_from(broker.port()).unwrap_or(0),
        rack: None,
    });
    let topics = metadata.topics().iter().map(|topic| Topic {
        name: topic.name().to_string(),
        trouble: topic
            .error()
            .map(|error| Trouble::new(error as i32, format!("{error:?}"))),
        partitions: topic.partitions().iter().map(read_partition).collect(),
    });
    Metadata {
        brokers: brokers.collect(),
        topics: topics.collect(),
    }
}

fn read_partition(partition: &rdkafka::metadata::MetadataPartition) -> Partition {
    Partition {
        id: partition.id(),
        leader: Some(partition.leader()).filter(|id| *id >= 0),
        replicas: partition.replicas().to_vec(),
        isr: partition.isr().to_vec(),
    }
}
