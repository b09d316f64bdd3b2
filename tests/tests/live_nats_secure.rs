//! Against a real NATS with TLS for clients that have a certificate: *Test* names what is wrong, and each missing subject.

use brokerscope_contract::{Absence, ProbeStep, StepOutcome, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::brokers::{Endpoints, broker};
use brokerscope_tests::secure::{connect, fails_at, leaked, pem, probe, said, step, troubled, view};
use serde_json::{Value, json};

const WRONG: &str = "not-the-password";
/// Of the user with a key; see `cargo xtask brokers`.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const SEED_OF_A_STRANGER: &str = "SUAMK2FG4MI6UE3ACF3FK3OIQBCEIEZV7NSWFFEW63UXMRLFM2XLAXK4GY";

/// By the name in the server's certificate, as `user`, with our certificate and authority.
fn settings(endpoints: &Endpoints, user: &str, more: Value) -> Value {
    let mut settings = json!({"servers": [by_name(endpoints, "clients")], "interval_seconds": 5,
        "login": "password", "user": user, "password": endpoints.users[user],
        "ca_certificate": pem(endpoints, "ca.pem"), "client_certificate": pem(endpoints, "client.pem"),
        "client_key": pem(endpoints, "client.key")});
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().expect("an object").extend(more);
    settings
}

fn by_name(endpoints: &Endpoints, listener: &str) -> String {
    endpoints.secured[listener].replace("127.0.0.1", "localhost")
}

/// What is troubled besides the limits that an ordinary account always has.
fn lacking(steps: &[ProbeStep]) -> Vec<&str> {
    let titles = troubled(steps).into_iter().map(|(title, _)| title);
    titles.filter(|title| *title != "Way in").collect()
}

#[tokio::test]
async fn every_way_in_is_taken_over_tls() {
    let Some(endpoints) = broker("nats-secure") else { return };
    let product = Product::start().await;
    let nkey = json!({"login": "nkey", "nkey_seed": SEED});
    let monitoring = json!({"servers": [], "login": "none",
        "monitoring_urls": [format!("https://{}", by_name(&endpoints, "monitoring"))]});
    for (what, given) in [
        ("an ordinary user", settings(&endpoints, "watcher", json!({}))),
        (
            "a user of the system account",
            settings(&endpoints, "system-watcher", json!({})),
        ),
        ("a key", settings(&endpoints, "watcher", nkey)),
        ("monitoring", settings(&endpoints, "watcher", monitoring)),
    ] {
        let steps = probe(&product, "nats", &given).await;
        assert_eq!(lacking(&steps), Vec::<&str>::new(), "{what}: {steps:#?}");
        assert_eq!(
            steps.last().unwrap().title,
            "What will be visible",
            "{what}: {steps:#?}"
        );
        if what != "monitoring" {
            assert_eq!(step(&steps, "TLS").outcome, StepOutcome::Passed, "{what}: {steps:#?}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_tls_is_said_at_the_step_of_tls() {
    let Some(endpoints) = broker("nats-secure") else { return };
    let product = Product::start().await;
    let address = endpoints.secured["clients"].clone();
    let foreign = json!({"client_certificate": pem(&endpoints, "foreign-client.pem"),
        "client_key": pem(&endpoints, "foreign-client.key")});
    for (what, more, words) in [
        (
            "no authority",
            json!({"ca_certificate": null}),
            &["authority that is not known", "Give the certificate of the authority"][..],
        ),
        ("another name", json!({"servers": [address]}), &["another host name"]),
        (
            "no client certificate",
            json!({"client_certificate": null, "client_key": null}),
            &["wants a client certificate, and got none", "Give a client certificate"],
        ),
        (
            "a client certificate of another authority",
            foreign,
            &["does not know the authority that signed the client certificate"],
        ),
        (
            "TLS too early",
            json!({"tls_first": true}),
            &["answers without TLS", "TLS first"],
        ),
    ] {
        let steps = probe(&product, "nats", &settings(&endpoints, "watcher", more)).await;
        fails_at(what, &steps, "TLS", words);
    }
    let unchecked = settings(
        &endpoints,
        "watcher",
        json!({"servers": [address], "tls_insecure": true}),
    );
    let steps = probe(&product, "nats", &unchecked).await;
    assert_eq!(lacking(&steps), ["TLS"], "{steps:#?}");
    assert_eq!(step(&steps, "TLS").outcome, StepOutcome::Limited, "{steps:#?}");
}

#[tokio::test]
async fn a_wrong_login_is_said_at_the_step_of_the_login() {
    let Some(endpoints) = broker("nats-secure") else { return };
    let product = Product::start().await;
    for (what, more, remedy) in [
        (
            "a wrong password",
            json!({"password": WRONG}),
            "Correct \"User\" and \"Password\"",
        ),
        ("no login", json!({"login": "none"}), "Choose under \"Login\""),
        (
            "a stranger's key",
            json!({"login": "nkey", "nkey_seed": SEED_OF_A_STRANGER}),
            "Correct \"Nkey seed\"",
        ),
    ] {
        let steps = probe(&product, "nats", &settings(&endpoints, "watcher", more)).await;
        fails_at(what, &steps, "Login", &["refused", remedy]);
    }
}

#[tokio::test]
async fn each_missing_subject_is_named_and_the_rest_is_visible() {
    let Some(endpoints) = broker("nats-secure") else { return };
    let product = Product::start().await;
    for (user, missing, subject) in [
        (
            "no-streams",
            &["Right: streams and consumers", "What will be visible"][..],
            "$JS.API.INFO",
        ),
        (
            "no-connections",
            &["Right: own connections"],
            "$SYS.REQ.SERVER.PING.CONNZ",
        ),
        ("no-traffic", &["Right: own traffic"], "$SYS.REQ.ACCOUNT.PING.STATZ"),
        ("no-account-name", &["Right: name of the account"], "$SYS.REQ.USER.INFO"),
        ("no-services", &["Right: services"], "$SRV.STATS"),
        (
            "no-announcements",
            &["Right: announcements of given-up messages"],
            "$JS.EVENT.ADVISORY.CONSUMER.",
        ),
    ] {
        let steps = probe(&product, "nats", &settings(&endpoints, user, json!({}))).await;
        assert_eq!(lacking(&steps), missing, "{user}: {steps:#?}");
        let said = said(step(&steps, missing[0]));
        assert!(
            said.contains(subject) && said.contains("Allow the user"),
            "{user}: {said}"
        );
    }
}

#[tokio::test]
async fn a_connection_says_what_it_lacks_and_nothing_shows_a_secret() {
    let Some(endpoints) = broker("nats-secure") else { return };
    let product = Product::start().await;
    let at = connect(
        &product,
        "no-traffic",
        "nats",
        &settings(&endpoints, "no-traffic", json!({})),
    )
    .await;
    let limited = view(&product, &at, "a warning", |view| {
        view.warnings
            .iter()
            .any(|warning| warning.reason == Absence::NotPermitted)
    })
    .await;
    let text = format!("{:?}", limited.warnings);
    assert!(text.contains("$SYS.REQ.ACCOUNT.PING.STATZ"), "{text}");
    let at = connect(
        &product,
        "key",
        "nats",
        &settings(&endpoints, "watcher", json!({"login": "nkey", "nkey_seed": SEED})),
    )
    .await;
    view(&product, &at, "an answer", |view| view.last_answer_at.is_some()).await;
    for (name, more, words) in [
        ("wrong password", json!({"password": WRONG}), "login was refused"),
        (
            "another name",
            json!({"servers": [endpoints.secured["clients"]]}),
            "another host name",
        ),
    ] {
        let at = connect(&product, name, "nats", &settings(&endpoints, "watcher", more)).await;
        let view = view(&product, &at, name, |view| {
            view.judgement.verdict == Verdict::Unreachable
        })
        .await;
        assert!(view.judgement.sentence.contains(words), "{}", view.judgement.sentence);
    }
    let key = pem(&endpoints, "client.key");
    let body = key.lines().nth(1).expect("a line of the key");
    let password = &endpoints.users["no-traffic"];
    assert_eq!(
        leaked(&product, &[WRONG, SEED, password, body]).await,
        Vec::<String>::new()
    );
}
