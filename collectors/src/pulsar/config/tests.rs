//! What the settings of a Pulsar connection may be.

use serde_json::{Value, json};

use super::given::root;
use super::*;

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).expect("an object")
}

fn parsed(extra: Value) -> Result<Config, Vec<FieldProblem>> {
    let mut all = settings(json!({"admin_urls": ["http://pulsar:8080"]}));
    all.extend(settings(extra));
    parse(&all)
}

fn problems(extra: Value) -> Vec<String> {
    match parsed(extra) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn an_address_is_enough() {
    let config = parsed(json!({})).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(config.admin[0].as_str(), "http://pulsar:8080/");
    assert_eq!((config.interval.as_secs(), config.timeout.as_secs()), (60, 10));
    assert!(config.find_brokers && !config.tls.insecure && matches!(config.login, Login::None));
    assert!(config.wants("any/thing"));
}

#[test]
fn a_token_is_taken_with_and_without_the_prefix_of_client_libraries() {
    for text in ["abc.def", "token:abc.def", " abc.def\n"] {
        let config = parsed(json!({"login": "token", "token": text})).unwrap_or_else(|problems| panic!("{problems:?}"));
        assert!(
            matches!(config.login, Login::Token(token) if token == "abc.def"),
            "{text:?}"
        );
    }
}

#[test]
fn namespaces_may_be_whole_tenants() {
    let config = parsed(json!({"namespaces": ["shop/orders", "web"]})).unwrap_or_else(|p| panic!("{p:?}"));
    for (namespace, wanted) in [
        ("shop/orders", true),
        ("shop/other", false),
        ("web/a", true),
        ("webby/a", false),
    ] {
        assert_eq!(config.wants(namespace), wanted, "{namespace}");
    }
}

#[test]
fn every_wrong_field_is_named() {
    for (extra, fields) in [
        (json!({"admin_urls": []}), vec!["admin_urls"]),
        (json!({"admin_urls": ["pulsar://p:6650"]}), vec!["admin_urls"]),
        (json!({"admin_urls": ["http://u:pass@p:8080"]}), vec!["admin_urls"]),
        (json!({"login": "kerberos"}), vec!["login"]),
        (json!({"login": "token"}), vec!["token"]),
        (json!({"login": "basic"}), vec!["user", "password"]),
        (json!({"namespaces": ["a/b/c", "/x"]}), vec!["namespaces", "namespaces"]),
        (json!({"interval_seconds": 4}), vec!["interval_seconds"]),
        (json!({"timeout_seconds": 61}), vec!["timeout_seconds"]),
        (json!({"ca_certificate": "x"}), vec!["ca_certificate"]),
        (json!({"client_certificate": "x"}), vec!["client_key"]),
        (json!({"interval_seconds": "20", "timeout_seconds": null}), vec![]),
    ] {
        assert_eq!(problems(extra.clone()), fields, "{extra}");
    }
}

#[test]
fn pasted_paths_of_the_api_are_cut_back_to_the_root() {
    for (text, expected) in [
        ("http://p:8080", "http://p:8080/"),
        ("http://p:8080/admin/v2/brokers/health", "http://p:8080/"),
        ("https://gate/pulsar/admin/v2", "https://gate/pulsar/"),
        ("http://p:8080/metrics/", "http://p:8080/"),
        ("http://[::1]:8080", "http://[::1]:8080/"),
    ] {
        assert_eq!(root(text).as_ref().map(Url::as_str), Ok(expected), "{text}");
    }
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
    assert_eq!(secrets, ["token", "password", "client_key"]);
}
