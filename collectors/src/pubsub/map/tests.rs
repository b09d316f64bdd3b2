//! What is made of the answers that Google's own in-memory server gave.

use brokerscope_contract::{LinkKind, Status};

use super::*;
use crate::pubsub::inventory::Listed;
use crate::pubsub::wire::{Page, Subscriptions, Topics};

fn recorded<P: Page + serde::de::DeserializeOwned>(file: &str) -> Listed<P::Item> {
    let path = format!("{}/src/pubsub/testdata/pstest-2.8.1/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let page: P = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (items, next) = page.into_parts();
    assert_eq!(next, None);
    Listed { items, pages: 1 }
}

fn shop() -> Inventories {
    let mut inventory = Inventory::default();
    let (topics, subscriptions) = (
        recorded::<Topics>("topics.json"),
        recorded::<Subscriptions>("subscriptions.json"),
    );
    inventory.update(Some(topics), Some(subscriptions), brokerscope_contract::Timestamp(1));
    Inventories::from([("shop".to_string(), inventory)])
}

#[test]
fn every_setting_of_a_real_answer_is_read() {
    let inventories = shop();
    let entities = subscriptions::entities("shop", &inventories["shop"]);
    let shown = |name: &str| -> Vec<String> {
        let entity = entities.iter().find(|entity| entity.key.name() == name).unwrap();
        let shown = entity.attributes.iter();
        shown.map(|a| format!("{}={}", a.name, a.value)).collect()
    };
    let billing = [
        "delivery=pull",
        "ackDeadlineSeconds=10",
        "enableMessageOrdering=true",
        "enableExactlyOnceDelivery=true",
        "deadLetterTopic=projects/shop/topics/orders-dead",
        "filter=attributes.kind = \"order\"",
        "messageRetentionDuration=604800s",
    ];
    assert_eq!(shown("billing"), billing);
    for (name, part) in [
        ("hook", "deliversTo=https://shop.example/hook"),
        ("warehouse", "deliversTo=bigquery:shop.raw.orders"),
        ("archive", "deliversTo=gs://archive"),
        ("orphan", "state=orphaned"),
    ] {
        assert!(
            shown(name).iter().any(|shown| shown == part),
            "{name}: {:?}",
            shown(name)
        );
    }
    assert!(!shown("hook").concat().contains("hunter2"));
}

#[test]
fn links_follow_from_the_settings() {
    let links = links::links(&shop());
    let count = |kind: LinkKind| links.iter().filter(|link| link.kind == kind).count();
    assert_eq!(
        (
            count(LinkKind::Subscribes),
            count(LinkKind::Delivers),
            count(LinkKind::DeadLetter)
        ),
        (6, 3, 1)
    );
    let told: BTreeMap<String, (Status, String)> = state::checks("shop", &shop())
        .into_iter()
        .map(|result| (result.check.0, (result.status, result.text)))
        .collect();
    assert_eq!(told["dead_letter_topics"].0, Status::Ok);
    assert!(told["detached"].1.contains("1 of 7 subscriptions: orphan"), "{told:?}");
    assert_eq!(told["unread_topics"].0, Status::Ok, "{told:?}");
}

#[test]
fn an_old_inventory_in_the_one_project_says_nothing_of_another() {
    assert!(state::checks("elsewhere", &shop()).is_empty());
}

#[test]
fn many_names_are_cut() {
    let names: Vec<String> = ["a", "b", "c", "d", "e"].map(String::from).into();
    assert_eq!(state::few(&names), "a, b, c and 2 more");
    assert_eq!(state::few(&names[..1]), "a");
}
