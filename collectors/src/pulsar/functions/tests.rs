//! Recorded answers of a functions worker, behind a fake broker that repeats them.

use brokerscope_contract::{Absence, EntityKey, EntityKind, Evidence, LinkKind, Snapshot, Status};
use serde_json::json;

use crate::pulsar::fake_tests::{AT, Fake, warned};
use crate::pulsar::recorded::recorded;

const NO_WORKER: &str =
    r#"{"reason":"Pulsar Function Worker is not enabled, probably functionsWorkerEnabled is set to false"}"#;

/// Recorded in another namespace, on other topics.
fn told(file: &str) -> String {
    recorded("4.2.4-functions", file)
        .replace("public/default", "shop/orders")
        .replace("orders/words", "orders/payments")
        .replace("orders/loud", "orders/placed")
        .replace("orders/people", "orders/refunds")
        .replace("\"public\"", "\"shop\"")
        .replace("\"default\"", "\"orders\"")
}

async fn broker_with_worker() -> Fake {
    let fake = Fake::broker("4.2.4").await;
    for kind in ["functions", "sources", "sinks"] {
        fake.put(
            &format!("/admin/v3/{kind}/shop/orders"),
            (200, told(&format!("{kind}.json")), None),
        );
        fake.put(&format!("/admin/v3/{kind}/shop/silent"), (200, "[]".into(), None));
    }
    for (kind, name) in [
        ("functions", "exclaim"),
        ("sources", "generator"),
        ("sources", "broken"),
        ("sinks", "printer"),
    ] {
        let path = format!("/admin/v3/{kind}/shop/orders/{name}");
        fake.put(&path, (200, told(&format!("{kind}-{name}.json")), None));
        let status = told(&format!("{kind}-{name}-status.json"));
        fake.put(&format!("{path}/status"), (200, status, None));
    }
    fake
}

fn component(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Connector, ["shop", "orders", name])
}

fn topic(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Topic, ["shop", "orders", name])
}

fn beyond(name: &str, class: &str) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, ["shop", "orders", name, class])
}

fn linked(snapshot: &Snapshot, from: &EntityKey, to: &EntityKey, kind: LinkKind) -> bool {
    let links = snapshot.links.as_ref().expect("links are told");
    let found = links
        .iter()
        .find(|link| (&link.from, &link.to, link.kind) == (from, to, kind));
    found.is_some_and(|link| link.evidence == Evidence::Declared)
}

fn checked<'a>(snapshot: &'a Snapshot, name: &str) -> (Status, &'a str) {
    let key = component(name);
    let found = snapshot.checks.iter().find(|check| check.entity == key);
    let found = found.unwrap_or_else(|| panic!("no check of {name}"));
    (found.status, &found.text)
}

fn questions(fake: &Fake) -> usize {
    fake.asked()
        .iter()
        .filter(|(path, _)| path.starts_with("/admin/v3/"))
        .count()
}

#[tokio::test]
async fn what_is_configured_is_an_edge_without_being_connected() {
    let fake = broker_with_worker().await;
    let snapshot = fake.collector(json!({})).collect(AT).await.expect("it answers");
    for (from, to, kind) in [
        (topic("payments"), component("exclaim"), LinkKind::Consumes),
        (component("exclaim"), topic("placed"), LinkKind::Publishes),
        (topic("placed"), component("printer"), LinkKind::Consumes),
        (
            component("printer"),
            beyond("printer", "DataGeneratorPrintSink"),
            LinkKind::Copies,
        ),
        (
            beyond("generator", "DataGeneratorSource"),
            component("generator"),
            LinkKind::Copies,
        ),
        (component("generator"), topic("refunds"), LinkKind::Publishes),
    ] {
        assert!(
            linked(&snapshot, &from, &to, kind),
            "{from:?} {to:?}: {:?}",
            snapshot.links
        );
    }
    assert_eq!(checked(&snapshot, "printer"), (Status::Ok, "2 of 2 instances run"));
    let (status, text) = checked(&snapshot, "exclaim");
    assert_eq!(status, Status::Warning);
    assert!(
        text.starts_with("0 of 1 instances run: somebody has stopped it"),
        "{text}"
    );
    let (status, text) = checked(&snapshot, "broken");
    assert_eq!(status, Status::Critical);
    assert!(
        text.contains("restarted 5 times") && text.contains("Cannot deserialize"),
        "{text}"
    );
    // Values of their own settings: one in a configuration, one repeated by an error.
    for secret in ["hunter2", "not-a-number"] {
        assert!(!format!("{snapshot:?}").contains(secret), "{secret}");
    }
    assert!(snapshot.complete.contains(&EntityKind::Connector));
    assert!(
        snapshot
            .warnings
            .iter()
            .all(|warning| !warning.text.contains("Functions"))
    );
}

#[tokio::test]
async fn lists_are_asked_every_ten_minutes_and_states_every_two() {
    let fake = broker_with_worker().await;
    let mut collector = fake.collector(json!({}));
    let mut asked = Vec::new();
    for minute in 0..11 {
        collector
            .collect(AT.plus_millis(minute * 60_000))
            .await
            .expect("it answers");
        asked.push(questions(&fake));
    }
    // Six lists of two namespaces; settings and states of four components.
    assert_eq!(asked, [14, 0, 4, 0, 4, 0, 4, 0, 4, 0, 14]);
}

