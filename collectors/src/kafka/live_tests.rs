//! Against real brokers: what the collector says is what the test itself produced and committed.
//!
//! `BROKERSCOPE_TEST_BROKERS` lists the brokers that this run may use; `cargo xtask brokers up NAME` starts them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_contract::metrics::{CONSUMERS, KAFKA_COMMITTED_OFFSET, KAFKA_END_OFFSET, LAG, LAG_SECONDS, PUBLISHED};
use brokerscope_contract::{EntityKey, EntityKind, LinkKind, MetricId, Settings, Snapshot, Timestamp};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::json;

use super::Kafka;
use crate::collector::{Collector, Factory};

/// The bootstrap servers of the broker called `name`, or `None` when this run does not include it.
fn broker(name: &str) -> Option<Vec<String>> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        println!("not run: needs the broker {name:?}; start it and list it in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../.brokers")
        .join(name)
        .join("endpoints.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask brokers up {name}`", file.display()));
    let endpoints: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bootstrap = endpoints["bootstrap"]
        .as_array()
        .expect("endpoints.json names the bootstrap servers");
    Some(
        bootstrap
            .iter()
            .map(|server| server.as_str().unwrap().to_string())
            .collect(),
    )
}

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64)
}

fn unique(name: &str) -> String {
    format!("collector-test.{name}.{}", now().0)
}

fn config(bootstrap: &[String]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap.join(","));
    config
}

fn admin(bootstrap: &[String]) -> AdminClient<DefaultClientContext> {
    config(bootstrap).create().unwrap()
}

async fn create_topic(bootstrap: &[String], name: &str, partitions: i32) {
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    let results = admin(bootstrap)
        .create_topics([&topic], &AdminOptions::new())
        .await
        .unwrap();
    results[0].as_ref().unwrap();
}

async fn delete_topics(bootstrap: &[String], names: &[&str]) {
    admin(bootstrap)
        .delete_topics(names, &AdminOptions::new())
        .await
        .unwrap();
}

/// One message per entry, to the partition that it names.
async fn produce(bootstrap: &[String], topic: &str, partitions: impl IntoIterator<Item = i32>) {
    let producer: FutureProducer = config(bootstrap).set("linger.ms", "5").create().unwrap();
    let sends: Vec<_> = partitions
        .into_iter()
        .map(|partition| {
            let record: FutureRecord<'_, str, str> = FutureRecord::to(topic).partition(partition).key("k").payload("x");
            producer.send_result(record).unwrap()
        })
        .collect();
    for sent in sends {
        sent.await.unwrap().unwrap();
    }
}

fn consumer(bootstrap: &[String], group: &str, protocol: &str) -> BaseConsumer {
    let mut config = config(bootstrap);
    config
        .set("group.id", group)
        .set("group.protocol", protocol)
        .set("client.id", "collector-test-app-1")
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false");
    config.create().unwrap()
}

/// Joins, reads until `count` messages have come, and commits exactly `offsets`.
fn read_and_commit(consumer: &BaseConsumer, topic: &str, count: usize, offsets: &[(i32, i64)]) {
    consumer.subscribe(&[topic]).unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    let mut read = 0;
    while read < count {
        assert!(Instant::now() < patience, "{read} of {count} messages within 30 s");
        // A poll also ends without a message, when something else has happened.
        if let Some(message) = consumer.poll(Duration::from_millis(500)) {
            assert_eq!(message.unwrap().topic(), topic);
            read += 1;
        }
    }
    let mut list = TopicPartitionList::new();
    for (partition, offset) in offsets {
        list.add_partition_offset(topic, *partition, Offset::Offset(*offset))
            .unwrap();
    }
    consumer.commit(&list, CommitMode::Sync).unwrap();
}

fn collector(bootstrap: &[String], more: &[(&str, serde_json::Value)]) -> Box<dyn Collector> {
    let mut settings: Settings = [("bootstrap_servers".to_string(), json!(bootstrap))].into();
    settings.extend(more.iter().map(|(key, value)| (key.to_string(), value.clone())));
    Kafka.build(&settings).ok().unwrap()
}

fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut values = snapshot
        .samples
        .iter()
        .filter(|s| s.entity == *entity && s.metric == metric);
    let first = values.next().map(|sample| sample.value);
    assert!(values.next().is_none(), "{metric} of {entity:?} is there twice");
    first
}

fn attribute(snapshot: &Snapshot, entity: &EntityKey, name: &str) -> Option<String> {
    let entity = snapshot.entities.iter().find(|known| known.key == *entity)?;
    let attribute = entity.attributes.iter().find(|attribute| attribute.name == name)?;
    Some(attribute.value.clone())
}

async fn lag_is_exact(name: &str, protocol: &'static str) {
    let Some(bootstrap) = broker(name) else { return };
    let (topic, group) = (unique("orders"), unique("billing"));
    create_topic(&bootstrap, &topic, 3).await;
    // 50 messages on partition 0, 30 on 1 and none on 2.
    produce(
        &bootstrap,
        &topic,
        std::iter::repeat_n(0, 50).chain(std::iter::repeat_n(1, 30)),
    )
    .await;
    let member = {
        let (bootstrap, topic, group) = (bootstrap.clone(), topic.clone(), group.clone());
        tokio::task::spawn_blocking(move || {
            let consumer = consumer(&bootstrap, &group, protocol);
            read_and_commit(&consumer, &topic, 80, &[(0, 42), (1, 30)]);
            consumer
        })
        .await
        .unwrap()
    };

    let mut collector = collector(&bootstrap, &[]);
    let at = now();
    let snapshot = collector.collect(at).await.unwrap();

    let group_key = EntityKey::new(EntityKind::ConsumerGroup, [group.as_str()]);
    let partition = |n: &str| EntityKey::new(EntityKind::GroupPartition, [group.as_str(), topic.as_str(), n]);
    let topic_key = EntityKey::new(EntityKind::Topic, [topic.as_str()]);
    assert_eq!(value(&snapshot, &group_key, LAG), Some(8.0));
    assert_eq!(value(&snapshot, &group_key, CONSUMERS), Some(1.0));
    assert_eq!(value(&snapshot, &partition("0"), LAG), Some(8.0));
    assert_eq!(value(&snapshot, &partition("0"), KAFKA_COMMITTED_OFFSET), Some(42.0));
    assert_eq!(value(&snapshot, &partition("0"), KAFKA_END_OFFSET), Some(50.0));
    assert_eq!(value(&snapshot, &partition("1"), LAG), Some(0.0));
    assert_eq!(value(&snapshot, &partition("1"), LAG_SECONDS), Some(0.0));
    assert_eq!(
        value(&snapshot, &partition("2"), LAG),
        None,
        "nothing was committed, so there is no lag"
    );
    assert_eq!(
        value(&snapshot, &group_key, LAG_SECONDS),
        None,
        "one visit cannot tell since when"
    );
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|w| w.entity.as_ref() == Some(&group_key) && w.metrics.contains(&LAG_SECONDS))
    );
    assert_eq!(value(&snapshot, &topic_key, PUBLISHED), Some(80.0));
    assert_eq!(value(&snapshot, &topic_key, KAFKA_END_OFFSET), Some(80.0));

    assert_eq!(attribute(&snapshot, &group_key, "state").as_deref(), Some("Stable"));
    let expected = if protocol == "consumer" { "consumer" } else { "classic" };
    // Brokers before 3.8 do not tell the protocol; all that are tested here do.
    assert_eq!(attribute(&snapshot, &group_key, "protocol").as_deref(), Some(expected));
    let members: Vec<_> = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Member && entity.key.path[0] == group)
        .collect();
    assert_eq!(members.len(), 1);
    assert_eq!(
        attribute(&snapshot, &members[0].key, "assignment"),
        Some(format!("{topic} 0–2"))
    );
    assert_eq!(
        attribute(&snapshot, &topic_key, "cleanup.policy").as_deref(),
        Some("delete")
    );
    let links = snapshot.links.as_ref().expect("the first visit brings all links");
    let link = |kind, from: &EntityKey| {
        links
            .iter()
            .find(|l| l.kind == kind && l.from == *from)
            .map(|l| l.to.clone())
    };
    assert_eq!(link(LinkKind::Subscribes, &topic_key), Some(group_key.clone()));
    let service = EntityKey::new(EntityKind::Service, ["collector-test-app"]);
    assert_eq!(link(LinkKind::Consumes, &group_key), Some(service));
    for kind in [EntityKind::Topic, EntityKind::ConsumerGroup, EntityKind::Node] {
        assert!(snapshot.complete.contains(&kind), "{kind:?}: {:?}", snapshot.warnings);
    }

    // 12 more on partition 0: lag in messages follows, and lag in time is bounded by the two visits.
    produce(&bootstrap, &topic, std::iter::repeat_n(0, 12)).await;
    tokio::task::spawn_blocking({
        let topic = topic.clone();
        move || {
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(&topic, 0, Offset::Offset(52)).unwrap();
            member.commit(&list, CommitMode::Sync).unwrap();
            drop(member);
        }
    })
    .await
    .unwrap();
    let later = now();
    let snapshot = collector.collect(later).await.unwrap();
    assert_eq!(value(&snapshot, &partition("0"), LAG), Some(10.0));
    assert_eq!(value(&snapshot, &group_key, LAG), Some(10.0));
    assert_eq!(value(&snapshot, &topic_key, PUBLISHED), Some(92.0));
    let seconds = value(&snapshot, &group_key, LAG_SECONDS).expect("two visits enclose the message at 52");
    assert!(seconds >= 0.0 && seconds <= later.seconds_since(at), "{seconds}");

    // The member has left: the list of groups says so at once, without waiting for the inventory.
    assert_eq!(value(&snapshot, &group_key, CONSUMERS), Some(0.0));
    assert_eq!(attribute(&snapshot, &group_key, "state").as_deref(), Some("Empty"));

    delete_topics(&bootstrap, &[&topic]).await;
    let _ = admin(&bootstrap).delete_groups(&[&group], &AdminOptions::new()).await;
}

