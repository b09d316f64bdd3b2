//! A fake of Redpanda 24.3, from its source: the versions of requests that it takes, and what it answers in them.
//!
//! No Redpanda can be had where these tests run. The table below is that of the handlers in its source; the answers
//! are written by another implementation of the protocol than the one that reads them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use brokerscope_contract::metrics::{DISK_FREE, KAFKA_LOG_BYTES, LAG, STORED_BYTES};
use brokerscope_contract::{
    Absence, CheckResult, EntityKey, EntityKind, MetricId, Snapshot, Status, StepOutcome, Timestamp,
};
use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::describe_configs_response::{DescribeConfigsResourceResult, DescribeConfigsResult};
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::offset_fetch_response::{OffsetFetchResponsePartition, OffsetFetchResponseTopic};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, BrokerId, DescribeConfigsResponse, DescribeGroupsResponse, DescribeLogDirsResponse,
    GroupId, ListGroupsResponse, ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetFetchResponse,
    RequestHeader, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::super::Kafka;
use crate::collector::{Collector, Factory, ProbeReport};

/// Number, lowest and highest version of every request that Redpanda 24.3 takes.
const TAKEN: &[(i16, i16, i16)] = &[
    (0, 0, 7),
    (1, 4, 11),
    (2, 0, 4),
    (3, 0, 8),
    (8, 1, 8),
    (9, 1, 7),
    (10, 0, 3),
    (11, 0, 6),
    (12, 0, 4),
    (13, 0, 4),
    (14, 0, 4),
    (15, 0, 5),
    (16, 0, 4),
    (17, 0, 1),
    (18, 0, 3),
    (19, 0, 6),
    (20, 0, 5),
    (21, 0, 2),
    (22, 0, 3),
    (23, 0, 4),
    (24, 0, 3),
    (25, 0, 1),
    (26, 0, 3),
    (28, 0, 3),
    (29, 0, 2),
    (30, 0, 2),
    (31, 0, 2),
    (32, 0, 4),
    (33, 0, 2),
    (35, 0, 2),
    (36, 0, 2),
    (37, 0, 3),
    (42, 0, 2),
    (44, 0, 1),
    (45, 0, 0),
    (46, 0, 0),
    (47, 0, 0),
    (48, 0, 1),
    (49, 0, 1),
    (61, 0, 0),
    (65, 0, 0),
    (66, 0, 0),
];

const TOPIC: &str = "orders";
const GROUP: &str = "billing";

#[derive(Clone)]
struct Redpanda {
    address: SocketAddr,
    /// Highest version asked, by the request's number.
    asked: Arc<Mutex<BTreeMap<i16, i16>>>,
    /// Whether the login may describe the cluster.
    trusted: bool,
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_string())
}

fn topic_name() -> TopicName {
    TopicName(text(TOPIC))
}

impl Redpanda {
    async fn start(trusted: bool) -> Redpanda {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Redpanda {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            trusted,
        };
        let serving = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        fake
    }

