//! Figures and settings, as late as Google makes them.

use super::*;

#[tokio::test]
async fn figures_have_their_own_time_and_are_as_late_as_google_makes_them() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    let first = visit(&mut collector, NOON).await;
    let billing = subscription("billing");
    assert_eq!(last(&first, &billing, metrics::DEPTH), Some((2, 108.0)));
    assert_eq!(last(&first, &billing, metrics::OLDEST_AGE), Some((2, 480.0)));
    // Four minutes hidden: six minutes of thirty, and two dead letters each.
    assert_eq!(last(&first, &billing, metrics::ACKNOWLEDGED), Some((4, 180.0)));
    assert_eq!(last(&first, &billing, metrics::DEAD_LETTERED), Some((4, 12.0)));
    assert_eq!(history(&first, &billing, metrics::ACKNOWLEDGED)[0], (10, 0.0));
    assert_eq!(
        last(&first, &billing, metrics::CONSUMERS),
        Some((2, 1.0)),
        "somebody pulls"
    );
    assert_eq!(last(&first, &topic("orders-dead"), metrics::DEPTH), Some((2, 7.0)));
    assert!(
        history(&first, &subscription("hook"), metrics::DEPTH).is_empty(),
        "no series is no zero"
    );
    assert_eq!(status(&first, "freshness").0, Status::Ok);

    fake.cloud(|cloud| cloud.now = Some(NOON + MINUTE));
    let second = visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(
        history(&second, &billing, metrics::DEPTH),
        [(1, 109.0)],
        "only what is new"
    );
    assert_eq!(history(&second, &billing, metrics::ACKNOWLEDGED), [(3, 210.0)]);
    assert_eq!(second.links, None, "not listed again");
}

#[tokio::test]
async fn objects_have_their_settings_and_hang_together() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    let snapshot = visit(&mut collector, NOON).await;
    let attribute = |key: &EntityKey, name: &str| {
        let entity = snapshot.entities.iter().find(|entity| entity.key == *key).unwrap();
        let found = entity.attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.clone())
    };
    for (name, delivery, state) in [
        ("billing", "pull", None),
        ("hook", "push", None),
        ("warehouse", "BigQuery", Some("PERMISSION_DENIED")),
        ("archive", "Cloud Storage", None),
        ("orphan", "pull", Some("orphaned")),
        ("cut", "pull", Some("detached")),
    ] {
        let key = subscription(name);
        assert_eq!(attribute(&key, "delivery").as_deref(), Some(delivery), "{name}");
        assert_eq!(attribute(&key, "state").as_deref(), state, "{name}");
    }
    let billing = subscription("billing");
    assert_eq!(attribute(&billing, "enableMessageOrdering").as_deref(), Some("true"));
    assert_eq!(
        attribute(&billing, "enableExactlyOnceDelivery").as_deref(),
        Some("true")
    );
    assert_eq!(attribute(&topic("unread"), "subscriptions").as_deref(), Some("0"));
    let endpoint = |address: &str| EntityKey::new(EntityKind::Endpoint, [address]);
    let links = snapshot.links.as_ref().unwrap();
    let has = |from: &EntityKey, to: &EntityKey, kind: LinkKind| {
        links
            .iter()
            .any(|link| link.from == *from && link.to == *to && link.kind == kind)
    };
    assert!(has(&topic("orders"), &billing, LinkKind::Subscribes));
    assert!(has(&billing, &topic("orders-dead"), LinkKind::DeadLetter));
    assert!(has(
        &subscription("hook"),
        &endpoint("https://shop.example/hook"),
        LinkKind::Delivers
    ));
    assert!(has(
        &subscription("warehouse"),
        &endpoint("bigquery:shop.raw.orders"),
        LinkKind::Delivers
    ));
    assert!(has(
        &subscription("archive"),
        &endpoint("gs://archive"),
        LinkKind::Delivers
    ));
    assert!(!has(&topic("orders"), &subscription("cut"), LinkKind::Subscribes));
    assert!(!format!("{snapshot:?}").contains("hunter2"));
    for (check, part) in [
        ("detached", "2 of 7 subscriptions: cut, orphan"),
        ("exports", "warehouse (PERMISSION_DENIED)"),
        ("unread_topics", "1 of 3 topics: unread"),
    ] {
        let (_, text) = status(&snapshot, check);
        assert!(text.contains(part), "{check}: {text}");
    }
    assert_eq!(status(&snapshot, "dead_letter_topics").0, Status::Ok);
}

