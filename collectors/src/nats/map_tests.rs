//! From recorded answers to what is shown: the figures of every object, links, checks and warnings.

use brokerscope_contract::{
    Absence, EntityKey, EntityKind, LinkKind, Method, MetricId, Snapshot, Status, Timestamp, metrics,
};

use super::access::Level;
use super::advisories::Advisories;
use super::gathered::Gathered;
use super::leaders::{self, Inventory};
use super::map::snapshot;
use super::memory::Memory;
use super::names;
use super::recorded::read;
use super::wire::{ConsumerPage, JetStream, StreamPage, Varz};

/// Shortly after the recording.
const AT: Timestamp = Timestamp(1_795_450_400_000);
const VERSION: &str = "2.15.2";

fn inventory(memory: &mut Memory, answers: Vec<(String, JetStream)>) -> Inventory {
    let mut inventory = leaders::choose(answers, true);
    memory.configs.fill_in(&mut inventory);
    inventory
}

fn one<T: serde::de::DeserializeOwned>(file: &str) -> Vec<(String, Result<T, super::failure::Failure>)> {
    vec![("nats-1".into(), Ok(read(VERSION, file)))]
}

/// Everything that was recorded of the single server.
fn gathered(memory: &mut Memory, level: Level) -> Gathered {
    let mut gathered = Gathered::new(AT, level);
    let varz: Varz = read(VERSION, "varz.json");
    memory.note_servers(AT, ["nats-1"].into_iter());
    gathered.varz = vec![("nats-1".into(), varz)];
    gathered.health = one("healthz.json");
    gathered.jetstream = Some(inventory(memory, vec![("nats-1".into(), read(VERSION, "jsz.json"))]));
    gathered.connz = Some(one("connz.json"));
    gathered.closed = Some(one("closed.json"));
    gathered.accounts = one("accstatz.json");
    gathered
}

fn single() -> Snapshot {
    let mut memory = Memory::default();
    let gathered = gathered(&mut memory, Level::System);
    let mut advisories = Advisories::default();
    advisories.accounts.push("APP".into());
    let fragile = ("APP".to_string(), "ORDERS".to_string(), "fragile".to_string());
    advisories.given_up.insert(fragile, 8);
    snapshot(&gathered, &advisories, &mut memory)
}

fn value(snapshot: &Snapshot, entity: &EntityKey, metric: MetricId) -> Option<f64> {
    let mut found = snapshot
        .samples
        .iter()
        .filter(|sample| sample.entity == *entity && sample.metric == metric);
    let value = found.next().map(|sample| sample.value);
    assert!(found.next().is_none(), "{metric} of {entity:?} is told twice");
    value
}

fn consumer(stream: &str, name: &str) -> EntityKey {
    names::consumer("APP", stream, name)
}

fn check<'a>(snapshot: &'a Snapshot, id: &str) -> &'a brokerscope_contract::CheckResult {
    let found = snapshot.checks.iter().find(|check| check.check.0 == id);
    found.unwrap_or_else(|| panic!("no check {id} among {:?}", snapshot.checks))
}

#[test]
fn a_consumer_has_what_waits_what_is_in_flight_and_what_it_counted() {
    let snapshot = single();
    use metrics::*;
    for (stream, name, metric, expected) in [
        ("ORDERS", "billing", DEPTH, Some(18.0)),
        ("ORDERS", "billing", IN_FLIGHT, Some(7.0)),
        ("ORDERS", "billing", LAG, Some(25.0)),
        ("ORDERS", "billing", IN_FLIGHT_LIMIT, Some(100.0)),
        ("ORDERS", "billing", DELIVERED, Some(12.0)),
        ("ORDERS", "billing", ACKNOWLEDGED, Some(5.0)),
        ("ORDERS", "billing", NATS_EXHAUSTED, None),
        ("ORDERS", "billing", DEAD_LETTERED, Some(0.0)),
        ("ORDERS", "billing", CONSUMERS, Some(1.0)),
        ("ORDERS", "fragile", DEPTH, Some(44.0)),
        ("ORDERS", "fragile", IN_FLIGHT, Some(8.0)),
        ("ORDERS", "fragile", NATS_EXHAUSTED, Some(8.0)),
        ("ORDERS", "fragile", DEAD_LETTERED, Some(8.0)),
        ("ORDERS", "push", DEPTH, Some(0.0)),
        ("ORDERS", "push", IN_FLIGHT, Some(60.0)),
        ("ORDERS", "push", CONSUMERS, Some(1.0)),
        ("ORDERS", "push", NATS_WAITING_PULLS, None),
        ("WORK", "worker", DEPTH, Some(20.0)),
        ("WORK", "worker", CONSUMERS, None),
        ("ORDERS", names::EPHEMERAL, DEPTH, Some(60.0)),
        ("ORDERS", names::EPHEMERAL, DELIVERED, None),
    ] {
        assert_eq!(
            value(&snapshot, &consumer(stream, name), metric),
            expected,
            "{metric} of {name}"
        );
    }
    let acknowledged = snapshot.samples.iter().find(|sample| sample.metric == ACKNOWLEDGED);
    assert_eq!(acknowledged.and_then(|sample| sample.method), Some(Method::Estimated));
}

