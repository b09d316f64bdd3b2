//! With Google's own in-memory server: `BROKERSCOPE_TEST_BROKERS=pubsub cargo test -p brokerscope-collectors pubsub`.
//!
//! `cargo xtask brokers up pubsub` starts it. It speaks gRPC only and has no figures, so a small program beside it makes
//! the traffic and says what the server answered; the fake then tells exactly that, and what is shown has to fit.
//! Not checkable this way: delays and gaps of Cloud Monitoring, IAM, and whether a subscription is detached, which this
//! server says neither in its lists nor of the subscription itself: it only delivers nothing to it.

use std::path::Path;
use std::process::Command;

use brokerscope_contract::{EntityKey, EntityKind, LinkKind, MetricId, Timestamp, metrics};
use serde_json::{Value, json};

use super::PubSub;
use super::fake::PubSubFake;
use crate::collector::Factory;

const NOON: i64 = 1_795_435_200_000;

/// What the driver of the stand-in saw, unless this run leaves it out.
fn driven() -> Option<Value> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == "pubsub") {
        println!("not run: needs the broker \"pubsub\" in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/pubsub/endpoints.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let endpoints: Value = serde_json::from_str(&text).expect("endpoints.json is JSON");
    let port = endpoints["bootstrap"][0]
        .as_str()
        .and_then(|address| address.rsplit_once(':'));
    let (_, port) = port.expect("an address with a port");
    let mut command = Command::new(endpoints["ctl"].as_str().expect("the program"));
    let output = command.args(["-port", port, "drive"]).output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    Some(serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}")))
}

#[tokio::test]
async fn what_googles_own_server_did_is_what_is_shown() {
    let Some(driven) = driven() else { return };
    let seen = |what: &str| {
        driven["seen"][what]
            .as_i64()
            .unwrap_or_else(|| panic!("{what}: {driven}"))
    };
    let (waiting, acknowledged, dead) = (seen("still_waiting"), seen("acknowledged"), seen("dead_lettered"));
    assert_eq!(waiting + acknowledged + dead, seen("published"));
    assert_eq!(
        driven["seen"]["delivery_attempts"],
        json!([1, 2, 3, 4, 5]),
        "given up after the fifth"
    );
    assert_eq!(driven["seen"]["order_of_key"], json!(["0", "1", "2"]));
    assert_eq!(seen("again_after_ack"), 0, "exactly once");
    assert_eq!(
        seen("redelivered"),
        3,
        "its deadline passed, and the handle of before does not acknowledge what came again"
    );
    assert_eq!(seen("cut_got"), 0, "detached before anything was published");
    assert_eq!(driven["seen"]["orphans_topic"], json!("_deleted-topic_"));
    let fake = PubSubFake::start().await;
    fake.cloud(|cloud| {
        cloud.now = Some(NOON);
        for list in ["topics", "subscriptions"] {
            for item in driven[list][list].as_array().expect("a list") {
                let name = item["name"].as_str().and_then(|name| name.rsplit('/').next());
                cloud.put("shop", list, name.expect("a name"), item.clone());
            }
        }
        let end = NOON - 10 * 60_000;
        cloud.level("shop", "num_undelivered_messages", "billing", end, waiting);
        cloud.level("shop", "num_undelivered_messages", "look", end, dead);
        cloud.count("shop", "ack_message_count", "billing", end, acknowledged);
        cloud.count("shop", "dead_letter_message_count", "billing", end, dead);
    });
    let settings = json!({"projects": ["shop"], "credentials": "none", "pubsub_url": fake.url(),
        "monitoring_url": fake.url()});
    let mut collector = PubSub
        .build(&serde_json::from_value(settings).unwrap())
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let snapshot = collector.collect(Timestamp(NOON)).await.expect("it answers");
    let last = |kind: EntityKind, name: &str, metric: MetricId| {
        let key = EntityKey::new(kind, ["shop", name]);
        let mut all = snapshot.history.iter();
        let series = all.find(|series| series.entity == key && series.metric == metric)?;
        series.points.last().map(|(_, value)| *value as i64)
    };
    let billing = |metric| last(EntityKind::Subscription, "billing", metric);
    assert_eq!(billing(metrics::DEPTH), Some(waiting));
    assert_eq!(billing(metrics::ACKNOWLEDGED), Some(acknowledged));
    assert_eq!(billing(metrics::DEAD_LETTERED), Some(dead));
    assert_eq!(last(EntityKind::Topic, "orders-dead", metrics::DEPTH), Some(dead));
    let links = snapshot.links.expect("they were listed");
    let orphan = EntityKey::new(EntityKind::Subscription, ["shop", "orphan"]);
    let entity = snapshot
        .entities
        .iter()
        .find(|entity| entity.key == orphan)
        .expect("it is listed");
    let state = entity.attributes.iter().find(|attribute| attribute.name == "state");
    assert_eq!(state.map(|state| state.value.as_str()), Some("orphaned"));
    assert!(links.iter().all(|link| link.to != orphan), "it gets nothing any more");
    let feeds = |link: &&brokerscope_contract::Link| link.kind == LinkKind::DeadLetter;
    let dead_letters: Vec<_> = links.iter().filter(feeds).map(|link| link.to.name()).collect();
    assert_eq!(dead_letters, ["orders-dead"]);
}
