//! The two brokers, and what came of asking both.

use std::fmt::Debug;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use bytes::Bytes;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId, CreateTopicsRequest, ListOffsetsRequest, ResponseHeader, TopicName,
};
use kafka_protocol::protocol::{Decodable, HeaderVersion, Request};
use uuid::Uuid;

use super::text::{differences, lines};
use crate::raw::{frame, text};

/// One of the two, on a connection that stays.
pub struct Side {
    stream: TcpStream,
    /// Of the topic that the requests are about.
    pub topic_id: Uuid,
    /// What the broker calls the member that the requests are about.
    pub member: String,
    /// Id and epoch of a producer without a transaction.
    pub producer: (i64, i16),
}

impl Side {
    fn connect(address: &str) -> Side {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Side {
            stream,
            topic_id: Uuid::nil(),
            member: String::new(),
            producer: (-1, -1),
        }
    }

    pub fn ask<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.stream.write_all(&frame(version, request)).unwrap();
        let mut length = [0; 4];
        let read = self.stream.read_exact(&mut length);
        read.unwrap_or_else(|error| panic!("API {} version {version}: {error}", R::KEY));
        let mut answer = vec![0; i32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut answer).unwrap();
        let mut answer = Bytes::from(answer);
        ResponseHeader::decode(&mut answer, R::Response::header_version(version)).unwrap();
        let response = R::Response::decode(&mut answer, version).unwrap();
        assert!(answer.is_empty(), "API {} version {version}: surplus bytes", R::KEY);
        response
    }

    /// The versions in which an API is served here.
    fn versions(&mut self, key: i16) -> Option<(i16, i16)> {
        let served = self.ask(2, &ApiVersionsRequest::default()).api_keys;
        let api = served.iter().find(|api| api.api_key == key)?;
        Some((api.min_version, api.max_version))
    }
}

/// The brokers.
pub struct Pair {
    pub ours: Side,
    pub theirs: Side,
    _broker: EmbeddedBroker,
    unique: String,
    /// What differed, and in which versions.
    wrong: Vec<(String, Vec<i16>)>,
}

impl Pair {
    /// `None` when this run has no Kafka, and that is printed.
    pub fn start() -> Option<Pair> {
        let address = kafka()?;
        let options = Options {
            nodes: 1,
            // Like the real one that `cargo xtask brokers` starts.
            heartbeat_interval: Duration::from_secs(5),
            consumer_session_timeout: Duration::from_secs(45),
            ..Options::default()
        };
        let broker = EmbeddedBroker::start(options).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Some(Pair {
            ours: Side::connect(&broker.bootstrap_servers()),
            theirs: Side::connect(&address),
            _broker: broker,
            unique: format!("alike-{}-{}", std::process::id(), now.as_nanos()),
            wrong: Vec::new(),
        })
    }

    /// A name that nobody else uses.
    pub fn name(&self, what: &str) -> String {
        format!("{}.{what}", self.unique)
    }

    /// Makes a topic on both, waits until both can use it, and keeps its id.
    pub fn topic(&mut self, what: &str, partitions: i32) -> String {
        let name = self.name(what);
        let topic = CreatableTopic::default()
            .with_name(TopicName(text(&name)))
            .with_num_partitions(partitions)
            .with_replication_factor(1);
        let request = CreateTopicsRequest::default()
            .with_topics(vec![topic])
            .with_timeout_ms(10_000);
        for side in [&mut self.ours, &mut self.theirs] {
            let made = side.ask(7, &request).topics.remove(0);
            assert_eq!(made.error_code, 0, "{made:?}");
            side.topic_id = made.topic_id;
            let end = |index| {
                ListOffsetsPartition::default()
                    .with_partition_index(index)
                    .with_timestamp(-1)
            };
            let ends = ListOffsetsTopic::default()
                .with_name(TopicName(text(&name)))
                .with_partitions((0..partitions).map(end).collect());
            let ends = ListOffsetsRequest::default()
                .with_replica_id(BrokerId(-1))
                .with_topics(vec![ends]);
            crate::cluster::until("the topic has its leaders", || {
                let topic = side.ask(3, &ends).topics.remove(0);
                topic.partitions.iter().all(|partition| partition.error_code == 0)
            });
        }
        name
    }

    /// Asks both in every version that both serve.
    pub fn same<R>(&mut self, what: &str, request: impl Fn(&Side, i16) -> R)
    where
        R: Request,
        R::Response: Debug,
    {
        self.same_but(what, &[], request);
    }

    /// The same, but for these fields, and what is in them. The caller says why.
    pub fn same_but<R>(&mut self, what: &str, ignored: &[&str], request: impl Fn(&Side, i16) -> R)
    where
        R: Request,
        R::Response: Debug,
    {
        let ours = self.ours.versions(R::KEY).unwrap_or_else(|| panic!("API {}", R::KEY));
        let theirs = self.theirs.versions(R::KEY).unwrap_or_else(|| panic!("API {}", R::KEY));
        for version in ours.0.max(theirs.0)..=ours.1.min(theirs.1) {
            let (request_ours, request_theirs) = (request(&self.ours, version), request(&self.theirs, version));
            self.compare(what, version, ignored, &request_ours, &request_theirs);
        }
    }

    /// The same in one version only; returns both answers, ours first.
    pub fn same_in<R>(&mut self, what: &str, version: i16, request: impl Fn(&Side) -> R) -> (R::Response, R::Response)
    where
        R: Request,
        R::Response: Debug,
    {
        let (ours, theirs) = (request(&self.ours), request(&self.theirs));
        self.compare(what, version, &[], &ours, &theirs)
    }

    fn compare<R>(
        &mut self,
        what: &str,
        version: i16,
        ignored: &[&str],
        ours: &R,
        theirs: &R,
    ) -> (R::Response, R::Response)
    where
        R: Request,
        R::Response: Debug,
    {
        let (ours, theirs) = (self.ours.ask(version, ours), self.theirs.ask(version, theirs));
        let found = differences(&lines(&ours, ignored), &lines(&theirs, ignored));
        for found in found {
            let told = format!("{what}: {found}");
            match self.wrong.iter_mut().find(|(wrong, _)| *wrong == told) {
                Some((_, versions)) => versions.push(version),
                None => self.wrong.push((told, vec![version])),
            }
        }
        (ours, theirs)
    }

    /// Fails with every difference that was seen.
    pub fn end(mut self) {
        let wrong = self.told();
        self.wrong.clear();
        assert!(wrong.is_empty(), "the two differ:\n{wrong}");
    }

    fn told(&self) -> String {
        let told = self
            .wrong
            .iter()
            .map(|(wrong, versions)| format!("{wrong} (versions {versions:?})\n"));
        told.collect()
    }
}

impl Drop for Pair {
    /// What was seen before a test ended early.
    fn drop(&mut self) {
        eprint!("{}", self.told());
    }
}

/// The address of the real one.
fn kafka() -> Option<String> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|name| name.trim() == "kafka") {
        let _ = writeln!(
            std::io::stderr(),
            "not run: needs the broker kafka (`cargo xtask test` has it)"
        );
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/kafka/endpoints.json");
    let told = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let bootstrap = told
        .split("\"bootstrap\"")
        .nth(1)
        .expect("endpoints.json names the servers");
    let address = bootstrap.split('"').nth(1).expect("one of them");
    Some(address.to_owned())
}
