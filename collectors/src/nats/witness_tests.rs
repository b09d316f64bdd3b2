//! An ordinary account in a cluster of which one server is late.

use std::time::Duration;

use brokerscope_contract::{Absence, EntityKind, metrics};

use super::live_tests::{client, collector, login, now, value};
use super::names;
use super::own_servers::OwnServers;

/// Without JetStream, whose leader may be the server that is late.
fn cluster(n: usize, routes: &[u16]) -> String {
    let all: Vec<String> = routes
        .iter()
        .map(|port| format!("\"nats://127.0.0.1:{port}\""))
        .collect();
    format!(
        "cluster {{ name: own, listen: \"127.0.0.1:{}\", routes: [{}] }}\n",
        routes[n],
        all.join(", ")
    )
}

const ACCOUNTS: &str =
    "accounts { APP { users: [ { user: app, password: app }, { user: watcher, password: watcher } ] } }\n";

#[tokio::test]
async fn nats_live_a_late_server_is_waited_for_and_a_silent_one_is_named() {
    let Some(own) = OwnServers::start_as(3, cluster, ACCOUNTS).await else {
        return;
    };
    let mut clients = Vec::new();
    for n in 1..=3 {
        let client = client(&own.endpoints_of(&format!("own-{n}")), &format!("reader-{n}")).await;
        clients.push((client.subscribe("orders.>").await.expect("it listens"), client));
    }
    let mut collector = collector(login(&own.endpoints_of("own-1"), "watcher"));
    let orders = names::subject("APP", "orders.>");
    let at = |visit: i64| now().plus_millis(visit * 600_000);
    let first = collector.collect(at(0)).await.expect("it answers");
    assert_eq!(value(&first, &orders, metrics::CONSUMERS), Some(3.0));
    assert!(first.complete.contains(&EntityKind::Service));

    own.pause("own-3");
    let late = tokio::join!(collector.collect(at(1)), async {
        // Longer than the silence after the others' answers, shorter than a straggler may take.
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        own.wake("own-3");
    });
    let late = late.0.expect("it answers");
    assert_eq!(
        value(&late, &orders, metrics::CONSUMERS),
        Some(3.0),
        "own-3 was waited for"
    );
    assert!(late.complete.contains(&EntityKind::Service));

    own.pause("own-3");
    let silent = collector.collect(at(2)).await.expect("the others answer");
    own.wake("own-3");
    assert!(
        !silent.complete.contains(&EntityKind::Service),
        "its clients are not gone"
    );
    assert!(!silent.complete.contains(&EntityKind::Account));
    let named = silent.warnings.iter().find(|warning| warning.text.contains("own-3"));
    assert_eq!(
        named.map(|warning| warning.reason),
        Some(Absence::Failed),
        "{:?}",
        silent.warnings
    );
    let account = names::account("APP");
    assert_eq!(value(&silent, &account, metrics::CONNECTIONS), None, "a sum without it");
}
