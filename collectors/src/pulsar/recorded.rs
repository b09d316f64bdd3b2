//! Answers recorded from real brokers, by version: see `testdata/README.md`.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use super::names::TopicName;
use super::scrape::{complete, scrape};
use super::wire::{BrokerStats, Topic};

pub const VERSIONS: [&str; 2] = ["4.2.4", "4.0.7"];

pub fn recorded(version: &str, file: &str) -> String {
    let path = format!("{}/src/pulsar/testdata/{version}/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn read<T: DeserializeOwned>(version: &str, file: &str) -> T {
    serde_json::from_str(&recorded(version, file)).unwrap_or_else(|error| panic!("{version}/{file}: {error}"))
}

/// Every topic of a recorded broker, with what its metrics add.
pub fn topics(version: &str) -> HashMap<TopicName, Topic> {
    let stats: BrokerStats = read(version, "stats.json");
    let mut topics = super::inventory::topics(stats, |_| true);
    let metrics = scrape(&recorded(version, "metrics.txt"), |_| true);
    for (name, topic) in &mut topics {
        if let Some(more) = metrics.topics.get(name) {
            complete(topic, more);
        }
    }
    topics
}
