//! What is refused, used up or not to be reached, and what is seen nevertheless.

use super::*;

#[tokio::test]
async fn each_missing_permission_costs_its_own_answer_and_is_named() {
    for (part, permission, role) in [
        ("/topics", "pubsub.topics.list", "roles/pubsub.viewer"),
        ("/subscriptions", "pubsub.subscriptions.list", "roles/pubsub.viewer"),
        ("/snapshots", "pubsub.snapshots.list", "roles/pubsub.viewer"),
        ("/timeSeries", "monitoring.timeSeries.list", "roles/monitoring.viewer"),
    ] {
        let fake = shop().await;
        fake.cloud(|cloud| cloud.refuse(part, 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"));
        let mut collector = collector(&fake, json!({}));
        let snapshot = visit(&mut collector, NOON).await;
        let warning = snapshot
            .warnings
            .iter()
            .find(|warning| warning.text.contains(permission));
        let warning = warning.unwrap_or_else(|| panic!("{permission}: {:?}", snapshot.warnings));
        assert_eq!(warning.reason, Absence::NotPermitted);
        assert!(
            warning.remedy.as_ref().is_some_and(|remedy| remedy.contains(role)),
            "{warning:?}"
        );
        let numbers = last(&snapshot, &subscription("billing"), metrics::DEPTH);
        assert_eq!(numbers.is_some(), part != "/timeSeries", "{part}");
        let seen = snapshot
            .entities
            .iter()
            .any(|entity| entity.key == subscription("billing"));
        assert!(seen, "{part}: with a list or with figures alone");
        let lists_objects = ["/snapshots", "/timeSeries"].contains(&part);
        assert_eq!(snapshot.complete.contains(&EntityKind::Topic), lists_objects, "{part}");

        let (report, mut steps) = ProbeReport::channel(Timestamp(NOON));
        collector.probe(&report).await;
        drop(report);
        let mut limited = Vec::new();
        while let Some(step) = steps.recv().await {
            if step.outcome != StepOutcome::Passed {
                limited.push(step.detail);
            }
        }
        let told = limited.iter().any(|detail| detail.contains(permission));
        assert!(told, "{part}: {limited:?}");
    }
}

#[tokio::test]
async fn while_figures_are_refused_only_one_question_is_asked_to_notice_the_end_of_it() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/timeSeries", 403, "PERMISSION_DENIED", "SERVICE_DISABLED"));
    let mut collector = collector(&fake, json!({}));
    visit(&mut collector, NOON).await;
    fake.cloud(|cloud| cloud.asked.clear());
    let snapshot = visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(fake.cloud(|cloud| cloud.asked.len()), 1);
    let disabled = snapshot
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::Disabled)
        .unwrap();
    assert!(
        disabled.text.contains("monitoring.googleapis.com is not enabled"),
        "{}",
        disabled.text
    );
    fake.cloud(|cloud| cloud.refusals.clear());
    visit(&mut collector, NOON + 2 * MINUTE).await;
    let all = visit(&mut collector, NOON + 3 * MINUTE).await;
    assert_eq!(status(&all, "numbers").0, Status::Ok);
    assert!(
        all.warnings
            .iter()
            .all(|warning| warning.metrics.is_empty() || warning.reason == Absence::Disabled)
    );
}