#[test]
fn ephemeral_and_internal_consumers_are_no_entities_of_their_own() {
    let snapshot = single();
    let mut names: Vec<&str> = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::StreamConsumer)
        .map(|entity| entity.key.name())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["billing", names::EPHEMERAL, "fragile", "push", "worker"]);
}

#[test]
fn the_oldest_message_is_known_where_the_stream_begins_with_it() {
    let snapshot = single();
    let age = value(&snapshot, &consumer("WORK", "worker"), metrics::OLDEST_AGE);
    assert!(age.is_some_and(|age| age > 30.0 && age < 600.0), "{age:?}");
    let filtered = value(&snapshot, &consumer("ORDERS", "billing"), metrics::OLDEST_AGE);
    assert_eq!(filtered, None, "its oldest is somewhere inside the stream");
}

#[test]
fn a_stream_has_its_size_its_limits_and_its_origins() {
    let snapshot = single();
    use metrics::*;
    for (stream, metric, expected) in [
        ("ORDERS", NATS_MESSAGES_HELD, Some(60.0)),
        ("ORDERS", PUBLISHED, Some(60.0)),
        ("ORDERS", STORED_BYTES, Some(5_340.0)),
        ("ORDERS", NATS_BYTES_LIMIT, Some(10_000_000.0)),
        ("ORDERS", NATS_MESSAGES_LIMIT, None),
        ("ORDERS", NATS_SOURCE_LAG, None),
        ("WORK", NATS_MESSAGES_LIMIT, Some(1_000.0)),
        ("ORDERS_COPY", NATS_SOURCE_LAG, Some(0.0)),
        ("DLQ", NATS_MESSAGES_HELD, Some(8.0)),
    ] {
        assert_eq!(
            value(&snapshot, &names::stream("APP", stream), metric),
            expected,
            "{metric} of {stream}"
        );
    }
}

#[test]
fn links_lead_from_subjects_through_streams_to_services() {
    let snapshot = single();
    let links = snapshot.links.as_ref().expect("links were told");
    let stream = |name| names::stream("APP", name);
    let subject = |name| names::subject("APP", name);
    for (from, to, kind) in [
        (subject("orders.>"), stream("ORDERS"), LinkKind::Binding),
        (stream("ORDERS"), consumer("ORDERS", "billing"), LinkKind::Subscribes),
        (
            consumer("ORDERS", "push"),
            subject("deliver.orders"),
            LinkKind::Delivers,
        ),
        (
            subject("deliver.orders"),
            names::service("mail-service"),
            LinkKind::Consumes,
        ),
        (subject("price.get"), names::service("mail-service"), LinkKind::Consumes),
        (stream("ORDERS"), stream("ORDERS_COPY"), LinkKind::Copies),
        (stream("WORK"), stream("ALL"), LinkKind::Copies),
        (consumer("ORDERS", "fragile"), stream("DLQ"), LinkKind::DeadLetter),
    ] {
        let found = links
            .iter()
            .any(|link| (&link.from, &link.to, link.kind) == (&from, &to, kind));
        assert!(found, "{from:?} -> {to:?}");
    }
    let ends = links.iter().flat_map(|link| [&link.from, &link.to]);
    for end in ends {
        assert!(
            snapshot.entities.iter().any(|entity| entity.key == *end),
            "{end:?} is no entity"
        );
    }
    assert!(
        !links
            .iter()
            .any(|link| link.kind == LinkKind::DeadLetter && link.from.name() == "billing")
    );
}

#[test]
fn a_slow_consumer_is_named() {
    let snapshot = single();
    let slow = check(&snapshot, "slow_consumers");
    assert_eq!(slow.status, Status::Warning);
    for part in [
        "slow-reporter",
        "user app in account APP",
        "127.0.0.1:37986",
        "Pending Bytes",
    ] {
        assert!(slow.text.contains(part), "{part} in {}", slow.text);
    }
}

