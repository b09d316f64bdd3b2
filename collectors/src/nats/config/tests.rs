//! What the settings of a NATS connection may be.

use serde_json::json;

use super::*;

fn settings(value: serde_json::Value) -> Settings {
    serde_json::from_value(value).expect("an object")
}

fn problems(value: serde_json::Value) -> Vec<String> {
    match parse(&settings(value)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn an_address_of_either_kind_is_enough() {
    let config = parse(&settings(json!({"servers": "nats-1, tls://nats-2:4443"})))
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.servers, ["nats://nats-1:4222", "tls://nats-2:4443"]);
    assert_eq!((config.interval.as_secs(), config.timeout.as_secs()), (15, 5));
    let config = parse(&settings(
        json!({"monitoring_urls": ["http://nats-1:8222/varz?x=1", "https://p/nats/"]}),
    ))
    .unwrap_or_else(|problems| panic!("{problems:?}"));
    let urls: Vec<_> = config.monitoring.iter().map(Url::as_str).collect();
    assert_eq!(urls, ["http://nats-1:8222/", "https://p/nats/"]);
}

#[test]
fn every_wrong_field_is_named() {
    for (given, fields) in [
        (json!({}), vec!["servers"]),
        (json!({"servers": ["http://nats:4222"]}), vec!["servers"]),
        (json!({"servers": ["nats://u:p@nats"]}), vec!["servers"]),
        (json!({"monitoring_urls": ["nats:8222"]}), vec!["monitoring_urls"]),
        (
            json!({"servers": ["nats"], "login": "password"}),
            vec!["user", "password"],
        ),
        (json!({"servers": ["nats"], "login": "token"}), vec!["token"]),
        (
            json!({"servers": ["nats"], "login": "credentials", "credentials": "x"}),
            vec!["credentials"],
        ),
        (
            json!({"servers": ["nats"], "login": "nkey", "nkey_seed": "UABC"}),
            vec!["nkey_seed"],
        ),
        (json!({"servers": ["nats"], "login": "smile"}), vec!["login"]),
        (
            json!({"servers": ["nats"], "client_key": "x"}),
            vec!["client_certificate"],
        ),
        (
            json!({"servers": ["nats"], "ca_certificate": "x"}),
            vec!["ca_certificate"],
        ),
        (
            json!({"servers": ["nats"], "inbox_prefix": "_IN BOX"}),
            vec!["inbox_prefix"],
        ),
        (
            json!({"servers": ["nats"], "interval_seconds": 1}),
            vec!["interval_seconds"],
        ),
    ] {
        assert_eq!(problems(given.clone()), fields, "{given}");
    }
}

#[test]
fn a_login_inside_an_address_is_not_repeated() {
    let Err(problems) = parse(&settings(json!({"servers": ["nats://u:hunter2@nats"]}))) else {
        panic!("it is refused")
    };
    assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
}

#[test]
fn the_table_has_each_key_once_and_secrets_are_marked() {
    let fields = super::super::fields::fields();
    let mut keys: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), fields.len());
    let secrets = fields.iter().filter(|field| field.kind.is_secret());
    let secrets: Vec<_> = secrets.map(|field| field.key.as_str()).collect();
    assert_eq!(secrets, ["password", "token", "credentials", "nkey_seed", "client_key"]);
}
