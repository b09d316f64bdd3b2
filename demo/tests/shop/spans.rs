//! The spans of the shop, as a receiver gets them.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::started;

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
    let settled: Vec<&str> = of("settle")
        .flat_map(|span| span["links"].as_array().unwrap())
        .map(|link| link["spanId"].as_str().unwrap())
        .collect();
    assert!(of("settle").all(|span| !span["links"].as_array().unwrap().is_empty()));
    let known = settled.iter().filter(|span| sent.contains_key(*span)).count();
    assert!(known > 100, "{known} of {} settled", settled.len());
    let services: HashSet<&str> = spans.iter().map(|(service, _)| service.as_str()).collect();
    for service in ["order-service", "payment-service", "inventory-service", "storefront"] {
        assert!(services.contains(service), "{service} is not among {services:?}");
    }
}
