//! A mirror that is behind, and a replica that is gone, on servers of the test's own.

use std::time::Duration;

use brokerscope_contract::{EntityKey, Snapshot, Status, Timestamp, metrics};
use serde_json::{Value, json};

use super::live_tests::{api, client, collector, login, now, publish, stream, told, value};
use super::names;
use super::own_servers::{ACCOUNTS, OwnServers};

const COUNT: usize = 200_000;

fn check(snapshot: &Snapshot, id: &str, of: &EntityKey) -> (Status, String) {
    let found = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == id && check.entity == *of);
    let found = found.unwrap_or_else(|| panic!("no check {id}: {:?}", snapshot.checks));
    (found.status, found.text.clone())
}

fn placed(on: &str, more: Value) -> Value {
    let mut config = json!({"storage": "file", "num_replicas": 1, "placement": {"tags": [on]}});
    config
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    config
}

#[tokio::test]
async fn nats_live_a_mirror_whose_origin_hangs_stays_behind_by_what_the_server_says() {
    let Some(own) = OwnServers::start(3, ACCOUNTS).await else {
        return;
    };
    // Neither the client nor the collector sits on the server that will hang.
    let client = client(&own.endpoints_of("own-2"), "live-test").await;
    stream(&client, "ORIGIN", placed("own-1", json!({}))).await;
    for n in 0..COUNT {
        client
            .publish("ORIGIN.new", format!("order {n:0100}").into())
            .await
            .unwrap();
    }
    client.flush().await.unwrap();
    for _ in 0..100 {
        let origin = api(&client, "STREAM.INFO.ORIGIN", Value::Null).await;
        if origin["state"]["messages"] == COUNT {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let body = placed("own-2", json!({"name": "COPY", "mirror": {"name": "ORIGIN"}}));
    let made = api(&client, "STREAM.CREATE.COPY", body).await;
    assert!(made["error"].is_null(), "{made}");
    let info = async || api(&client, "STREAM.INFO.COPY", Value::Null).await;
    // It is on its way as soon as something came over.
    while info().await["state"]["messages"].as_u64().unwrap_or(0) == 0 {
        tokio::task::yield_now().await;
    }
    own.pause("own-1");
    tokio::time::sleep(Duration::from_millis(500)).await;
    let truth = info().await;
    let lag = truth["mirror"]["lag"].as_f64().expect("a lag");
    assert!(lag > 0.0, "it was quicker than this test: {truth}");
    let mut collector = collector(login(&own.endpoints_of("own-2"), "sys"));
    let snapshot = collector.collect(now()).await.expect("two answer");
    told(&snapshot);
    let copy = names::stream("APP", "COPY");
    assert_eq!(value(&snapshot, &copy, metrics::NATS_SOURCE_LAG), Some(lag), "{truth}");
    assert_eq!(
        value(&snapshot, &copy, metrics::NATS_MESSAGES_HELD),
        truth["state"]["messages"].as_f64()
    );
    let account = names::account("APP");
    assert_eq!(
        check(&snapshot, "sources", &account).0,
        Status::Ok,
        "for a minute it may be busy"
    );
    tokio::time::sleep(Duration::from_secs(61)).await;
    let silent = collector.collect(now()).await.expect("two answer");
    let (status, text) = check(&silent, "sources", &account);
    assert_eq!(status, Status::Warning, "{text}");
    assert!(text.contains("ORIGIN of COPY"), "{text}");
    assert!(value(&silent, &copy, metrics::NATS_SOURCE_SILENCE).is_some_and(|seconds| seconds > 60.0));

    own.wake("own-1");
    let mut at = now();
    for _ in 0..120 {
        at = at.plus_millis(60_000);
        let snapshot = collector.collect(at).await.expect("all answer");
        let held = value(&snapshot, &copy, metrics::NATS_MESSAGES_HELD);
        let lag = value(&snapshot, &copy, metrics::NATS_SOURCE_LAG);
        if (held, lag) == (Some(COUNT as f64), Some(0.0)) {
            assert_eq!(check(&snapshot, "sources", &account).0, Status::Ok);
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("it never catches up: {}", info().await);
}

/// Visits until both checks stand so.
async fn until(collector: &mut Box<dyn crate::collector::Collector>, at: &mut Timestamp, expected: Status) -> Snapshot {
    let mut last = String::new();
    for _ in 0..60 {
        *at = at.plus_millis(60_000);
        // The visit on which a connection turns out to be lost fails.
        if let Ok(snapshot) = collector.collect(*at).await {
            let of = |id: &str, key: &EntityKey| {
                let mut checks = snapshot.checks.iter();
                let found = checks.find(|check| check.check.0 == id && check.entity == *key);
                found.map(|check| (check.status, check.text.clone()))
            };
            let both = [
                of("replicas", &names::account("APP")),
                of("meta_peers", &EntityKey::cluster()),
            ];
            if both
                .iter()
                .all(|check| check.as_ref().is_some_and(|(status, _)| *status == expected))
            {
                return snapshot;
            }
            last = format!("{both:?}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("they do not come to {expected:?}: {last}");
}

#[tokio::test]
async fn nats_live_a_replica_that_is_down_turns_the_checks_of_stream_and_meta_group() {
    let Some(mut own) = OwnServers::start(3, ACCOUNTS).await else {
        return;
    };
    let client = client(&own.endpoints_of("own-1"), "live-test").await;
    stream(&client, "ORDERS", json!({"storage": "file", "num_replicas": 3})).await;
    publish(&client, "ORDERS", 10).await;
    let mut collector = collector(login(&own.endpoints_of("own-1"), "sys"));
    let mut at = now();
    let whole = until(&mut collector, &mut at, Status::Ok).await;
    let orders = names::stream("APP", "ORDERS");
    assert_eq!(value(&whole, &orders, metrics::NATS_REPLICAS_MISSING), Some(0.0));
    own.kill("own-3");
    let torn = until(&mut collector, &mut at, Status::Warning).await;
    assert_eq!(value(&torn, &orders, metrics::NATS_REPLICAS_MISSING), Some(1.0));
    let text = check(&torn, "meta_peers", &EntityKey::cluster()).1;
    assert!(text.contains("own-3"), "{text}");
    let truth = api(&client, "STREAM.INFO.ORDERS", Value::Null).await;
    let peers = truth["cluster"]["replicas"].as_array().expect("replicas");
    let ill = |peer: &&Value| peer["offline"] == true || peer["current"] != true;
    let ill: Vec<&Value> = peers.iter().filter(ill).map(|peer| &peer["name"]).collect();
    assert_eq!(ill, ["own-3"], "{truth}");
    own.start_again("own-3").await;
    until(&mut collector, &mut at, Status::Ok).await;
}
