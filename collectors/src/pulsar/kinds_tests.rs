//! Every kind of message, topic and subscription that has figures of its own, on real brokers: each beside what the
//! broker's `stats` or `partitioned-stats` say of it.

use std::time::Duration;

use brokerscope_contract::{EntityKey, EntityKind, Evidence, LinkKind, Method, Snapshot, Status, metrics};
use reqwest::Method as Verb;
use serde_json::{Value, json};

use super::live_tests::{Broker, PAYLOAD, Socket, hear, sample, say, settled, take, value};

const VERSIONS: [&str; 2] = ["pulsar", "pulsar-4.0"];

fn status<'a>(snapshot: &'a Snapshot, check: &str, of: &EntityKey) -> (Status, &'a str) {
    let mut checks = snapshot.checks.iter();
    let found = checks.find(|result| result.check.0 == check && result.entity == *of);
    let found = found.unwrap_or_else(|| panic!("no check {check} of {of:?}"));
    (found.status, &found.text)
}

/// What a topic says of itself once its broker counts as expected.
async fn truth(broker: &Broker, topic: &str, accept: impl Fn(&Value) -> bool) -> Value {
    let mut stats = Value::Null;
    for _ in 0..30 {
        stats = broker.stats(topic).await;
        if accept(&stats) {
            return stats;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{topic}: {stats}");
}

async fn sent(socket: &mut Socket, count: usize) {
    for n in 0..count {
        let answer = hear(socket).await;
        assert_eq!(answer["result"], "ok", "message {n}: {answer}");
    }
}

#[tokio::test]
async fn pulsar_live_delayed_messages_wait_for_nobody() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        broker.create("reminders", 0).await;
        let options = "subscriptionType=Shared&consumerName=mail-1&receiverQueueSize=20";
        let mut reader = broker.consumer("persistent", "reminders", "mail", options).await;
        let mut writer = broker.produce("persistent", "reminders", "calendar", 3).await;
        for _ in 0..5 {
            say(&mut writer, json!({"payload": PAYLOAD, "deliverAfterMs": 3_600_000})).await;
        }
        sent(&mut writer, 5).await;
        take(&mut reader, 3, "ack").await;
        let stats = truth(&broker, "reminders", |stats| {
            let mail = &stats["subscriptions"]["mail"];
            mail["msgDelayed"] == 5 && mail["msgBacklog"] == 5
        })
        .await;
        let mail = broker.key(EntityKind::Subscription, &["reminders", "mail"]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "five are delayed", |snapshot| {
            value(snapshot, &mail, metrics::PULSAR_DELAYED) == Some(5.0)
                && value(snapshot, &mail, metrics::LAG) == Some(5.0)
        })
        .await;
        let told = &stats["subscriptions"]["mail"];
        assert_eq!(
            value(&snapshot, &mail, metrics::PULSAR_DELAYED),
            told["msgDelayed"].as_f64()
        );
        assert_eq!(
            value(&snapshot, &mail, metrics::DEPTH),
            Some(0.0),
            "{name}: nothing waits for mail"
        );
    }
}

#[tokio::test]
async fn pulsar_live_a_subscription_that_holds_too_many_is_blocked() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        let limit = format!("namespaces/{}/maxUnackedMessagesPerSubscription", broker.namespace);
        broker.admin(Verb::POST, &limit, json!(5)).await;
        broker.create("jobs", 0).await;
        let options = "subscriptionType=Shared&consumerName=worker-1&receiverQueueSize=20";
        let mut worker = broker.consumer("persistent", "jobs", "workers", options).await;
        let _writer = broker.produce("persistent", "jobs", "boss", 20).await;
        take(&mut worker, 5, "hold").await;
        let stats = truth(&broker, "jobs", |stats| {
            stats["subscriptions"]["workers"]["blockedSubscriptionOnUnackedMsgs"] == true
        })
        .await;
        let held = stats["subscriptions"]["workers"]["unackedMessages"].as_f64();
        assert!(held.is_some_and(|held| held >= 5.0), "{stats}");
        let workers = broker.key(EntityKind::Subscription, &["jobs", "workers"]);
        let namespace = broker.key(EntityKind::Namespace, &[]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "it is blocked", |snapshot| {
            value(snapshot, &workers, metrics::PULSAR_BLOCKED) == Some(1.0)
                && value(snapshot, &workers, metrics::LAG) == Some(20.0)
                && value(snapshot, &workers, metrics::IN_FLIGHT) == held
        })
        .await;
        assert_eq!(value(&snapshot, &workers, metrics::LAG), Some(20.0), "{name}");
        assert_eq!(value(&snapshot, &workers, metrics::DEPTH), held.map(|held| 20.0 - held));
        assert_eq!(value(&snapshot, &namespace, metrics::PULSAR_BLOCKED), Some(1.0));
        let (unacked, text) = status(&snapshot, "unacked", &namespace);
        assert_eq!(unacked, Status::Critical, "{text}");
        assert!(text.contains("workers of jobs"), "{text}");
    }
}

