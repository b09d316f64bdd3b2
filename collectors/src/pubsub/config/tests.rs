//! What the settings of a Pub/Sub connection may be.

use serde_json::{Value, json};

use super::given::root;
use super::*;

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).expect("an object")
}

fn user_key() -> String {
    json!({"type": "authorized_user", "client_id": "c", "client_secret": "hunter2", "refresh_token": "r"}).to_string()
}

fn problems(extra: Value) -> Vec<String> {
    let mut all = settings(json!({"projects": ["shop"], "key": user_key()}));
    all.extend(settings(extra));
    match parse(&all) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn a_project_and_a_key_are_enough() {
    let given = settings(json!({"projects": "shop, projects/billing\nshop", "key": user_key()}));
    let config = parse(&given).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.projects, ["shop", "billing"]);
    assert_eq!(
        (config.pubsub.as_str(), config.monitoring.as_ref().map(Url::as_str)),
        (PUBSUB_URL, Some(MONITORING_URL))
    );
    assert_eq!((config.interval.as_secs(), config.detail), (60, Detail::Standard));
}

#[test]
fn beside_the_emulator_there_is_no_monitoring_unless_an_address_is_given() {
    let mut given = settings(json!({"projects": "shop", "credentials": "none", "pubsub_url": "localhost:8085"}));
    let config = parse(&given).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.pubsub.as_str(), "http://localhost:8085/");
    assert_eq!(config.monitoring, None);
    given.insert("monitoring_url".into(), json!("http://localhost:8086/v3/"));
    let config = parse(&given).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(
        config.monitoring.as_ref().map(Url::as_str),
        Some("http://localhost:8086/")
    );
}

#[test]
fn each_wrong_field_is_named() {
    for (extra, field) in [
        (json!({"projects": []}), "projects"),
        (json!({"projects": ["My Shop"]}), "projects"),
        (json!({"credentials": "password"}), "credentials"),
        (json!({"key": ""}), "key"),
        (json!({"key": "no JSON"}), "key"),
        (json!({"detail": "everything"}), "detail"),
        (json!({"pubsub_url": "ftp://x"}), "pubsub_url"),
        (json!({"monitoring_url": "https://user:pass@x"}), "monitoring_url"),
        (json!({"interval_seconds": 15}), "interval_seconds"),
        (json!({"inventory_seconds": "soon"}), "inventory_seconds"),
        (json!({"timeout_seconds": 0}), "timeout_seconds"),
    ] {
        assert_eq!(problems(extra.clone()), [field], "{extra}");
    }
    assert!(problems(json!({"credentials": "metadata", "key": null})).is_empty());
}

#[test]
fn what_a_key_holds_is_not_repeated() {
    let given = settings(json!({"projects": "shop", "key": "{\"private_key\": \"hunter2\"}"}));
    let Err(problems) = parse(&given) else {
        panic!("it is refused")
    };
    assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
}

#[test]
fn versions_in_addresses_are_cut_off() {
    for (text, expected) in [
        ("https://x.googleapis.com", "https://x.googleapis.com/"),
        ("https://x/v1/", "https://x/"),
        ("https://x/proxy/v3?y=1", "https://x/proxy/"),
        ("127.0.0.1:8085", "http://127.0.0.1:8085/"),
    ] {
        assert_eq!(root(text).as_ref().map(Url::as_str), Ok(expected), "{text}");
    }
}

#[test]
fn the_table_has_each_key_once_and_says_what_a_day_costs() {
    let fields = fields();
    let mut keys: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), fields.len());
    let secrets = fields.iter().filter(|field| field.kind.is_secret());
    assert_eq!(secrets.map(|field| field.key.as_str()).collect::<Vec<_>>(), ["key"]);
    assert!(fields.iter().any(|field| field.help.contains("standard 17280")));
}
