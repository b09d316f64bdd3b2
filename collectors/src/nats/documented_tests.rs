//! The permissions that the documentation gives to paste are enough, and are what it says: read from its own text.

use brokerscope_contract::{Absence, StepOutcome, metrics};
use serde_json::json;

use super::live_tests::{agrees_in, client, collector, durable, login, now, probe, publish, stream, value};
use super::names;
use super::own_servers::OwnServers;

const PAGE: &str = include_str!("../../../docs/nats.md");

/// What stands between fences, in order: the user of the system account, the exports and imports, the ordinary user.
fn blocks() -> [String; 3] {
    let mut inside = PAGE.split("```").skip(1).step_by(2);
    std::array::from_fn(|_| inside.next().expect("a block").replace("\"...\"", "brokerscope"))
}

#[tokio::test]
async fn nats_live_the_permissions_of_the_documentation_are_enough() {
    let [system, exports, ordinary] = blocks();
    // Users of one server have different names, whatever their account.
    let ordinary = ordinary
        .replace("user: brokerscope,", "user: ordinary,")
        .replace("password: brokerscope", "password: ordinary");
    let app = "{ user: app, password: app }";
    let accounts = exports
        .replace(
            "SHOP {",
            &format!("SHOP {{ jetstream: enabled, users: [ {app}\n{ordinary} ],"),
        )
        .replace("SYS  {", &format!("SYS {{ users: [ {system} ],"));
    let settings = format!("{accounts}\nsystem_account: SYS\n");
    let Some(own) = OwnServers::start(1, &settings).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    stream(&client, "ORDERS", json!({})).await;
    durable(&client, "ORDERS", "billing", json!({})).await;
    publish(&client, "ORDERS", 4).await;
    for user in ["brokerscope", "ordinary"] {
        let mut collector = collector(login(&endpoints, user));
        let snapshot = collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{user}: {error}"));
        let key = names::consumer("SHOP", "ORDERS", "billing");
        assert_eq!(value(&snapshot, &key, metrics::DEPTH), Some(4.0), "{user}");
        assert_eq!(
            value(&snapshot, &key, metrics::DEAD_LETTERED),
            Some(0.0),
            "{user}: it listens"
        );
        agrees_in(&client, &snapshot, "SHOP", "ORDERS", "billing").await;
        // That an ordinary user sees its own account only is no lack of permissions.
        let refused: Vec<_> = snapshot
            .warnings
            .iter()
            .filter(|w| w.text.contains("may not use"))
            .collect();
        assert!(refused.is_empty(), "{user}: {refused:?}");
        let hidden = snapshot
            .warnings
            .iter()
            .any(|warning| warning.reason == Absence::NotPermitted);
        assert_eq!(hidden, user == "ordinary", "{:?}", snapshot.warnings);
        let steps = probe(collector.as_mut()).await;
        let fine = |title: &str, outcome| title == "Way in" || outcome == StepOutcome::Passed;
        assert!(
            steps.iter().all(|step| fine(&step.title, step.outcome)),
            "{user}: {steps:?}"
        );
    }
}