#[tokio::test]
async fn pulsar_live_a_reached_quota_is_told_with_its_share() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        let quota = format!(
            "namespaces/{}/backlogQuota?backlogQuotaType=destination_storage",
            broker.namespace
        );
        let limit = json!({"limitSize": 1_000, "limitTime": -1, "policy": "producer_request_hold"});
        broker.create("archive", 0).await;
        broker.subscribe("archive", "tape").await;
        let _writer = broker.produce("persistent", "archive", "clerk", 40).await;
        broker.admin(Verb::POST, &quota, limit).await;
        let stats = truth(&broker, "archive", |stats| {
            stats["backlogSize"].as_f64().is_some_and(|size| size > 1_000.0)
        })
        .await;
        let share = stats["backlogSize"].as_f64().map(|size| size / 1_000.0);
        let archive = broker.key(EntityKind::Topic, &["archive"]);
        let namespace = broker.key(EntityKind::Namespace, &[]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "the quota", |snapshot| {
            value(snapshot, &archive, metrics::PULSAR_BACKLOG_QUOTA_BYTES) == Some(1_000.0)
                && value(snapshot, &archive, metrics::PULSAR_BACKLOG_BYTES) == stats["backlogSize"].as_f64()
        })
        .await;
        for key in [&archive, &namespace] {
            assert_eq!(
                value(&snapshot, key, metrics::PULSAR_BACKLOG_QUOTA_RATIO),
                share,
                "{name} {key:?}"
            );
        }
        let (reached, text) = status(&snapshot, "backlog_quota", &namespace);
        assert_eq!(reached, Status::Critical, "{text}");
        assert!(text.contains("archive"), "{text}");
    }
}

#[tokio::test]
async fn pulsar_live_batches_are_entries_and_their_backlog_is_estimated() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        broker.create("clicks", 0).await;
        broker.subscribe("clicks", "count").await;
        let path = format!(
            "producer/persistent/{}/clicks?producerName=web&batchingEnabled=true&batchingMaxMessages=10\
             &batchingMaxPublishDelay=2000",
            broker.namespace
        );
        let mut writer = broker.socket(&path).await;
        for _ in 0..40 {
            say(&mut writer, json!({"payload": PAYLOAD})).await;
        }
        sent(&mut writer, 40).await;
        let options = "subscriptionType=Shared&consumerName=count-1&receiverQueueSize=10";
        let mut reader = broker.consumer("persistent", "clicks", "count", options).await;
        take(&mut reader, 1, "hold").await;
        let stats = truth(&broker, "clicks", |stats| {
            let reader = &stats["subscriptions"]["count"]["consumers"][0];
            stats["msgInCounter"] == 40
                && reader["avgMessagesPerEntry"]
                    .as_f64()
                    .is_some_and(|average| average > 1.0)
        })
        .await;
        let entries = stats["subscriptions"]["count"]["msgBacklog"]
            .as_f64()
            .expect("a backlog");
        assert!((1.0..40.0).contains(&entries), "batches: {stats}");
        let topic = broker.key(EntityKind::Topic, &["clicks"]);
        let count = broker.key(EntityKind::Subscription, &["clicks", "count"]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "the batches", |snapshot| {
            let lag = sample(snapshot, &count, metrics::LAG);
            lag.is_some_and(|lag| lag.value == entries && lag.method == Some(Method::Estimated))
                && value(snapshot, &topic, metrics::PUBLISHED) == Some(40.0)
        })
        .await;
        let depth = sample(&snapshot, &count, metrics::DEPTH).expect("a depth");
        let held = value(&snapshot, &count, metrics::IN_FLIGHT).expect("some are held");
        assert_eq!(
            (depth.value, depth.method),
            (40.0 - held, Some(Method::Estimated)),
            "{name}: of messages"
        );
    }
}

