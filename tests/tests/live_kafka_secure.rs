//! Against a real Kafka with TLS, logins and permissions: *Test* names what is wrong, and what is missing stays all that is.

use std::collections::BTreeSet;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityDetail, EntityRow, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::metrics::{LAG, PUBLISHED, STORED_BYTES};
use brokerscope_contract::{Absence, MetricId, StepOutcome, Verdict};
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::secure::{all_pass, connect, fails_at, leaked, pem, probe, said, step, troubled, view};
use brokerscope_tests::{Product, kafka};
use serde_json::{Value, json};

const WRONG: &str = "not-the-password";

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}.{nanos}")
}

/// Settings for a listener of the secured node, by the name that `endpoints.json` has for it.
fn settings(endpoints: &Endpoints, listener: &str, protocol: &str, more: Value) -> Value {
    let mut settings = json!({"bootstrap_servers": [endpoints.secured[listener]], "security_protocol": protocol,
        "interval_seconds": 5});
    add(&mut settings, more);
    settings
}

fn add(settings: &mut Value, more: Value) {
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().expect("an object").extend(more);
}

fn login(endpoints: &Endpoints, user: &str) -> Value {
    json!({"user": user, "password": endpoints.users[user], "ca_certificate": pem(endpoints, "ca.pem")})
}

/// As `user`, over TLS, with the plainest mechanism.
fn as_user(endpoints: &Endpoints, user: &str) -> Value {
    settings(endpoints, "login_tls", "SASL_SSL", login(endpoints, user))
}

fn certificate(endpoints: &Endpoints, name: &str) -> Value {
    json!({"ca_certificate": pem(endpoints, "ca.pem"), "client_certificate": pem(endpoints, &format!("{name}.pem")),
        "client_key": pem(endpoints, &format!("{name}.key"))})
}

/// A topic with 30 messages and a group that has read 10 of them.
async fn traffic(endpoints: &Endpoints) -> (String, String) {
    let (topic, group) = (unique("orders"), unique("billing"));
    kafka::create_topic(endpoints, &topic, 2).await;
    kafka::produce(endpoints, &topic, 30).await;
    kafka::consume(endpoints, &topic, &group, 10).await;
    (topic, group)
}

#[tokio::test]
async fn every_way_in_that_the_listeners_offer_is_taken() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let (topic, _) = traffic(&endpoints).await;
    let product = Product::start().await;
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let mut given = as_user(&endpoints, "watcher");
        add(&mut given, json!({"sasl_mechanism": mechanism}));
        all_pass(mechanism, &probe(&product, "kafka", &given).await);
    }
    let mut given = settings(&endpoints, "login", "SASL_PLAINTEXT", login(&endpoints, "watcher"));
    add(&mut given, json!({"sasl_mechanism": "SCRAM-SHA-256"}));
    all_pass("without TLS", &probe(&product, "kafka", &given).await);
    let given = settings(
        &endpoints,
        "client_certificate",
        "SSL",
        certificate(&endpoints, "client"),
    );
    all_pass("a client certificate", &probe(&product, "kafka", &given).await);
    let mut given = settings(
        &endpoints,
        "client_certificate",
        "SSL",
        certificate(&endpoints, "client"),
    );
    let encrypted = pem(&endpoints, "client-encrypted.key");
    add(
        &mut given,
        json!({"client_key": encrypted, "client_key_password": "secret-of-the-key"}),
    );
    all_pass("an encrypted key", &probe(&product, "kafka", &given).await);
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn what_is_wrong_with_tls_is_said_at_the_step_of_tls() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let product = Product::start().await;
    let ca = || json!({"ca_certificate": pem(&endpoints, "ca.pem")});
    let plain = {
        let mut settings = settings(&endpoints, "login", "SSL", ca());
        settings["bootstrap_servers"] = json!(endpoints.bootstrap);
        settings
    };
    for (what, given, words) in [
        (
            "no authority",
            settings(&endpoints, "expired", "SSL", json!({})),
            &["not accepted", "Paste the authority"][..],
        ),
        (
            "another authority",
            settings(
                &endpoints,
                "by_name",
                "SSL",
                json!({"ca_certificate": pem(&endpoints, "foreign-ca.pem")}),
            ),
            &["authority that is not known"],
        ),
        (
            "another name",
            settings(&endpoints, "by_name", "SSL", ca()),
            &["another host name"],
        ),
        (
            "an old certificate",
            settings(&endpoints, "expired", "SSL", ca()),
            &["has expired"],
        ),
        (
            "no client certificate",
            settings(&endpoints, "client_certificate", "SSL", ca()),
            &[
                "wants a client certificate, and none is configured",
                "Give a client certificate",
            ],
        ),
        (
            "a client certificate of another authority",
            settings(
                &endpoints,
                "client_certificate",
                "SSL",
                certificate(&endpoints, "foreign-client"),
            ),
            &["does not accept the client certificate", "trusted by the broker"],
        ),
        ("a plain port", plain, &["does not speak TLS", "without TLS"]),
    ] {
        let steps = probe(&product, "kafka", &given).await;
        fails_at(what, &steps, "TLS with", words);
    }
    let mut unchecked = settings(&endpoints, "by_name", "SSL", ca());
    add(&mut unchecked, json!({"check_hostname": false}));
    let steps = probe(&product, "kafka", &unchecked).await;
    assert_eq!(step(&steps, "TLS with").outcome, StepOutcome::Limited, "{steps:#?}");
    assert_eq!(step(&steps, "First answer").outcome, StepOutcome::Passed, "{steps:#?}");
    let plain_to_tls = settings(&endpoints, "by_name", "PLAINTEXT", json!({}));
    let steps = probe(&product, "kafka", &plain_to_tls).await;
    fails_at(
        "plain to TLS",
        &steps,
        "Kafka at",
        &["closed the connection", "probably wants TLS"],
    );
}

