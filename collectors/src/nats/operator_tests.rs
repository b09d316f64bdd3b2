//! A server with an operator, whose accounts have public keys and names: everything hangs on the names.

use std::time::Duration;

use brokerscope_contract::{EntityKind, Snapshot, metrics};
use nkeys::KeyPair;
use serde_json::{Value, json};

use super::credentials_tests::{Issuer, user};
use super::live_tests::{agrees_in, collector, durable, now, publish, pull, stream, value};
use super::names;
use super::own_servers::OwnServers;

fn accounts(snapshot: &Snapshot) -> Vec<(&str, bool)> {
    let accounts = snapshot.entities.iter();
    let accounts = accounts.filter(|entity| entity.key.kind == EntityKind::Account);
    let mut accounts: Vec<_> = accounts.map(|entity| (entity.key.name(), entity.internal)).collect();
    accounts.sort_unstable();
    accounts
}

#[tokio::test]
async fn nats_live_accounts_of_an_operator_go_by_their_names_on_every_way_in() {
    let issuer = Issuer::new();
    let Some(own) = OwnServers::start(1, &issuer.settings()).await else {
        return;
    };
    let endpoints = own.endpoints();
    let addresses: Vec<String> = serde_json::from_value(endpoints["bootstrap"].clone()).unwrap();
    let credentials = |account: &KeyPair| user(&KeyPair::new_user(), account, json!({}));
    let client = async_nats::ConnectOptions::with_credentials(&credentials(&issuer.shop))
        .expect("credentials")
        .name("price-service")
        .connect(addresses)
        .await
        .expect("the server takes them");
    let _service = client.subscribe("price.get").await.expect("it listens");
    stream(&client, "ORDERS", json!({})).await;
    let hasty = json!({"ack_wait": 200_000_000, "max_deliver": 1});
    durable(&client, "ORDERS", "hasty", hasty).await;
    let settings = |account: &KeyPair| {
        json!({"servers": endpoints["bootstrap"], "login": "credentials", "credentials": credentials(account),
            "timeout_seconds": 2})
    };
    let monitoring = json!({"monitoring_urls": endpoints["management"]});
    let mut ways = [
        ("system", collector(settings(&issuer.system)), 2),
        ("account", collector(settings(&issuer.shop)), 2),
        ("ports", collector(monitoring), 0),
    ];
    for (way, collector, _) in &mut ways {
        collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{way}: {error}"));
    }
    publish(&client, "ORDERS", 2).await;
    assert_eq!(pull(&client, "ORDERS", "hasty", 2, 0).await, 2);
    tokio::time::sleep(Duration::from_millis(600)).await;
    // What was given up is announced when the consumer looks for more.
    pull(&client, "ORDERS", "hasty", 1, 0).await;
    for (way, collector, given_up) in &mut ways {
        let at = now().plus_millis(600_000);
        let snapshot = collector
            .collect(at)
            .await
            .unwrap_or_else(|error| panic!("{way}: {error}"));
        agrees_in(&client, &snapshot, "SHOP", "ORDERS", "hasty").await;
        let subject = names::subject("SHOP", "price.get");
        assert_eq!(value(&snapshot, &subject, metrics::CONSUMERS), Some(1.0), "{way}");
        let told = accounts(&snapshot);
        let expected: &[_] = match *way {
            "account" => &[("SHOP", false)],
            _ => &[("SHOP", false), ("SYS", true)],
        };
        let own: Vec<_> = told
            .iter()
            .filter(|(name, _)| !name.starts_with('$'))
            .copied()
            .collect();
        assert_eq!(own, expected, "{way}: {told:?}");
        let deaf = |warning: &&brokerscope_contract::Warning| warning.metrics == [metrics::DEAD_LETTERED];
        let deaf = snapshot.warnings.iter().find(deaf);
        let lost = value(
            &snapshot,
            &names::consumer("SHOP", "ORDERS", "hasty"),
            metrics::DEAD_LETTERED,
        );
        match given_up {
            0 => assert!(deaf.is_some() && lost.is_none(), "{way}: ports announce nothing"),
            n => {
                assert!(deaf.is_none(), "{way}: {deaf:?}");
                assert_eq!(lost, Some(f64::from(*n)), "{way}");
            }
        }
    }
    let _: Value = super::live_tests::api(&client, "STREAM.DELETE.ORDERS", Value::Null).await;
}
