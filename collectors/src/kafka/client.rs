//! Introduces us to a cluster through librdkafka: which brokers and topics there are. I/O only.
//!
//! Librdkafka blocks, so every call runs on a thread made for waiting and has a timeout far below the time
//! between two visits. Nothing here subscribes, commits, produces or creates: only Metadata requests leave this
//! module. Everything else is asked by [`super::direct`].

use std::sync::Arc;
use std::time::Duration;

use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, Producer};

use super::cadence::patience;
use super::config::Config;
use super::happening::{Happening, Inbox};
use super::wire::{Broker, Metadata, Partition, Topic, Trouble};

/// A producer that never produces: the plainest client of the library, without a group and without fetching.
type Native = BaseProducer<Inbox>;

/// Reports taken at once; a flood of log lines is not to hold the visit up, and the rest is taken next time.
const MOST_HAPPENINGS: usize = 2_000;

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
        match Native::from_config_and_context(&config, Inbox::default()) {
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
        self.blocking(move |native| match native.client().fetch_metadata(None, timeout) {
            Ok(metadata) => Ok(read_metadata(&metadata)),
            Err(error) => {
                let code = error.rdkafka_error_code().map_or(-185, |code| code as i32);
                Err(Trouble::new(code, error.to_string()))
            }
        })
        .await
        .unwrap_or_else(|| Err(stopped()))
    }

    /// What librdkafka reported since the last call: log lines, errors, statistics.
    pub fn happenings(&self) -> Vec<Happening> {
        let Some(native) = &self.native else {
            return Vec::new();
        };
        let inbox = native.context();
        let mut heard = inbox.len();
        while heard < MOST_HAPPENINGS {
            // Without waiting: each call takes one report, if there is one.
            native.poll(Duration::ZERO);
            if inbox.len() == heard {
                break;
            }
            heard = inbox.len();
        }
        inbox.take()
    }

    /// Runs `ask` where blocking is allowed; `None` when the runtime is shutting down.
    async fn blocking<T: Send + 'static>(&self, ask: impl FnOnce(&Native) -> T + Send + 'static) -> Option<T> {
        let native = Arc::clone(self.native.as_ref()?);
        tokio::task::spawn_blocking(move || ask(&native)).await.ok()
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
    // Brokers tell topics in the order of a hash table; by name, an unchanged cluster is seen to be unchanged.
    let mut topics: Vec<Topic> = topics.collect();
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    Metadata {
        brokers: brokers.collect(),
        topics,
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
