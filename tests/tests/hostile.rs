//! Brokers that are absent, wrong, rude or silent: the connection says what failed, and the others go on.

use std::net::SocketAddr;
use std::time::Duration;

use brokerscope_contract::Verdict;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_tests::{Product, patience::eventually};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that reads a little and answers each connection with `answer`, then closes it or, with `hold`, never does.
async fn server(answer: &'static [u8], hold: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut some = [0; 4096];
                let _ = stream.read(&mut some).await;
                let _ = stream.write_all(answer).await;
                if hold {
                    tokio::time::sleep(Duration::from_secs(120)).await;
                }
            });
        }
    });
    address
}

fn rabbit(address: SocketAddr) -> Value {
    json!({"name": format!("rabbit at {address}"), "system": "rabbitmq", "settings": {
        "management_urls": [format!("http://{address}")], "user": "watcher", "password": "secret-word",
        "interval_seconds": 5}})
}

/// Adds the connection and returns how it looks once it has been tried and found wanting.
async fn judged(product: &Product, body: &Value) -> ConnectionView {
    let created = product.post(path::CONNECTIONS, body).await;
    let path = format!("{}/{}", path::CONNECTIONS, created["id"]);
    eventually("the connection is called unreachable", 40, || async {
        let view: ConnectionView = product.get(&path).await;
        (view.judgement.verdict == Verdict::Unreachable).then_some(view)
    })
    .await
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let free = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let product = Product::start().await;
    let view = judged(&product, &rabbit(free)).await;
    assert!(
        view.judgement.sentence.contains("refused"),
        "{}",
        view.judgement.sentence
    );
}

#[tokio::test]
async fn a_web_server_that_is_no_rabbitmq() {
    let page = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\nconnection: close\r\n\r\n<html>It works!</html>";
    let product = Product::start().await;
    let view = judged(&product, &rabbit(server(page, false).await)).await;
    assert!(
        view.judgement.sentence.to_lowercase().contains("not"),
        "{}",
        view.judgement.sentence
    );
}

#[tokio::test]
async fn garbage_half_an_answer_and_no_answer_at_all() {
    let cases: [(&'static [u8], bool); 4] = [
        (b"\x00\x01\x02\xff\xfe\xfd garbage", false),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"management_version\":", false),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"mana", true),
        (b"", true),
    ];
    let product = Product::start().await;
    for (answer, hold) in cases {
        let view = judged(&product, &rabbit(server(answer, hold).await)).await;
        assert!(!view.judgement.sentence.is_empty());
        assert!(!view.judgement.sentence.contains("secret-word"));
    }
}

#[tokio::test]
async fn a_kafka_that_is_none() {
    let address = server(b"HTTP/1.1 400 Bad Request\r\n\r\n", false).await;
    let body = json!({"name": "k", "system": "kafka", "settings": {"bootstrap_servers": [address.to_string()],
        "interval_seconds": 5}});
    let product = Product::start().await;
    let view = judged(&product, &body).await;
    assert!(!view.judgement.sentence.is_empty());
}

#[tokio::test]
async fn one_dead_broker_does_not_stop_another_from_being_tried() {
    let silent = server(b"", true).await;
    let free = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let product = Product::start().await;
    product.post(path::CONNECTIONS, &rabbit(silent)).await;
    let view = judged(&product, &rabbit(free)).await;
    assert!(
        view.judgement.sentence.contains("refused"),
        "{}",
        view.judgement.sentence
    );
}

#[tokio::test]
async fn the_test_button_says_which_step_failed_and_what_to_do() {
    let free = { TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let product = Product::start().await;
    let response = reqwest::Client::new()
        .post(format!("{}{}", product.url, path::CONNECTION_TEST))
        .header("x-brokerscope", "1")
        .json(&rabbit(free))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    let steps: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let failed = steps
        .iter()
        .find(|step| step["outcome"] == "failed")
        .expect("a step failed");
    assert!(failed["remedy"].is_string(), "{failed}");
    assert!(!text.contains("secret-word"));
}
