//! Producing and consuming, with and without trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use brokerscope_embedded_broker::EmbeddedBroker;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};

use crate::PATIENCE;
use crate::cluster::{broker, client, until};

/// Producers with this context count what was acknowledged.
#[derive(Default)]
pub struct Acknowledged {
    pub delivered: std::sync::atomic::AtomicUsize,
    pub failed: std::sync::atomic::AtomicUsize,
}

impl rdkafka::ClientContext for Acknowledged {}

impl rdkafka::producer::ProducerContext for Acknowledged {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &rdkafka::producer::DeliveryResult<'_>, _: ()) {
        let count = if result.is_ok() { &self.delivered } else { &self.failed };
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

pub type CountingProducer = ThreadedProducer<Acknowledged>;

/// A producer that keeps order and repeats without duplicates.
pub fn producer(broker: &EmbeddedBroker, settings: &[(&str, &str)]) -> CountingProducer {
    let mut config = rdkafka::ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap_servers());
    config.set("enable.idempotence", "true");
    config.set("reconnect.backoff.max.ms", "200");
    config.set("linger.ms", "1");
    for (name, value) in settings {
        config.set(*name, *value);
    }
    config
        .create_with_context(Acknowledged::default())
        .expect("the producer is created")
}

/// Sends the numbers as values, each with itself as the key.
pub fn send(producer: &CountingProducer, topic: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let text = number.to_string();
        let mut record = BaseRecord::to(topic).key(&text).payload(&text);
        while let Err((_, again)) = producer.send(record) {
            record = again;
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Reads until nothing is missing; returns how often each number came.
pub fn read_numbers(consumer: &BaseConsumer, count: usize) -> BTreeMap<u32, u32> {
    let mut seen = BTreeMap::new();
    until("all numbers are read", || {
        while let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
            let number = std::str::from_utf8(message.payload().unwrap())
                .unwrap()
                .parse()
                .unwrap();
            *seen.entry(number).or_insert(0) += 1;
        }
        seen.len() >= count
    });
    seen
}

#[test]
fn what_is_produced_is_consumed_with_key_headers_and_time() {
    let broker = broker();
    for (topic, compression) in [
        ("plain", "none"),
        ("gzipped", "gzip"),
        ("zstandard", "zstd"),
        ("fast", "lz4"),
        ("quick", "snappy"),
    ] {
        let producer = producer(&broker, &[("compression.type", compression)]);
        let headers = OwnedHeaders::new().insert(Header {
            key: "schema-version",
            value: Some("2"),
        });
        let record = BaseRecord::to(topic)
            .key("order-1")
            .payload("hello")
            .headers(headers)
            .timestamp(1_700_000_000_000);
        assert!(producer.send(record).is_ok());
        producer.flush(PATIENCE).unwrap();

        let consumer: BaseConsumer = client(&broker, &[("group.id", topic), ("auto.offset.reset", "earliest")]);
        consumer.subscribe(&[topic]).unwrap();
        let mut read = None;
        until("the message is read", || {
            read = consumer
                .poll(Duration::from_millis(100))
                .map(|message| message.unwrap().detach());
            read.is_some()
        });
        let message = read.unwrap();
        assert_eq!(message.key(), Some(&b"order-1"[..]));
        assert_eq!(message.payload(), Some(&b"hello"[..]));
        assert_eq!(message.timestamp().to_millis(), Some(1_700_000_000_000));
        let header = message.headers().unwrap().get(0);
        assert_eq!((header.key, header.value), ("schema-version", Some(&b"2"[..])));
    }
}
