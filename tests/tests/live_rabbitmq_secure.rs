//! Against a real RabbitMQ over TLS and with users who lack something: *Test* names it, and the documented user sees all.

use std::collections::BTreeSet;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::{EntityDetail, Rows};
use brokerscope_contract::api::path;
use brokerscope_contract::metrics::DEPTH;
use brokerscope_contract::{Absence, MetricId, ProbeStep, StepOutcome, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::rabbitmq::{Traffic, make_documented_user, make_user, remove_user};
use brokerscope_tests::secure::{connect, fails_at, leaked, pem, probe, said, step, troubled, view};
use lapin::types::FieldTable;
use serde_json::{Value, json};

const PASSWORD: &str = "secret-of-the-user";
const WRONG: &str = "not-the-password";

fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_nanos();
    format!("{name}-{nanos}")
}

/// Of the default virtual host only: other tests make some of their own.
fn settings(urls: &[String], user: &str, more: Value) -> Value {
    let mut settings = json!({"management_urls": urls, "user": user, "password": PASSWORD, "vhosts": ["/"],
        "interval_seconds": 5});
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().expect("an object").extend(more);
    settings
}

/// By the name in the certificate of the management plugin.
fn over_tls(endpoints: &Endpoints) -> Vec<String> {
    vec![format!("https://{}", endpoints.secured["management"]).replace("127.0.0.1", "localhost")]
}

fn certificate(endpoints: &Endpoints, name: &str) -> Value {
    json!({"ca_certificate": pem(endpoints, "ca.pem"), "client_certificate": pem(endpoints, &format!("{name}.pem")),
        "client_key": pem(endpoints, &format!("{name}.key"))})
}

fn titles(steps: &[ProbeStep]) -> Vec<String> {
    troubled(steps)
        .into_iter()
        .map(|(title, _)| title.to_string())
        .collect()
}

#[tokio::test]
async fn tls_is_taken_and_what_is_wrong_with_it_is_said() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, user) = (Product::start().await, unique("tls"));
    make_user(&endpoints, &user, PASSWORD, "monitoring", &["/"]).await;
    let ca = || json!({"ca_certificate": pem(&endpoints, "ca.pem")});
    let steps = probe(&product, "rabbitmq", &settings(&over_tls(&endpoints), &user, ca())).await;
    assert_eq!(titles(&steps), Vec::<String>::new(), "{steps:#?}");
    let address = [format!("https://{}", endpoints.secured["management"])];
    let plain = [endpoints.management[0].replace("http:", "https:")];
    for (what, urls, more, words) in [
        (
            "no authority",
            &over_tls(&endpoints)[..],
            json!({}),
            &["authority that is not known", "Give the certificate of the authority"][..],
        ),
        ("another name", &address, ca(), &["another host name"]),
        ("a plain port", &plain, ca(), &["does not speak TLS", "Use http://"]),
    ] {
        let steps = probe(&product, "rabbitmq", &settings(urls, &user, more)).await;
        fails_at(what, &steps, "TLS with", words);
    }
    let plain_to_tls = [over_tls(&endpoints)[0].replace("https:", "http:")];
    let steps = probe(&product, "rabbitmq", &settings(&plain_to_tls, &user, json!({}))).await;
    fails_at(
        "plain to TLS",
        &steps,
        "Management API at",
        &["not in HTTP", "https://"],
    );
    let unchecked = settings(&address, &user, json!({"tls_insecure": true}));
    let steps = probe(&product, "rabbitmq", &unchecked).await;
    assert_eq!(step(&steps, "TLS with").outcome, StepOutcome::Limited, "{steps:#?}");
    assert_eq!(titles(&steps).len(), 1, "{steps:#?}");
    remove_user(&endpoints, &user).await;
}

#[tokio::test]
async fn a_prometheus_endpoint_for_clients_with_a_certificate_says_that_it_wants_one() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, user) = (Product::start().await, unique("prometheus"));
    make_user(&endpoints, &user, PASSWORD, "monitoring", &["/"]).await;
    let prometheus = json!([format!("https://{}", endpoints.secured["prometheus"])]);
    let mut given = settings(&over_tls(&endpoints), &user, certificate(&endpoints, "client"));
    given["prometheus_urls"] = prometheus;
    let steps = probe(&product, "rabbitmq", &given).await;
    assert_eq!(titles(&steps), Vec::<String>::new(), "{steps:#?}");
    for key in ["client_certificate", "client_key"] {
        given[key] = Value::Null;
    }
    let steps = probe(&product, "rabbitmq", &given).await;
    let figures = step(&steps, "Figures per queue at");
    assert_eq!(figures.outcome, StepOutcome::Limited, "{steps:#?}");
    let said = said(figures);
    assert!(
        said.contains("wants a client certificate") && said.contains("Give a client certificate"),
        "{said}"
    );
    assert_eq!(titles(&steps).len(), 1, "{steps:#?}");
    remove_user(&endpoints, &user).await;
}

