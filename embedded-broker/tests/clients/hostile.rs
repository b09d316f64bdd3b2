//! Connections that mean no good are closed, and nobody else notices.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use brokerscope_embedded_broker::EmbeddedBroker;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic};
use kafka_protocol::messages::{
    ApiVersionsRequest, ConsumerGroupHeartbeatRequest, CreateTopicsRequest, DescribeConfigsRequest, FetchRequest,
    GroupId, JoinGroupRequest, ListOffsetsRequest, MetadataRequest, OffsetCommitRequest, TopicName,
};
use proptest::prelude::*;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;

use crate::PATIENCE;
use crate::cluster::{broker, client, until};
use crate::raw::{frame, produce, text};
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

/// Requests of every family, each as a client would send it.
fn sound_frames() -> Vec<Vec<u8>> {
    let orders = TopicName(text("target"));
    let group = GroupId(text("target"));
    let partition = FetchPartition::default().with_partition_max_bytes(1 << 20);
    let fetched = FetchTopic::default()
        .with_topic(orders.clone())
        .with_partitions(vec![partition]);
    let fetch = FetchRequest::default()
        .with_max_wait_ms(500)
        .with_min_bytes(1)
        .with_max_bytes(1 << 20)
        .with_topics(vec![fetched]);
    let join = JoinGroupRequest::default()
        .with_group_id(group.clone())
        .with_session_timeout_ms(6000)
        .with_rebalance_timeout_ms(6000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![JoinGroupRequestProtocol::default().with_name(text("range"))]);
    let committed = OffsetCommitRequestTopic::default()
        .with_name(orders.clone())
        .with_partitions(vec![OffsetCommitRequestPartition::default().with_committed_offset(3)]);
    let commit = OffsetCommitRequest::default()
        .with_group_id(group.clone())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![committed]);
    let asked = ListOffsetsTopic::default()
        .with_name(orders.clone())
        .with_partitions(vec![ListOffsetsPartition::default().with_timestamp(-1)]);
    let beat = ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group)
        .with_member_id(text("member"))
        .with_rebalance_timeout_ms(6000)
        .with_subscribed_topic_names(Some(vec![orders.clone()]));
    let created = CreatableTopic::default()
        .with_name(orders.clone())
        .with_num_partitions(2)
        .with_replication_factor(1);
    let known = MetadataRequestTopic::default().with_name(Some(orders));
    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(text("target"));
    vec![
        frame(9, &produce("target")),
        frame(11, &fetch),
        frame(12, &MetadataRequest::default().with_topics(Some(vec![known]))),
        frame(5, &join),
        frame(8, &commit),
        frame(7, &ListOffsetsRequest::default().with_topics(vec![asked])),
        frame(0, &beat),
        frame(7, &CreateTopicsRequest::default().with_topics(vec![created])),
        frame(4, &DescribeConfigsRequest::default().with_resources(vec![resource])),
        frame(3, &ApiVersionsRequest::default()),
    ]
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
    broker.handle().create_topic("target", 2).unwrap();
    for (number, bytes) in sound_frames().into_iter().enumerate() {
        assert!(!is_closed_after(&broker, &bytes), "frame {number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn damaged_frames_harm_nothing_but_their_connection(
        sent in prop::collection::vec((0_usize..10, prop::collection::vec(Damage::any(), 1..5)), 30),
    ) {
        let broker = broker();
        broker.handle().create_topic("target", 2).unwrap();
        let witness = producer(&broker, &[]);
        send(&witness, "witness", 0..10);
        witness.flush(PATIENCE).unwrap();
        let frames = sound_frames();
        for (which, damages) in sent {
            let mut bytes = frames[which].clone();
            damages.iter().for_each(|damage| damage.done_to(&mut bytes));
            prop_assert!(is_over_after(&broker, &bytes), "{:?} with {:?}", which, damages);
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