#[test]
fn servers_and_accounts_have_their_figures() {
    let snapshot = single();
    let node = names::node("nats-1");
    assert_eq!(value(&snapshot, &node, metrics::NATS_SLOW_CONSUMERS), Some(1.0));
    assert_eq!(
        value(&snapshot, &node, metrics::NATS_STORE_LIMIT),
        Some(4_294_967_296.0)
    );
    assert_eq!(value(&snapshot, &node, metrics::NATS_CONNECTION_LIMIT), Some(65_536.0));
    let account = names::account("APP");
    assert_eq!(value(&snapshot, &account, metrics::CONNECTIONS), Some(2.0));
    assert_eq!(
        value(&snapshot, &account, metrics::NATS_STORE_LIMIT),
        None,
        "unset is written as a huge number"
    );
    let internal = snapshot
        .entities
        .iter()
        .find(|entity| entity.key == names::account("SYS"));
    assert!(internal.is_some_and(|entity| entity.internal));
    assert_eq!(snapshot.server.version.as_deref(), Some("2.15.2"));
    assert!(
        snapshot.checks.iter().all(|check| check.status < Status::Critical),
        "{:?}",
        snapshot.checks
    );
    for kind in [
        EntityKind::Node,
        EntityKind::Stream,
        EntityKind::StreamConsumer,
        EntityKind::Subject,
    ] {
        assert!(snapshot.complete.contains(&kind), "{kind:?}");
    }
}

/// The cluster's answers, without those of the servers named.
fn cluster(without: &[&str]) -> Snapshot {
    let mut memory = Memory::default();
    let all = ["nats-cluster-1", "nats-cluster-2", "nats-cluster-3"];
    memory.note_servers(Timestamp(AT.0 - 15_000), all.into_iter());
    let mut gathered = Gathered::new(AT, Level::System);
    let mut answers = Vec::new();
    for (i, server) in all.into_iter().enumerate() {
        if without.contains(&server) {
            gathered
                .silent
                .push((server.into(), super::failure::Failure::TimedOut(server.into())));
            continue;
        }
        gathered
            .varz
            .push((server.into(), read("2.15.2-cluster", &format!("varz-{}.json", i + 1))));
        answers.push((
            server.to_string(),
            read("2.15.2-cluster", &format!("jsz-{}.json", i + 1)),
        ));
    }
    let answered: Vec<&str> = gathered.varz.iter().map(|(server, _)| server.as_str()).collect();
    memory.note_servers(AT, answered.into_iter());
    let mut inventory = leaders::choose(answers, without.is_empty());
    memory.configs.fill_in(&mut inventory);
    gathered.jetstream = Some(inventory);
    snapshot(&gathered, &Advisories::default(), &mut memory)
}

#[test]
fn three_replicas_are_one_stream_with_its_leaders_figures() {
    let snapshot = cluster(&[]);
    let orders = names::stream("APP", "ORDERS");
    assert_eq!(value(&snapshot, &orders, metrics::NATS_MESSAGES_HELD), Some(60.0));
    assert_eq!(value(&snapshot, &orders, metrics::NATS_REPLICAS_MISSING), Some(0.0));
    // Followers say 0.
    assert_eq!(
        value(&snapshot, &consumer("ORDERS", "billing"), metrics::DEPTH),
        Some(18.0)
    );
    assert_eq!(check(&snapshot, "meta_leader").status, Status::Ok);
    assert_eq!(check(&snapshot, "replicas").status, Status::Ok);
    assert_eq!(snapshot.server.nodes, Some(3));
}

#[test]
fn a_leader_that_does_not_answer_leaves_gaps_and_no_zeros() {
    let whole = cluster(&[]);
    let orders = names::stream("APP", "ORDERS");
    let entity = whole
        .entities
        .iter()
        .find(|entity| entity.key == orders)
        .expect("the stream");
    let leader = entity
        .attributes
        .iter()
        .find(|attribute| attribute.name == "leader")
        .expect("its leader");
    let snapshot = cluster(&[leader.value.as_str()]);
    assert_eq!(value(&snapshot, &orders, metrics::NATS_MESSAGES_HELD), None);
    assert!(!snapshot.complete.contains(&EntityKind::Stream));
    assert_eq!(check(&snapshot, "server_answers").status, Status::Ok);
    let down = snapshot
        .checks
        .iter()
        .find(|check| check.entity == names::node(&leader.value));
    assert_eq!(down.map(|check| check.status), Some(Status::Critical));
    let warning = snapshot
        .warnings
        .iter()
        .find(|warning| warning.entity.as_ref() == Some(&orders));
    assert!(
        warning.is_some_and(|warning| warning.text.contains("did not answer")),
        "{:?}",
        snapshot.warnings
    );
    assert_eq!(
        value(&snapshot, &EntityKey::cluster(), metrics::CONNECTIONS),
        None,
        "a total must not shrink"
    );
}

