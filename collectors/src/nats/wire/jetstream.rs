//! Streams and consumers, as `jsz` and JetStream's API both write them.

use serde::Deserialize;

/// `jsz`: one server's view.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct JetStream {
    pub disabled: bool,
    /// The server's time of the answer.
    pub now: String,
    pub meta_cluster: Option<Group>,
    pub account_details: Vec<Account>,
    /// Accounts with JetStream; more than `account_details` when those are paged.
    pub total: usize,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Account {
    pub name: String,
    #[serde(flatten)]
    pub usage: Usage,
    pub stream_detail: Vec<Stream>,
}

/// What is used, and what is reserved or allowed. In bytes; unset is -1 written as an unsigned number.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub memory: u64,
    pub storage: u64,
    pub reserved_memory: u64,
    pub reserved_storage: u64,
    pub ha_assets: f64,
    pub api: Api,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Api {
    pub total: f64,
    pub errors: f64,
}

/// Limits of a server or an account; below 1 is none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Limits {
    pub max_memory: i64,
    pub max_storage: i64,
    pub max_streams: i64,
    pub max_consumers: i64,
    pub domain: String,
}

/// A Raft group: the meta group, a stream's or a consumer's. Only what its leader says of the others is current.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Empty while there is none.
    pub leader: String,
    pub replicas: Vec<Peer>,
    /// Of the meta group.
    pub cluster_size: usize,
    pub pending_requests: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Peer {
    pub name: String,
    pub current: bool,
    pub offline: bool,
    /// Raft entries that it has not applied yet.
    pub lag: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Stream {
    /// On monitoring pages; JetStream's API has it in the configuration only.
    pub name: String,
    pub created: String,
    pub cluster: Option<Group>,
    pub config: Option<StreamConfig>,
    pub state: State,
    pub consumer_detail: Vec<Consumer>,
    pub mirror: Option<Source>,
    pub sources: Vec<Source>,
    /// The server's time of the answer; of JetStream's API only, since 2.10.
    pub ts: String,
}

impl Stream {
    pub fn name(&self) -> &str {
        match (&self.config, self.name.as_str()) {
            (Some(config), "") => &config.name,
            (_, name) => name,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct State {
    pub messages: f64,
    pub bytes: f64,
    pub first_seq: u64,
    pub first_ts: String,
    pub last_seq: u64,
    pub consumer_count: f64,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct StreamConfig {
    pub name: String,
    pub subjects: Vec<String>,
    /// `limits`, `interest` or `workqueue`.
    pub retention: String,
    pub storage: String,
    pub discard: String,
    pub max_msgs: i64,
    pub max_bytes: i64,
    /// Nanoseconds; 0 is for ever.
    pub max_age: i64,
    pub max_msgs_per_subject: i64,
    pub num_replicas: u32,
    pub sealed: bool,
    pub mirror: Option<Origin>,
    pub sources: Vec<Origin>,
    pub republish: Option<Republish>,
}

/// Where a mirror or source comes from.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Origin {
    pub name: String,
    pub filter_subject: String,
    pub external: Option<External>,
}

/// In another account or domain, by the prefix of its API.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct External {
    pub api: String,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct Republish {
    pub dest: String,
}

/// How a mirror or source fares.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Source {
    pub name: String,
    pub lag: f64,
    /// Nanoseconds since it was heard; -1 is never.
    pub active: i64,
    pub error: Option<super::Refusal>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Consumer {
    pub name: String,
    pub created: String,
    pub cluster: Option<Group>,
    pub config: Option<ConsumerConfig>,
    pub delivered: Position,
    pub ack_floor: Position,
    pub num_ack_pending: f64,
    pub num_redelivered: f64,
    pub num_waiting: f64,
    /// Not delivered yet, after the consumer's filter.
    pub num_pending: f64,
    pub push_bound: bool,
    pub paused: bool,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Position {
    /// Counts deliveries, repeated ones included.
    pub consumer_seq: u64,
    /// A position in the stream.
    pub stream_seq: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub struct ConsumerConfig {
    /// Empty for ephemeral ones.
    pub durable_name: String,
    pub description: String,
    /// `explicit`, `all` or `none`; `flow_control` for those that servers make for themselves.
    pub ack_policy: String,
    /// Nanoseconds.
    pub ack_wait: i64,
    /// Below 1 is for ever.
    pub max_deliver: i64,
    pub max_ack_pending: i64,
    pub filter_subject: String,
    pub filter_subjects: Vec<String>,
    /// Empty for pull consumers.
    pub deliver_subject: String,
    pub deliver_group: String,
    /// Made by a server, to feed a mirror or source elsewhere.
    pub sourcing: bool,
}

impl ConsumerConfig {
    pub fn is_pull(&self) -> bool {
        self.deliver_subject.is_empty()
    }

    /// The subjects that it reads; empty is all.
    pub fn filters(&self) -> impl Iterator<Item = &str> {
        let one = Some(self.filter_subject.as_str()).filter(|subject| !subject.is_empty());
        one.into_iter().chain(self.filter_subjects.iter().map(String::as_str))
    }
}

/// A page of JetStream's list of streams.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StreamPage {
    pub total: usize,
    pub streams: Vec<Stream>,
    /// Names of streams of which no information could be had.
    pub missing: Vec<String>,
}

/// A page of JetStream's list of a stream's consumers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConsumerPage {
    pub total: usize,
    pub consumers: Vec<Consumer>,
}

/// Remembered configuration of a stream or consumer: those are asked for less often than their state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config<C> {
    /// When the object was made: another one of the same name has another time.
    pub created: String,
    pub config: C,
}
