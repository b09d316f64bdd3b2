//! Visits to brokers with shovels and federation, and to those that do not tell of them.

use super::*;

/// The recorded broker with the plugins that tell of shovels and federation, which has bridges of another recording.
async fn bridged(version: &str) -> Fake {
    let fake = Fake::broker(version).await;
    let nodes = recorded(version, "nodes.json").replace(
        "\"rabbitmq_shovel\"",
        "\"rabbitmq_shovel\",\"rabbitmq_shovel_management\",\"rabbitmq_federation_management\"",
    );
    fake.set("/api/nodes", 200, &nodes);
    for (path, file) in [
        ("/api/shovels", "bridges/shovels.json"),
        ("/api/federation-links", "bridges/federation-links.json"),
        ("/api/parameters/shovel", "bridges/shovel-parameters.json"),
        ("/api/feature-flags", "bridges/feature-flags.json"),
    ] {
        fake.set(path, 200, &recorded(version, file));
    }
    if version.starts_with('4') {
        fake.set(
            "/api/deprecated-features/used",
            200,
            &recorded(version, "bridges/deprecated-used.json"),
        );
    }
    fake
}

/// Status, absence and text of the cluster's own check.
fn of_cluster(snapshot: &Snapshot, check: &str) -> (Status, Option<Absence>, String) {
    let found = snapshot
        .checks
        .iter()
        .find(|result| result.check.0 == check && result.entity == EntityKey::cluster());
    let found = found.unwrap_or_else(|| panic!("no check {check}"));
    (found.status, found.absent, found.text.clone())
}

#[tokio::test]
async fn shovels_and_federation_are_checked_one_by_one_and_seldom() {
    for version in ["4.3.6", "3.10.8"] {
        let fake = bridged(version).await;
        let mut collector = fake.collector(own_prometheus(&fake));
        let first = collector.collect(Timestamp(0)).await.expect("it answers");
        assert_eq!(of_cluster(&first, "federation").2, "1 of 3 run", "{version}");
        let shovels = first.checks.iter().filter(|check| check.check.0 == "shovel");
        assert_eq!(shovels.count(), 7, "{version}");
        assert!(first.complete.contains(&EntityKind::Bridge));
        fake.asked();
        for (seconds, asked) in [(15, false), (60, true)] {
            collector.collect(Timestamp(seconds * 1_000)).await.expect("it answers");
            assert_eq!(
                fake.asked().iter().any(|path| path == "/api/shovels"),
                asked,
                "{version} after {seconds} s"
            );
        }
    }
}

#[tokio::test]
async fn what_connects_again_and_again_is_down_although_the_old_version_calls_it_starting() {
    let fake = bridged("3.10.8").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    let status = |snapshot: &Snapshot| {
        let refused = snapshot.checks.iter().find(|check| check.entity.name() == "refused");
        refused.expect("it is checked").status
    };
    let first = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!(status(&first), Status::Unknown);
    let second = collector.collect(Timestamp(60_000)).await.expect("it answers");
    assert_eq!(status(&second), Status::Critical);
}

#[tokio::test]
async fn definitions_of_shovels_are_read_only_by_those_who_may() {
    let fake = bridged("4.3.6").await;
    let asks = |fake: &Fake| fake.asked().iter().any(|path| path.starts_with("/api/parameters"));
    fake.collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert!(asks(&fake), "the recorded user is an administrator");
    fake.set("/api/whoami", 200, r#"{"name":"watch","tags":["monitoring"]}"#);
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert!(!asks(&fake));
    let refused = snapshot.entities.iter().find(|entity| entity.key.name() == "refused");
    let refused = refused.expect("it is there all the same");
    assert!(refused.attributes.iter().any(|attribute| attribute.value == "not told"));
}

#[tokio::test]
async fn plugins_and_versions_that_do_not_tell_are_named_and_nothing_fails() {
    let fake = Fake::broker("3.10.8").await;
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let (status, absent, text) = of_cluster(&snapshot, "shovels");
    assert_eq!((status, absent), (Status::Unknown, Some(Absence::Disabled)));
    assert!(text.contains("rabbitmq_shovel_management"), "{text}");
    assert!(
        !fake.asked().iter().any(|path| path == "/api/shovels"),
        "nobody would answer"
    );
    let (_, absent, text) = of_cluster(&snapshot, "deprecated_features");
    assert_eq!(absent, Some(Absence::NotSupported));
    assert!(text.contains("3.13"), "{text}");
    // The plugin is said to be there, and the node that answers does not have it.
    let fake = bridged("3.10.8").await;
    fake.answers.lock().unwrap().remove("/api/federation-links");
    fake.set("/api/shovels", 500, "");
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert_eq!(of_cluster(&snapshot, "federation").1, Some(Absence::Disabled));
    assert_eq!(of_cluster(&snapshot, "shovels").1, Some(Absence::Failed));
    assert!(!snapshot.complete.contains(&EntityKind::Bridge), "not told is not gone");
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.text.starts_with("Shovels cannot be shown."))
    );
}

#[tokio::test]
async fn a_user_without_the_tag_is_told_that_it_may_not_see_bridges() {
    let fake = bridged("4.3.6").await;
    fake.set("/api/whoami", 200, r#"{"name":"watch","tags":["management"]}"#);
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    for check in ["shovels", "federation"] {
        let (_, absent, text) = of_cluster(&snapshot, check);
        assert_eq!(absent, Some(Absence::NotPermitted));
        assert!(text.contains("tag monitoring"), "{text}");
    }
    assert!(!fake.asked().iter().any(|path| path == "/api/shovels"));
}

#[tokio::test]
async fn bridges_that_may_no_longer_be_asked_for_are_not_taken_for_gone() {
    let fake = bridged("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    let first = collector.collect(Timestamp(0)).await.expect("it answers");
    let edges = |snapshot: &Snapshot| {
        let links = snapshot.links.as_deref().unwrap_or_default();
        links.iter().filter(|link| link.kind == LinkKind::Copies).count()
    };
    assert!(edges(&first) > 0);
    // The plugins that tell are disabled while those that copy still run.
    fake.set("/api/nodes", 200, &recorded("4.3.6", "nodes.json"));
    let second = collector.collect(Timestamp(60_000)).await.expect("it answers");
    assert_eq!(of_cluster(&second, "shovels").1, Some(Absence::Disabled));
    assert!(!second.complete.contains(&EntityKind::Bridge));
    assert_eq!(edges(&second), edges(&first));
    // Nothing copies any more.
    let without = recorded("4.3.6", "nodes.json")
        .replace("rabbitmq_shovel", "a")
        .replace("rabbitmq_federation", "b");
    fake.set("/api/nodes", 200, &without);
    let third = collector.collect(Timestamp(120_000)).await.expect("it answers");
    assert!(third.complete.contains(&EntityKind::Bridge));
    assert_eq!(edges(&third), 0);
}