#[test]
fn gateways_and_leaf_nodes_are_endpoints() {
    let mut memory = Memory::default();
    let mut gathered = Gathered::new(AT, Level::System);
    gathered.varz = vec![("west-1".into(), read("2.15.2-super", "varz.json"))];
    memory.note_servers(AT, ["west-1"].into_iter());
    gathered.leafz = Some(vec![("west-1".into(), Ok(read("2.15.2-super", "leafz.json")))]);
    gathered.gatewayz = Some(vec![("west-1".into(), Ok(read("2.15.2-super", "gatewayz.json")))]);
    let snapshot = snapshot(&gathered, &Advisories::default(), &mut memory);
    let near = names::endpoint("cluster region-1");
    for (name, label) in [
        ("leaf node shop-floor", "leaf node, account $G"),
        ("cluster region-2", "gateway"),
    ] {
        let far = names::endpoint(name);
        let told = snapshot.entities.iter().filter(|entity| entity.key == far);
        assert_eq!(told.count(), 1, "{name}");
        for (from, to) in [(&near, &far), (&far, &near)] {
            let links = snapshot.links.iter().flatten();
            let mut between = links.filter(|link| (&link.from, &link.to) == (from, to));
            let link = between.next().expect("an edge");
            assert_eq!((link.kind, link.label.as_deref()), (LinkKind::Copies, Some(label)));
        }
    }
    let near = snapshot.entities.iter().filter(|entity| entity.key == near);
    assert_eq!(near.count(), 1, "the edges have an end on this side");
    assert_eq!(check(&snapshot, "gateways").status, Status::Ok);
}

#[test]
fn lists_of_jetstreams_api_come_to_the_same_figures() {
    let mut inventory = Inventory {
        complete: true,
        ..Inventory::default()
    };
    let streams: StreamPage = read(VERSION, "stream-list.json");
    let consumers: ConsumerPage = read(VERSION, "consumer-list-ORDERS.json");
    assert_eq!((streams.total, streams.streams.len()), (5, 5));
    for mut stream in streams.streams {
        if stream.name() == "ORDERS" {
            stream.consumer_detail = consumers.consumers.clone();
        }
        inventory.add("", "APP", stream);
    }
    let mut memory = Memory::default();
    assert_eq!(memory.configs.fill_in(&mut inventory), 0);
    let mut gathered = Gathered::new(AT, Level::Account);
    gathered.jetstream = Some(inventory);
    let snapshot = snapshot(&gathered, &Advisories::default(), &mut memory);
    let billing = consumer("ORDERS", "billing");
    assert_eq!(value(&snapshot, &billing, metrics::DEPTH), Some(18.0));
    assert_eq!(
        value(&snapshot, &names::stream("APP", "DLQ"), metrics::NATS_MESSAGES_HELD),
        Some(8.0)
    );
}

#[test]
fn each_way_in_says_what_it_lacks() {
    for (level, reason) in [
        (Level::Monitoring, Absence::NotSupported),
        (Level::Account, Absence::NotPermitted),
    ] {
        let mut memory = Memory::default();
        let mut gathered = gathered(&mut memory, level);
        if level == Level::Account {
            gathered.varz.clear();
        }
        let snapshot = snapshot(&gathered, &Advisories::default(), &mut memory);
        assert!(
            snapshot.warnings.iter().any(|warning| warning.reason == reason),
            "{level:?}"
        );
        let deaf = snapshot
            .warnings
            .iter()
            .find(|warning| warning.metrics == [metrics::DEAD_LETTERED]);
        assert!(deaf.is_some_and(|warning| warning.remedy.is_some()), "{level:?}");
        let billing = consumer("ORDERS", "billing");
        assert_eq!(
            value(&snapshot, &billing, metrics::DEAD_LETTERED),
            None,
            "unknown is not zero"
        );
        assert_eq!(value(&snapshot, &billing, metrics::DEPTH), Some(18.0));
    }
}
