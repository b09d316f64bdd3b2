//! Whole visits that see only a part of a cluster: totals do not jump, nothing is called unloaded that was not looked
//! for, and what was not seen is not gone.

use brokerscope_contract::{Absence, EntityKey, EntityKind, MetricId, Snapshot, metrics};
use serde_json::{Value, json};

use super::fake_tests::{AT, Fake, value, warned};
use super::recorded::recorded;

const MINUTE: i64 = 60_000;
const DENIED: &str = r#"{"reason":"This operation requires super-user access"}"#;

/// The recorded broker after it was asked to change what it says of one topic.
fn stats(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    let mut stats: Value = serde_json::from_str(&recorded("4.2.4", "stats.json")).unwrap();
    let bundles = stats["shop/orders"].as_object_mut().unwrap();
    let bundle = bundles.values_mut().find(|bundle| {
        let topics = bundle["persistent"].as_object();
        topics.is_some_and(|topics| topics.contains_key("persistent://shop/orders/payments"))
    });
    change(bundle.expect("the bundle")["persistent"].as_object_mut().unwrap());
    stats.to_string()
}

fn of_cluster(snapshot: &Snapshot, metric: MetricId) -> Option<f64> {
    value(snapshot, EntityKind::Cluster, &[], metric)
}

fn lists(snapshot: &Snapshot, kind: EntityKind, path: &[&str]) -> bool {
    let key = EntityKey::new(kind, path.iter().copied());
    snapshot.entities.iter().any(|entity| entity.key == key)
}

/// What is for super-users is refused.
fn refuse_brokers(fake: &Fake) {
    for path in ["brokers", "broker-stats", "broker-stats/topics", "bookies", "tenants"] {
        fake.set(path, 403, DENIED);
    }
    fake.set("brokers/version", 200, "4.2.4");
}

#[tokio::test]
async fn totals_neither_fall_nor_jump_while_a_topic_is_not_loaded() {
    let fake = Fake::broker("4.2.4").await;
    let payments = "persistent://shop/orders/payments";
    let mut collector = fake.collector(json!({}));
    let all = collector.collect(AT).await.expect("it answers");
    let published = of_cluster(&all, metrics::PUBLISHED).expect("all is loaded");
    assert_eq!(
        published, 153.0,
        "3 + 30 + 3 + 45 + 30 + 30 and 12 that are not persistent"
    );
    assert!(of_cluster(&all, metrics::DEPTH).is_some() && of_cluster(&all, metrics::PULSAR_SUBSCRIPTIONS).is_some());

    fake.set(
        "broker-stats/topics",
        200,
        &stats(|topics| drop(topics.remove(payments))),
    );
    let without = collector.collect(AT.plus_millis(MINUTE)).await.expect("it answers");
    assert_eq!(
        of_cluster(&without, metrics::PUBLISHED),
        Some(published),
        "nobody publishes"
    );
    for metric in [metrics::DEPTH, metrics::PULSAR_SUBSCRIPTIONS] {
        assert_eq!(of_cluster(&without, metric), None, "{metric}: a part is not known");
    }
    let namespace = ["shop", "orders"];
    assert_eq!(
        value(&without, EntityKind::Namespace, &namespace, metrics::PUBLISHED),
        Some(published)
    );
    assert_eq!(of_cluster(&without, metrics::PULSAR_UNLOADED_TOPICS), Some(1.0));
    assert_eq!(warned(&without, "1 topics are not loaded"), Some(Absence::NoData));

    let two = stats(|topics| topics[payments]["msgInCount"] = json!(2));
    fake.set("broker-stats/topics", 200, &two);
    let again = collector.collect(AT.plus_millis(2 * MINUTE)).await.expect("it answers");
    assert_eq!(
        of_cluster(&again, metrics::PUBLISHED),
        Some(published + 2.0),
        "two, not forty-five"
    );

    fake.set("broker-stats/topics", 503, "");
    let silent = collector
        .collect(AT.plus_millis(3 * MINUTE))
        .await
        .expect("the rest is told");
    for metric in [
        metrics::PUBLISHED,
        metrics::DEPTH,
        metrics::CONSUMERS,
        metrics::PULSAR_UNLOADED_TOPICS,
    ] {
        assert_eq!(of_cluster(&silent, metric), None, "{metric}");
        assert_eq!(
            value(&silent, EntityKind::Namespace, &namespace, metric),
            None,
            "{metric}"
        );
    }
}