#[tokio::test]
async fn one_that_is_deleted_is_gone_with_the_next_list() {
    let fake = broker_with_worker().await;
    let mut collector = fake.collector(json!({}));
    collector.collect(AT).await.expect("it answers");
    fake.put("/admin/v3/sinks/shop/orders", (200, "[]".into(), None));
    let snapshot = collector.collect(AT.plus_millis(600_000)).await.expect("it answers");
    let keys: Vec<&EntityKey> = snapshot.entities.iter().map(|entity| &entity.key).collect();
    assert!(!keys.contains(&&component("printer")) && keys.contains(&&component("exclaim")));
    assert!(snapshot.complete.contains(&EntityKind::Connector));
}

#[tokio::test]
async fn a_broker_without_a_worker_is_asked_once_and_says_so_without_alarm() {
    for (status, body) in [
        (409, NO_WORKER),
        (404, "<html>"),
        (
            503,
            r#"{"reason":"Function worker service is not done initializing. Please try again in a little while."}"#,
        ),
    ] {
        let fake = Fake::broker("4.2.4").await;
        for kind in ["functions", "sources", "sinks"] {
            fake.put(&format!("/admin/v3/{kind}"), (status, body.into(), None));
        }
        let mut collector = fake.collector(json!({}));
        let first = collector.collect(AT).await.expect("it answers");
        assert!(first.warnings.is_empty(), "{status}: {:?}", first.warnings);
        let cluster = first.entities.iter().find(|entity| entity.key == EntityKey::cluster());
        let attributes = &cluster.expect("the cluster").attributes;
        assert!(
            attributes
                .iter()
                .any(|told| (told.name.as_str(), told.value.as_str()) == ("functions worker", "none"))
        );
        assert!(first.complete.contains(&EntityKind::Connector), "{status}");
        collector.collect(AT.plus_millis(300_000)).await.expect("it answers");
        assert_eq!(questions(&fake), 1, "{status}");
        collector.collect(AT.plus_millis(600_000)).await.expect("it answers");
        assert_eq!(questions(&fake), 1, "{status}: it may have got one");
    }
}

#[tokio::test]
async fn a_worker_that_goes_away_leaves_what_it_told_as_old() {
    let fake = broker_with_worker().await;
    let mut collector = fake.collector(json!({}));
    collector.collect(AT).await.expect("it answers");
    fake.put("/admin/v3/functions/shop/orders", (503, String::new(), None));
    let snapshot = collector.collect(AT.plus_millis(600_000)).await.expect("it answers");
    assert_eq!(warned(&snapshot, "shown as they were last"), Some(Absence::Stale));
    assert_eq!(checked(&snapshot, "printer").0, Status::Unknown);
}

#[tokio::test]
async fn a_role_without_the_right_is_told_which_one_it_lacks() {
    let fake = broker_with_worker().await;
    let refusal = r#"{"reason":"Client is not authorized to perform operation"}"#;
    for kind in ["sources", "sinks"] {
        fake.put(&format!("/admin/v3/{kind}"), (401, refusal.into(), None));
        for namespace in ["orders", "silent"] {
            fake.put(
                &format!("/admin/v3/{kind}/shop/{namespace}"),
                (401, refusal.into(), None),
            );
        }
    }
    let snapshot = fake.collector(json!({})).collect(AT).await.expect("it answers");
    let words = "own sinks, sources of shop/orders and 1 more namespace are shown only while they are connected";
    assert_eq!(
        warned(&snapshot, words),
        Some(Absence::NotPermitted),
        "{:?}",
        snapshot.warnings
    );
    let remedies = snapshot.warnings.iter().filter_map(|warning| warning.remedy.as_deref());
    assert!(
        remedies
            .into_iter()
            .any(|remedy| remedy.contains("consume,functions,sources,sinks"))
    );
    assert_eq!(checked(&snapshot, "exclaim").0, Status::Warning, "functions are told");
}

#[tokio::test]
async fn in_many_namespaces_the_lists_take_what_a_visit_has_left() {
    let fake = Fake::broker("4.2.4").await;
    fake.tell_of_namespaces(40);
    for kind in ["functions", "sources", "sinks"] {
        fake.put(&format!("/admin/v3/{kind}/shop"), (200, "[]".into(), None));
    }
    let mut collector = fake.collector(json!({}));
    let (mut lists, mut whole) = (0, None);
    for minute in 0..10 {
        let snapshot = collector
            .collect(AT.plus_millis(minute * 60_000))
            .await
            .expect("it answers");
        // Topics tell of two namespaces more; and there is one broker.
        assert!(
            snapshot.cost.requests <= 43,
            "{} on visit {minute}",
            snapshot.cost.requests
        );
        lists += questions(&fake);
        whole = whole.or((lists >= 42 * 3).then_some(minute));
    }
    assert_eq!(lists, 42 * 3, "each list once in ten minutes");
    assert!(whole.is_some_and(|minute| minute < 9), "{whole:?}");
}
