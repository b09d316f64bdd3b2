//! A small shop on real brokers, for pictures and for looking at the pages: steady traffic, one slow reader,
//! one stuck reader, dead letters, and a consumer group that has left.

use std::time::Duration;

use futures_util::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, BasicRejectOptions,
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::brokers::Endpoints;
use crate::kafka;

/// The topics and the consumer groups of the Kafka half.
pub const TOPICS: [&str; 3] = ["payments", "shipments", "payments.dlq"];
pub const GROUPS: [&str; 4] = ["billing", "fraud-scoring", "tracking", "payments-capture"];

/// What a reader of a queue does with each message.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// Acknowledges after this many milliseconds.
    Works(u64),
    /// Acknowledges, and rejects every n-th message so that it becomes a dead letter.
    RejectsEvery(u64, u64),
    /// Takes its prefetch and does nothing with it.
    Hangs,
}

/// Starts the RabbitMQ half and returns; the traffic goes on in the background while the runtime lives.
pub async fn play_rabbitmq(endpoints: &Endpoints) {
    declare(&open(endpoints, "setup").await).await;
    for (service, queue, prefetch, reader) in [
        ("inventory", "orders.created", 20, Reader::RejectsEvery(12, 25)),
        ("notification", "orders.notify", 50, Reader::Works(1)),
        ("analytics", "orders.audit", 50, Reader::Works(1)),
        ("invoicing", "invoices", 10, Reader::Hangs),
    ] {
        let channel = open(endpoints, service).await;
        tokio::spawn(read(channel, queue, prefetch, reader));
    }
    for (service, key, per_second) in [
        ("checkout-web", "order.created", 40),
        ("order", "order.created", 45),
        ("order", "order.paid", 8),
    ] {
        let channel = open(endpoints, service).await;
        tokio::spawn(publish(channel, key, per_second));
    }
}

async fn open(endpoints: &Endpoints, service: &str) -> Channel {
    let address = format!("amqp://guest:guest@{}/%2f", endpoints.amqp[0]);
    let properties = ConnectionProperties::default().with_connection_name(service.into());
    let connection = Connection::connect(&address, properties)
        .await
        .expect("RabbitMQ answers");
    let channel = connection.create_channel().await.expect("a channel opens");
    // The connection must outlive this function, and the process ends with the scene.
    std::mem::forget(connection);
    channel
}

async fn declare(channel: &Channel) {
    let durable = ExchangeDeclareOptions {
        durable: true,
        ..Default::default()
    };
    channel
        .exchange_declare("orders".into(), ExchangeKind::Topic, durable, FieldTable::default())
        .await
        .expect("orders");
    let mut with_dead_letters = FieldTable::default();
    with_dead_letters.insert("x-dead-letter-exchange".into(), AMQPValue::LongString("".into()));
    with_dead_letters.insert(
        "x-dead-letter-routing-key".into(),
        AMQPValue::LongString("orders.dlq".into()),
    );
    for (queue, key, arguments) in [
        ("orders.dlq", None, FieldTable::default()),
        ("orders.created", Some("order.created"), with_dead_letters),
        ("orders.notify", Some("order.#"), FieldTable::default()),
        ("orders.audit", Some("order.#"), FieldTable::default()),
        ("invoices", Some("order.paid"), FieldTable::default()),
    ] {
        let durable = QueueDeclareOptions {
            durable: true,
            ..Default::default()
        };
        channel
            .queue_declare(queue.into(), durable, arguments)
            .await
            .expect("the queue is declared");
        if let Some(key) = key {
            let options = QueueBindOptions::default();
            let bound = channel.queue_bind(
                queue.into(),
                "orders".into(),
                key.into(),
                options,
                FieldTable::default(),
            );
            bound.await.expect("the queue is bound");
        }
    }
}

async fn publish(channel: Channel, key: &'static str, per_second: u64) {
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / per_second));
    loop {
        tick.tick().await;
        let properties = BasicProperties::default().with_delivery_mode(2);
        let sent = channel.basic_publish(
            "orders".into(),
            key.into(),
            BasicPublishOptions::default(),
            &[b'x'; 200],
            properties,
        );
        if sent.await.is_err() {
            return;
        }
    }
}

async fn read(channel: Channel, queue: &'static str, prefetch: u16, reader: Reader) {
    channel
        .basic_qos(prefetch, BasicQosOptions::default())
        .await
        .expect("prefetch is set");
    let tag = format!("{queue}-reader");
    let options = BasicConsumeOptions::default();
    let mut messages = channel
        .basic_consume(queue.into(), tag.as_str().into(), options, FieldTable::default())
        .await
        .expect("it consumes");
    let mut count = 0_u64;
    while let Some(Ok(message)) = messages.next().await {
        count += 1;
        let outcome = match reader {
            Reader::Hangs => continue,
            Reader::Works(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                message.ack(BasicAckOptions::default()).await
            }
            Reader::RejectsEvery(millis, n) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                match count.is_multiple_of(n) {
                    true => message.reject(BasicRejectOptions { requeue: false }).await,
                    false => message.ack(BasicAckOptions::default()).await,
                }
            }
        };
        if outcome.is_err() {
            return;
        }
    }
}

/// Starts the Kafka half and returns; the traffic goes on in the background while the runtime lives.
pub async fn play_kafka(endpoints: &Endpoints) {
    for (topic, partitions) in [("payments", 6), ("shipments", 3), ("payments.dlq", 1)] {
        kafka::ensure_topic(endpoints, topic, partitions).await;
    }
    for (topic, per_second) in [("payments", 120), ("shipments", 30)] {
        tokio::spawn(produce(endpoints.clone(), topic, per_second));
    }
    for (service, topic, group, millis) in [
        ("billing-1", "payments", "billing", 2),
        ("billing-2", "payments", "billing", 2),
        ("fraud-1", "payments", "fraud-scoring", 12),
        ("tracking-1", "shipments", "tracking", 1),
    ] {
        tokio::spawn(follow(endpoints.clone(), service, topic, group, millis));
    }
    // This group reads a little and leaves: what arrives from now on waits for it.
    kafka::produce(endpoints, "payments", 60).await;
    kafka::consume(endpoints, "payments", "payments-capture", 40).await;
}

async fn produce(endpoints: Endpoints, topic: &'static str, per_second: u64) {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", endpoints.bootstrap.join(","))
        .set("client.id", "payment");
    let producer: FutureProducer = config.create().expect("a producer");
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / per_second));
    for number in 0_u64.. {
        tick.tick().await;
        let key = format!("order-{number}");
        let payload = [b'x'; 200];
        let record = FutureRecord::to(topic).key(&key).payload(&payload[..]);
        // Whether it arrived is what the page is for.
        let _ = producer.send_result(record);
    }
}

async fn follow(endpoints: Endpoints, service: &'static str, topic: &'static str, group: &'static str, millis: u64) {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", endpoints.bootstrap.join(","))
        .set("client.id", service)
        .set("group.id", group)
        .set("auto.offset.reset", "latest")
        .set("enable.auto.commit", "false");
    let consumer: StreamConsumer = config.create().expect("a consumer");
    consumer.subscribe(&[topic]).expect("it subscribes");
    let mut since_commit = 0;
    while let Ok(message) = consumer.recv().await {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        since_commit += 1;
        if since_commit >= 20 {
            since_commit = 0;
            let _ = consumer.commit_message(&message, CommitMode::Async);
        }
    }
}