#[tokio::test]
async fn a_used_up_quota_is_left_alone_for_as_long_as_google_asks() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        cloud.refuse("/timeSeries", 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED");
        cloud.refusals[0].3 = Some(300);
    });
    let mut collector = collector(&fake, json!({}));
    let first = visit(&mut collector, NOON).await;
    assert_eq!(status(&first, "quota").0, Status::Warning);
    let stale = first
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::Stale)
        .unwrap();
    assert!(
        stale.metrics.contains(&metrics::DEPTH) && stale.text.contains("quota"),
        "{stale:?}"
    );
    for minute in 1..5 {
        fake.cloud(|cloud| {
            cloud.asked.clear();
            cloud.now = Some(NOON + minute * MINUTE);
        });
        visit(&mut collector, NOON + minute * MINUTE).await;
        assert_eq!(fake.cloud(|cloud| cloud.asked.len()), 0, "minute {minute}");
    }
    fake.cloud(|cloud| {
        cloud.refusals.clear();
        cloud.now = Some(NOON + 6 * MINUTE);
    });
    let after = visit(&mut collector, NOON + 6 * MINUTE).await;
    assert_eq!(status(&after, "quota").0, Status::Ok);
    assert!(last(&after, &subscription("billing"), metrics::DEPTH).is_some());
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_is_a_warning() {
    let fake = shop().await;
    let push = |cloud: &mut super::super::fake::Cloud, class: &str, end: i64, count: i64| {
        let value = json!({"int64Value": count.to_string()});
        let metric = "subscription/push_request_count";
        cloud.point(
            "shop",
            (metric, "hook"),
            json!({"response_class": class}),
            "DELTA",
            end,
            value,
        );
    };
    fake.cloud(|cloud| {
        for minute in 1..=10 {
            let end = NOON - (10 - minute) * MINUTE;
            push(cloud, "ack", end, 10);
            push(cloud, "remote_server_5xx", end, if minute > 5 { 5 } else { 0 });
        }
    });
    let mut collector = collector(&fake, json!({}));
    let (warned, text) = status(&visit(&mut collector, NOON).await, "pushes");
    assert_eq!(warned, Status::Warning);
    // Two minutes are hidden: of minutes 4 to 8 the last three failed.
    assert_eq!(text, "1 of 1 push subscriptions: hook (15 of 65 requests)");
    fake.cloud(|cloud| {
        for minute in 1..=10 {
            push(cloud, "ack", NOON + minute * MINUTE, 10);
        }
        cloud.now = Some(NOON + 10 * MINUTE);
    });
    let (well, text) = status(&visit(&mut collector, NOON + 10 * MINUTE).await, "pushes");
    assert_eq!(well, Status::Ok, "{text}");
}

#[tokio::test]
async fn what_is_missing_of_a_project_is_said_of_that_project() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/projects/gone/", 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"));
    let mut collector = collector(&fake, json!({"projects": ["gone", "shop"]}));
    let snapshot = visit(&mut collector, NOON).await;
    let gone = EntityKey::new(EntityKind::Node, ["gone"]);
    let refused = snapshot
        .warnings
        .iter()
        .filter(|warning| warning.reason == Absence::NotPermitted);
    assert!(refused.clone().count() > 0 && refused.clone().all(|warning| warning.entity.as_ref() == Some(&gone)));
    let shop = Some(EntityKey::new(EntityKind::Node, ["shop"]));
    let parent = |key: &EntityKey| {
        snapshot
            .entities
            .iter()
            .find(|entity| entity.key == *key)
            .unwrap()
            .parent
            .clone()
    };
    assert_eq!(parent(&topic("orders")), shop);
    assert_eq!(parent(&subscription("billing")), Some(topic("orders")));
    assert_eq!(parent(&subscription("orphan")), shop, "its topic is gone");
}

#[tokio::test]
async fn one_bad_project_hides_nothing_of_the_others() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        cloud.refuse("/projects/gone/", 403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED");
        let far = "projects/elsewhere/topics/events";
        cloud.subscription("shop", "far", far, json!({}));
    });
    let mut collector = collector(&fake, json!({"projects": ["gone", "shop"]}));
    let snapshot = visit(&mut collector, NOON).await;
    assert!(last(&snapshot, &subscription("billing"), metrics::DEPTH).is_some());
    assert_eq!(snapshot.server.nodes, Some(2));
    let up = |project: &str| {
        let key = EntityKey::new(EntityKind::Node, [project]);
        let mut samples = snapshot.samples.iter();
        samples
            .find(|s| s.entity == key && s.metric == metrics::UP)
            .map(|s| s.value)
    };
    assert_eq!((up("gone"), up("shop")), (Some(0.0), Some(1.0)));
    let far = EntityKey::new(EntityKind::Topic, ["elsewhere", "events"]);
    let far_entity = snapshot.entities.iter().find(|entity| entity.key == far);
    let far_entity = far_entity.expect("a topic of a project that is not watched");
    let elsewhere = far_entity
        .stands_for
        .as_ref()
        .expect("another connection may watch that project");
    assert_eq!((&elsewhere.at, &elsewhere.keys), (&Site::Anywhere, &vec![far]));
}

#[tokio::test]
async fn a_project_that_cannot_be_reached_at_all_is_an_error_and_not_an_empty_picture() {
    let fake = shop().await;
    let closed = json!({"pubsub_url": "http://127.0.0.1:9", "monitoring_url": "http://127.0.0.1:9"});
    let visited = collector(&fake, closed).collect(Timestamp(NOON)).await;
    assert!(matches!(visited, Err(CollectError::Unreachable { .. })), "{visited:?}");
    fake.cloud(|cloud| cloud.refuse("/projects/", 503, "UNAVAILABLE", "DOWN"));
    let visited = collector(&fake, json!({})).collect(Timestamp(NOON)).await;
    assert!(matches!(visited, Err(CollectError::Unreachable { .. })), "{visited:?}");
}
