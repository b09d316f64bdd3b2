//! Single requests as bytes, for what no client library would send.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use brokerscope_embedded_broker::{EmbeddedBroker, Options, ResponseError};
use bytes::{Bytes, BytesMut};
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    ApiVersionsRequest, FindCoordinatorRequest, GroupId, ListOffsetsRequest, OffsetFetchRequest, ProduceRequest,
    RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};

use crate::cluster::broker;
use crate::samples::batch;

/// A request as a client would send it, its length in front.
pub fn frame<R: Request>(version: i16, request: &R) -> Vec<u8> {
    let mut bytes = BytesMut::zeroed(4);
    RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(7)
        .with_client_id(Some(text("raw")))
        .encode(&mut bytes, R::header_version(version))
        .unwrap();
    request.encode(&mut bytes, version).unwrap();
    let length = (bytes.len() - 4) as i32;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    bytes.to_vec()
}

/// A message for partition 0 of a topic.
pub fn produce(topic: &str) -> ProduceRequest {
    let batch = batch(&[1_700_000_000_000], b"hello", (-1, -1), -1);
    let partition = PartitionProduceData::default().with_records(Some(batch));
    let data = TopicProduceData::default()
        .with_name(TopicName(text(topic)))
        .with_partition_data(vec![partition]);
    ProduceRequest::default()
        .with_acks(-1)
        .with_timeout_ms(1000)
        .with_topic_data(vec![data])
}

pub fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

/// Asks a node, counted from 1, on a connection of its own.
pub fn ask<R: Request>(broker: &EmbeddedBroker, node: usize, version: i16, request: &R) -> R::Response {
    let servers = broker.bootstrap_servers();
    let mut stream = TcpStream::connect(servers.split(',').nth(node - 1).unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&frame(version, request)).unwrap();
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; i32::from_be_bytes(length) as usize];
    stream.read_exact(&mut answer).unwrap();
    let mut answer = Bytes::from(answer);
    let header = ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
    assert_eq!(header.correlation_id, 7);
    R::Response::decode(&mut answer, version).unwrap()
}

#[test]
fn only_its_coordinator_answers_for_a_group() {
    let broker = broker();
    let mut coordinators = std::collections::BTreeSet::new();
    for name in (0..30).map(|number| format!("group-{number}")) {
        let find = FindCoordinatorRequest::default().with_coordinator_keys(vec![text(&name)]);
        let found: Vec<i32> = (1..=3)
            .map(|node| ask(&broker, node, 4, &find).coordinators[0].node_id.0)
            .collect();
        assert!(
            found.iter().all(|one| *one == found[0]),
            "all nodes name the same: {found:?}"
        );
        coordinators.insert(found[0]);
        let group = OffsetFetchRequestGroup::default()
            .with_group_id(GroupId(text(&name)))
            .with_topics(None);
        let fetch = OffsetFetchRequest::default().with_groups(vec![group]);
        for node in 1..=3 {
            let code = ask(&broker, node, 8, &fetch).groups[0].error_code;
            let expected = if node as i32 == found[0] {
                0
            } else {
                ResponseError::NotCoordinator.code()
            };
            assert_eq!(code, expected, "{name} at node {node}");
        }
    }
    assert_eq!(coordinators.len(), 3, "groups are spread over all nodes");
}

#[test]
fn only_the_leader_takes_messages() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let codes: Vec<i16> = (1..=3)
        .map(|node| ask(&broker, node, 9, &produce("orders")).responses[0].partition_responses[0].error_code)
        .collect();
    let refusals = codes
        .iter()
        .filter(|code| **code == ResponseError::NotLeaderOrFollower.code());
    assert_eq!((refusals.count(), codes.contains(&0)), (2, true), "{codes:?}");
    assert_eq!(broker.handle().stats().messages_in, 1);
}

/// Whether a node, counted from 1, closes the connection after a message that wants no acknowledgement.
fn closes_after_unacknowledged(broker: &EmbeddedBroker, node: usize) -> bool {
    let servers = broker.bootstrap_servers();
    let mut stream = TcpStream::connect(servers.split(',').nth(node - 1).unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&frame(9, &produce("orders").with_acks(0))).unwrap();
    // The answer to this one is the first, if there is any.
    let _ = stream.write_all(&frame(3, &ApiVersionsRequest::default()));
    match stream.read(&mut [0; 4]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn who_wants_no_acknowledgement_learns_of_a_refusal_by_the_end_of_the_connection() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let closed = (1..=3).filter(|node| closes_after_unacknowledged(&broker, *node));
    assert_eq!(closed.count(), 2, "all but the leader close");
    assert_eq!(broker.handle().stats().messages_in, 1, "the leader stores it");
}

#[test]
fn a_partition_is_looked_up_once_in_a_request() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let leader = (1..=3).find(|node| {
        let answer = ask(&broker, *node, 9, &produce("orders"));
        answer.responses[0].partition_responses[0].error_code == 0
    });
    let partition = ListOffsetsPartition::default()
        .with_current_leader_epoch(-1)
        .with_timestamp(0);
    let topic = ListOffsetsTopic::default()
        .with_name(TopicName(text("orders")))
        .with_partitions(vec![partition; 3]);
    let request = ListOffsetsRequest::default().with_topics(vec![topic]);
    let answer = ask(&broker, leader.unwrap(), 7, &request);
    let codes: Vec<i16> = answer.topics[0].partitions.iter().map(|one| one.error_code).collect();
    let again = ResponseError::InvalidRequest.code();
    assert_eq!(codes, [0, again, again]);
}

#[test]
fn as_many_replicas_as_asked_for_have_to_be_in_sync_when_all_are_to_acknowledge() {
    let broker = EmbeddedBroker::start(Options {
        min_insync_replicas: 2,
        ..Options::default()
    })
    .unwrap();
    let handle = broker.handle();
    handle.create_topic("orders", 1).unwrap();
    // What the leader says.
    let code = |acks| {
        let codes = (1..=3).map(|node| {
            let answer = ask(&broker, node, 9, &produce("orders").with_acks(acks));
            answer.responses[0].partition_responses[0].error_code
        });
        let not_led = ResponseError::NotLeaderOrFollower.code();
        codes.filter(|code| *code != not_led).collect::<Vec<_>>()
    };
    assert_eq!(code(-1), [0]);
    handle.shrink_isr(None, 3);
    assert_eq!(code(-1), [0], "two of three are enough");
    handle.shrink_isr(None, 2);
    assert_eq!(code(-1), [ResponseError::NotEnoughReplicas.code()]);
    assert_eq!(code(1), [0], "who asks for the leader only is served");
    handle.restore_isr();
    assert_eq!(code(-1), [0]);
}
