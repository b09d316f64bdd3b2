//! "Test connection" against servers that are no Kafka: which step fails, and what is said.

use std::net::SocketAddr;

use brokerscope_contract::Timestamp;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::super::config;
use super::*;

/// A server that sends `answer` to everyone at once and then closes, or holds the connection.
async fn server(answer: &'static [u8], hold: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(answer).await;
            if hold {
                held.push(socket);
            }
        }
    });
    address
}

async fn probe(servers: &[String], protocol: &str) -> Vec<ProbeStep> {
    let settings = json!({"bootstrap_servers": servers, "security_protocol": protocol, "interval_seconds": 5,
        "user": "u", "password": "secret-word"});
    let config = config::parse(&serde_json::from_value(settings).unwrap()).ok().unwrap();
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    run(&config, &report).await;
    drop(report);
    let mut heard = Vec::new();
    while let Some(step) = steps.recv().await {
        heard.push(step);
    }
    heard
}

/// The outcomes by the first word of each title.
fn outcomes(steps: &[ProbeStep]) -> Vec<(&str, StepOutcome)> {
    let first = |step: &ProbeStep| step.title.split(' ').next().map_or(0, str::len);
    steps
        .iter()
        .map(|step| (&step.title[..first(step)], step.outcome))
        .collect()
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_fails_at_tcp() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let steps = probe(&[free.to_string()], "PLAINTEXT").await;
    assert_eq!(
        outcomes(&steps),
        [("TCP", StepOutcome::Failed), ("What", StepOutcome::Skipped)]
    );
    assert!(steps[0].detail.contains("refused"), "{}", steps[0].detail);
    assert!(steps[0].remedy.is_some());
}

#[tokio::test]
async fn a_name_that_does_not_exist_fails_at_the_lookup_and_others_go_on() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let steps = probe(&["no-such-host.invalid:9092".into(), free.to_string()], "PLAINTEXT").await;
    let expected = [
        ("Name", StepOutcome::Failed),
        ("TCP", StepOutcome::Failed),
        ("What", StepOutcome::Skipped),
    ];
    assert_eq!(outcomes(&steps), expected);
}

#[tokio::test]
async fn a_service_that_is_no_kafka_fails_at_the_greeting() {
    for (answer, hold) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], true),
        (b"AMQP\x00\x00\x09\x01", true),
        (b"", false),
    ] {
        let address = server(answer, hold).await;
        let steps = probe(&[address.to_string()], "PLAINTEXT").await;
        let expected = [
            ("TCP", StepOutcome::Passed),
            ("Kafka", StepOutcome::Failed),
            ("First", StepOutcome::Skipped),
            ("What", StepOutcome::Skipped),
        ];
        assert_eq!(outcomes(&steps), expected, "{answer:?}: {steps:?}");
        assert!(steps[1].remedy.is_some());
    }
}

#[tokio::test]
async fn tls_to_a_listener_without_it_fails_at_tls_and_tells_no_secret() {
    let address = server(b"HTTP/1.1 400 Bad Request\r\n\r\n", true).await;
    let steps = probe(&[address.to_string()], "SASL_SSL").await;
    let expected = [
        ("TCP", StepOutcome::Passed),
        ("TLS", StepOutcome::Failed),
        ("Kafka", StepOutcome::Skipped),
        ("Login", StepOutcome::Skipped),
        ("First", StepOutcome::Skipped),
        ("What", StepOutcome::Skipped),
    ];
    assert_eq!(outcomes(&steps), expected, "{steps:?}");
    assert!(!format!("{steps:?}").contains("secret-word"));
}
