//! What an outsider reads from the shop's broker.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use brokerscope_demo::Demo;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// A message as it lies in its topic.
pub struct Read {
    pub partition: i32,
    pub id: String,
    /// Nothing where it is no JSON.
    pub message: Value,
}

impl Read {
    pub fn order(&self) -> u64 {
        let order = &self.message["order"];
        order["id"].as_u64().or(order.as_u64()).unwrap()
    }

    pub fn is(&self, kind: &str) -> bool {
        self.message["type"] == kind
    }
}

fn consumer(demo: &Demo, group: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", demo.bootstrap_servers());
    config.set("group.id", group).set("enable.auto.commit", "false");
    config.create().unwrap()
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> Vec<i32> {
    let metadata = consumer.fetch_metadata(Some(topic), ANSWER_WITHIN).unwrap();
    let partitions = metadata.topics()[0].partitions();
    partitions.iter().map(|partition| partition.id()).collect()
}

/// Everything that a topic holds, each partition in its order.
pub fn read_all(demo: &Demo, topic: &str) -> Vec<Read> {
    let consumer = consumer(demo, "witness");
    let (mut from, mut left) = (TopicPartitionList::new(), 0);
    for partition in partitions(&consumer, topic) {
        let (start, end) = consumer.fetch_watermarks(topic, partition, ANSWER_WITHIN).unwrap();
        from.add_partition_offset(topic, partition, Offset::Offset(start))
            .unwrap();
        left += end - start;
    }
    consumer.assign(&from).unwrap();
    let (mut read, deadline) = (Vec::new(), Instant::now() + Duration::from_secs(20));
    while (read.len() as i64) < left {
        assert!(
            Instant::now() < deadline,
            "{} of {left} messages of {topic}",
            read.len()
        );
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        let headers = message.headers().unwrap();
        let id = headers.iter().find(|header| header.key == "message-id").unwrap();
        read.push(Read {
            partition: message.partition(),
            id: String::from_utf8(id.value.unwrap().to_vec()).unwrap(),
            message: serde_json::from_slice(message.payload().unwrap()).unwrap_or_default(),
        });
    }
    read
}

/// How far a group is behind in each partition of a topic.
pub fn lags(demo: &Demo, group: &str, topic: &str) -> BTreeMap<i32, i64> {
    let consumer = consumer(demo, group);
    let mut asked = TopicPartitionList::new();
    for partition in partitions(&consumer, topic) {
        asked.add_partition(topic, partition);
    }
    let committed = consumer.committed_offsets(asked, ANSWER_WITHIN).unwrap();
    let lag = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        let end = consumer
            .fetch_watermarks(topic, element.partition(), ANSWER_WITHIN)
            .unwrap()
            .1;
        (element.partition(), end - element.offset().to_raw().unwrap().max(0))
    };
    committed.elements().iter().map(lag).collect()
}
