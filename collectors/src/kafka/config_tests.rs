//! What the settings accept, and which field is named when they do not.

use serde_json::json;

use super::*;

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).unwrap()
}

fn wrong_fields(value: Value) -> Vec<String> {
    match parse(&settings(value)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.field).collect(),
    }
}

#[test]
fn one_address_is_enough_and_the_port_has_a_default() {
    let config = parse(&settings(json!({"bootstrap_servers": ["kafka.example"]})))
        .ok()
        .unwrap();
    assert_eq!(config.bootstrap[0].to_string(), "kafka.example:9092");
    assert_eq!(config.security_protocol(), "PLAINTEXT");
    assert_eq!(config.interval_seconds, DEFAULT_INTERVAL_SECONDS);
    assert!(config.topics.admits("anything"));
}

#[test]
fn addresses_are_read_in_every_form_that_has_one_meaning() {
    for (text, expected) in [
        ("a", Some("a:9092")),
        ("a:1", Some("a:1")),
        ("10.0.0.1:9093", Some("10.0.0.1:9093")),
        ("[::1]", Some("[::1]:9092")),
        ("[fe80::1]:9094", Some("[fe80::1]:9094")),
        ("a:0", None),
        ("a:70000", None),
        ("a:", None),
        (":9092", None),
        ("::1", None),
        ("kafka://a:1", None),
        ("a b:1", None),
        ("user@a:1", None),
    ] {
        assert_eq!(
            address(text).ok().map(|a| a.to_string()).as_deref(),
            expected,
            "{text:?}"
        );
    }
}

#[test]
fn every_wrong_field_is_named_at_once() {
    for (given, expected) in [
        (json!({}), vec!["bootstrap_servers"]),
        (
            json!({"bootstrap_servers": ["a:x", "b:1"], "interval_seconds": 1}),
            vec!["bootstrap_servers", "interval_seconds"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "security_protocol": "SASL_SSL"}),
            vec!["user", "password"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "GSSAPI",
                "user": "u", "password": "p"}),
            vec!["sasl_mechanism"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "security_protocol": "SSL", "ca_certificate": "not pem"}),
            vec!["ca_certificate"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "security_protocol": "SSL",
                "client_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"}),
            vec!["client_certificate"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "security_protocol": "TLS"}),
            vec!["security_protocol"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "connect_urls": ["connect-1:8083"]}),
            vec!["connect_urls"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "connect_user": "u", "connect_password": "p"}),
            vec!["connect_urls"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "connect_urls": ["http://c:8083"], "connect_user": "u"}),
            vec!["connect_password"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "schema_registry_urls": ["http://r:8081"], "schema_registry_token": "t",
                "schema_registry_user": "u", "schema_registry_password": "p"}),
            vec!["schema_registry_token"],
        ),
        (
            json!({"bootstrap_servers": ["a"], "connect_urls": ["https://c:8083"],
                "schema_registry_urls": ["https://r:8081"], "rest_ca_certificate": "not pem"}),
            vec!["rest_ca_certificate"],
        ),
    ] {
        assert_eq!(wrong_fields(given.clone()), expected, "{given}");
    }
}

#[test]
fn a_login_inside_an_address_is_refused_and_not_repeated() {
    let given = json!({"bootstrap_servers": ["a"], "connect_urls": ["http://me:hunter2@c:8083"]});
    let problems = parse(&settings(given)).err().unwrap();
    assert_eq!(problems[0].field, "connect_urls");
    assert!(!format!("{problems:?}").contains("hunter2"), "{problems:?}");
}

#[test]
fn what_stands_beside_a_cluster_is_optional() {
    let config = parse(&settings(json!({"bootstrap_servers": ["a"]}))).ok().unwrap();
    assert!(config.connect.is_none() && config.registry.is_none());
    let given = json!({"bootstrap_servers": ["a"], "connect_urls": ["http://c1:8083/connectors", "http://c2:8083"],
        "schema_registry_urls": ["https://r/apis/ccompat/v7"]});
    let config = parse(&settings(given)).ok().unwrap();
    let roots =
        |service: Option<Service>| -> Vec<String> { service.unwrap().roots.iter().map(ToString::to_string).collect() };
    assert_eq!(roots(config.connect), ["http://c1:8083/", "http://c2:8083/"]);
    assert_eq!(roots(config.registry), ["https://r/apis/ccompat/v7/"]);
}

#[test]
fn what_the_protocol_does_not_use_is_not_read() {
    let given = json!({"bootstrap_servers": ["a"], "security_protocol": "PLAINTEXT", "user": "u",
        "ca_certificate": "left over"});
    let config = parse(&settings(given)).ok().unwrap();
    assert!(config.sasl.is_none() && config.tls.is_none());
}

#[test]
fn the_table_has_each_key_once_and_conditions_name_existing_fields() {
    let fields = crate::kafka::fields::fields();
    for field in &fields {
        assert_eq!(
            fields.iter().filter(|other| other.key == field.key).count(),
            1,
            "{}",
            field.key
        );
        if let Some(when) = &field.only_when {
            assert!(fields.iter().any(|other| other.key == when.key), "{}", field.key);
        }
    }
}