#[tokio::test]
async fn what_is_wrong_with_the_login_is_said_at_the_step_of_the_login() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let product = Product::start().await;
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let mut given = as_user(&endpoints, "watcher");
        add(&mut given, json!({"sasl_mechanism": mechanism, "password": WRONG}));
        let steps = probe(&product, "kafka", &given).await;
        fails_at(
            mechanism,
            &steps,
            "Login at",
            &["refused the login", mechanism, "Check user and password"],
        );
    }
    let given = settings(&endpoints, "login", "SASL_PLAINTEXT", login(&endpoints, "watcher"));
    let steps = probe(&product, "kafka", &given).await;
    fails_at(
        "a mechanism that is not offered",
        &steps,
        "Login at",
        &["does not offer the login mechanism PLAIN; it offers SCRAM-SHA-256."],
    );
    let given = settings(&endpoints, "login", "PLAINTEXT", json!({}));
    let steps = probe(&product, "kafka", &given).await;
    fails_at("no login", &steps, "First answer", &["probably wants a login"]);
    let mut given = as_user(&endpoints, "watcher");
    add(
        &mut given,
        json!({"bootstrap_servers": endpoints.bootstrap, "security_protocol": "SASL_PLAINTEXT"}),
    );
    let steps = probe(&product, "kafka", &given).await;
    fails_at("a login that is not wanted", &steps, "Login at", &["takes no login"]);
}

#[tokio::test]
async fn each_missing_permission_is_named_and_the_rest_is_visible() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let (topic, _group) = traffic(&endpoints).await;
    let product = Product::start().await;
    for (user, missing) in [
        ("watcher", &[][..]),
        (
            "no-cluster",
            &["Permission: describe the cluster", "Permission: sizes on disk"],
        ),
        ("no-topics", &["Permission: describe topics"]),
        ("no-configs", &["Permission: settings of topics"]),
        (
            "no-groups",
            &[
                "Permission: members of consumer groups",
                "Permission: committed offsets",
            ],
        ),
        (
            "nobody",
            &[
                "Permission: describe the cluster",
                "Permission: describe topics",
                "Permission: sizes on disk",
            ],
        ),
    ] {
        let steps = probe(&product, "kafka", &as_user(&endpoints, user)).await;
        let titles: Vec<&str> = troubled(&steps).into_iter().map(|(title, _)| title).collect();
        assert_eq!(titles, missing, "{user}: {steps:#?}");
        for title in missing {
            let step = step(&steps, title);
            assert_eq!(step.outcome, StepOutcome::Limited, "{user}: {step:?}");
            assert!(said(step).contains("Grant Describe"), "{user}: {step:?}");
        }
    }
    kafka::delete_topic(&endpoints, &topic).await;
}

/// What a connection shows: the names of its topics and groups, and which metrics of them have a value.
type Seen = BTreeSet<(String, MetricId)>;

async fn rows(product: &Product, list: &str, connection: &ConnectionView) -> Vec<EntityRow> {
    let path = format!("{list}?connection={}&internal=true&limit=500", connection.id.0);
    product.get::<Rows>(&path).await.page.items
}

async fn seen(product: &Product, connection: &ConnectionView, names: &[&str]) -> Seen {
    let mut seen = Seen::new();
    for list in [path::DESTINATIONS, path::SUBSCRIPTIONS] {
        for row in rows(product, list, connection).await {
            let name = row.entity.name;
            if names.contains(&name.as_str()) {
                let at = format!("{}/{}", path::ENTITIES, row.entity.id.0);
                let detail: EntityDetail = product.get(&at).await;
                let with_value = detail.metrics.iter().filter(|view| view.reading.value.is_some());
                seen.extend(with_value.map(|view| (name.clone(), view.metric)));
            }
        }
    }
    seen
}