    async fn serve(self, mut stream: TcpStream) {
        while let Ok(length) = stream.read_i32().await {
            let mut frame = vec![0; usize::try_from(length).unwrap()];
            stream.read_exact(&mut frame).await.unwrap();
            let Some(answer) = self.answer(Bytes::from(frame)) else {
                return;
            };
            stream.write_i32(i32::try_from(answer.len()).unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    }

    /// Nothing, and an end of the connection, for what Redpanda does not take.
    fn answer(&self, mut frame: Bytes) -> Option<Vec<u8>> {
        let (number, version) = ((&frame[0..2]).get_i16(), (&frame[2..4]).get_i16());
        let (_, lowest, highest) = *TAKEN.iter().find(|(taken, ..)| *taken == number)?;
        let key = ApiKey::try_from(number).ok()?;
        let header = RequestHeader::decode(&mut frame, key.request_header_version(version)).unwrap();
        assert!(
            (lowest..=highest).contains(&version),
            "{key:?} was asked in version {version}"
        );
        let mut asked = self.asked.lock().unwrap();
        let most = asked.entry(number).or_insert(version);
        *most = version.max(*most);
        drop(asked);
        let mut answer = BytesMut::new();
        ResponseHeader::default()
            .with_correlation_id(header.correlation_id)
            .encode(&mut answer, key.response_header_version(version))
            .unwrap();
        let body = &mut answer;
        match key {
            ApiKey::ApiVersions => versions().encode(body, version),
            ApiKey::Metadata => self
                .metadata(&MetadataRequest::decode(&mut frame, version).unwrap(), version)
                .encode(body, version),
            ApiKey::ListGroups => groups(version).encode(body, version),
            ApiKey::DescribeGroups => members().encode(body, version),
            ApiKey::OffsetFetch => commits().encode(body, version),
            ApiKey::ListOffsets => ends().encode(body, version),
            ApiKey::DescribeConfigs => settings().encode(body, version),
            ApiKey::DescribeLogDirs => self.log_dirs().encode(body, version),
            _ => return None,
        }
        .unwrap();
        Some(answer.to_vec())
    }

    fn metadata(&self, request: &MetadataRequest, version: i16) -> MetadataResponse {
        let broker = MetadataResponseBroker::default()
            .with_node_id(BrokerId(1))
            .with_host(text("127.0.0.1"))
            .with_port(self.address.port().into());
        let partition = MetadataResponsePartition::default()
            .with_partition_index(0)
            .with_leader_id(BrokerId(1))
            .with_replica_nodes(vec![BrokerId(1)])
            .with_isr_nodes(vec![BrokerId(1)]);
        let topic = MetadataResponseTopic::default()
            .with_name(Some(topic_name()))
            .with_partitions(vec![partition]);
        // No list asks for all, an empty one for none.
        let topics = if request.topics.is_none() {
            vec![topic]
        } else {
            Vec::new()
        };
        let answer = MetadataResponse::default()
            .with_brokers(vec![broker])
            .with_controller_id(BrokerId(1))
            .with_topics(topics);
        match version {
            2.. => answer.with_cluster_id(Some(text("redpanda.0d4e4d11-2c1f-4b6e-9b57-1f1c1cbb1a11"))),
            _ => answer,
        }
    }

    /// The data directory, and what is in the object store. A login that may not describe the cluster gets both without
    /// what is in them.
    fn log_dirs(&self) -> DescribeLogDirsResponse {
        let dir = |path: &str, bytes: i64| {
            let partition = DescribeLogDirsPartition::default()
                .with_partition_index(0)
                .with_partition_size(bytes);
            let topic = DescribeLogDirsTopic::default()
                .with_name(topic_name())
                .with_partitions(vec![partition]);
            let topics = if self.trusted { vec![topic] } else { Vec::new() };
            DescribeLogDirsResult::default()
                .with_log_dir(text(path))
                .with_topics(topics)
        };
        let dirs = vec![
            dir("/var/lib/redpanda/data", 4_096),
            dir("remote://shop-bucket", 1_000_000),
        ];
        DescribeLogDirsResponse::default().with_results(dirs)
    }

    fn collector(&self) -> Box<dyn Collector> {
        let settings = json!({"bootstrap_servers": [self.address.to_string()]});
        Kafka.build(&serde_json::from_value(settings).unwrap()).ok().unwrap()
    }
}

/// Without features: they are Kafka's.
fn versions() -> ApiVersionsResponse {
    let taken = TAKEN.iter().map(|(number, lowest, highest)| {
        ApiVersion::default()
            .with_api_key(*number)
            .with_min_version(*lowest)
            .with_max_version(*highest)
    });
    ApiVersionsResponse::default().with_api_keys(taken.collect())
}

fn groups(version: i16) -> ListGroupsResponse {
    let group = ListedGroup::default()
        .with_group_id(GroupId(text(GROUP)))
        .with_protocol_type(text("consumer"));
    let group = if version >= 4 {
        group.with_group_state(text("Empty"))
    } else {
        group
    };
    ListGroupsResponse::default().with_groups(vec![group])
}

fn members() -> DescribeGroupsResponse {
    let group = DescribedGroup::default()
        .with_group_id(GroupId(text(GROUP)))
        .with_group_state(text("Empty"))
        .with_protocol_type(text("consumer"));
    DescribeGroupsResponse::default().with_groups(vec![group])
}

fn commits() -> OffsetFetchResponse {
    let partition = OffsetFetchResponsePartition::default()
        .with_partition_index(0)
        .with_committed_offset(42)
        .with_metadata(Some(text("")));
    let topic = OffsetFetchResponseTopic::default()
        .with_name(topic_name())
        .with_partitions(vec![partition]);
    OffsetFetchResponse::default().with_topics(vec![topic])
}

fn ends() -> ListOffsetsResponse {
    let partition = ListOffsetsPartitionResponse::default()
        .with_partition_index(0)
        .with_offset(50);
    let topic = ListOffsetsTopicResponse::default()
        .with_name(topic_name())
        .with_partitions(vec![partition]);
    ListOffsetsResponse::default().with_topics(vec![topic])
}

/// It has no `min.insync.replicas`: a majority must have a write that wants all acknowledgements.
fn settings() -> DescribeConfigsResponse {
    let setting = |name: &str, value: &str| {
        DescribeConfigsResourceResult::default()
            .with_name(text(name))
            .with_value(Some(text(value)))
            .with_config_source(5)
    };
    let topic = DescribeConfigsResult::default()
        .with_resource_type(2)
        .with_resource_name(text(TOPIC))
        .with_configs(vec![
            setting("cleanup.policy", "delete"),
            setting("retention.ms", "604800000"),
        ]);
    DescribeConfigsResponse::default().with_results(vec![topic])
}

fn value(snapshot: &Snapshot, kind: EntityKind, path: &[&str], metric: MetricId) -> Option<f64> {
    let key = EntityKey::new(kind, path.iter().copied());
    let sample = snapshot
        .samples
        .iter()
        .find(|sample| sample.entity == key && sample.metric == metric);
    sample.map(|sample| sample.value)
}

fn check<'a>(snapshot: &'a Snapshot, name: &str) -> &'a CheckResult {
    snapshot.checks.iter().find(|result| result.check.0 == name).unwrap()
}

