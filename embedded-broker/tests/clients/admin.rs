//! Every call that an administrator has.

use std::time::Duration;

use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::Producer;
use rdkafka::{Offset, TopicPartitionList};

use crate::PATIENCE;
use crate::cluster::{broker, client};
use crate::traffic::{producer, send};

type Admin = AdminClient<DefaultClientContext>;

fn now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE))
}

#[test]
fn topics_are_created_grown_described_and_deleted() {
    let broker = broker();
    let admin: Admin = client(&broker, &[]);
    let topic = NewTopic::new("orders", 4, TopicReplication::Fixed(3)).set("retention.ms", "60000");
    assert_eq!(
        now(admin.create_topics([&topic], &options())).unwrap()[0],
        Ok("orders".to_owned())
    );
    let again = now(admin.create_topics([&topic], &options())).unwrap();
    assert_eq!(
        again[0],
        Err(("orders".to_owned(), RDKafkaErrorCode::TopicAlreadyExists))
    );
    let wrong = NewTopic::new("payments", 4, TopicReplication::Fixed(9));
    let refused = now(admin.create_topics([&wrong], &options())).unwrap();
    assert_eq!(
        refused[0],
        Err(("payments".to_owned(), RDKafkaErrorCode::InvalidReplicationFactor))
    );

    now(admin.create_partitions([&NewPartitions::new("orders", 6)], &options())).unwrap()[0]
        .clone()
        .unwrap();
    let consumer: BaseConsumer = client(&broker, &[]);
    let metadata = consumer.fetch_metadata(None, PATIENCE).unwrap();
    assert_eq!(metadata.brokers().len(), 3);
    let orders = metadata.topics().iter().find(|topic| topic.name() == "orders").unwrap();
    assert_eq!(orders.partitions().len(), 6);
    let leaders: std::collections::BTreeSet<i32> = orders.partitions().iter().map(|one| one.leader()).collect();
    assert_eq!(leaders.len(), 3, "every node leads something");
    assert!(
        orders
            .partitions()
            .iter()
            .all(|one| one.replicas().len() == 3 && one.isr().len() == 3)
    );

    assert_eq!(
        now(admin.delete_topics(&["orders"], &options())).unwrap()[0],
        Ok("orders".to_owned())
    );
    let gone = now(admin.delete_topics(&["orders"], &options())).unwrap();
    assert_eq!(
        gone[0],
        Err(("orders".to_owned(), RDKafkaErrorCode::UnknownTopicOrPartition))
    );
}

#[test]
fn settings_are_shown_and_changed() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let admin: Admin = client(&broker, &[]);
    let value = |name: &str| {
        let found = now(admin.describe_configs(&[ResourceSpecifier::Topic("orders")], &options())).unwrap();
        found[0].as_ref().unwrap().get(name).unwrap().value.clone().unwrap()
    };
    assert_eq!(value("retention.ms"), "3600000");
    let change = AlterConfig::new(ResourceSpecifier::Topic("orders")).set("retention.ms", "1000");
    assert!(now(admin.alter_configs([&change], &options())).unwrap()[0].is_ok());
    assert_eq!(value("retention.ms"), "1000");
    let nonsense = AlterConfig::new(ResourceSpecifier::Topic("orders")).set("retention.ms", "soon");
    // The client does not pass on the error of a single setting.
    now(admin.alter_configs([&nonsense], &options())).unwrap();
    assert_eq!(value("retention.ms"), "1000");
    let node = now(admin.describe_configs(&[ResourceSpecifier::Broker(1)], &options())).unwrap();
    assert_eq!(
        node[0].as_ref().unwrap().get("broker.id").unwrap().value.as_deref(),
        Some("1")
    );
}

