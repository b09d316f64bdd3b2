//! Against a real Pulsar with tokens, permissions and TLS: *Test* names what is wrong and what a role lacks.

use brokerscope_contract::{Absence, ProbeStep, StepOutcome};
use brokerscope_tests::Product;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::secure::{connect, fails_at, leaked, pem, probe, said, step, troubled, view};
use serde_json::{Value, json};

fn settings(endpoints: &Endpoints, urls: &[String], role: &str, more: Value) -> Value {
    let mut settings = json!({"admin_urls": urls, "login": "token", "token": endpoints.users[role],
        "interval_seconds": 15});
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().expect("an object").extend(more);
    settings
}

fn titles(steps: &[ProbeStep]) -> Vec<&str> {
    troubled(steps).into_iter().map(|(title, _)| title).collect()
}

#[tokio::test]
async fn tls_is_taken_and_what_is_wrong_with_it_is_said() {
    let Some(endpoints) = broker("pulsar") else { return };
    let product = Product::start().await;
    let tls = [format!("https://{}", endpoints.secured["management"])];
    let plain = [endpoints.management[0].replace("http:", "https:")];
    let ca = || json!({"ca_certificate": pem(&endpoints, "ca.pem")});
    let steps = probe(&product, "pulsar", &settings(&endpoints, &tls, "watcher", ca())).await;
    assert_eq!(titles(&steps), Vec::<&str>::new(), "{steps:#?}");
    for (what, urls, more, words) in [
        (
            "no authority",
            &tls,
            json!({}),
            &["authority that is not known", "Give the certificate of the authority"][..],
        ),
        ("a plain port", &plain, ca(), &["does not speak TLS", "Use http://"]),
    ] {
        let steps = probe(&product, "pulsar", &settings(&endpoints, urls, "watcher", more)).await;
        fails_at(what, &steps, "TLS with", words);
    }
    let plain_to_tls = [tls[0].replace("https:", "http:")];
    let given = settings(&endpoints, &plain_to_tls, "watcher", json!({}));
    fails_at(
        "plain to TLS",
        &probe(&product, "pulsar", &given).await,
        "Admin API at",
        &["not in HTTP", "https://"],
    );
}

#[tokio::test]
async fn what_a_role_may_not_see_is_said_and_a_namespace_can_be_granted() {
    let Some(endpoints) = broker("pulsar") else { return };
    let product = Product::start().await;
    let namespace = json!({"namespaces": ["public/default"]});
    let given = settings(&endpoints, &endpoints.management, "nobody", namespace.clone());
    let steps = probe(&product, "pulsar", &given).await;
    assert_eq!(titles(&steps), ["Super-user", "Namespaces"], "{steps:#?}");
    for title in ["Super-user", "Namespaces"] {
        let step = step(&steps, title);
        assert_eq!(step.outcome, StepOutcome::Limited, "{step:?}");
        assert!(said(step).contains("The role may not ask this"), "{step:?}");
        assert!(said(step).contains("grant-permission"), "{step:?}");
    }
    // As the documentation says: consume on the namespace.
    let grant = format!(
        "{}/admin/v2/namespaces/public/default/permissions/reader",
        endpoints.management[0]
    );
    let granted = reqwest::Client::new()
        .post(&grant)
        .json(&json!(["consume"]))
        .send()
        .await;
    assert!(granted.expect("Pulsar answers").status().is_success());
    let given = settings(&endpoints, &endpoints.management, "reader", namespace);
    let steps = probe(&product, "pulsar", &given).await;
    assert_eq!(titles(&steps), ["Super-user"], "{steps:#?}");
    let at = connect(&product, "reader", "pulsar", &given).await;
    let view = view(&product, &at, "a warning", |view| {
        view.warnings
            .iter()
            .any(|warning| warning.reason == Absence::NotPermitted)
    })
    .await;
    assert!(view.last_answer_at.is_some(), "{view:?}");
    let tokens: Vec<&str> = endpoints.users.values().map(String::as_str).collect();
    assert_eq!(leaked(&product, &tokens).await, Vec::<String>::new());
}