#[tokio::test]
async fn dead_letters_that_nobody_keeps_are_told() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.remove("shop", "subscriptions", "look"));
    let (status_now, text) = status(
        &visit(&mut collector(&fake, json!({})), NOON).await,
        "dead_letter_topics",
    );
    assert_eq!(status_now, Status::Critical);
    assert!(
        text.contains("billing (topic orders-dead has no subscription)"),
        "{text}"
    );
    fake.cloud(|cloud| cloud.remove("shop", "topics", "orders-dead"));
    let snapshot = visit(&mut collector(&fake, json!({})), NOON).await;
    let (_, text) = status(&snapshot, "dead_letter_topics");
    assert!(text.contains("topic orders-dead does not exist"), "{text}");
    let links = snapshot.links.unwrap();
    assert!(links.iter().all(|link| link.kind != LinkKind::DeadLetter));
}

#[tokio::test]
async fn after_a_restart_what_was_missed_is_read_up_to_an_hour() {
    let fake = shop().await;
    fake.cloud(|cloud| {
        for minute in 10..120 {
            cloud.level(
                "shop",
                "num_undelivered_messages",
                "look",
                NOON - minute * MINUTE,
                minute,
            );
        }
    });
    for (down, oldest) in [(30, 36), (300, 60)] {
        let mut collector = collector(&fake, json!({}));
        collector.resume(Timestamp(NOON - down * MINUTE));
        let first = visit(&mut collector, NOON).await;
        let told = history(&first, &subscription("look"), metrics::DEPTH);
        let (first, last) = (told[0].0, told[told.len() - 1].0);
        assert!(
            (oldest - 1..=oldest).contains(&first) && last == 2,
            "{down}: {first} to {last}"
        );
        assert_eq!(told.len() as i64, first - 1, "{down}: every minute of it");
    }
}

#[tokio::test]
async fn beside_the_emulator_figures_are_not_supported_and_the_rest_is_there() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({"monitoring_url": ""}));
    let snapshot = visit(&mut collector, NOON).await;
    let warning = snapshot
        .warnings
        .iter()
        .find(|w| w.reason == Absence::NotSupported)
        .unwrap();
    assert!(warning.metrics.contains(&metrics::DEPTH));
    assert!(snapshot.entities.iter().any(|entity| entity.key == topic("orders")));
    assert!(!fake.cloud(|cloud| cloud.asked.iter().any(|path| path.contains("timeSeries"))));
}

#[tokio::test]
async fn names_and_texts_at_their_longest_are_carried() {
    let fake = shop().await;
    let longest = format!("a{}", "~%+._-".repeat(43))[..255].to_string();
    let filter = "x".repeat(64 << 10);
    fake.cloud(|cloud| {
        cloud.subscription(
            "shop",
            &longest,
            "orders",
            json!({"filter": filter, "labels": {"team": filter}}),
        );
        cloud.level("shop", "num_undelivered_messages", &longest, NOON - 3 * MINUTE, 9);
    });
    let snapshot = visit(&mut collector(&fake, json!({})), NOON).await;
    assert_eq!(last(&snapshot, &subscription(&longest), metrics::DEPTH), Some((3, 9.0)));
    let entity = snapshot
        .entities
        .iter()
        .find(|e| e.key == subscription(&longest))
        .unwrap();
    assert!(
        entity
            .attributes
            .iter()
            .all(|attribute| attribute.value.chars().count() < 200)
    );
}

#[tokio::test]
async fn a_visit_costs_what_the_form_says() {
    let fake = shop().await;
    for (detail, figures) in [("basic", 3), ("standard", 12), ("full", 17)] {
        fake.cloud(|cloud| cloud.asked.clear());
        let snapshot = visit(&mut collector(&fake, json!({"detail": detail})), NOON).await;
        let asked = fake.cloud(|cloud| cloud.asked.iter().filter(|path| path.contains("timeSeries")).count());
        assert_eq!(asked, figures, "{detail}");
        assert_eq!(snapshot.cost.requests, figures as u32 + 3, "{detail}: and three lists");
    }
}
