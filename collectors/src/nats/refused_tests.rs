//! Refusals on a connection that lives long, against a server of the test's own.

use std::time::Instant;

use brokerscope_contract::Settings;

use super::bus::Bus;
use super::config;
use super::failure::Failure;
use super::live_tests::{login, now};
use super::own_servers::OwnServers;

/// May ask who it is, and nothing of JetStream.
const ACCOUNTS: &str = r#"accounts {
  APP { jetstream: enabled, users: [ { user: app, password: app, permissions: {
    publish: { allow: ["$SYS.REQ.USER.INFO"] }, subscribe: { allow: ["_INBOX.>"] } } } ] }
}
"#;

#[tokio::test]
async fn nats_live_the_three_hundredth_refusal_is_still_a_refusal() {
    let Some(own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let settings: Settings = serde_json::from_value(login(&own.endpoints(), "app")).unwrap();
    let config = config::parse(&settings).unwrap_or_else(|problems| panic!("{problems:?}"));
    let bus = Bus::connect(&config, None, now())
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    let started = Instant::now();
    for n in 0..300 {
        let asked = bus.ask("$JS.API.INFO", "").await;
        assert_eq!(
            asked.err(),
            Some(Failure::NotPermitted("$JS.API.INFO".into())),
            "question {n}"
        );
    }
    // Each would have cost the whole 3 s otherwise.
    assert!(started.elapsed() < config.timeout * 10, "{:?}", started.elapsed());
    let _deaf = bus
        .subscribe("orders.>")
        .await
        .unwrap_or_else(|failure| panic!("{failure}"));
    bus.settle().await.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(bus.is_refused("orders.>") && !bus.is_refused("$JS.API.INFO"));
}
