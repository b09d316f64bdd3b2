//! Connections that mean no good are closed, and nobody else notices.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use brokerscope_embedded_broker::EmbeddedBroker;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::{ApiKey, ApiVersionsRequest, MetadataRequest, TopicName};
use proptest::prelude::*;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;

use crate::PATIENCE;
use crate::cluster::{broker, client, until};
use crate::raw::{ask, text};
use crate::samples::{NAME, sample};
use crate::traffic::{producer, read_numbers, send};

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
    consumer.fetch_metadata(None, PATIENCE).is_ok()
}

#[test]
fn hostile_frames_close_their_connection_and_harm_nobody_else() {
    let broker = broker();
    let bystander: BaseConsumer = client(&broker, &[("group.id", "bystander")]);
    bystander.fetch_metadata(None, PATIENCE).unwrap();
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
        assert!(bystander.fetch_metadata(None, PATIENCE).is_ok(), "after {what}");
    }
    assert_eq!(broker.handle().stats().panics, 0);
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

#[test]
fn it_listens_on_loopback_and_nowhere_else() {
    let broker = broker();
    for server in broker.bootstrap_servers().split(',') {
        let (host, port) = server.rsplit_once(':').unwrap();
        assert_eq!(host, "127.0.0.1");
        // Another address of the same machine: who listens on all of them is found there as well.
        let other = std::net::SocketAddr::from(([127, 0, 0, 2], port.parse().unwrap()));
        assert!(TcpStream::connect_timeout(&other, Duration::from_secs(2)).is_err());
    }
}

/// What is done to a frame that was in order.
#[derive(Debug, Clone)]
enum Damage {
    Byte(usize, u8),
    Insert(usize, u8),
    Cut(usize),
    Length(i32),
}

impl Damage {
    fn any() -> impl Strategy<Value = Damage> {
        prop_oneof![
            4 => (0_usize..300, any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
            1 => (0_usize..300, any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
            1 => (0_usize..300).prop_map(Damage::Cut),
            1 => any::<i32>().prop_map(Damage::Length),
            1 => (-20_i32..200).prop_map(Damage::Length),
        ]
    }

    fn done_to(&self, frame: &mut Vec<u8>) {
        let length = frame.len().max(1);
        match self {
            Damage::Byte(at, byte) => {
                if let Some(slot) = frame.get_mut(at % length) {
                    *slot = *byte;
                }
            }
            Damage::Insert(at, byte) => frame.insert(at % length, *byte),
            Damage::Cut(at) => frame.truncate(at % length),
            Damage::Length(claimed) => {
                if let Some(slot) = frame.get_mut(..4) {
                    slot.copy_from_slice(&claimed.to_be_bytes());
                }
            }
        }
    }
}

/// Every request in every version that is served, as a client would send it, and what it is.
fn sound_frames(broker: &EmbeddedBroker) -> Vec<(String, Vec<u8>)> {
    broker.handle().create_topic(NAME, 2).unwrap();
    let known = MetadataRequestTopic::default().with_name(Some(TopicName(text(NAME))));
    let known = MetadataRequest::default().with_topics(Some(vec![known]));
    let topic_id = ask(broker, 1, 12, &known).topics.remove(0).topic_id;
    let served = ask(broker, 1, 2, &ApiVersionsRequest::default()).api_keys;
    let versions = served.into_iter().flat_map(|api| {
        let key = ApiKey::try_from(api.api_key).unwrap();
        (api.min_version..=api.max_version).map(move |version| (key, version))
    });
    let frames = versions.map(|(key, version)| {
        let frame = framed(&sample(key, version, topic_id));
        (format!("{key:?} {version}"), frame)
    });
    frames.collect()
}

/// Sends bytes, says that these were all, and waits until the broker has closed the connection.
fn is_over_after(broker: &EmbeddedBroker, bytes: &[u8]) -> bool {
    let mut stream = connect(broker);
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let (mut answer, deadline) = ([0; 4096], Instant::now() + Duration::from_secs(5));
    while Instant::now() < deadline {
        match stream.read(&mut answer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
    false
}

#[test]
fn frames_in_order_are_answered() {
    let broker = broker();
    let frames = sound_frames(&broker);
    assert!(frames.len() > 150, "{}", frames.len());
    for (what, bytes) in frames {
        assert!(!is_closed_after(&broker, &bytes), "{what}");
    }
    assert_eq!(broker.handle().stats().panics, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn damaged_frames_harm_nothing_but_their_connection(
        sent in prop::collection::vec((any::<usize>(), prop::collection::vec(Damage::any(), 1..5)), 60),
    ) {
        let broker = broker();
        let frames = sound_frames(&broker);
        let witness = producer(&broker, &[]);
        send(&witness, "witness", 0..10);
        witness.flush(PATIENCE).unwrap();
        for (which, damages) in sent {
            let (what, mut bytes) = frames[which % frames.len()].clone();
            damages.iter().for_each(|damage| damage.done_to(&mut bytes));
            prop_assert!(is_over_after(&broker, &bytes), "{} with {:?}", what, damages);
        }
        let reader: BaseConsumer = client(&broker, &[("group.id", "witness"), ("auto.offset.reset", "earliest")]);
        reader.subscribe(&["witness"]).unwrap();
        prop_assert_eq!(read_numbers(&reader, 10).len(), 10);
        prop_assert_eq!(broker.handle().stats().panics, 0);
    }
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
        until("all of them are over", || broker.handle().stats().connections == 0);
        prop_assert_eq!(broker.handle().stats().panics, 0);
    }
}
