//! Against a real RabbitMQ: how far readers of streams and super streams are behind.

use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::{EntityKind, Status, Verdict, metrics};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::rabbitmq_streams::Streams;
use brokerscope_tests::rabbitmq_vhost::Vhost;
use brokerscope_tests::{Product, patience::eventually};
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::{AMQPValue, FieldTable};
use reqwest::Method;
use serde_json::{Value, json};

async fn watch(endpoints: &Endpoints, vhost: &Vhost) -> Product {
    let product = Product::start().await;
    let settings = json!({"management_urls": endpoints.management, "prometheus_urls": endpoints.prometheus,
        "user": "guest", "password": "guest", "interval_seconds": 5, "vhosts": [vhost.name]});
    let body = json!({"name": "rabbit", "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &body).await;
    product
}

/// The subscription called `name` on a stream or super stream, once `accept` likes it.
async fn subscription(
    product: &Product,
    (of, name): (&str, &str),
    what: &str,
    accept: impl Fn(&EntityRow) -> bool,
) -> EntityRow {
    eventually(&format!("{name} of {of}: {what}"), 420, || async {
        let rows: Rows = product.get(&format!("{}?q={name}", path::SUBSCRIPTIONS)).await;
        let mut rows = rows.page.items.into_iter();
        rows.find(|row| row.entity.name == name && row.entity.scope.ends_with(of) && accept(row))
    })
    .await
}

/// What the broker's own API says of the one reader of `stream`: messages sent to it, and its lag.
async fn told(vhost: &Vhost, stream: &str) -> Option<(f64, f64)> {
    let readers = vhost
        .admin(Method::GET, &format!("stream/consumers/{}", vhost.name), &Value::Null)
        .await;
    let readers = readers.as_array()?.clone();
    let reader = readers.iter().find(|reader| reader["queue"]["name"] == stream)?;
    Some((reader["consumed"].as_f64()?, reader["offset_lag"].as_f64()?))
}

/// Standing still is a verdict after five minutes, which the test waits for where it is to be `judged`. Returns what
/// the reader was sent and its lag, together.
async fn a_reader_that_stops_reading_falls_behind(name: &str, judged: bool) -> Option<f64> {
    let endpoints = broker(name)?;
    let vhost = Vhost::create(&endpoints, "streams").await;
    let mut writer = Streams::connect(&endpoints, &vhost.name, "click-writer").await;
    writer.create("clicks").await;
    writer.declare_publisher(1, "clicks").await;
    writer.publish(1, 100).await;
    let mut reader = Streams::connect(&endpoints, &vhost.name, "billing-service").await;
    // Credit for one chunk: what comes after it, it does not take.
    reader.subscribe(1, "clicks", "billing", 1).await;
    eventually("one chunk is sent", 30, || async {
        told(&vhost, "clicks").await.filter(|(sent, _)| *sent > 0.0)
    })
    .await;
    for _ in 0..5 {
        writer.publish(1, 10).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let (sent, lag) = eventually("the broker knows of all messages", 60, || async {
        let now = told(&vhost, "clicks").await?;
        tokio::time::sleep(std::time::Duration::from_secs(6)).await;
        (told(&vhost, "clicks").await? == now).then_some(now)
    })
    .await;
    let product = watch(&endpoints, &vhost).await;
    let billing = ("clicks", "billing");
    let seen = subscription(&product, billing, "behind", |row| row.lag.value == Some(lag)).await;
    assert_eq!(seen.entity.kind, EntityKind::StreamConsumer);
    assert_eq!(seen.consumers.value, Some(1.0));
    if judged {
        let stuck = subscription(&product, billing, "stalled", |row| {
            row.judgement.verdict == Verdict::Stalled
        })
        .await;
        let wait = format!("{lag} messages wait");
        let sentence = stuck.judgement.sentence.replace('\u{a0}', " ");
        assert!(sentence.contains(&wait), "{sentence}");
    }
    reader.credit(1, 1_000).await;
    subscription(&product, billing, "caught up", |row| {
        row.lag.value == Some(0.0) && row.judgement.verdict.status() == Status::Ok
    })
    .await;
    vhost.delete().await;
    Some(sent + lag)
}

#[tokio::test]
async fn a_reader_that_stops_reading_falls_behind_on_4_3() {
    // What it was sent and what it is behind are all 150 messages.
    let sum = a_reader_that_stops_reading_falls_behind("rabbitmq", true).await;
    assert!(sum.is_none_or(|sum| sum == 150.0), "{sum:?}");
}

#[tokio::test]
async fn a_reader_that_stops_reading_falls_behind_on_3_10() {
    // This version counts from the beginning of a chunk to the beginning of the last one.
    let sum = a_reader_that_stops_reading_falls_behind("rabbitmq-3.10", false).await;
    assert!(sum.is_none_or(|sum| (100.0..=250.0).contains(&sum)), "{sum:?}");
}

#[tokio::test]
async fn a_super_stream_is_summed_over_its_partitions() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let vhost = Vhost::create(&endpoints, "superstreams").await;
    let mut writer = Streams::connect(&endpoints, &vhost.name, "invoice-writer").await;
    writer.create_super_stream("invoices", 3).await;
    for partition in 0..3_u8 {
        writer
            .declare_publisher(partition, &format!("invoices-{partition}"))
            .await;
        writer.publish(partition, 10).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let mut reader = Streams::connect(&endpoints, &vhost.name, "biller-service").await;
    for partition in 0..2_u8 {
        let stream = format!("invoices-{partition}");
        reader.subscribe(partition, &stream, "biller", 1).await;
    }
    let product = watch(&endpoints, &vhost).await;
    let whole = ("invoices", "biller");
    let part = subscription(&product, whole, "two of three partitions are read", |row| {
        row.consumers.value == Some(1.0)
    })
    .await;
    assert_eq!(part.lag.value, None, "a part of a sum is no sum");
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, part.entity.id.0)).await;
    let lag = detail.metrics.iter().find(|view| view.metric == metrics::LAG);
    let why = lag.and_then(|view| view.why.clone()).unwrap_or_default();
    assert!(why.contains("of 3 partitions of super stream invoices"), "{why}");

    reader.subscribe(2, "invoices-2", "biller", 1).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    // Each reader was sent its first chunk; these are not taken, nor is what did not fit into that chunk.
    for partition in 0..3_u8 {
        writer.publish(partition, 4 + u32::from(partition)).await;
    }
    let behind = eventually("the broker knows of all messages", 60, || async {
        let mut behind = 0.0;
        for (stream, published) in [("invoices-0", 14.0), ("invoices-1", 15.0), ("invoices-2", 16.0)] {
            let (sent, lag) = told(&vhost, stream).await.filter(|(sent, _)| *sent > 0.0)?;
            behind += (sent + lag == published).then_some(published - sent)?;
        }
        Some(behind)
    })
    .await;
    assert!(behind >= 15.0, "at least the last 4, 5 and 6: {behind}");
    let summed = subscription(&product, whole, "the sum of all", |row| row.lag.value == Some(behind)).await;
    assert_eq!(summed.depth.value, Some(behind));
    let rows: Rows = product.get(&format!("{}?q=invoices", path::DESTINATIONS)).await;
    let exchange = rows
        .page
        .items
        .iter()
        .find(|row| row.entity.kind == EntityKind::Exchange);
    let exchange = exchange.expect("the super stream is an exchange");
    let path = format!("{}/{}", path::ENTITIES, exchange.entity.id.0);
    eventually("45 messages are held by all partitions together", 60, || async {
        let detail: EntityDetail = product.get(&path).await;
        let mut views = detail.metrics.iter();
        let held = views.find(|view| view.metric == metrics::RABBITMQ_STREAM_MESSAGES)?;
        (held.reading.value == Some(45.0)).then_some(())
    })
    .await;
    let detail: EntityDetail = product.get(&path).await;
    let parts = detail
        .parts
        .iter()
        .filter(|part| part.entity.kind == EntityKind::Stream);
    assert_eq!(parts.count(), 3, "its partitions are listed below it");
    vhost.delete().await;
}

/// A reader over AMQP does not tell where it is: its stream says so.
#[tokio::test]
async fn a_reader_of_a_stream_over_amqp_has_no_lag_and_it_is_said() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let vhost = Vhost::create(&endpoints, "amqpstreams").await;
    let stream = json!({"durable": true, "arguments": {"x-queue-type": "stream"}});
    vhost.put("queues", "clicks", &stream).await;
    let traffic = brokerscope_tests::rabbitmq::Traffic::connect_to(&endpoints, &vhost.name).await;
    traffic.publish("clicks", 20).await;
    let channel = &traffic.channel;
    channel.basic_qos(5, BasicQosOptions::default()).await.expect("a limit");
    let mut begin = FieldTable::default();
    begin.insert("x-stream-offset".into(), AMQPValue::LongString("first".into()));
    let reader = channel
        .basic_consume(
            "clicks".into(),
            "old-reader".into(),
            BasicConsumeOptions::default(),
            begin,
        )
        .await
        .expect("it reads");
    let product = watch(&endpoints, &vhost).await;
    let row = eventually("the stream has a row", 60, || async {
        let rows: Rows = product.get(&format!("{}?q=clicks", path::DESTINATIONS)).await;
        rows.page.items.into_iter().find(|row| row.consumers.value == Some(1.0))
    })
    .await;
    assert_eq!(row.lag.value, None);
    let why = eventually("it is said", 60, || async {
        let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, row.entity.id.0)).await;
        detail
            .metrics
            .iter()
            .find(|view| view.metric == metrics::LAG)?
            .why
            .clone()
    })
    .await;
    assert!(why.contains("AMQP"), "{why}");
    drop(reader);
    vhost.delete().await;
}
