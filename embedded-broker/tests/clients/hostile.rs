//! Connections that mean no good are closed, and nobody else notices.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use brokerscope_embedded_broker::EmbeddedBroker;
use proptest::prelude::*;
use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::cluster::{broker, client};

fn connect(broker: &EmbeddedBroker) -> TcpStream {
    let servers = broker.bootstrap_servers();
    let stream = TcpStream::connect(servers.split(',').next().unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream
}

/// A frame with its length in front.
fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as i32).to_be_bytes(), body].concat()
}

/// A request's header (no client id) and body.
fn request(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let mut bytes = [key.to_be_bytes(), version.to_be_bytes(), [0, 0], [0, 7], [0xFF, 0xFF]].concat();
    bytes.extend_from_slice(body);
    framed(&bytes)
}

/// Whether the broker closes the connection after these bytes, without an answer.
fn is_closed_after(broker: &EmbeddedBroker, bytes: &[u8]) -> bool {
    let mut stream = connect(broker);
    // It may have been closed before all is written.
    let _ = stream.write_all(bytes);
    match stream.read(&mut [0; 16]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

fn is_well(broker: &EmbeddedBroker) -> bool {
    let consumer: BaseConsumer = client(broker, &[]);
    consumer.fetch_metadata(None, Duration::from_secs(5)).is_ok()
}

#[test]
fn hostile_frames_close_their_connection_and_harm_nobody_else() {
    let broker = broker();
    let bystander: BaseConsumer = client(&broker, &[("group.id", "bystander")]);
    bystander.fetch_metadata(None, Duration::from_secs(5)).unwrap();
    // Metadata version 1 for two billion topics, and the same in compact lengths.
    let two_billion = request(3, 1, &[0x7F, 0xFF, 0xFF, 0xFF]);
    let compact = request(3, 12, &[0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 0, 0]);
    let cases: [(&str, Vec<u8>); 10] = [
        ("a negative length", vec![0xFF; 64]),
        ("a length of 2 GB", vec![0x7F, 0xFF, 0xFF, 0xFF, 0, 3]),
        ("a frame over the limit", framed(&vec![0; (2 << 20) + 1])),
        ("a frame shorter than a header", framed(&[0, 3])),
        ("an HTTP request", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
        ("an API that does not exist", request(9999, 0, &[])),
        ("a version that does not exist", request(3, 99, &[])),
        ("a list of two billion", two_billion),
        ("a compact list of four billion", compact),
        ("a body that ends early", request(3, 1, &[0, 0, 0, 3, 0, 1])),
    ];
    for (what, bytes) in cases {
        assert!(is_closed_after(&broker, &bytes), "{what}");
        assert!(
            bystander.fetch_metadata(None, Duration::from_secs(5)).is_ok(),
            "after {what}"
        );
    }
}

#[test]
fn a_client_from_the_future_learns_what_is_served() {
    let broker = broker();
    let mut stream = connect(&broker);
    stream.write_all(&request(18, 99, &[])).unwrap();
    let mut answer = [0; 14];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(
        &answer[4..10],
        &[0, 0, 0, 7, 0, 35],
        "its correlation id, and UNSUPPORTED_VERSION"
    );
}

#[test]
fn half_open_and_slow_connections_stall_nobody() {
    let broker = broker();
    let mut held: Vec<TcpStream> = (0..50).map(|_| connect(&broker)).collect();
    for stream in &mut held {
        stream.write_all(&[0, 0x1F, 0xFF, 0xFF, 0]).unwrap();
    }
    assert!(is_well(&broker));
    // Asks for everything again and again, and takes no answer.
    let mut greedy = connect(&broker);
    greedy.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    broker.handle().create_topic("wide", 1000).unwrap();
    let everything = request(3, 1, &[0xFF, 0xFF, 0xFF, 0xFF]);
    for _ in 0..2000 {
        if greedy.write_all(&everything).is_err() {
            break;
        }
    }
    assert!(is_well(&broker));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn no_bytes_bring_the_broker_down(
        frames in prop::collection::vec((0_i16..70, 0_i16..14, prop::collection::vec(any::<u8>(), 0..80)), 40),
    ) {
        let broker = broker();
        for (key, version, body) in frames {
            let mut stream = connect(&broker);
            let _ = stream.write_all(&request(key, version, &body));
        }
        prop_assert!(is_well(&broker));
    }
}