#[tokio::test]
async fn an_older_management_for_clients_with_a_certificate_says_that_it_wants_one() {
    let Some(endpoints) = broker("rabbitmq-3.10") else {
        return;
    };
    let (product, user) = (Product::start().await, unique("certified"));
    make_user(&endpoints, &user, PASSWORD, "monitoring", &["/"]).await;
    let with = |more| settings(&over_tls(&endpoints), &user, more);
    let steps = probe(&product, "rabbitmq", &with(certificate(&endpoints, "client"))).await;
    assert_eq!(titles(&steps), Vec::<String>::new(), "{steps:#?}");
    let steps = probe(
        &product,
        "rabbitmq",
        &with(json!({"ca_certificate": pem(&endpoints, "ca.pem")})),
    )
    .await;
    fails_at(
        "none",
        &steps,
        "TLS with",
        &["client certificate", "Give a client certificate"],
    );
    let steps = probe(&product, "rabbitmq", &with(certificate(&endpoints, "foreign-client"))).await;
    fails_at(
        "a foreign one",
        &steps,
        "TLS with",
        &["client certificate", "trusted by the broker"],
    );
    remove_user(&endpoints, &user).await;
}

async fn each_missing_permission_is_named(name: &str) {
    let Some(endpoints) = broker(name) else { return };
    let product = Product::start().await;
    for (what, tags, vhosts, missing, words) in [
        ("all", "monitoring", &["/"][..], &[][..], ""),
        (
            "no tag",
            "management",
            &["/"],
            &["Login", "Nodes", "Figures per queue"],
            "set_user_tags USER monitoring",
        ),
        (
            "no virtual host",
            "monitoring",
            &[],
            &["Permissions", "What will be visible"],
            "set_permissions -p VHOST USER",
        ),
    ] {
        let user = unique("lacking");
        make_user(&endpoints, &user, PASSWORD, tags, vhosts).await;
        let mut given = settings(&endpoints.management, &user, json!({}));
        given["vhosts"] = if vhosts.is_empty() { json!([]) } else { json!(["/"]) };
        let steps = probe(&product, "rabbitmq", &given).await;
        let titles = titles(&steps);
        assert_eq!(titles.len(), missing.len(), "{what}: {steps:#?}");
        for (title, expected) in titles.iter().zip(missing) {
            assert!(title.starts_with(expected), "{what}: {steps:#?}");
            assert_eq!(
                step(&steps, expected).outcome,
                StepOutcome::Limited,
                "{what}: {steps:#?}"
            );
        }
        if let Some(first) = missing.first() {
            assert!(said(step(&steps, first)).contains(words), "{what}: {steps:#?}");
        }
        remove_user(&endpoints, &user).await;
    }
    let user = unique("untagged");
    make_user(&endpoints, &user, PASSWORD, "", &["/"]).await;
    let steps = probe(&product, "rabbitmq", &settings(&endpoints.management, &user, json!({}))).await;
    fails_at(
        "no tag at all",
        &steps,
        "Login",
        &["no tag", "set_user_tags USER monitoring"],
    );
    let wrong = settings(&endpoints.management, &user, json!({"password": WRONG}));
    let steps = probe(&product, "rabbitmq", &wrong).await;
    fails_at("a wrong password", &steps, "Login", &["wrong user or password"]);
    remove_user(&endpoints, &user).await;
}

#[tokio::test]
async fn each_missing_permission_is_named_on_4_3() {
    each_missing_permission_is_named("rabbitmq").await;
}

#[tokio::test]
async fn each_missing_permission_is_named_on_3_10() {
    each_missing_permission_is_named("rabbitmq-3.10").await;
}

/// The metrics of a queue that have a value.
async fn known(product: &Product, at: &str, queue: &str) -> BTreeSet<MetricId> {
    let connection: ConnectionView = product.get(at).await;
    let path = format!("{}?q={queue}&connection={}", path::DESTINATIONS, connection.id.0);
    let rows: Rows = product.get(&path).await;
    let Some(row) = rows.page.items.first() else {
        return BTreeSet::new();
    };
    let detail: EntityDetail = product.get(&format!("{}/{}", path::ENTITIES, row.entity.id.0)).await;
    let with_value = detail.metrics.iter().filter(|view| view.reading.value.is_some());
    with_value.map(|view| view.metric).collect()
}