#[tokio::test]
async fn a_backlog_of_replication_is_a_sum_or_nothing() {
    let fake = Fake::broker("4.2.4").await;
    let payments = "persistent://shop/orders/payments";
    let replicated = |backlog: f64| json!({"west": {"connected": true, "replicationBacklog": backlog}});
    let both = |topics: &mut serde_json::Map<String, Value>| {
        topics[payments]["replication"] = replicated(7.0);
        topics["persistent://shop/orders/refunds"]["replication"] = replicated(5.0);
    };
    fake.set("broker-stats/topics", 200, &stats(both));
    let mut collector = fake.collector(json!({}));
    let backlog = |snapshot: &Snapshot| {
        let namespace = ["shop", "orders"];
        value(
            snapshot,
            EntityKind::Namespace,
            &namespace,
            metrics::PULSAR_REPLICATION_BACKLOG,
        )
    };
    let whole = collector.collect(AT).await.expect("it answers");
    assert_eq!(backlog(&whole), Some(12.0));
    let one = stats(|topics| {
        both(topics);
        topics.remove(payments);
    });
    fake.set("broker-stats/topics", 200, &one);
    let part = collector.collect(AT.plus_millis(MINUTE)).await.expect("it answers");
    assert_eq!(backlog(&part), None);
}

#[tokio::test]
async fn topics_that_take_turns_are_neither_unloaded_nor_gone() {
    let fake = Fake::broker("4.2.4").await;
    refuse_brokers(&fake);
    fake.put("/metrics/", (403, String::new(), None));
    let names: Vec<String> = (0..250).map(|n| format!("persistent://shop/orders/t{n:03}")).collect();
    fake.set("namespaces/shop/orders/topics", 200, &json!(names).to_string());
    let consumer = json!({"consumerName": "c", "address": "/10.0.0.7:4711"});
    let subscription = json!({"msgBacklog": 3, "type": "Shared", "unackedMessages": 0, "consumers": [consumer]});
    let topic = json!({"msgInCounter": 9, "publishers": [{"producerName": "p"}], "subscriptions": {"s": subscription}});
    fake.set("persistent/shop/orders/t", 200, &topic.to_string());
    let mut collector = fake.collector(json!({"namespaces": ["shop/orders"]}));
    let mut told = Vec::new();
    for visit in 0..4 {
        fake.asked();
        let snapshot = collector
            .collect(AT.plus_millis(visit * MINUTE))
            .await
            .expect("it answers");
        let asked = fake.asked();
        let everything = asked
            .iter()
            .filter(|(path, _)| path.contains("/stats?") && !path.contains("exclude"));
        assert_eq!(everything.count(), 100, "on visit {visit}");
        // Lists are told again when they change.
        if !snapshot.entities.is_empty() {
            told.clone_from(&snapshot.entities);
        }
        let count = |kind: EntityKind| told.iter().filter(|entity| entity.key.kind == kind).count();
        let known = [100, 200, 250, 250][visit as usize];
        for kind in [EntityKind::Subscription, EntityKind::Consumer, EntityKind::Producer] {
            assert_eq!(
                count(kind),
                known,
                "{kind:?} on visit {visit}: clients of earlier turns are still there"
            );
            assert!(
                !snapshot.complete.contains(&kind),
                "{kind:?}: others have yet to be asked"
            );
        }
        assert_eq!(count(EntityKind::Topic), 250);
        let lags = snapshot.samples.iter().filter(|sample| sample.metric == metrics::LAG);
        assert_eq!(lags.count(), 100, "figures are of those that were asked now");
        let unloaded = snapshot
            .samples
            .iter()
            .filter(|sample| sample.metric == metrics::PULSAR_UNLOADED_TOPICS);
        assert_eq!(unloaded.count(), 0, "none was found unloaded");
        assert_eq!(warned(&snapshot, "their turn comes"), Some(Absence::Stale));
        assert_eq!(warned(&snapshot, "no broker serves it"), None);
    }
}