#[tokio::test]
async fn pulsar_live_a_partitioned_topic_with_readers_is_one_with_their_sums() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        broker.create("orders", 3).await;
        let mut open = Vec::new();
        for (subscription, kind, count) in [("billing", "Shared", 1), ("ledger", "Failover", 2)] {
            for n in 1..=count {
                let options = format!("subscriptionType={kind}&consumerName={subscription}-{n}&receiverQueueSize=5");
                open.push(broker.consumer("persistent", "orders", subscription, &options).await);
            }
        }
        let _writer = broker.produce("persistent", "orders", "shop", 30).await;
        take(&mut open[0], 12, "ack").await;
        let path = format!(
            "persistent/{}/orders/partitioned-stats?perPartition=true&getPreciseBacklog=true",
            broker.namespace
        );
        let mut stats = Value::Null;
        for _ in 0..30 {
            stats = serde_json::from_str(&broker.admin(Verb::GET, &path, Value::Null).await).expect("statistics");
            if stats["subscriptions"]["billing"]["msgBacklog"] == 18 {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let parts: Vec<&Value> = stats["partitions"].as_object().expect("partitions").values().collect();
        let total = |of: &dyn Fn(&Value) -> Option<f64>| parts.iter().filter_map(|part| of(part)).sum::<f64>();
        let topic = broker.key(EntityKind::Topic, &["orders"]);
        let mut collector = broker.collector();
        let keys = ["billing", "ledger"].map(|name| broker.key(EntityKind::Subscription, &["orders", name]));
        let snapshot = settled(collector.as_mut(), "sums over partitions", |snapshot| {
            value(snapshot, &topic, metrics::PUBLISHED) == Some(30.0)
                && value(snapshot, &keys[0], metrics::LAG) == Some(18.0)
                && value(snapshot, &keys[1], metrics::LAG) == Some(30.0)
                && value(snapshot, &keys[1], metrics::CONSUMERS) == Some(2.0)
        })
        .await;
        assert_eq!(value(&snapshot, &topic, metrics::PULSAR_PARTITIONS), Some(3.0));
        assert_eq!(total(&|part| part["msgInCounter"].as_f64()), 30.0);
        let stored = total(&|part| part["storageSize"].as_f64());
        assert_eq!(value(&snapshot, &topic, metrics::STORED_BYTES), Some(stored), "{name}");
        for (subscription, key) in ["billing", "ledger"].iter().zip(&keys) {
            let backlog = total(&|part| part["subscriptions"][subscription]["msgBacklog"].as_f64());
            assert_eq!(
                value(&snapshot, key, metrics::LAG),
                Some(backlog),
                "{name} {subscription}"
            );
        }
        let unacked = total(&|part| part["subscriptions"]["billing"]["unackedMessages"].as_f64());
        assert!(unacked > 0.0, "{stats}");
        assert_eq!(value(&snapshot, &keys[0], metrics::IN_FLIGHT), Some(unacked), "{name}");
        assert_eq!(
            value(&snapshot, &keys[0], metrics::CONSUMERS),
            Some(1.0),
            "one client reads three partitions"
        );
        assert_eq!(
            value(&snapshot, &keys[1], metrics::IN_FLIGHT),
            None,
            "not counted for Failover"
        );
    }
}

#[tokio::test]
async fn pulsar_live_a_topic_that_stores_nothing_counts_and_has_no_backlog() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        let mut screen = broker
            .consumer(
                "non-persistent",
                "ticks",
                "screen",
                "subscriptionType=Shared&consumerName=screen-1",
            )
            .await;
        let _writer = broker.produce("non-persistent", "ticks", "clock", 12).await;
        take(&mut screen, 12, "ack").await;
        let path = format!("non-persistent/{}/ticks/stats", broker.namespace);
        let stats: Value =
            serde_json::from_str(&broker.admin(Verb::GET, &path, Value::Null).await).expect("statistics");
        assert_eq!(stats["msgInCounter"], 12, "{stats}");
        let ticks = broker.key(EntityKind::Topic, &["non-persistent://ticks"]);
        let of_screen = broker.key(EntityKind::Subscription, &["non-persistent://ticks", "screen"]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "twelve ticks", |snapshot| {
            value(snapshot, &ticks, metrics::PUBLISHED) == Some(12.0)
                && value(snapshot, &of_screen, metrics::CONSUMERS) == Some(1.0)
        })
        .await;
        for metric in [metrics::LAG, metrics::DEPTH, metrics::OLDEST_AGE] {
            assert_eq!(value(&snapshot, &of_screen, metric), None, "{name}: {metric}");
        }
        assert_eq!(value(&snapshot, &ticks, metrics::PULSAR_PRODUCERS), Some(1.0));
    }
}