#[tokio::test]
async fn lag_of_a_classic_group_is_end_minus_committed() {
    lag_is_exact("kafka", "classic").await;
}

#[tokio::test]
async fn lag_of_a_group_of_the_new_protocol_is_end_minus_committed() {
    lag_is_exact("kafka", "consumer").await;
}

#[tokio::test]
async fn lag_of_a_classic_group_on_3_9_is_end_minus_committed() {
    lag_is_exact("kafka-3.9", "classic").await;
}

#[tokio::test]
async fn a_topic_made_again_starts_anew() {
    let Some(bootstrap) = broker("kafka") else { return };
    let topic = unique("again");
    let only = [("topics_include", json!([topic]))];
    let mut collector = collector(&bootstrap, &only);
    create_topic(&bootstrap, &topic, 1).await;
    produce(&bootstrap, &topic, [0; 20]).await;
    let key = EntityKey::new(EntityKind::Topic, [topic.as_str()]);
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(value(&snapshot, &key, KAFKA_END_OFFSET), Some(20.0));
    let topics: BTreeMap<_, _> = snapshot.entities.iter().map(|entity| (&entity.key, entity)).collect();
    assert_eq!(
        topics.keys().filter(|key| key.kind == EntityKind::Topic).count(),
        1,
        "others are not watched"
    );

    delete_topics(&bootstrap, &[&topic]).await;
    let mut gone = false;
    for _ in 0..50 {
        let snapshot = collector.collect(now()).await.unwrap();
        gone = value(&snapshot, &key, KAFKA_END_OFFSET).is_none();
        if gone {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(gone, "a deleted topic has no offsets");
    create_topic(&bootstrap, &topic, 1).await;
    produce(&bootstrap, &topic, [0; 3]).await;
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(value(&snapshot, &key, KAFKA_END_OFFSET), Some(3.0));
    delete_topics(&bootstrap, &[&topic]).await;
}

/// Writes what a broker answers about a small shop to `testdata/<BROKERSCOPE_RECORD>.json`, for the tests without a
/// broker. `BROKERSCOPE_RECORD_BROKER` names the broker as in BROKERSCOPE_TEST_BROKERS.
#[tokio::test]
async fn record() {
    let (Ok(name), Ok(from)) = (
        std::env::var("BROKERSCOPE_RECORD"),
        std::env::var("BROKERSCOPE_RECORD_BROKER"),
    ) else {
        return;
    };
    let bootstrap = broker(&from).expect("the broker to record is listed");
    let topics = ["shop.orders", "shop.orders.dlq", "shop.prices"];
    let protocols: &[&'static str] = if from.contains("3.9") {
        &["classic"]
    } else {
        &["classic", "consumer"]
    };
    let replicas = if from.contains("cluster") { 3 } else { 1 };
    let admin = admin(&bootstrap);
    let new = [
        NewTopic::new(topics[0], 3, TopicReplication::Fixed(replicas)).set("retention.ms", "86400000"),
        NewTopic::new(topics[1], 1, TopicReplication::Fixed(1)),
        NewTopic::new(topics[2], 2, TopicReplication::Fixed(replicas)).set("cleanup.policy", "compact"),
    ];
    admin.create_topics(&new, &AdminOptions::new()).await.unwrap();
    produce(&bootstrap, topics[0], (0..60).map(|n| n % 3)).await;
    produce(&bootstrap, topics[1], [0; 4]).await;
    produce(&bootstrap, topics[2], [0, 0, 0, 1]).await;
    let members: Vec<BaseConsumer> = protocols
        .iter()
        .map(|protocol| {
            let consumer = consumer(&bootstrap, &format!("shop-{protocol}"), protocol);
            read_and_commit(&consumer, topics[0], 60, &[(0, 20), (1, 13)]);
            consumer
        })
        .collect();
    let gone = consumer(&bootstrap, "shop-gone", "classic");
    read_and_commit(&gone, topics[2], 4, &[(0, 1), (1, 0)]);
    drop(gone);
    if let Ok(pid) = std::env::var("BROKERSCOPE_RECORD_KILL") {
        std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        let wait = std::env::var("BROKERSCOPE_RECORD_WAIT").map_or(0, |seconds| seconds.parse().unwrap());
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }

    let config = super::config::parse(&[("bootstrap_servers".to_string(), json!(bootstrap))].into())
        .ok()
        .unwrap();
    let client = super::client::Client::open(&config, super::client::Purpose::Visits)
        .ok()
        .unwrap();
    let wait = Duration::from_secs(4);
    let mut metadata = client.metadata(wait).await.unwrap();
    metadata
        .topics
        .retain(|topic| topic.name.starts_with("shop.") || topic.name == "__consumer_offsets");
    let names: Vec<String> = metadata.topics.iter().map(|topic| topic.name.clone()).collect();
    let direct = super::direct::Direct::new(config.clone());
    let mut groups = direct.groups(&metadata.brokers, wait).await;
    groups.groups.retain(|group| group.name.starts_with("shop-"));
    let chunks = super::offsets::chunks(&metadata, |_| true);
    let mut survey = direct.survey(&metadata.brokers, wait).await;
    for dir in survey
        .brokers
        .values_mut()
        .flatten()
        .flat_map(|broker| broker.log_dirs.iter_mut().flatten())
    {
        dir.replicas
            .retain(|replica| replica.topic.starts_with("shop.") || replica.topic == "__consumer_offsets");
        // Where the recording machine keeps its files is nobody's business.
        dir.path = "/var/lib/kafka".into();
    }
    let recorded = super::recorded::Recorded {
        cluster: direct.cluster(&metadata.brokers, true, wait).await,
        described: direct.describe(&metadata.brokers, &groups.groups, wait).await,
        committed: direct.committed(&metadata.brokers, &groups.groups, wait).await,
        ends: direct
            .offsets(&metadata.brokers, chunks.clone(), super::wire::LogEnd::Latest, wait)
            .await,
        starts: direct
            .offsets(&metadata.brokers, chunks, super::wire::LogEnd::Earliest, wait)
            .await,
        configs: direct.topic_configs(&metadata.brokers, &names, wait).await,
        survey: Some(survey),
        groups,
        metadata,
    };
    let file = super::recorded::file(&name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, serde_json::to_string_pretty(&recorded).unwrap() + "\n").unwrap();
    drop(members);
    delete_topics(&bootstrap, &topics).await;
    let _ = admin
        .delete_groups(&["shop-classic", "shop-consumer", "shop-gone"], &AdminOptions::new())
        .await;
}

/// Prints what visits cost at 10,000 partitions and 500 groups. `BROKERSCOPE_SCALE` is the address of a broker that is
/// nobody else's, `BROKERSCOPE_SCALE_VISITS` the number of visits; `BROKERSCOPE_SCALE_FILL` produces and commits first.
#[tokio::test(flavor = "multi_thread")]
async fn scale() {
    let Ok(server) = std::env::var("BROKERSCOPE_SCALE") else {
        return;
    };
    let bootstrap = vec![server];
    let (topics, partitions, groups) = (500, 20, 500);
    let names: Vec<String> = (0..topics).map(|n| format!("scale-{n:04}")).collect();
    let admin = admin(&bootstrap);
    let known = admin.inner().fetch_metadata(None, Duration::from_secs(30)).unwrap();
    let missing: Vec<&String> = names
        .iter()
        .filter(|name| !known.topics().iter().any(|topic| topic.name() == **name))
        .collect();
    for chunk in missing.chunks(25) {
        let new: Vec<_> = chunk
            .iter()
            .map(|name| NewTopic::new(name, partitions, TopicReplication::Fixed(1)))
            .collect();
        let patient = AdminOptions::new().request_timeout(Some(Duration::from_secs(60)));
        for result in admin.create_topics(&new, &patient).await.unwrap() {
            result.unwrap();
        }
    }
    if std::env::var("BROKERSCOPE_SCALE_FILL").is_ok() {
        let producer: FutureProducer = config(&bootstrap).set("linger.ms", "50").create().unwrap();
        for name in &names {
            let sends: Vec<_> = (0..partitions)
                .map(|partition| {
                    let record: FutureRecord<'_, str, str> = FutureRecord::to(name).partition(partition).payload("x");
                    producer.send_result(record).unwrap()
                })
                .collect();
            for sent in sends {
                sent.await.unwrap().unwrap();
            }
        }
        for place in 0..groups {
            let (bootstrap, topic) = (bootstrap.clone(), names[place % topics].clone());
            let group = format!("scale-group-{place:04}");
            let commit = tokio::task::spawn_blocking(move || {
                let consumer = consumer(&bootstrap, &group, "classic");
                let mut list = TopicPartitionList::new();
                for partition in 0..partitions {
                    list.add_partition_offset(&topic, partition, Offset::Offset(0)).unwrap();
                }
                consumer.commit(&list, CommitMode::Sync).unwrap();
            });
            commit.await.unwrap();
        }
    }
    let resident = || {
        let text = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = text.lines().find(|line| line.starts_with("VmRSS")).unwrap().to_string();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    };
    let cpu = || {
        let text = std::fs::read_to_string("/proc/self/stat").unwrap();
        let fields: Vec<u64> = text
            .rsplit(") ")
            .next()
            .unwrap()
            .split(' ')
            .map(|f| f.parse().unwrap_or(0))
            .collect();
        (fields[11] + fields[12]) * 10
    };
    println!("before: {} MB", resident());
    let mut collector = collector(&bootstrap, &[]);
    let visits: u64 = std::env::var("BROKERSCOPE_SCALE_VISITS").map_or(10, |n| n.parse().unwrap());
    let pause = Duration::from_millis(std::env::var("BROKERSCOPE_SCALE_PAUSE").map_or(200, |n| n.parse().unwrap()));
    let start = now();
    for visit in 0..visits {
        let (started, before) = (Instant::now(), cpu());
        // Visits come faster than in life; the times they are told say 15 s, so that cadences are real.
        let snapshot = collector
            .collect(start.plus_millis(visit as i64 * 15_000))
            .await
            .unwrap();
        if visit < 6 || visit % 50 == 0 || visit + 1 == visits {
            println!(
                "visit {visit}: {:.0} ms wall, {} ms cpu, {} MB, {} samples, {} entities, {} warnings, {:?}",
                started.elapsed().as_secs_f64() * 1e3,
                cpu() - before,
                resident(),
                snapshot.samples.len(),
                snapshot.entities.len(),
                snapshot.warnings.len(),
                snapshot.cost,
            );
        }
        drop(snapshot);
        tokio::time::sleep(pause).await;
    }
}
