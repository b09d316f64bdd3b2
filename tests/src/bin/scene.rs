//! Plays the shop on the brokers named in `BROKERSCOPE_TEST_BROKERS` until it is stopped.

use brokerscope_tests::{brokers::broker, scene};

#[tokio::main]
async fn main() {
    if let Some(endpoints) = broker("rabbitmq") {
        scene::play_rabbitmq(&endpoints).await;
        println!("the shop runs on RabbitMQ {}", endpoints.version);
    }
    if let Some(endpoints) = broker("kafka") {
        scene::play_kafka(&endpoints).await;
        println!("the shop runs on Kafka {}", endpoints.version);
    }
    tokio::signal::ctrl_c().await.expect("the signal can be waited for");
}
