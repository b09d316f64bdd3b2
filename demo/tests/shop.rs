//! The whole shop over its own broker: orders are completed, faults are healed, and spans arrive at a receiver.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::demo::OrderTotals;
use brokerscope_demo::{Demo, Fault, Options};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::Value;

async fn started(otlp_endpoint: Option<String>) -> Demo {
    let clock = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(now.as_millis() as i64)
    };
    let options = Options {
        clock: Arc::new(clock),
        messages_per_second: 200,
        otlp_endpoint,
    };
    Demo::start(options).await.unwrap()
}

async fn until(demo: &Demo, what: &str, seconds: u64, reached: impl Fn(OrderTotals) -> bool) -> OrderTotals {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let totals = demo.totals();
        assert_eq!(
            totals.orders,
            totals.completed + totals.cancelled + totals.in_flight,
            "{totals:?}"
        );
        if reached(totals) {
            return totals;
        }
        assert!(Instant::now() < deadline, "{what}: {totals:?} after {seconds} s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A receiver that takes every `POST /v1/traces` and hands on the spans, each with its service's name.
fn receiver() -> (String, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (spans, arriving) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            // One connection carries many requests.
            while let Some(body) = request(&mut reader) {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}")
                    .unwrap();
                for resource in body["resourceSpans"].as_array().unwrap() {
                    let service = resource["resource"]["attributes"][0]["value"]["stringValue"]
                        .as_str()
                        .unwrap();
                    for span in resource["scopeSpans"][0]["spans"].as_array().unwrap() {
                        if spans.send((service.to_string(), span.clone())).is_err() {
                            return;
                        }
                    }
                }
            }
        }
    });
    (address, arriving)
}

fn request(reader: &mut impl BufRead) -> Option<Value> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    assert!(first.starts_with("POST /v1/traces "), "{first}");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

fn attribute<'a>(span: &'a Value, key: &str) -> Option<&'a str> {
    let attributes = span["attributes"].as_array()?;
    let found = attributes.iter().find(|attribute| attribute["key"] == key)?;
    found["value"]["stringValue"].as_str()
}

#[tokio::test]
async fn orders_are_completed_and_some_are_cancelled_and_everything_adds_up() {
    let demo = started(None).await;
    until(&demo, "orders are completed and cancelled", 60, |totals| {
        totals.completed > 50 && totals.cancelled > 2
    })
    .await;
    demo.shutdown().await;
}

#[tokio::test]
async fn a_provider_that_is_down_cancels_orders_and_reset_heals_it() {
    let demo = started(None).await;
    let before = until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::PaymentDown, true).await.unwrap();
    // After five tries, with waits that add up to less than twenty seconds.
    until(&demo, "orders without payment are cancelled", 60, |totals| {
        totals.cancelled > before.cancelled + 50
    })
    .await;
    demo.reset().await.unwrap();
    assert!(demo.faults().iter().all(|fault| !fault.on));
    let healed = demo.totals();
    until(&demo, "orders are completed again", 60, |totals| {
        totals.completed > healed.completed + 50
    })
    .await;
    demo.shutdown().await;
}

#[tokio::test]
async fn a_stopped_inventory_holds_orders_up_until_it_is_back() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::InventoryStopped, true).await.unwrap();
    until(&demo, "orders wait", 60, |totals| totals.in_flight > 100).await;
    demo.set(Fault::InventoryStopped, false).await.unwrap();
    until(&demo, "the waiting orders are done", 60, |totals| totals.in_flight < 40).await;
    demo.shutdown().await;
}

#[tokio::test]
async fn every_message_leaves_spans_that_are_linked_from_its_sending_to_its_commit() {
    let (endpoint, arriving) = receiver();
    let demo = started(Some(endpoint)).await;
    let mut spans = Vec::new();
    let deadline = Instant::now() + Duration::from_secs(15);
    while spans.len() < 3_000 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(200)).await;
        spans.extend(arriving.try_iter());
    }
    demo.shutdown().await;
    let of = |kind: &'static str| {
        let spans = spans.iter().map(|(_, span)| span);
        spans.filter(move |span| attribute(span, "messaging.operation.type") == Some(kind))
    };
    for (operation, kind) in [("send", 4), ("receive", 3), ("process", 5), ("settle", 3)] {
        assert!(of(operation).count() > 10, "{operation} among {}", spans.len());
        assert!(of(operation).all(|span| span["kind"] == kind), "{operation}");
    }
    let sent: HashMap<&str, &Value> = of("send")
        .map(|span| (span["spanId"].as_str().unwrap(), span))
        .collect();
    let linked = of("process").filter_map(|span| {
        let creation = sent.get(span["links"][0]["spanId"].as_str().unwrap())?;
        Some((*creation, span))
    });
    let mut joined = 0;
    for (creation, processing) in linked {
        joined += 1;
        assert_eq!(creation["traceId"], processing["traceId"]);
        assert_eq!(processing["parentSpanId"], creation["spanId"]);
        for key in ["messaging.destination.name", "messaging.message.id"] {
            assert_eq!(attribute(creation, key), attribute(processing, key), "{key}");
        }
    }
    assert!(joined > 100, "{joined} of {} processed", of("process").count());
    let services: HashSet<&str> = spans.iter().map(|(service, _)| service.as_str()).collect();
    for service in ["order-service", "payment-service", "inventory-service", "storefront"] {
        assert!(services.contains(service), "{service} is not among {services:?}");
    }
}

/// Everything that a topic holds, read by an outsider: the id of each message with its content.
fn read_all(demo: &Demo, topic: &str) -> Vec<(String, Value)> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", demo.bootstrap_servers());
    config.set("group.id", "witness").set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().unwrap();
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10)).unwrap();
    let (mut from, mut left) = (TopicPartitionList::new(), 0);
    for partition in metadata.topics()[0].partitions() {
        let (start, end) = consumer
            .fetch_watermarks(topic, partition.id(), Duration::from_secs(10))
            .unwrap();
        from.add_partition_offset(topic, partition.id(), Offset::Offset(start))
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
        let id = String::from_utf8(id.value.unwrap().to_vec()).unwrap();
        read.push((id, serde_json::from_slice(message.payload().unwrap()).unwrap()));
    }
    read
}

/// Messages that are there more than once.
fn doubled(messages: &[(String, Value)]) -> usize {
    let distinct: HashSet<&str> = messages.iter().map(|(id, _)| id.as_str()).collect();
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
    for (id, message) in read_all(&demo, "orders") {
        if message["type"] == "order_completed" {
            let order = message["order"]["id"].as_u64().unwrap();
            announced.entry(order).or_default().insert(id);
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
