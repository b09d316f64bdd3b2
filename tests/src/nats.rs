//! Traffic on a real NATS, and what its own answers say of it.

use std::time::Duration;

use async_nats::Client;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::brokers::Endpoints;

/// A connection of the user that may do everything in the account `APP`, under a name of its own.
pub async fn client(endpoints: &Endpoints, name: &str) -> Client {
    async_nats::ConnectOptions::with_user_and_password("app".into(), "app".into())
        .name(name)
        .connect(endpoints.bootstrap.clone())
        .await
        .expect("NATS takes the login")
}

async fn api(client: &Client, subject: &str, body: &str) -> Value {
    let answer = client
        .request(format!("$JS.API.{subject}"), body.to_string().into())
        .await;
    let answer = answer.expect("JetStream answers");
    let answer: Value = serde_json::from_slice(&answer.payload).expect("in JSON");
    assert!(answer["error"].is_null(), "{subject}: {answer}");
    answer
}

/// Creates a stream of the subjects below its name, with one durable pull consumer.
pub async fn create_stream(client: &Client, stream: &str, consumer: &str) {
    let config = json!({"name": stream, "subjects": [format!("{stream}.>")], "storage": "memory"});
    api(client, &format!("STREAM.CREATE.{stream}"), &config.to_string()).await;
    let config = json!({"durable_name": consumer, "ack_policy": "explicit", "ack_wait": 600_000_000_000_u64});
    let body = json!({"stream_name": stream, "config": config});
    api(
        client,
        &format!("CONSUMER.CREATE.{stream}.{consumer}"),
        &body.to_string(),
    )
    .await;
}

/// Creates consumers without a durable name, which end by themselves after a second without a reader.
pub async fn create_ephemeral(client: &Client, stream: &str, count: usize) {
    let config = json!({"ack_policy": "none", "inactive_threshold": 1_000_000_000_u64});
    let body = json!({"stream_name": stream, "config": config}).to_string();
    for _ in 0..count {
        api(client, &format!("CONSUMER.CREATE.{stream}"), &body).await;
    }
}

pub async fn delete_stream(client: &Client, stream: &str) {
    api(client, &format!("STREAM.DELETE.{stream}"), "").await;
}

/// Publishes `count` messages and waits until each is stored.
pub async fn publish(client: &Client, stream: &str, count: usize) {
    for n in 0..count {
        let subject = format!("{stream}.new");
        client
            .request(subject, format!("order {n}").into())
            .await
            .expect("it is stored");
    }
}

/// Takes messages through the consumer and acknowledges the first ones.
pub async fn consume(client: &Client, stream: &str, consumer: &str, take: usize, acknowledge: usize) {
    let inbox = client.new_inbox();
    let mut messages = client.subscribe(inbox.clone()).await.expect("it subscribes");
    let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}");
    let body = json!({"batch": take, "no_wait": true}).to_string();
    client
        .publish_with_reply(subject, inbox, body.into())
        .await
        .expect("it is sent");
    for taken in 0..take {
        let message = tokio::time::timeout(Duration::from_secs(10), messages.next()).await;
        let message = message.expect("in time").expect("a message");
        if taken < acknowledge {
            let reply = message.reply.expect("where to acknowledge");
            client.request(reply, "+ACK".into()).await.expect("it is acknowledged");
        }
    }
}

/// What waits and what is in flight, asked of JetStream itself.
pub async fn waiting_and_in_flight(client: &Client, stream: &str, consumer: &str) -> (f64, f64) {
    let info = api(client, &format!("CONSUMER.INFO.{stream}.{consumer}"), "").await;
    let number = |name: &str| info[name].as_f64().expect("a number");
    (number("num_pending"), number("num_ack_pending"))
}
