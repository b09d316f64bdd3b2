//! Faults of the shop do what they say, and a reset heals them.

use std::collections::{HashMap, HashSet};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use brokerscope_demo::{Demo, Fault};

use crate::witness::{Read, lags, read_all};
use crate::{started, until};

/// Messages that are there more than once.
fn doubled(messages: &[Read]) -> usize {
    let distinct: HashSet<&str> = messages.iter().map(|read| read.id.as_str()).collect();
    messages.len() - distinct.len()
}

#[tokio::test]
async fn a_producer_without_idempotence_doubles_messages_and_no_order() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 20).await;
    assert_eq!(doubled(&read_all(&demo, "inventory-requests")), 0);
    demo.set(Fault::Duplicates, true).await.unwrap();
    let before = demo.totals();
    until(&demo, "orders are completed all the same", 90, |totals| {
        totals.completed > before.completed + 60
    })
    .await;
    for topic in ["inventory-requests", "payment-requests"] {
        let messages = read_all(&demo, topic);
        assert!(
            doubled(&messages) > 20,
            "{} of {} in {topic}",
            doubled(&messages),
            messages.len()
        );
    }
    demo.reset().await.unwrap();
    let healed = demo.totals();
    until(&demo, "orders go on", 60, |totals| {
        totals.completed > healed.completed + 20
    })
    .await;
    // Announcing an order a second time would be a message of its own, with an id of its own.
    let mut announced: HashMap<u64, HashSet<String>> = HashMap::new();
    for read in read_all(&demo, "orders") {
        if read.is("order_completed") {
            announced.entry(read.order()).or_default().insert(read.id);
        }
    }
    assert!(announced.len() > 80);
    assert!(announced.values().all(|ids| ids.len() == 1));
    demo.shutdown().await;
}

#[tokio::test]
async fn a_reset_throws_dead_letters_away() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::NewSchema, true).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!read_all(&demo, "page-views.dlq").is_empty());
    demo.reset().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !read_all(&demo, "page-views.dlq").is_empty() {
        assert!(Instant::now() < deadline, "dead letters are left");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    demo.shutdown().await;
}

#[tokio::test]
async fn a_reset_that_cannot_bring_a_node_back_says_so_and_heals_the_rest() {
    let demo = started(None).await;
    demo.set(Fault::NodeKilled, true).await.unwrap();
    demo.set(Fault::OutOfSync, true).await.unwrap();
    let port = demo.bootstrap_servers().rsplit(',').next().unwrap().to_owned();
    let taken = TcpListener::bind(&port).unwrap();
    let refused = demo.reset().await.unwrap_err().to_string();
    assert!(refused.contains("does not come back"), "{refused}");
    let on = |demo: &Demo| {
        let faults = demo.faults().into_iter().filter(|fault| fault.on);
        faults.map(|fault| fault.slug).collect::<Vec<_>>()
    };
    assert_eq!(on(&demo), ["node-killed"]);
    drop(taken);
    demo.reset().await.unwrap();
    assert!(on(&demo).is_empty());
    demo.shutdown().await;
}

/// Waits until so many dead letters lie in a topic.
async fn dead_letters(demo: &Demo, topic: &str, wanted: usize) -> Vec<Read> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let letters = read_all(demo, topic);
        if letters.len() >= wanted {
            return letters;
        }
        assert!(Instant::now() < deadline, "{} of {wanted} in {topic}", letters.len());
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test]
async fn a_poison_message_becomes_a_dead_letter_of_each_who_reads_it() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::PoisonMessage, true).await.unwrap();
    let first = dead_letters(&demo, "orders.dlq", 1).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let held_up = read_all(&demo, "orders.dlq");
    assert_eq!(held_up.len(), 1, "only analytics-service gives it up");
    let before: i64 = lags(&demo, "notification-service", "orders").values().sum();
    assert!(before > 20, "notification-service is {before} behind");
    demo.set(Fault::PoisonMessage, false).await.unwrap();
    let both = dead_letters(&demo, "orders.dlq", 2).await;
    assert!(both.iter().all(|read| read.id == first[0].id && read.message.is_null()));
    demo.shutdown().await;
}

#[tokio::test]
async fn a_hot_key_puts_its_own_partition_behind_and_no_other() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::HotKey, true).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    let by_partition = loop {
        let lags = lags(&demo, "analytics-service", "page-views");
        if lags.values().any(|lag| *lag > 400) {
            break lags;
        }
        assert!(Instant::now() < deadline, "{lags:?}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    let behind = by_partition.values().filter(|lag| **lag > 80);
    assert_eq!(behind.count(), 1, "{by_partition:?}");
    demo.shutdown().await;
}
