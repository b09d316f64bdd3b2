//! Traffic on a stand-in for SQS, in SQS' own JSON protocol: stand-ins look at the region in the signature and do not
//! check it.

use serde_json::{Value, json};

use crate::brokers::Endpoints;

/// What ElasticMQ and moto are asked under; `aws_sqs` connections use it as well.
pub const REGION: &str = "us-east-1";

async fn ask(endpoints: &Endpoints, action: &str, body: Value) -> Value {
    let signature =
        format!("AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0");
    let answer = reqwest::Client::new()
        .post(&endpoints.management[0])
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", format!("AmazonSQS.{action}"))
        .header("X-Amz-Date", "20260101T000000Z")
        .header("Authorization", signature)
        .body(body.to_string())
        .send()
        .await
        .expect("the stand-in answers");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert!(status.is_success(), "{action}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_default()
}

/// Creates a queue and returns its address and its ARN.
pub async fn create_queue(endpoints: &Endpoints, name: &str, attributes: Value) -> (String, String) {
    let told = ask(
        endpoints,
        "CreateQueue",
        json!({"QueueName": name, "Attributes": attributes}),
    )
    .await;
    let url = told["QueueUrl"].as_str().expect("an address").to_string();
    let told = ask(
        endpoints,
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