#[test]
fn records_and_groups_are_deleted_and_reading_what_is_gone_says_so() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let producer = producer(&broker, &[]);
    send(&producer, "orders", 0..100);
    producer.flush(PATIENCE).unwrap();
    let admin: Admin = client(&broker, &[]);
    let mut until = TopicPartitionList::new();
    until.add_partition_offset("orders", 0, Offset::Offset(40)).unwrap();
    now(admin.delete_records(&until, &options())).unwrap();

    let settings = [
        ("group.id", "readers"),
        ("auto.offset.reset", "error"),
        ("enable.auto.commit", "false"),
    ];
    let consumer: BaseConsumer = client(&broker, &settings);
    assert_eq!(consumer.fetch_watermarks("orders", 0, PATIENCE).unwrap(), (40, 100));
    let mut at = TopicPartitionList::new();
    at.add_partition_offset("orders", 0, Offset::Offset(10)).unwrap();
    consumer.assign(&at).unwrap();
    let told = (0..100)
        .find_map(|_| consumer.poll(Duration::from_millis(100)))
        .unwrap();
    assert_eq!(
        told.unwrap_err().rdkafka_error_code(),
        Some(RDKafkaErrorCode::AutoOffsetReset)
    );

    consumer.commit(&at, CommitMode::Sync).unwrap();
    let committed = consumer.committed_offsets(at.clone(), PATIENCE).unwrap();
    assert_eq!(committed.elements()[0].offset(), Offset::Offset(10));
    assert_eq!(
        now(admin.delete_groups(&["readers"], &options())).unwrap()[0],
        Ok("readers".to_owned())
    );
    let committed = consumer.committed_offsets(at, PATIENCE).unwrap();
    assert_eq!(committed.elements()[0].offset(), Offset::Invalid);
}

#[test]
fn a_reader_that_retention_overtakes_is_told() {
    let broker = EmbeddedBroker::start(Options {
        retention_bytes_per_partition: 10_000,
        ..Options::default()
    })
    .unwrap();
    broker.handle().create_topic("orders", 1).unwrap();
    let producer = producer(&broker, &[("batch.num.messages", "10")]);
    send(&producer, "orders", 0..10);
    producer.flush(PATIENCE).unwrap();
    let settings = [("group.id", "slow"), ("auto.offset.reset", "error")];
    let consumer: BaseConsumer = client(&broker, &settings);
    let mut at = TopicPartitionList::new();
    at.add_partition_offset("orders", 0, Offset::Offset(0)).unwrap();
    send(&producer, "orders", 10..5_000);
    producer.flush(PATIENCE).unwrap();
    consumer.assign(&at).unwrap();
    let told = (0..100)
        .find_map(|_| consumer.poll(Duration::from_millis(100)))
        .unwrap();
    assert_eq!(
        told.unwrap_err().rdkafka_error_code(),
        Some(RDKafkaErrorCode::AutoOffsetReset)
    );
}

#[test]
fn all_partitions_together_hold_only_so_much() {
    let most = 1_000_000;
    let broker = EmbeddedBroker::start(Options {
        most_stored_bytes: most,
        ..Options::default()
    })
    .unwrap();
    let handle = broker.handle();
    let producer = producer(&broker, &[("batch.num.messages", "20")]);
    for topic in ["orders", "payments", "views"] {
        handle.create_topic(topic, 3).unwrap();
        send(&producer, topic, 0..20_000);
        producer.flush(PATIENCE).unwrap();
        assert!(handle.stats().stored_bytes <= most + 100_000, "{:?}", handle.stats());
    }
    assert_eq!(producer.context().failed.load(std::sync::atomic::Ordering::Relaxed), 0);
    assert!(handle.stats().bytes_in > most, "more came than there is room for");
}

#[test]
fn offsets_are_found_by_time_inside_a_batch() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    for compression in ["none", "gzip", "zstd", "lz4", "snappy"] {
        let start = broker.handle().stats().messages_in as i64;
        let producer = producer(&broker, &[("linger.ms", "200"), ("compression.type", compression)]);
        for i in 0..50 {
            let at = 1_700_000_000_000 + (start + i) * 1000;
            let record = rdkafka::producer::BaseRecord::to("orders")
                .payload("a longer text, so that it is worth to compress it")
                .key("k")
                .timestamp(at);
            assert!(producer.send(record).is_ok());
        }
        producer.flush(PATIENCE).unwrap();
        let consumer: BaseConsumer = client(&broker, &[]);
        let mut asked = TopicPartitionList::new();
        let at = Offset::Offset(1_700_000_000_000 + (start + 33) * 1000);
        asked.add_partition_offset("orders", 0, at).unwrap();
        let found = consumer.offsets_for_times(asked, PATIENCE).unwrap();
        assert_eq!(
            found.elements()[0].offset(),
            Offset::Offset(start + 33),
            "{compression}"
        );
    }
}