#[tokio::test]
async fn the_documented_permissions_show_as_much_as_all_of_them_do() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let (topic, group) = traffic(&endpoints).await;
    let product = Product::start().await;
    let mut views = Vec::new();
    for user in ["admin", "watcher"] {
        let at = connect(&product, user, "kafka", &as_user(&endpoints, user)).await;
        views.push(view(&product, &at, "an answer", |view| view.last_answer_at.is_some()).await);
    }
    let names = [topic.as_str(), group.as_str()];
    eventually("lag and sizes are known, and to both the same", 90, || async {
        let all = seen(&product, &views[0], &names).await;
        let watched = seen(&product, &views[1], &names).await;
        let known = [(&group, LAG), (&topic, STORED_BYTES), (&topic, PUBLISHED)];
        let is_known = |(name, metric): (&String, MetricId)| all.contains(&(name.clone(), metric));
        (known.into_iter().all(is_known) && all == watched).then_some(())
    })
    .await;
    for connection in &views {
        let now: ConnectionView = product.get(&format!("{}/{}", path::CONNECTIONS, connection.id.0)).await;
        let refused: Vec<_> = now
            .warnings
            .iter()
            .filter(|warning| warning.reason == Absence::NotPermitted)
            .collect();
        assert!(refused.is_empty(), "{}: {refused:?}", now.name);
    }
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn a_connection_warns_of_the_permission_that_it_lacks() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let (topic, group) = traffic(&endpoints).await;
    let product = Product::start().await;
    for (user, words, grant) in [
        ("no-cluster", "Sizes on disk", "Grant Describe on the cluster."),
        ("no-configs", "The settings of", "Grant DescribeConfigs on topics."),
        ("no-groups", "The members of", "Grant Describe on these groups."),
    ] {
        let at = connect(&product, user, "kafka", &as_user(&endpoints, user)).await;
        let view = view(&product, &at, words, |view| {
            view.warnings.iter().any(|warning| warning.text.starts_with(words))
        })
        .await;
        let warning = view
            .warnings
            .iter()
            .find(|warning| warning.text.starts_with(words))
            .unwrap();
        assert_eq!(warning.reason, Absence::NotPermitted, "{warning:?}");
        assert_eq!(warning.remedy.as_deref(), Some(grant), "{warning:?}");
        let topics = rows(&product, path::DESTINATIONS, &view).await;
        assert!(
            topics.iter().any(|row| row.entity.name == topic),
            "{user}: the topic is there"
        );
        let groups = rows(&product, path::SUBSCRIPTIONS, &view).await;
        assert!(
            groups.iter().any(|row| row.entity.name == group),
            "{user}: the group is there"
        );
    }
    kafka::delete_topic(&endpoints, &topic).await;
}

#[tokio::test]
async fn a_connection_that_is_refused_says_why_and_nothing_shows_a_secret() {
    let Some(endpoints) = broker("kafka-secure") else {
        return;
    };
    let product = Product::start().await;
    let key = pem(&endpoints, "client.key");
    let mut wrong = as_user(&endpoints, "watcher");
    add(&mut wrong, json!({"password": WRONG}));
    let mut certified = settings(&endpoints, "by_name", "SSL", certificate(&endpoints, "client"));
    add(&mut certified, json!({"client_key_password": "secret-of-the-key"}));
    for (name, given, words) in [
        ("wrong password", &wrong, "refused the login with PLAIN"),
        ("another name", &certified, "another host name"),
    ] {
        let steps = probe(&product, "kafka", given).await;
        let at = connect(&product, name, "kafka", given).await;
        let view = view(&product, &at, name, |view| {
            view.judgement.verdict == Verdict::Unreachable
        })
        .await;
        assert!(view.judgement.sentence.contains(words), "{}", view.judgement.sentence);
        let shown = format!("{steps:?} {view:?}");
        assert!(!shown.contains(WRONG) && !shown.contains("secret-of-"), "{shown}");
    }
    let at = connect(&product, "right", "kafka", &as_user(&endpoints, "watcher")).await;
    view(&product, &at, "an answer", |view| view.last_answer_at.is_some()).await;
    let body = key.lines().nth(1).expect("a line of the key");
    assert_eq!(
        leaked(
            &product,
            &[WRONG, &endpoints.users["watcher"], "secret-of-the-key", body]
        )
        .await,
        Vec::<String>::new()
    );
}