#[tokio::test]
async fn what_redpanda_offers_is_read_and_what_it_does_not_is_said_so() {
    let fake = Redpanda::start(true).await;
    let snapshot = fake.collector().collect(Timestamp(1_700_000_000_000)).await.unwrap();

    assert_eq!(value(&snapshot, EntityKind::ConsumerGroup, &[GROUP], LAG), Some(8.0));
    // What lies in the object store is no part of the disk.
    assert_eq!(
        value(&snapshot, EntityKind::Node, &["1"], KAFKA_LOG_BYTES),
        Some(4_096.0)
    );
    assert_eq!(
        value(&snapshot, EntityKind::Topic, &[TOPIC], STORED_BYTES),
        Some(4_096.0)
    );
    assert_eq!(value(&snapshot, EntityKind::Node, &["1"], DISK_FREE), None);

    let quorum = check(&snapshot, "controller_quorum");
    assert_eq!(
        (quorum.status, quorum.absent),
        (Status::Unknown, Some(Absence::NotSupported))
    );
    assert_eq!(quorum.text, "not supported by Redpanda");
    let disks = check(&snapshot, "log_directories");
    assert_eq!(disks.text, "1 directory in use; how full is not told by Redpanda");
    assert_eq!(check(&snapshot, "controller").status, Status::Ok);
    let majority = check(&snapshot, "partitions_below_min_isr");
    assert_eq!(
        (majority.status, majority.absent),
        (Status::Unknown, Some(Absence::NotSupported)),
        "{}",
        majority.text
    );

    let cluster = snapshot
        .entities
        .iter()
        .find(|entity| entity.key == EntityKey::cluster())
        .unwrap();
    let attribute = |name: &str| {
        let found = cluster.attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.as_str())
    };
    assert_eq!(attribute("broker"), Some("Redpanda"));
    assert_eq!(
        attribute("not offered"),
        Some(
            "the controllers' quorum, how full its disks are, consumer groups of KIP-848, commits of several groups at once"
        )
    );
    assert_eq!(
        snapshot.server.version, None,
        "it is not told, and not guessed from features"
    );
    assert!(snapshot.server.tier.as_deref().unwrap().starts_with("Redpanda, "));
    let warnings: Vec<_> = snapshot
        .warnings
        .iter()
        .filter(|warning| !matches!(warning.reason, Absence::NoData))
        .map(|warning| (warning.reason, warning.metrics.clone()))
        .collect();
    assert_eq!(
        warnings,
        [(Absence::NotSupported, vec![DISK_FREE])],
        "{:?}",
        snapshot.warnings
    );
}

#[tokio::test]
async fn each_request_is_asked_in_the_highest_version_that_redpanda_takes() {
    let fake = Redpanda::start(true).await;
    fake.collector().collect(Timestamp(0)).await.unwrap();
    let asked = fake.asked.lock().unwrap().clone();
    let expected: BTreeMap<i16, i16> = [(2, 4), (3, 8), (9, 7), (15, 5), (16, 4), (18, 3), (32, 4), (35, 2)].into();
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn a_login_that_may_not_see_sizes_gets_no_zeros() {
    let fake = Redpanda::start(false).await;
    let snapshot = fake.collector().collect(Timestamp(0)).await.unwrap();
    assert_eq!(value(&snapshot, EntityKind::Node, &["1"], KAFKA_LOG_BYTES), None);
    let disks = check(&snapshot, "log_directories");
    assert_eq!(
        (disks.status, disks.absent),
        (Status::Unknown, Some(Absence::NotPermitted))
    );
}

#[tokio::test]
async fn a_test_of_the_connection_names_redpanda() {
    let fake = Redpanda::start(true).await;
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    fake.collector().probe(&report).await;
    drop(report);
    let mut named = false;
    while let Some(step) = steps.recv().await {
        assert!(
            matches!(step.outcome, StepOutcome::Passed | StepOutcome::Limited),
            "{}: {}",
            step.title,
            step.detail
        );
        named |= step.detail.starts_with("Redpanda, cluster redpanda.");
    }
    assert!(named);
}
