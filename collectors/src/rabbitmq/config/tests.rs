//! What the settings of a RabbitMQ connection may be.

use serde_json::{Value, json};

use super::given::root;
use super::*;

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).expect("an object")
}

fn problems(extra: Value) -> Vec<String> {
    let mut all = settings(json!({"management_urls": ["http://rabbit:15672"], "user": "watcher", "password": "p"}));
    all.extend(settings(extra));
    match parse(&all) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn three_fields_are_enough() {
    let config = parse(&settings(
        json!({"management_urls": "http://a:15672, https://b/rabbit/ ", "user": "u", "password": "p"}),
    ))
    .unwrap_or_else(|problems| panic!("{problems:?}"));
    let urls: Vec<_> = config.management.iter().map(Url::as_str).collect();
    assert_eq!(urls, ["http://a:15672/", "https://b/rabbit/"]);
    assert_eq!((config.interval.as_secs(), config.timeout.as_secs()), (15, 10));
    assert!(config.wants_vhost("anything") && !config.tls.insecure);
}

#[test]
fn every_wrong_field_is_named() {
    let wrong = json!({"management_urls": ["rabbit:15672", "ftp://x"], "interval_seconds": 1, "user": " ",
        "ca_certificate": "no PEM", "client_key": "no PEM"});
    let Err(problems) = parse(&settings(wrong)) else {
        panic!("all of it is wrong")
    };
    let mut fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    fields.dedup();
    let expected = [
        "management_urls",
        "user",
        "password",
        "ca_certificate",
        "client_certificate",
        "interval_seconds",
    ];
    assert_eq!(fields, expected);
    assert!(problems.iter().all(|problem| !problem.remedy.is_empty()));
}

#[test]
fn values_out_of_range_and_odd_addresses_are_refused() {
    for (extra, field) in [
        (json!({"management_urls": []}), "management_urls"),
        (json!({"management_urls": ["http://"]}), "management_urls"),
        (
            json!({"management_urls": ["http://user:pass@rabbit:15672"]}),
            "management_urls",
        ),
        (json!({"prometheus_urls": ["15692"]}), "prometheus_urls"),
        (json!({"interval_seconds": 3_601}), "interval_seconds"),
        (json!({"interval_seconds": "soon"}), "interval_seconds"),
        (json!({"timeout_seconds": 0}), "timeout_seconds"),
        (json!({"timeout_seconds": -1}), "timeout_seconds"),
        (json!({"client_certificate": "x"}), "client_key"),
    ] {
        assert_eq!(problems(extra.clone()), [field], "{extra}");
    }
    assert!(problems(json!({"interval_seconds": "20", "timeout_seconds": null, "tls_insecure": "true"})).is_empty());
}

#[test]
fn pasted_paths_of_the_api_are_cut_back_to_the_root() {
    for (text, expected) in [
        ("http://r:15672", "http://r:15672/"),
        ("http://r:15672/api/", "http://r:15672/"),
        ("http://r:15672/#/queues", "http://r:15672/"),
        ("https://r/prefix/api?x=1", "https://r/prefix/"),
        ("http://r:15692/metrics", "http://r:15692/"),
        ("http://[::1]:15672", "http://[::1]:15672/"),
    ] {
        assert_eq!(root(text).as_ref().map(Url::as_str), Ok(expected), "{text}");
    }
}

#[test]
fn a_login_inside_an_address_is_not_repeated() {
    let given = settings(json!({"management_urls": ["http://u:hunter2@rabbit"], "user": "u", "password": "p"}));
    let Err(problems) = parse(&given) else {
        panic!("it is refused")
    };
    assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
}

#[test]
fn the_table_has_each_key_once_and_secrets_are_marked() {
    let fields = fields();
    let mut keys: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), fields.len());
    let secrets: Vec<_> = fields
        .iter()
        .filter(|field| field.kind.is_secret())
        .map(|field| field.key.as_str())
        .collect();
    assert_eq!(secrets, ["password", "client_key"]);
}
