//! Two connections of about a hundred entities each at their default cadence: memory and processor time of the process.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

use std::time::Duration;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::broker;
use brokerscope_tests::measure::{cpu_seconds, percentile, resident_bytes};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Product, kafka, rabbitmq};
use serde_json::json;

const SECONDS: u64 = 180;

#[tokio::main]
async fn main() {
    let rabbit = broker("rabbitmq").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=rabbitmq,kafka");
    let log = broker("kafka").expect("this benchmark needs BROKERSCOPE_TEST_BROKERS=rabbitmq,kafka");
    let traffic = rabbitmq::Traffic::connect(&rabbit).await;
    for number in 0..90 {
        traffic.declare(&format!("idle.{number:02}"), Default::default()).await;
    }
    for number in 0..20 {
        kafka::ensure_topic(&log, &format!("idle-{number:02}"), 3).await;
    }
    let product = Product::start().await;
    let settings = json!({"management_urls": rabbit.management, "user": "guest", "password": "guest"});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    let settings = json!({"bootstrap_servers": log.bootstrap});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "kafka", "system": "kafka", "settings": settings}),
        )
        .await;
    eventually("both have been visited", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        views.iter().all(|view| view.revision >= 2).then_some(())
    })
    .await;
    let before = cpu_seconds(product.pid()).expect("the process lives");
    let mut memory = Vec::new();
    for _ in 0..SECONDS {
        tokio::time::sleep(Duration::from_secs(1)).await;
        memory.extend(resident_bytes(product.pid()).map(|bytes| bytes as f64 / 1e6));
    }
    let share = (cpu_seconds(product.pid()).expect("the process lives") - before) / SECONDS as f64;
    println!(
        "RabbitMQ {} with 90 queues, Kafka {} with 20 topics of 3 partitions, {SECONDS} s.\n",
        rabbit.version, log.version
    );
    println!("| figure | value | bar |\n|---|---|---|");
    println!(
        "| resident memory, largest | {:.1} MB | 60 MB |",
        percentile(&memory, 1.0)
    );
    println!("| processor, share of one core | {:.2} % | 2 % |", share * 100.0);
    for number in 0..90 {
        traffic.delete(&format!("idle.{number:02}")).await;
    }
    for number in 0..20 {
        kafka::delete_topic(&log, &format!("idle-{number:02}")).await;
    }
}
