//! Traffic on a real Kafka, and what its own answers say of it.

use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};

use crate::brokers::Endpoints;

fn config(endpoints: &Endpoints) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", endpoints.bootstrap.join(","));
    config
}

/// Creates a topic with one replica.
pub async fn create_topic(endpoints: &Endpoints, topic: &str, partitions: i32) {
    let admin: AdminClient<DefaultClientContext> = config(endpoints).create().expect("an admin client");
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    let results = admin
        .create_topics([&new], &AdminOptions::new())
        .await
        .expect("Kafka answers");
    results[0].as_ref().expect("the topic is created");
}

/// Like [`create_topic`], and fine when it is there already.
pub async fn ensure_topic(endpoints: &Endpoints, topic: &str, partitions: i32) {
    let admin: AdminClient<DefaultClientContext> = config(endpoints).create().expect("an admin client");
    let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(1));
    let _ = admin
        .create_topics([&new], &AdminOptions::new())
        .await
        .expect("Kafka answers");
}

pub async fn delete_topic(endpoints: &Endpoints, topic: &str) {
    let admin: AdminClient<DefaultClientContext> = config(endpoints).create().expect("an admin client");
    let _ = admin.delete_topics(&[topic], &AdminOptions::new()).await;
}

/// Produces `count` messages over all partitions and waits for each acknowledgement.
pub async fn produce(endpoints: &Endpoints, topic: &str, count: usize) {
    let producer: FutureProducer = config(endpoints).set("linger.ms", "5").create().expect("a producer");
    let sends = (0..count).map(|n| {
        let (producer, key) = (producer.clone(), format!("key-{n}"));
        async move {
            let record = FutureRecord::to(topic).key(&key).payload("{\"order\":1}");
            producer
                .send(record, Duration::from_secs(10))
                .await
                .expect("Kafka acknowledges it")
        }
    });
    futures_util::future::join_all(sends).await;
}

/// Reads `count` messages as a member of `group`, commits its position everywhere, and leaves.
pub async fn consume(endpoints: &Endpoints, topic: &str, group: &str, count: usize) {
    let mut config = config(endpoints);
    config
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false");
    let topic = topic.to_string();
    tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create().expect("a consumer");
        consumer.subscribe(&[&topic]).expect("it subscribes");
        let mut next = std::collections::BTreeMap::new();
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut read = 0;
        while read < count {
            assert!(Instant::now() < deadline, "{read} of {count} messages within 60 s");
            // Nothing is also what a rebalance looks like.
            let Some(message) = consumer.poll(Duration::from_secs(1)) else {
                continue;
            };
            let message = message.expect("no error");
            next.insert(message.partition(), message.offset() + 1);
            read += 1;
        }
        // Clients commit their position in every assigned partition, also where they read nothing yet.
        let committed = consumer.committed(Duration::from_secs(10)).expect("Kafka answers");
        for element in committed.elements_for_topic(&topic) {
            if !matches!(element.offset(), Offset::Offset(_)) {
                next.entry(element.partition()).or_insert(0);
            }
        }
        let mut offsets = TopicPartitionList::new();
        for (partition, offset) in next {
            offsets
                .add_partition_offset(&topic, partition, Offset::Offset(offset))
                .expect("a valid offset");
        }
        consumer
            .commit(&offsets, CommitMode::Sync)
            .expect("Kafka takes the commit");
    })
    .await
    .expect("the consumer did not panic");
}

/// End minus committed offsets of `group` over all partitions of `topic`, asked of Kafka itself.
pub async fn lag(endpoints: &Endpoints, topic: &str, group: &str, partitions: i32) -> i64 {
    let mut config = config(endpoints);
    config.set("group.id", group);
    let topic = topic.to_string();
    tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut wanted = TopicPartitionList::new();
        for partition in 0..partitions {
            wanted.add_partition(&topic, partition);
        }
        let committed = consumer
            .committed_offsets(wanted, Duration::from_secs(10))
            .expect("Kafka answers");
        let lag_of = |element: rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
            let (start, end) = consumer
                .fetch_watermarks(&topic, element.partition(), Duration::from_secs(10))
                .expect("Kafka answers");
            match element.offset() {
                Offset::Offset(offset) => end - offset,
                _ => end - start,
            }
        };
        committed.elements_for_topic(&topic).into_iter().map(lag_of).sum()
    })
    .await
    .expect("the question did not panic")
}

/// Commits offset 0 for some partitions of a topic, so that the group exists without members.
pub async fn commit(endpoints: &Endpoints, topic: &str, group: &str, partitions: std::ops::Range<i32>) {
    let mut config = config(endpoints);
    config.set("group.id", group);
    let topic = topic.to_string();
    tokio::task::spawn_blocking(move || {
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut offsets = TopicPartitionList::new();
        for partition in partitions {
            offsets
                .add_partition_offset(&topic, partition, Offset::Offset(0))
                .expect("a valid offset");
        }
        // A broker that never had a group first makes the topic that holds commits.
        let deadline = Instant::now() + Duration::from_secs(60);
        while let Err(error) = consumer.commit(&offsets, CommitMode::Sync) {
            assert!(Instant::now() < deadline, "Kafka takes the commit within 60 s: {error}");
            std::thread::sleep(Duration::from_millis(500));
        }
    })
    .await
    .expect("the commit did not panic");
}