#[tokio::test]
async fn the_documented_user_sees_as_much_as_an_administrator() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, traffic) = (Product::start().await, Traffic::connect(&endpoints).await);
    let (queue, user) = (unique("orders"), unique("watcher"));
    make_documented_user(&endpoints, &user, PASSWORD);
    traffic.declare(&queue, FieldTable::default()).await;
    traffic.publish(&queue, 17).await;
    let administrator = json!({"user": "guest", "password": "guest"});
    let all = connect(
        &product,
        "all",
        "rabbitmq",
        &settings(&endpoints.management, "guest", administrator),
    )
    .await;
    let watcher = settings(&endpoints.management, &user, json!({}));
    let watched = connect(&product, "watched", "rabbitmq", &watcher).await;
    eventually(
        "the queue's depth is known, and to both the same figures",
        90,
        || async {
            let (all, watched) = (
                known(&product, &all, &queue).await,
                known(&product, &watched, &queue).await,
            );
            (all.contains(&DEPTH) && all == watched).then_some(())
        },
    )
    .await;
    let now: ConnectionView = product.get(&watched).await;
    let refused: Vec<_> = now
        .warnings
        .iter()
        .filter(|w| w.reason == Absence::NotPermitted)
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
    traffic.delete(&queue).await;
    remove_user(&endpoints, &user).await;
}

#[tokio::test]
async fn any_certificate_is_accepted_by_the_form_and_by_the_file_alike() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let user = unique("unchecked");
    make_user(&endpoints, &user, PASSWORD, "monitoring", &["/"]).await;
    // The name that the certificate was not made for.
    let address = format!("https://{}", endpoints.secured["management"]);
    let declared = |name: &str, more: &str| {
        format!(
            "[[connection]]\nname = \"{name}\"\nsystem = \"rabbitmq\"\nmanagement_urls = [\"{address}\"]\n\
             user = \"{user}\"\npassword = \"{PASSWORD}\"\ninterval_seconds = 5\n{more}\n"
        )
    };
    let file = declared("checked", "") + &declared("unchecked", "tls_insecure = true");
    let product = Product::start_with(&file).await;
    let in_form = |insecure| settings(std::slice::from_ref(&address), &user, json!({"tls_insecure": insecure}));
    connect(&product, "checked in the form", "rabbitmq", &in_form(false)).await;
    connect(&product, "unchecked in the form", "rabbitmq", &in_form(true)).await;
    let views: Vec<ConnectionView> = eventually("two answer and two do not", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let is_decided = |view: &ConnectionView| match view.name.starts_with("unchecked") {
            true => view.last_answer_at.is_some(),
            false => view.judgement.verdict == Verdict::Unreachable,
        };
        views.iter().all(is_decided).then_some(views)
    })
    .await;
    assert_eq!(views.len(), 4);
    for view in &views {
        let insecure = view.name.starts_with("unchecked");
        let kept = view
            .settings
            .get("tls_insecure")
            .and_then(Value::as_bool)
            .unwrap_or(false);
        assert_eq!(kept, insecure, "{view:?}");
        let refused = view.judgement.sentence.contains("is not accepted");
        assert_eq!(refused, !insecure, "{}", view.judgement.sentence);
    }
    remove_user(&endpoints, &user).await;
}

#[tokio::test]
async fn a_blind_connection_says_so_and_nothing_shows_a_secret() {
    let Some(endpoints) = broker("rabbitmq") else { return };
    let (product, blind, user) = (Product::start().await, unique("blind"), unique("watcher"));
    make_user(&endpoints, &blind, PASSWORD, "monitoring", &[]).await;
    make_user(&endpoints, &user, PASSWORD, "monitoring", &["/"]).await;
    let mut given = settings(&endpoints.management, &blind, json!({}));
    given["vhosts"] = json!([]);
    let at = connect(&product, "blind", "rabbitmq", &given).await;
    let view = view(&product, &at, "a warning", |view| {
        view.warnings
            .iter()
            .any(|warning| warning.reason == Absence::NotPermitted)
    })
    .await;
    let warnings = format!("{:?}", view.warnings);
    assert!(
        warnings.contains("virtual host") && warnings.contains("set_permissions"),
        "{warnings}"
    );
    let wrong = settings(&endpoints.management, &user, json!({"password": WRONG}));
    let refused = connect(&product, "wrong password", "rabbitmq", &wrong).await;
    let certified = settings(&over_tls(&endpoints), &user, certificate(&endpoints, "client"));
    let right = connect(&product, "right", "rabbitmq", &certified).await;
    eventually("one is refused and one answers", 60, || async {
        let refused: ConnectionView = product.get(&refused).await;
        let right: ConnectionView = product.get(&right).await;
        (refused.judgement.verdict == Verdict::Unreachable && right.last_answer_at.is_some()).then_some(())
    })
    .await;
    let key = pem(&endpoints, "client.key");
    let body = key.lines().nth(1).expect("a line of the key");
    assert_eq!(leaked(&product, &[WRONG, PASSWORD, body]).await, Vec::<String>::new());
    remove_user(&endpoints, &blind).await;
    remove_user(&endpoints, &user).await;
}
