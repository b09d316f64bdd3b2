//! Servers that are no cluster: two of them joined by a gateway, which is cut, and a leaf node.

use std::time::Duration;

use brokerscope_contract::{CheckResult, Evidence, LinkKind, Snapshot, Status, metrics};
use futures_util::StreamExt;
use serde_json::Value;

use super::live_tests::{client, collector, login, now, value};
use super::names;
use super::own_servers::OwnServers;

const ACCOUNTS: &str = "accounts { SYS { users: [ { user: sys, password: sys } ] }
  APP { users: [ { user: app, password: app } ] } }\nsystem_account: SYS\n";

/// Each server is a region of its own, and reconnects at once.
fn region(n: usize, gateways: &[u16]) -> String {
    let all = gateways.iter().enumerate();
    let all = all.map(|(n, port)| format!("{{ name: region-{}, url: \"nats://127.0.0.1:{port}\" }}", n + 1));
    let (all, listen) = (all.collect::<Vec<_>>().join(", "), gateways[n]);
    format!(
        "gateway {{ name: region-{}, listen: \"127.0.0.1:{listen}\", gateways: [{all}] }}\n",
        n + 1
    )
}

fn gateways(snapshot: &Snapshot) -> &CheckResult {
    let found = snapshot.checks.iter().find(|check| check.check.0 == "gateways");
    found.unwrap_or_else(|| panic!("no check of gateways: {:?}", snapshot.checks))
}

#[tokio::test]
async fn nats_live_a_gateway_that_is_cut_turns_its_check_and_keeps_its_edge() {
    let Some(mut own) = OwnServers::start_as(2, region, ACCOUNTS).await else {
        return;
    };
    let mut collector = collector(login(&own.endpoints_of("own-1"), "sys"));
    let mut at = now();
    let mut last = None;
    for (step, expected) in [
        ("joined", Status::Ok),
        ("cut", Status::Critical),
        ("joined again", Status::Ok),
    ] {
        match step {
            "cut" => own.kill("own-2"),
            "joined again" => own.start_again("own-2").await,
            _ => {}
        }
        let mut snapshot = None;
        for _ in 0..30 {
            at = at.plus_millis(60_000);
            let seen = collector
                .collect(at)
                .await
                .unwrap_or_else(|error| panic!("{step}: {error}"));
            last = seen.links.clone().or(last);
            let turned = seen
                .checks
                .iter()
                .any(|check| check.check.0 == "gateways" && check.status == expected);
            snapshot = Some(seen);
            if turned {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let snapshot = snapshot.expect("a visit");
        let check = gateways(&snapshot);
        assert_eq!(check.status, expected, "{step}: {}", check.text);
        if step == "cut" {
            assert!(check.text.contains("own-1 to region-2"), "{}", check.text);
        }
        let (near, far) = (names::endpoint("cluster region-1"), names::endpoint("cluster region-2"));
        let links = last.as_ref().expect("links");
        let edge = links.iter().find(|link| (&link.from, &link.to) == (&near, &far));
        let edge = edge.unwrap_or_else(|| panic!("{step}: {links:?}"));
        let evidence = match expected {
            Status::Ok => Evidence::Connected,
            _ => Evidence::Declared,
        };
        assert_eq!((edge.kind, edge.evidence), (LinkKind::Copies, evidence), "{step}");
    }
}

fn leaf(n: usize, ports: &[u16]) -> String {
    let hub = ports[0];
    match n {
        0 => format!("leafnodes {{ listen: \"127.0.0.1:{hub}\" }}\n"),
        _ => format!("leafnodes {{ remotes: [ {{ url: \"nats://app:app@127.0.0.1:{hub}\", account: APP }} ] }}\n"),
    }
}

#[tokio::test]
async fn nats_live_a_leaf_node_has_the_figures_that_its_hub_counts() {
    let Some(own) = OwnServers::start_as(2, leaf, ACCOUNTS).await else {
        return;
    };
    let (hub, outside) = (own.endpoints_of("own-1"), own.endpoints_of("own-2"));
    let reader = client(&hub, "reader").await;
    let mut orders = reader.subscribe("orders.new").await.expect("it listens");
    let writer = client(&outside, "writer").await;
    let page = |leafz: &Value, name: &str| leafz["leafs"][0][name].as_f64();
    // Until the leaf node knows who listens behind it.
    for _ in 0..50 {
        let leafz = own.page("own-2", "leafz?subs=1").await;
        if leafz.to_string().contains("orders.new") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for _ in 0..25 {
        writer
            .publish("orders.new", "an order".into())
            .await
            .expect("it is sent");
    }
    writer.flush().await.expect("it is sent");
    for n in 0..25 {
        let heard = tokio::time::timeout(Duration::from_secs(5), orders.next()).await;
        assert!(heard.is_ok_and(|message| message.is_some()), "order {n}");
    }
    for who in ["own-1", "own-2"] {
        let mut collector = collector(login(&own.endpoints_of(who), "sys"));
        let before = own.page(who, "leafz").await;
        let snapshot = collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{who}: {error}"));
        let after = own.page(who, "leafz").await;
        let other = if who == "own-1" { "own-2" } else { "own-1" };
        let key = names::endpoint(&format!("leaf node {other}"));
        for (metric, field) in [
            (metrics::PUBLISHED, "in_msgs"),
            (metrics::DELIVERED, "out_msgs"),
            (metrics::NATS_RECEIVED_BYTES, "in_bytes"),
            (metrics::NATS_SENT_BYTES, "out_bytes"),
            (metrics::NATS_SUBSCRIPTIONS, "subscriptions"),
        ] {
            let told = value(&snapshot, &key, metric).unwrap_or_else(|| panic!("{who}: no {metric} of {key:?}"));
            let (least, most) = (page(&before, field).unwrap(), page(&after, field).unwrap());
            assert!(
                least <= told && told <= most,
                "{who} {metric}: {least} <= {told} <= {most}"
            );
        }
        let orders = if who == "own-1" {
            metrics::PUBLISHED
        } else {
            metrics::DELIVERED
        };
        assert!(value(&snapshot, &key, orders).is_some_and(|told| told >= 25.0), "{who}");
        let links = snapshot.links.as_ref().expect("the first visit tells all");
        let near = names::endpoint(&format!("server {who}"));
        let edge = links.iter().find(|link| (&link.from, &link.to) == (&key, &near));
        let label = edge.and_then(|edge| edge.label.as_deref());
        assert_eq!(label, Some("leaf node, account APP"), "{who}: {links:?}");
    }
}
