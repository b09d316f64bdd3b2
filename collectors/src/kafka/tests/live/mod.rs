//! Against real brokers: the traffic that tests make, and how they read what the collector says of it.
//!
//! `BROKERSCOPE_TEST_BROKERS` lists the brokers that this run may use; `cargo xtask brokers up NAME` starts them.

mod lag;
mod record;
mod scale;
mod storm;

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_contract::metrics::{CONSUMERS, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, LAG, LAG_SECONDS, PUBLISHED};
use brokerscope_contract::{Absence, EntityKey, EntityKind, LinkKind, MetricId, Settings, Snapshot, Timestamp};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;

use super::super::Kafka;
use crate::collector::{Collector, Factory};

/// The bootstrap servers of the broker called `name`, or `None` when this run does not include it.
fn broker(name: &str) -> Option<Vec<String>> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        println!("not run: needs the broker {name:?}; start it and list it in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../.brokers")
        .join(name)
        .join("endpoints.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask brokers up {name}`", file.display()));
    let endpoints: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bootstrap = endpoints["bootstrap"]
        .as_array()
        .expect("endpoints.json names the bootstrap servers");
    Some(
        bootstrap
            .iter()
            .map(|server| server.as_str().unwrap().to_string())
            .collect(),
    )
}

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64)
}

fn unique(name: &str) -> String {
    format!("collector-test.{name}.{}", now().0)
}

fn config(bootstrap: &[String]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap.join(","));
    config
}

fn admin(bootstrap: &[String]) -> AdminClient<DefaultClientContext> {
    config(bootstrap).create().unwrap()
}

async fn create_topic(bootstrap: &[String], name: &str, partitions: i32) {
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    let results = admin(bootstrap)
        .create_topics([&topic], &AdminOptions::new())
        .await
        .unwrap();
    results[0].as_ref().unwrap();
}

async fn delete_topics(bootstrap: &[String], names: &[&str]) {
    admin(bootstrap)
        .delete_topics(names, &AdminOptions::new())
        .await
        .unwrap();
}

/// One message per entry, to the partition that it names.
async fn produce(bootstrap: &[String], topic: &str, partitions: impl IntoIterator<Item = i32>) {
    let producer: FutureProducer = config(bootstrap).set("linger.ms", "5").create().unwrap();
    let sends: Vec<_> = partitions
        .into_iter()
        .map(|partition| {
            let record: FutureRecord<'_, str, str> = FutureRecord::to(topic).partition(partition).key("k").payload("x");
            producer.send_result(record).unwrap()
        })
        .collect();
    for sent in sends {
        sent.await.unwrap().unwrap();
    }
}

fn consumer(bootstrap: &[String], group: &str, protocol: &str) -> BaseConsumer {
    let mut config = config(bootstrap);
    config
        .set("group.id", group)
        .set("group.protocol", protocol)
        .set("client.id", "collector-test-app-1")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false");
    config.create().unwrap()
}

/// Joins, reads until `count` messages have come, and commits exactly `offsets`.
fn read_and_commit(consumer: &BaseConsumer, topic: &str, count: usize, offsets: &[(i32, i64)]) {
    consumer.subscribe(&[topic]).unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    let mut read = 0;
    while read < count {
        assert!(Instant::now() < patience, "{read} of {count} messages within 30 s");
        // A poll also ends without a message, when something else has happened.
        if let Some(message) = consumer.poll(Duration::from_millis(500)) {
            assert_eq!(message.unwrap().topic(), topic);
            read += 1;
        }
    }
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
            .unwrap();
    }
    consumer.commit(&list, CommitMode::Sync).unwrap();
}

fn collector(bootstrap: &[String], more: &[(&str, serde_json::Value)]) -> Box<dyn Collector> {
    let mut settings: Settings = [("bootstrap_servers".to_string(), json!(bootstrap))].into();
    settings.extend(more.iter().map(|(key, value)| (key.to_string(), value.clone())));
    Kafka.build(&settings).ok().unwrap()
}

fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut values = snapshot
        .samples
        .iter()
        .filter(|s| s.entity == *entity && s.metric == metric);
    let first = values.next().map(|sample| sample.value);
    assert!(values.next().is_none(), "{metric} of {entity:?} is there twice");
    first
}

fn attribute(snapshot: &Snapshot, entity: &EntityKey, name: &str) -> Option<String> {
    let entity = snapshot.entities.iter().find(|known| known.key == *entity)?;
    let attribute = entity.attributes.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.value.clone())
}
