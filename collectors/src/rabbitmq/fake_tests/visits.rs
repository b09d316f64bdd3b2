//! What visits learn, and what they ask for it.

use super::*;

#[tokio::test]
async fn old_and_new_brokers_give_the_same_picture() {
    for version in ["4.3.6", "3.10.8"] {
        let fake = Fake::broker(version).await;
        let mut collector = fake.collector(own_prometheus(&fake));
        let snapshot = collector.collect(Timestamp(1_000_000)).await.expect("it answers");
        let some = |values: [f64; 6]| values.map(Some);
        assert_eq!(
            figures(&snapshot, "orders.created"),
            some([0.0, 10.0, 15.0, 2.0, 41.0, 29.0]),
            "{version}"
        );
        let paid = [Some(20.0), Some(16.0), None, Some(0.0), Some(50.0), Some(34.0)];
        assert_eq!(
            figures(&snapshot, "orders.paid"),
            paid,
            "{version}: nobody reads it, so it has no limit"
        );
        assert_eq!(
            value(&snapshot, &queue("orders.paid"), metrics::PUBLISHED),
            Some(70.0),
            "{version}"
        );
        let auto = figures(&snapshot, "dead");
        assert_eq!(
            auto[4..],
            [Some(1.0), Some(1.0)],
            "{version}: delivered without acknowledgement is done"
        );
        assert_eq!(
            figures(&snapshot, "retry")[4],
            None,
            "{version}: never delivered is unknown, not zero"
        );
        let stream = EntityKey::new(EntityKind::Stream, ["shop", "log"]);
        assert_eq!(
            value(&snapshot, &stream, metrics::DEPTH),
            None,
            "{version}: a stream has no depth"
        );
        assert!(
            value(&snapshot, &stream, metrics::RABBITMQ_STREAM_MESSAGES).is_some_and(|n| n >= 113.0),
            "{version}"
        );
        assert_eq!(snapshot.server.version.as_deref(), Some(version));
        assert!(
            snapshot.checks.iter().all(|check| check.status < Status::Critical),
            "{:?}",
            snapshot.checks
        );
    }
}

#[tokio::test]
async fn queues_with_odd_names_are_the_same_everywhere() {
    let fake = Fake::broker("4.3.6").await;
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let odd = queue("a/b c \"<x>\" \u{e9}\u{1F407}");
    assert_eq!(value(&snapshot, &odd, metrics::DEPTH), Some(0.0));
    assert!(snapshot.entities.iter().any(|entity| entity.key == odd));
}

#[tokio::test]
async fn the_second_visit_asks_only_what_can_have_changed() {
    let fake = Fake::broker("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    let first = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!(first.cost.requests as usize, fake.asked().len());
    let second = collector.collect(Timestamp(15_000)).await.expect("it answers");
    let asked: Vec<String> = fake
        .asked()
        .into_iter()
        .map(|path| path.split('?').next().unwrap().to_string())
        .collect();
    assert_eq!(
        asked,
        ["/api/overview", "/api/nodes", "/api/vhosts", "/metrics/detailed"]
    );
    assert_eq!((second.links, second.complete), (None, vec![EntityKind::Node]));
    assert!(second.samples.iter().any(|sample| sample.metric == metrics::DEPTH));
}

#[tokio::test]
async fn a_new_queue_is_listed_soon_although_the_list_is_not_due() {
    let fake = Fake::broker("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    collector.collect(Timestamp(0)).await.expect("it answers");
    let new = "rabbitmq_detailed_queue_messages_ready{vhost=\"shop\",queue=\"brand.new\"} 3\n";
    let counts = recorded("4.3.6", "everything.txt") + new;
    fake.set(
        "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics",
        200,
        &counts,
    );
    let listed = recorded("4.3.6", "queues-bare.json").replacen(
        '[',
        r#"[{"vhost":"shop","name":"brand.new","type":"classic"},"#,
        1,
    );
    fake.set("/api/queues?disable_stats=true", 200, &listed);
    let snapshot = collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert_eq!(value(&snapshot, &queue("brand.new"), metrics::DEPTH), Some(3.0));
    assert!(snapshot.entities.iter().any(|entity| entity.key == queue("brand.new")));
}

#[tokio::test]
async fn without_prometheus_the_lists_are_asked_and_it_says_so() {
    let fake = Fake::broker("4.3.6").await;
    for path in [
        "/metrics",
        "/metrics/detailed",
        "/metrics/detailed?family=queue_coarse_metrics&family=queue_metrics",
    ] {
        fake.set(path, 500, "");
    }
    let mut collector = fake.collector(own_prometheus(&fake));
    let snapshot = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!(
        figures(&snapshot, "orders.created"),
        [0.0, 10.0, 15.0, 2.0, 41.0, 29.0].map(Some)
    );
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.text.contains("Prometheus")),
        "{:?}",
        snapshot.warnings
    );
    let check = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == "prometheus")
        .expect("it is checked");
    assert_eq!(check.status, Status::Warning);
    fake.asked();
    collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert!(
        !fake.asked().iter().any(|path| path.starts_with("/metrics")),
        "a failed endpoint rests"
    );
}

#[tokio::test]
async fn an_endpoint_of_another_cluster_is_not_believed() {
    let fake = Fake::broker("4.3.6").await;
    let overview = recorded("4.3.6", "overview.json").replace("\"cluster_name\":\"", "\"cluster_name\":\"other-");
    fake.set("/api/overview", 200, &overview);
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert_eq!(figures(&snapshot, "orders.created")[0], Some(0.0), "from the list");
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.reason == Absence::Failed),
        "{:?}",
        snapshot.warnings
    );
}

#[tokio::test]
async fn publishers_are_told_where_rates_are_detailed() {
    let fake = Fake::broker("4.3.6").await;
    fake.set(
        "/api/overview",
        200,
        &recorded("4.3.6", "overview.json").replace("\"basic\"", "\"detailed\""),
    );
    let connections: Vec<Value> = serde_json::from_str(&recorded("4.3.6", "connections.json")).unwrap();
    let orders = connections
        .iter()
        .find(|c| c["user_provided_name"] == "order-service")
        .unwrap();
    let incoming = json!({"incoming": [{"channel_details": {"connection_name": orders["name"]}}]});
    fake.set("/api/exchanges/shop/shop%2Etopic", 200, &incoming.to_string());
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let links = snapshot.links.expect("links were asked for");
    let published = links
        .iter()
        .find(|link| link.kind == LinkKind::Publishes && link.to.kind == EntityKind::Exchange);
    let published = published.expect("somebody publishes");
    assert_eq!(
        (published.from.name(), published.to.name()),
        ("order-service", "shop.topic")
    );
    assert_eq!(published.evidence, Evidence::Counted);
}