#[tokio::test]
async fn few_topics_are_all_asked_and_what_is_missing_is_gone() {
    let fake = Fake::broker("4.2.4").await;
    refuse_brokers(&fake);
    fake.put("/metrics/", (403, String::new(), None));
    fake.set("persistent/shop/orders", 200, r#"{"msgInCounter": 9}"#);
    let mut collector = fake.collector(json!({"namespaces": ["shop/orders"]}));
    let whole = collector.collect(AT).await.expect("it answers");
    assert!(whole.complete.contains(&EntityKind::Consumer) && whole.complete.contains(&EntityKind::Topic));
    assert_eq!(warned(&whole, "their turn comes"), None);
    // One that fails is not taken for gone, nor for unloaded.
    fake.set("persistent/shop/orders/refunds/stats", 503, "");
    fake.set(
        "namespaces/shop/orders/topics",
        200,
        &recorded("4.2.4", "topics.json").replace("DLQ", "LETTERS"),
    );
    let part = collector.collect(AT.plus_millis(5 * MINUTE)).await.expect("it answers");
    assert!(!part.complete.contains(&EntityKind::Topic));
    assert!(lists(&part, EntityKind::Topic, &["shop", "orders", "refunds"]));
    assert_eq!(warned(&part, "Figures of refunds"), Some(Absence::Failed));
    assert_eq!(
        value(
            &part,
            EntityKind::Topic,
            &["shop", "orders", "refunds"],
            metrics::PULSAR_UNLOADED_TOPICS
        ),
        None
    );
}

#[tokio::test]
async fn a_role_that_is_not_told_of_brokers_takes_no_topic_for_unloaded() {
    let fake = Fake::broker("4.2.4").await;
    refuse_brokers(&fake);
    let listed = recorded("4.2.4", "topics.json").replace('[', r#"["persistent://shop/orders/elsewhere","#);
    fake.set("namespaces/shop/orders/topics", 200, &listed);
    let mut collector = fake.collector(json!({"namespaces": ["shop/orders"]}));
    let snapshot = collector.collect(AT).await.expect("it answers");
    let capture = ["shop", "orders", "payments", "capture"];
    assert_eq!(
        value(&snapshot, EntityKind::Subscription, &capture, metrics::LAG),
        Some(35.0)
    );
    assert_eq!(
        warned(&snapshot, "1 of an unknown number of brokers seen"),
        Some(Absence::NotPermitted)
    );
    assert_eq!(
        warned(&snapshot, "elsewhere has no figures"),
        Some(Absence::NotPermitted)
    );
    assert!(!snapshot.complete.contains(&EntityKind::Topic) && !snapshot.complete.contains(&EntityKind::Subscription));
    for metric in [
        metrics::PULSAR_UNLOADED_TOPICS,
        metrics::PUBLISHED,
        metrics::DEPTH,
        metrics::CONNECTIONS,
    ] {
        assert_eq!(of_cluster(&snapshot, metric), None, "{metric}");
    }

    // All that is listed is seen: nothing is hidden. Clients are never told by metrics, and are not gone.
    fake.set("namespaces/shop/orders/topics", 200, &recorded("4.2.4", "topics.json"));
    let snapshot = collector.collect(AT.plus_millis(5 * MINUTE)).await.expect("it answers");
    assert_eq!(warned(&snapshot, "unknown number of brokers"), None);
    assert!(snapshot.complete.contains(&EntityKind::Topic) && !snapshot.complete.contains(&EntityKind::Consumer));
}

#[tokio::test]
async fn metrics_that_fail_hide_what_only_they_would_have_told() {
    let (one, two) = (Fake::broker("4.2.4").await, Fake::broker("4.2.4").await);
    refuse_brokers(&one);
    two.put("/metrics/", (503, String::new(), None));
    one.set("namespaces/shop/orders/topics", 200, &recorded("4.2.4", "topics.json"));
    let roots = json!([format!("http://{}", one.address), format!("http://{}", two.address)]);
    let mut collector = one.collector(json!({"admin_urls": roots, "namespaces": ["shop/orders"]}));
    let snapshot = collector.collect(AT).await.expect("it answers");
    let named = format!("What the metrics of {} tell", two.address);
    assert_eq!(warned(&snapshot, &named), Some(Absence::Failed));
    assert!(!snapshot.complete.contains(&EntityKind::Topic));
    assert_eq!(of_cluster(&snapshot, metrics::PUBLISHED), None);
}

#[tokio::test]
async fn a_tenant_that_does_not_tell_hides_no_other() {
    let fake = Fake::broker("4.2.4").await;
    fake.set("tenants", 200, r#"["bank","shop","zoo"]"#);
    let ours = |names: &[&str]| json!(names).to_string();
    for name in ["bank/ledger", "shop/new", "zoo/cats"] {
        fake.set(&format!("namespaces/{name}"), 200, &recorded("4.2.4", "policies.json"));
        fake.set(&format!("namespaces/{name}/topics"), 200, "[]");
    }
    fake.set("namespaces/bank", 200, &ours(&["bank/ledger"]));
    fake.set("namespaces/zoo", 200, &ours(&[]));
    let mut collector = fake.collector(json!({}));
    let first = collector.collect(AT).await.expect("it answers");
    assert!(lists(&first, EntityKind::Namespace, &["bank", "ledger"]));
    assert!(first.complete.contains(&EntityKind::Namespace));
    fake.set("namespaces/bank", 503, "");
    fake.set("namespaces/zoo", 200, &ours(&["zoo/cats"]));
    fake.set(
        "namespaces/shop",
        200,
        &ours(&["shop/orders", "shop/silent", "shop/new"]),
    );
    let second = collector.collect(AT.plus_millis(5 * MINUTE)).await.expect("it answers");
    for path in [["bank", "ledger"], ["shop", "new"], ["zoo", "cats"]] {
        assert!(lists(&second, EntityKind::Namespace, &path), "{path:?}");
    }
    assert_eq!(warned(&second, "Namespaces of bank"), Some(Absence::Failed));
    assert!(!second.complete.contains(&EntityKind::Namespace));
}

#[tokio::test]
async fn a_broker_of_many_topics_is_said_to_serve_as_many_as_it_does() {
    let fake = Fake::broker("4.2.4").await;
    let many = stats(|topics| {
        let one = topics["persistent://shop/orders/refunds"].clone();
        topics.extend((0..1_200).map(|n| (format!("persistent://shop/orders/more-{n}"), one.clone())));
    });
    // All of them in a namespace that nobody watches.
    fake.set("broker-stats/topics", 200, &many.replace("shop/orders", "shop/others"));
    let seen = fake
        .collector(json!({"namespaces": ["shop/orders"]}))
        .collect(AT)
        .await
        .expect("it answers");
    assert_eq!(warned(&seen, "too many to ask"), None, "none of ours");
    let seen = fake
        .collector(json!({"namespaces": ["shop/silent"]}))
        .collect(AT)
        .await
        .expect("it answers");
    assert_eq!(warned(&seen, "A broker serves 1,213 topics"), Some(Absence::Disabled));
}

#[tokio::test]
async fn a_backlog_that_is_none_is_not_told() {
    let fake = Fake::broker("4.2.4").await;
    let counted = recorded("4.2.4", "topic-stats.json");
    let mut counted: Value = serde_json::from_str(&counted).unwrap();
    counted["subscriptions"]["nobody"]["msgBacklog"] = json!(0);
    fake.set("persistent/shop/orders/payments/stats", 200, &counted.to_string());
    let mut collector = fake.collector(json!({}));
    let lag = |snapshot: &Snapshot, name: &str| {
        value(
            snapshot,
            EntityKind::Subscription,
            &["shop", "orders", "payments", name],
            metrics::LAG,
        )
    };
    // On the first visit it may be that everything was acknowledged since the broker last looked.
    for (visit, expected) in [(0, 45.0), (1, 0.0), (2, 0.0)] {
        let snapshot = collector
            .collect(AT.plus_millis(visit * MINUTE))
            .await
            .expect("it answers");
        assert_eq!(
            lag(&snapshot, "nobody"),
            Some(expected),
            "45 by the way, none when it was asked to count"
        );
        assert_eq!(lag(&snapshot, "capture"), Some(35.0));
    }
    let asked = fake.asked();
    let counting = asked.iter().filter(|(path, _)| path.contains("getPreciseBacklog=true"));
    assert!(counting.count() >= 2, "with the question for the age: {asked:?}");
}
