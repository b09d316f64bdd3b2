//! Traffic on a stand-in for SQS, in SQS' own JSON protocol: stand-ins look at the region in the signature and do not
//! check it.

use serde_json::{Value, json};

use crate::brokers::Endpoints;

/// What ElasticMQ and moto are asked under; `aws_sqs` connections use it as well.
pub const REGION: &str = "us-east-1";

/// The key of the account that stand-ins know without being told.
pub const KEY: &str = "test";

fn signature(key: &str, service: &str) -> String {
    let scope = format!("{key}/20260101/{REGION}/{service}/aws4_request");
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0")
}

async fn ask(endpoints: &Endpoints, action: &str, body: Value) -> Value {
    ask_as(endpoints, KEY, action, body).await
}

async fn ask_as(endpoints: &Endpoints, key: &str, action: &str, body: Value) -> Value {
    let answer = reqwest::Client::new()
        .post(&endpoints.management[0])
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", format!("AmazonSQS.{action}"))
        .header("X-Amz-Date", "20260101T000000Z")
        .header("Authorization", signature(key, "sqs"))
        .body(body.to_string())
        .send()
        .await
        .expect("the stand-in answers");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert!(status.is_success(), "{action}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Asks SNS or STS in their older protocol, and returns what stands between the tags of this name.
async fn query(endpoints: &Endpoints, service: &str, fields: &[(&str, &str)], wanted: &str) -> String {
    let mut url = reqwest::Url::parse(&endpoints.management[0]).expect("an address");
    url.query_pairs_mut().extend_pairs(fields);
    let answer = reqwest::Client::new()
        .get(url)
        .header("Authorization", signature(KEY, service))
        .send()
        .await
        .expect("the stand-in answers");
    let text = answer.text().await.expect("a body");
    let (begin, end) = (format!("<{wanted}>"), format!("</{wanted}>"));
    let found = text.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end));
    found.unwrap_or_else(|| panic!("no {wanted} in {text}")).0.to_string()
}

/// The key of a session under a role, which may be one of another account.
pub async fn assume(endpoints: &Endpoints, role: &str) -> String {
    let fields = [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("RoleSessionName", "test"),
    ];
    query(endpoints, "sts", &fields, "AccessKeyId").await
}

/// Creates a topic and returns its ARN.
pub async fn create_topic(endpoints: &Endpoints, name: &str) -> String {
    let fields = [("Action", "CreateTopic"), ("Version", "2010-03-31"), ("Name", name)];
    query(endpoints, "sns", &fields, "TopicArn").await
}

/// Lets a topic deliver into a queue, by the ARNs of both.
pub async fn subscribe(endpoints: &Endpoints, topic: &str, queue: &str) {
    let fields = [
        ("Action", "Subscribe"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic),
        ("Protocol", "sqs"),
        ("Endpoint", queue),
    ];
    query(endpoints, "sns", &fields, "SubscriptionArn").await;
}

pub async fn delete_topic(endpoints: &Endpoints, topic: &str) {
    let fields = [
        ("Action", "DeleteTopic"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic),
    ];
    query(endpoints, "sns", &fields, "RequestId").await;
}

/// Creates a queue and returns its address and its ARN.
pub async fn create_queue(endpoints: &Endpoints, name: &str, attributes: Value) -> (String, String) {
    create_queue_as(endpoints, KEY, name, attributes).await
}

/// In the account of this key.
pub async fn create_queue_as(endpoints: &Endpoints, key: &str, name: &str, attributes: Value) -> (String, String) {
    let told = ask_as(
        endpoints,
        key,
        "CreateQueue",
        json!({"QueueName": name, "Attributes": attributes}),
    )
    .await;
    let url = told["QueueUrl"].as_str().expect("an address").to_string();
    let told = ask_as(
        endpoints,
        key,
        "GetQueueAttributes",
        json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]}),
    )
    .await;
    let arn = told["Attributes"]["QueueArn"].as_str().expect("an ARN").to_string();
    (url, arn)
}

pub async fn send(endpoints: &Endpoints, url: &str, count: usize) {
    for n in 0..count {
        ask(
            endpoints,
            "SendMessage",
            json!({"QueueUrl": url, "MessageBody": n.to_string()}),
        )
        .await;
    }
}

/// Receives so many messages, one by one, and hides each for so many seconds.
pub async fn receive(endpoints: &Endpoints, url: &str, count: usize, hidden: u32) {
    for _ in 0..count {
        ask(
            endpoints,
            "ReceiveMessage",
            json!({"QueueUrl": url, "VisibilityTimeout": hidden}),
        )
        .await;
    }
}

pub async fn delete_queue(endpoints: &Endpoints, url: &str) {
    ask(endpoints, "DeleteQueue", json!({"QueueUrl": url})).await;
}