#[tokio::test]
async fn pulsar_live_a_retry_topic_is_where_its_subscription_reads_again() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        // Clients of Java and Go make the topic by this name and send to it; whoever does is the same to the broker.
        let retry = "refunds-bank-RETRY";
        for topic in ["refunds", retry] {
            broker.create(topic, 0).await;
            broker.subscribe(topic, "bank").await;
        }
        let _writers = [
            broker.produce("persistent", "refunds", "desk", 6).await,
            broker.produce("persistent", retry, "bank", 4).await,
        ];
        let stats = truth(&broker, retry, |stats| {
            stats["subscriptions"]["bank"]["msgBacklog"] == 4
        })
        .await;
        let (bank, again) = (
            broker.key(EntityKind::Subscription, &["refunds", "bank"]),
            broker.key(EntityKind::Topic, &[retry]),
        );
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "four are tried again", |snapshot| {
            value(snapshot, &again, metrics::PUBLISHED) == stats["msgInCounter"].as_f64()
                && value(snapshot, &bank, metrics::LAG) == Some(6.0)
        })
        .await;
        assert_eq!(value(&snapshot, &again, metrics::DEPTH), Some(4.0), "{name}");
        let mut links = snapshot.links.iter().flatten();
        let edge = links
            .find(|link| (&link.from, &link.to) == (&bank, &again))
            .expect("an edge");
        assert_eq!((edge.kind, edge.evidence), (LinkKind::Delivers, Evidence::Inferred));
    }
}

#[tokio::test]
async fn pulsar_live_long_names_and_large_properties_change_no_figure() {
    for name in VERSIONS {
        let Some(broker) = Broker::named(name).await else {
            continue;
        };
        // Pulsar sets no limit; longer ones do not fit into a file's name, and broker or tool stumble.
        let (topic, subscription) = (format!("t{}", "o".repeat(199)), format!("s{}", "u".repeat(199)));
        broker.create(&topic, 0).await;
        broker.subscribe(&topic, &subscription).await;
        let properties = format!(
            "persistent/{}/{topic}/subscription/{subscription}/properties",
            broker.namespace
        );
        broker
            .admin(Verb::PUT, &properties, json!({"note": "x".repeat(64 << 10)}))
            .await;
        let _writer = broker.produce("persistent", &topic, &"p".repeat(200), 7).await;
        let key = broker.key(EntityKind::Subscription, &[&topic, &subscription]);
        let mut collector = broker.collector();
        let snapshot = settled(collector.as_mut(), "seven wait", |snapshot| {
            value(snapshot, &key, metrics::LAG) == Some(7.0)
        })
        .await;
        let stats = broker.stats(&topic).await;
        assert_eq!(stats["subscriptions"][&subscription]["msgBacklog"], 7, "{name}");
        let largest = stats["subscriptions"][&subscription]["subscriptionProperties"]["note"]
            .as_str()
            .map(str::len);
        assert_eq!(largest, Some(64 << 10), "the broker keeps them");
        assert!(snapshot.warnings.is_empty(), "{:?}", snapshot.warnings);
    }
}

#[tokio::test]
async fn pulsar_live_a_list_that_changes_while_it_is_read_loses_nothing() {
    let Some(broker) = Broker::named("pulsar").await else {
        return;
    };
    for n in 0..20 {
        broker.create(&format!("stays-{n:02}"), 0).await;
    }
    let mut collector = broker.collector();
    let churn = async {
        for n in 0..60 {
            let topic = format!("goes-{n:02}");
            broker.create(&topic, 0).await;
            let path = format!("persistent/{}/{topic}?force=true", broker.namespace);
            broker.admin(Verb::DELETE, &path, Value::Null).await;
        }
    };
    let mut at = super::live_tests::now();
    let visits = async {
        let mut told = Vec::new();
        for visit in 0..8 {
            // Lists of topics are due on each.
            at = at.plus_millis(300_000);
            let snapshot = collector.collect(at).await.expect("it answers");
            if !snapshot.entities.is_empty() {
                told = snapshot.entities;
            }
            let keys = told.iter().map(|entity| &entity.key);
            let topics = keys.filter(|key| key.kind == EntityKind::Topic && key.name().starts_with("stays-"));
            assert_eq!(topics.count(), 20, "on visit {visit}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    };
    tokio::join!(churn, visits);
}
