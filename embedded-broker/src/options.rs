//! What an embedded broker is started with, and why it may not start.

use std::time::Duration;

/// Everything has a sensible default: three nodes, small logs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Virtual nodes, 1 to 9, each with a port of its own.
    pub nodes: usize,
    /// The oldest batches of a partition go when it holds more than this. A topic may ask for less, never for more.
    pub retention_bytes_per_partition: u64,
    /// Bytes of all batches. Partitions share it, however many there are; when it is full nevertheless, messages are
    /// refused as by a broker whose disk is full.
    pub most_stored_bytes: u64,
    /// Bytes of all groups: their members, what those have said, and commits. When they are full, joins and commits are
    /// refused.
    pub most_group_bytes: usize,
    /// Batches older than this go. A topic may ask for less, never for more.
    pub retention: Duration,
    /// Frames longer than this close their connection.
    pub max_frame_bytes: usize,
    /// Connections to one node; further ones are closed at once.
    pub max_connections_per_node: usize,
    /// Whether asking for an unknown topic creates it.
    pub auto_create_topics: bool,
    /// Partitions of a topic that does not say how many it wants.
    pub default_partitions: i32,
    /// In-sync replicas that `acks=all` asks for, where the topic does not say.
    pub min_insync_replicas: i32,
    /// How long a group that was empty waits for more members before its first generation.
    pub initial_rebalance_delay: Duration,
    /// How often members of `group.protocol=consumer` report.
    pub heartbeat_interval: Duration,
    /// After how long without a report such a member is out.
    pub consumer_session_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: 3,
            retention_bytes_per_partition: 8 << 20,
            most_stored_bytes: 1 << 30,
            most_group_bytes: 128 << 20,
            retention: Duration::from_secs(3600),
            max_frame_bytes: 2 << 20,
            max_connections_per_node: 1024,
            auto_create_topics: true,
            default_partitions: 3,
            min_insync_replicas: 1,
            initial_rebalance_delay: Duration::ZERO,
            heartbeat_interval: Duration::from_secs(1),
            consumer_session_timeout: Duration::from_secs(15),
        }
    }
}

/// Why the broker does not start, or a node does not come back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} nodes: there can be 1 to 9")]
    Nodes(usize),
    #[error("node {0} does not exist")]
    NoSuchNode(i32),
    #[error("no port on 127.0.0.1 for node {node}: {source}")]
    Listen { node: i32, source: std::io::Error },
    #[error(
        "node {node} does not come back, because another program has its port {port} on 127.0.0.1 ({source}); \
         try again when that has ended"
    )]
    PortTaken {
        node: i32,
        port: u16,
        source: std::io::Error,
    },
    #[error("the broker's thread does not start: {0}")]
    Thread(std::io::Error),
    #[error("the broker has stopped")]
    Stopped,
}
