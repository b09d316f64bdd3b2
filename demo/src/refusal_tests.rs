//! What a broker refuses for a while is neither lost nor forgotten by those who handled what it came of.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use brokerscope_contract::Timestamp;
use brokerscope_embedded_broker::{ApiKey, ResponseError};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};

use crate::message::{self, Message};
use crate::{Demo, Options, topics};

/// Orders that the topic tells of: placed, and ended in either way.
#[derive(Default)]
struct Told {
    placed: BTreeSet<u64>,
    ended: BTreeSet<u64>,
}

fn told(demo: &Demo) -> Told {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", demo.bootstrap_servers());
    config.set("group.id", "witness");
    let consumer: BaseConsumer = config.create().unwrap();
    let patience = Duration::from_secs(10);
    let (mut from, mut left) = (TopicPartitionList::new(), 0);
    for partition in 0..6 {
        let (start, end) = consumer.fetch_watermarks(topics::ORDERS, partition, patience).unwrap();
        from.add_partition_offset(topics::ORDERS, partition, Offset::Offset(start))
            .unwrap();
        left += end - start;
    }
    consumer.assign(&from).unwrap();
    let (mut told, deadline) = (Told::default(), Instant::now() + Duration::from_secs(20));
    while left > 0 {
        assert!(Instant::now() < deadline, "{left} messages are not read");
        let Some(Ok(read)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        left -= 1;
        match message::read(Some(message::CURRENT), message::CURRENT, read.payload().unwrap()).unwrap() {
            Message::OrderPlaced { order } => told.placed.insert(order.id),
            Message::OrderCompleted { order } | Message::OrderCancelled { order } => told.ended.insert(order.id),
            other => panic!("{other:?} is not about an order as a whole"),
        };
    }
    told
}

#[tokio::test]
async fn no_order_is_forgotten_when_its_messages_are_refused_for_a_while() {
    let demo = Demo::start(Options {
        clock: Arc::new(|| Timestamp(1_700_000_000_000)),
        // Many orders are under way at any moment.
        messages_per_second: 800,
        otlp_endpoint: None,
    });
    let demo = demo.await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while demo.totals().completed < 50 {
        assert!(Instant::now() < deadline, "{:?}", demo.totals());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let broker = demo.broker().handle();
    broker.fail_api(ApiKey::Produce, None, ResponseError::TopicAuthorizationFailed);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let taken = demo.totals();
    assert!(taken.in_flight > 10, "{taken:?}");
    broker.clear_errors();
    // Far from the two minutes after which the saga gives up a step, and cancels the order for the loss of a message.
    let deadline = Instant::now() + Duration::from_secs(45);
    loop {
        let told = told(&demo);
        let placed: BTreeSet<u64> = told.placed.iter().copied().take(taken.orders as usize).collect();
        if placed.len() as u64 == taken.orders && placed.is_subset(&told.ended) {
            break;
        }
        let lost: Vec<&u64> = placed.difference(&told.ended).take(10).collect();
        assert!(
            Instant::now() < deadline,
            "{} of {taken:?} placed, no end of {lost:?}",
            placed.len()
        );
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    demo.shutdown().await;
}
