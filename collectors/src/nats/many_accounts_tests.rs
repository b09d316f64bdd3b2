//! More accounts than a server tells of at once.

use brokerscope_contract::{EntityKind, metrics};
use serde_json::json;

use super::live_tests::{client, collector, login, now, publish, stream, value};
use super::names;
use super::own_servers::OwnServers;
use super::page::ACCOUNTS_A_PAGE;

#[tokio::test]
async fn nats_live_no_account_is_beyond_the_page() {
    // With the one of the last user, two more than a page holds.
    let count = ACCOUNTS_A_PAGE + 1;
    let others: String = (0..count)
        .map(|n| format!("  A{n:04} {{ jetstream: enabled }}\n"))
        .collect();
    let accounts = format!(
        "accounts {{\n{others}  ZOO {{ jetstream: enabled, users: [ {{ user: app, password: app }} ] }}\n  \
         SYS {{ users: [ {{ user: sys, password: sys }} ] }}\n}}\nsystem_account: SYS\n"
    );
    let Some(own) = OwnServers::start(1, &accounts).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "LAST", json!({})).await;
    publish(&client, "LAST", 3).await;
    let monitoring = json!({"monitoring_urls": endpoints["management"]});
    for settings in [login(&endpoints, "sys"), monitoring] {
        let mut collector = collector(settings.clone());
        let snapshot = collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{settings}: {error}"));
        let accounts = snapshot.entities.iter().map(|entity| &entity.key);
        let accounts = accounts.filter(|key| key.kind == EntityKind::Account && key.name().starts_with('A'));
        assert_eq!(accounts.count(), count);
        let last = names::stream("ZOO", "LAST");
        assert_eq!(value(&snapshot, &last, metrics::NATS_MESSAGES_HELD), Some(3.0));
        assert!(snapshot.complete.contains(&EntityKind::Stream));
    }
}
