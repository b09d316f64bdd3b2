//! What only servers of a test's own allow: restarts, failover, missing permissions, long lists.

use std::collections::BTreeSet;
use std::time::Duration;

use brokerscope_contract::{Absence, EntityKey, EntityKind, MetricId, Snapshot, StepOutcome, Timestamp, metrics};
use serde_json::{Value, json};

use super::live_tests::{
    agrees, api, client, collector, durable, login, now, probe, publish, pull, stream, told, value,
};
use super::names;
use super::own_servers::{ACCOUNTS, OwnServers};
use crate::collector::{CollectError, Collector};

/// Far enough apart that everything is due on each visit.
const STEP: i64 = 600_000;

/// Visits until one succeeds: the first one after a server died may only notice that.
async fn visit(collector: &mut Box<dyn Collector>, at: &mut Timestamp) -> Snapshot {
    let mut failed = String::new();
    for _ in 0..10 {
        *at = at.plus_millis(STEP);
        match collector.collect(*at).await {
            Ok(snapshot) => return snapshot,
            Err(error) => failed = error.to_string(),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("no visit succeeds: {failed}");
}

#[tokio::test]
async fn nats_live_a_restarted_server_goes_on_where_it_was() {
    let Some(mut own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "ORDERS", json!({"storage": "file"})).await;
    durable(&client, "ORDERS", "billing", json!({})).await;
    publish(&client, "ORDERS", 20).await;
    assert_eq!(pull(&client, "ORDERS", "billing", 8, 5).await, 8);
    let (account, node) = (names::account("APP"), names::node("own-1"));
    let mut at = now();
    for user in ["sys", "watcher"] {
        let mut collector = collector(login(&endpoints, user));
        let before = visit(&mut collector, &mut at).await;
        agrees(&client, &before, "ORDERS", "billing").await;
        own.kill("own-1");
        at = at.plus_millis(STEP);
        let error = collector.collect(at).await.expect_err("nobody is there");
        assert!(matches!(error, CollectError::Unreachable { .. }), "{error:?}");
        own.start_again("own-1").await;
        let after = visit(&mut collector, &mut at).await;
        told(&after);
        let key = names::consumer("APP", "ORDERS", "billing");
        // What it had not written yet is delivered again; no less waits than before.
        let depth = value(&after, &key, metrics::DEPTH);
        assert!(
            depth.is_some_and(|depth| (12.0..=20.0).contains(&depth)),
            "{user}: {depth:?}"
        );
        agrees(&client, &after, "ORDERS", "billing").await;
        let counted = |snapshot: &Snapshot, key: &EntityKey| value(snapshot, key, metrics::PUBLISHED);
        let (first, second) = (counted(&before, &account).unwrap(), counted(&after, &account).unwrap());
        assert!(
            second >= first,
            "{user}: the sum of an account never falls: {first}, {second}"
        );
        // The server's own counter is passed on as it is; it has begun anew.
        if let (Some(first), Some(second)) = (counted(&before, &node), counted(&after, &node)) {
            assert!(second < first, "{first}, {second}");
        }
    }
}

#[tokio::test]
async fn nats_live_a_dead_leader_is_named_and_the_new_one_believed() {
    let Some(mut own) = OwnServers::start(3, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "ORDERS", json!({"storage": "file", "num_replicas": 3})).await;
    durable(&client, "ORDERS", "billing", json!({})).await;
    publish(&client, "ORDERS", 20).await;
    assert_eq!(pull(&client, "ORDERS", "billing", 8, 5).await, 8);
    let mut collector = collector(login(&endpoints, "sys"));
    let mut at = now();
    let before = visit(&mut collector, &mut at).await;
    assert_eq!(before.server.nodes, Some(3));
    let led = api(&client, "CONSUMER.INFO.ORDERS.billing", Value::Null).await;
    let dead = led["cluster"]["leader"].as_str().expect("a leader").to_string();
    own.kill(&dead);
    let key = names::consumer("APP", "ORDERS", "billing");
    let mut after = visit(&mut collector, &mut at).await;
    // Until the others have elected, it is unknown, and never what a follower says.
    for _ in 0..20 {
        assert_eq!(value(&after, &key, metrics::DEPTH).unwrap_or(12.0), 12.0);
        let held = value(&after, &names::stream("APP", "ORDERS"), metrics::NATS_MESSAGES_HELD);
        if held.is_some() && value(&after, &key, metrics::DEPTH).is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        after = visit(&mut collector, &mut at).await;
    }
    told(&after);
    agrees(&client, &after, "ORDERS", "billing").await;
    let names_it = |snapshot: &Snapshot| {
        let mut warnings = snapshot.warnings.iter();
        warnings.any(|warning| warning.reason == Absence::Failed && warning.text.contains(&dead))
    };
    assert!(names_it(&after), "{:?}", after.warnings);
    assert_eq!(after.server.nodes, Some(3), "the dead one is missed and not forgotten");
    own.start_again(&dead).await;
    let mut whole = visit(&mut collector, &mut at).await;
    for _ in 0..20 {
        if !names_it(&whole) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        whole = visit(&mut collector, &mut at).await;
    }
    assert!(!names_it(&whole), "{:?}", whole.warnings);
    assert_eq!(value(&whole, &key, metrics::DEPTH), Some(12.0));
}

/// What the documentation asks for, one by one, and whether the depth is known without it.
const RIGHTS: [(&str, bool); 10] = [
    ("$JS.API.INFO", false),
    ("$JS.API.STREAM.LIST", false),
    ("$JS.API.CONSUMER.LIST.*", false),
    ("$SYS.REQ.USER.INFO", true),
    ("$SYS.REQ.SERVER.PING.CONNZ", true),
    ("$SYS.REQ.ACCOUNT.PING.STATZ", true),
    ("$SRV.STATS", true),
    ("_INBOX.>", false),
    ("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>", true),
    ("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>", true),
];

/// A user for each right, who lacks just that one.
fn users_who_lack_one() -> String {
    let quoted = |lacks: usize, of: std::ops::Range<usize>| {
        let allowed = of.filter(|n| *n != lacks).map(|n| format!("\"{}\"", RIGHTS[n].0));
        allowed.collect::<Vec<_>>().join(", ")
    };
    let users = (0..RIGHTS.len()).map(|n| {
        let (publish, subscribe) = (quoted(n, 0..7), quoted(n, 7..RIGHTS.len()));
        format!(
            "{{ user: u{n}, password: u{n}, permissions: {{ publish: {{ allow: [{publish}] }}, \
             subscribe: {{ allow: [{subscribe}] }} }} }}\n"
        )
    });
    let users: String = users.collect();
    format!("accounts {{ APP {{ jetstream: enabled, users: [ {{ user: app, password: app }}\n{users} ] }} }}\n")
}

#[tokio::test]
async fn nats_live_each_missing_permission_is_named_and_hides_nothing_else() {
    let Some(own) = OwnServers::start(1, &users_who_lack_one()).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "ORDERS", json!({})).await;
    durable(&client, "ORDERS", "billing", json!({})).await;
    publish(&client, "ORDERS", 4).await;
    for (n, (subject, knows_depth)) in RIGHTS.iter().enumerate() {
        let mut settings = login(&endpoints, &format!("u{n}"));
        settings["timeout_seconds"] = json!(1);
        let mut collector = collector(settings);
        let snapshot = collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{subject}: {error}"));
        let spoken = subject.trim_end_matches(['*', '>']);
        let warning = snapshot.warnings.iter().find(|warning| warning.text.contains(spoken));
        let warning = warning.unwrap_or_else(|| panic!("{subject}: {:?}", snapshot.warnings));
        assert_eq!(warning.reason, Absence::NotPermitted, "{subject}");
        assert!(warning.remedy.is_some(), "{subject}");
        let told = |of: fn(&EntityKey) -> bool, metric: MetricId| {
            let mut samples = snapshot.samples.iter();
            samples
                .find(|sample| sample.metric == metric && of(&sample.entity))
                .map(|sample| sample.value)
        };
        let depth = told(|key| key.name() == "billing", metrics::DEPTH);
        assert_eq!(depth, knows_depth.then_some(4.0), "{subject}");
        if subject.contains("CONSUMER.LIST") {
            let held = told(|key| key.name() == "ORDERS", metrics::NATS_MESSAGES_HELD);
            assert_eq!(held, Some(4.0), "the stream is told without its consumers");
            assert!(!snapshot.complete.contains(&EntityKind::StreamConsumer));
        }
        let steps = probe(collector.as_mut()).await;
        let limited = steps.iter().filter(|step| step.outcome == StepOutcome::Limited);
        let named = limited.filter(|step| step.detail.contains(spoken)).count();
        assert!(named > 0, "{subject}: {steps:?}");
    }
}

#[tokio::test]
async fn nats_live_ephemeral_consumers_come_and_go_under_one_name() {
    let Some(own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "EVENTS", json!({})).await;
    durable(&client, "EVENTS", "billing", json!({})).await;
    publish(&client, "EVENTS", 3).await;
    let mut collectors = [
        collector(login(&endpoints, "sys")),
        collector(login(&endpoints, "watcher")),
    ];
    let (mut series, mut after_first) = (BTreeSet::new(), 0);
    let mut at = now();
    for round in 0..6 {
        for _ in 0..50 {
            let config = json!({"ack_policy": "none", "mem_storage": true, "inactive_threshold": 400_000_000});
            let body = json!({"stream_name": "EVENTS", "config": config});
            let made = api(&client, "CONSUMER.CREATE.EVENTS", body).await;
            assert!(made["error"].is_null(), "{made}");
        }
        for collector in &mut collectors {
            let snapshot = visit(collector, &mut at).await;
            let of_consumers = |key: &EntityKey| key.kind == EntityKind::StreamConsumer;
            let samples = snapshot.samples.iter().filter(|sample| of_consumers(&sample.entity));
            series.extend(samples.map(|sample| (sample.entity.clone(), sample.metric)));
            let listed: BTreeSet<&EntityKey> = snapshot
                .entities
                .iter()
                .map(|entity| &entity.key)
                .filter(|key| of_consumers(key))
                .collect();
            assert_eq!(
                listed.len(),
                2,
                "one durable, and all ephemeral ones together: {listed:?}"
            );
            let all = names::consumer("APP", "EVENTS", names::EPHEMERAL);
            assert_eq!(value(&snapshot, &all, metrics::CONSUMERS), Some(50.0), "round {round}");
            assert_eq!(value(&snapshot, &all, metrics::DEPTH), Some(150.0), "round {round}");
        }
        if round == 0 {
            after_first = series.len();
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
    // Signs of a reader of the durable one may appear later; three hundred names would be a thousand series.
    assert!(series.len() <= after_first + 1, "{after_first}, {}", series.len());
    for collector in &mut collectors {
        let gone = visit(collector, &mut at).await;
        assert!(
            gone.complete.contains(&EntityKind::StreamConsumer),
            "what is not listed now may be forgotten"
        );
        let all = names::consumer("APP", "EVENTS", names::EPHEMERAL);
        assert!(gone.entities.iter().all(|entity| entity.key != all));
    }
}

#[tokio::test]
async fn nats_live_long_lists_that_change_while_they_are_read_lose_nothing() {
    let Some(own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    // Names as long as they may be, on two pages of 256.
    let long = format!("Z{}", "n".repeat(254));
    for n in 0..280 {
        stream(&client, &format!("S{n:03}"), json!({})).await;
    }
    stream(
        &client,
        &long,
        json!({"subjects": ["long.>"], "description": "d".repeat(4_096)}),
    )
    .await;
    for n in 0..300 {
        durable(&client, "S000", &format!("reader-{n:03}"), json!({"mem_storage": true})).await;
    }
    let noise = tokio::spawn({
        let client = client.clone();
        async move {
            for n in 0.. {
                let name = format!("A{n}");
                stream(&client, &name, json!({})).await;
                tokio::time::sleep(Duration::from_millis(3)).await;
                api(&client, &format!("STREAM.DELETE.{name}"), Value::Null).await;
            }
        }
    });
    let mut collector = collector(login(&endpoints, "watcher"));
    let (mut at, mut complete) = (now(), 0);
    for _ in 0..10 {
        let snapshot = visit(&mut collector, &mut at).await;
        let count = |kind: EntityKind, begin: &str| {
            let keys = snapshot.entities.iter().map(|entity| &entity.key);
            keys.filter(|key| key.kind == kind && key.name().starts_with(begin))
                .count()
        };
        let (streams, readers) = (
            count(EntityKind::Stream, "S"),
            count(EntityKind::StreamConsumer, "reader-"),
        );
        if snapshot.complete.contains(&EntityKind::Stream) {
            complete += 1;
            assert_eq!((streams, readers), (280, 300), "what is said to be whole is whole");
        }
        assert!(streams >= 278, "{streams}");
    }
    noise.abort();
    println!("{complete} of 10 visits were told whole");
    let quiet = visit(&mut collector, &mut at).await;
    assert!(quiet.complete.contains(&EntityKind::Stream));
    let key = names::stream("APP", &long);
    assert_eq!(value(&quiet, &key, metrics::NATS_MESSAGES_HELD), Some(0.0));
}
