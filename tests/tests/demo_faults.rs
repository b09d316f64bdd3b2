//! The faults of the demo shop as the pages show them: each where it says.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::api::health::HealthView;
use brokerscope_contract::api::path;
use brokerscope_contract::{Status, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::patience::eventually;
use reqwest::Method;
use serde_json::json;

use crate::demo::{SHOWS_WITHIN_SECONDS, row, totals};

const UNDER_REPLICATED: &str = "under_replicated_partitions";

async fn switch(product: &Product, fault: &str, on: bool) {
    let path = format!("{}/{fault}", path::DEMO_FAULTS);
    let (status, answer) = product.send(Method::PUT, &path, &json!({ "on": on })).await;
    assert_eq!(status, 200, "{fault}: {answer}");
    let switched = answer["faults"].as_array().unwrap();
    let switched = switched.iter().find(|view| view["slug"] == fault).unwrap();
    assert_eq!(switched["on"], on);
}

/// Waits until a check of the cluster is as expected.
async fn check(product: &Product, id: &str, expected: Status) {
    eventually(&format!("{id} is {expected:?}"), SHOWS_WITHIN_SECONDS, || async {
        let health: Vec<HealthView> = product.get(path::HEALTH).await;
        let mut checks = health.into_iter().flat_map(|view| view.checks);
        let check = checks.find(|check| check.def.id.0 == id)?;
        (check.status == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn faults_of_consumers_show_on_their_groups_and_are_healed_by_reset() {
    let product = Product::start_first().await;
    let well = |row: &EntityRow| row.judgement.verdict == Verdict::Ok;
    row(&product, path::SUBSCRIPTIONS, "inventory-service", "well", well).await;
    for fault in ["inventory-stopped", "poison-message", "new-schema", "connection-leak"] {
        switch(&product, fault, true).await;
    }
    row(
        &product,
        path::SUBSCRIPTIONS,
        "inventory-service",
        "no consumer",
        |row| row.judgement.verdict == Verdict::NoConsumer,
    )
    .await;
    row(
        &product,
        path::SUBSCRIPTIONS,
        "notification-service",
        "far behind",
        |row| row.lag.value.is_some_and(|lag| lag > 500.0),
    )
    .await;
    row(&product, path::DESTINATIONS, "page-views.dlq", "dead letters", |row| {
        row.judgement.verdict == Verdict::DeadLetters
    })
    .await;
    row(
        &product,
        path::SUBSCRIPTIONS,
        "report-exporter",
        "is there with members",
        |row| row.consumers.value.is_some_and(|members| members > 1.0),
    )
    .await;
    totals(&product).await;
    let healed = product.post(path::DEMO_RESET, &json!({})).await;
    assert!(
        healed["faults"]
            .as_array()
            .unwrap()
            .iter()
            .all(|fault| fault["on"] == false)
    );
    for group in ["inventory-service", "notification-service"] {
        row(&product, path::SUBSCRIPTIONS, group, "well again", well).await;
    }
    totals(&product).await;
}

#[tokio::test]
async fn a_slow_provider_makes_payment_fall_behind_and_ten_times_the_traffic_raises_rates() {
    let product = Product::start_first().await;
    let rate_above = |least: f64| move |row: &EntityRow| row.rate_in.value.is_some_and(|rate| rate > least);
    row(
        &product,
        path::DESTINATIONS,
        "page-views",
        "the usual rate",
        rate_above(40.0),
    )
    .await;
    switch(&product, "payment-slow", true).await;
    row(&product, path::SUBSCRIPTIONS, "payment-service", "100 behind", |row| {
        row.lag.value.is_some_and(|lag| lag > 100.0)
    })
    .await;
    switch(&product, "payment-slow", false).await;
    switch(&product, "traffic-times-ten", true).await;
    row(
        &product,
        path::DESTINATIONS,
        "page-views",
        "many times the rate",
        rate_above(400.0),
    )
    .await;
    product.post(path::DEMO_RESET, &json!({})).await;
    totals(&product).await;
}

#[tokio::test]
async fn a_killed_node_is_missed_and_welcomed_back() {
    let product = Product::start_first().await;
    let nodes = async |wanted: u32| {
        eventually(&format!("{wanted} nodes are seen"), SHOWS_WITHIN_SECONDS, || async {
            let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
            let view = views.into_iter().next()?;
            (view.server.nodes == Some(wanted)).then_some(())
        })
        .await;
    };
    nodes(3).await;
    switch(&product, "node-killed", true).await;
    nodes(2).await;
    check(&product, UNDER_REPLICATED, Status::Warning).await;
    let before = totals(&product).await;
    switch(&product, "node-killed", false).await;
    nodes(3).await;
    eventually("orders go on", 60, || async {
        (totals(&product).await.completed > before.completed + 50).then_some(())
    })
    .await;
}

#[tokio::test]
async fn faults_of_producers_and_replicas_show_where_they_say() {
    let product = Product::start_first().await;
    let rate_above = |least: f64| move |row: &EntityRow| row.rate_in.value.is_some_and(|rate| rate > least);
    // Some sixteen requests a second, each once.
    let usual = |row: &EntityRow| row.rate_in.value.is_some_and(|rate| (8.0..22.0).contains(&rate));
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "the usual rate",
        usual,
    )
    .await;
    switch(&product, "duplicates", true).await;
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "requests come twice",
        rate_above(24.0),
    )
    .await;
    for fault in ["out-of-sync", "hot-key", "retry-storm"] {
        switch(&product, fault, true).await;
    }
    row(
        &product,
        path::SUBSCRIPTIONS,
        "analytics-service",
        "200 behind",
        |row| row.lag.value.is_some_and(|lag| lag > 200.0),
    )
    .await;
    row(
        &product,
        path::DESTINATIONS,
        "payment-requests.retry-soon",
        "many retries",
        rate_above(2.0),
    )
    .await;
    check(&product, UNDER_REPLICATED, Status::Warning).await;
    check(&product, "offline_partitions", Status::Ok).await;
    totals(&product).await;
    product.post(path::DEMO_RESET, &json!({})).await;
    row(
        &product,
        path::DESTINATIONS,
        "inventory-requests",
        "the usual rate again",
        usual,
    )
    .await;
    check(&product, UNDER_REPLICATED, Status::Ok).await;
}

#[tokio::test]
async fn a_provider_that_is_down_fills_the_dead_letters_and_cancels_orders() {
    let product = Product::start_first().await;
    let well = |row: &EntityRow| row.judgement.verdict == Verdict::Ok;
    row(&product, path::SUBSCRIPTIONS, "payment-service", "well", well).await;
    let before = totals(&product).await;
    switch(&product, "payment-down", true).await;
    row(
        &product,
        path::DESTINATIONS,
        "payment-requests.dlq",
        "dead letters come in",
        |row| row.rate_in.value.is_some_and(|rate| rate > 4.0),
    )
    .await;
    row(
        &product,
        path::DESTINATIONS,
        "payment-requests.retry-later",
        "and before that the later retries",
        |row| row.rate_in.value.is_some_and(|rate| rate > 4.0),
    )
    .await;
    eventually("orders are cancelled", 60, || async {
        (totals(&product).await.cancelled > before.cancelled + 50).then_some(())
    })
    .await;
    product.post(path::DEMO_RESET, &json!({})).await;
    let healed = totals(&product).await;
    eventually("orders are completed again", 60, || async {
        (totals(&product).await.completed > healed.completed + 50).then_some(())
    })
    .await;
}
