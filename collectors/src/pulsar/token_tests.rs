//! Tokens, right and wrong, on a broker of the test's own that lets nobody in without.

use brokerscope_contract::{Absence, EntityKind, Settings, StepOutcome, Warning, metrics};
use reqwest::Method as Verb;
use serde_json::{Value, json};

use super::Pulsar;
use super::live_tests::{Broker, endpoints, now, settled, value};
use super::own_broker::{Manner, OwnBroker, token_of};
use crate::collector::{CollectError, Collector, Factory, ProbeReport};

fn collector(web: &str, more: Value) -> Box<dyn Collector> {
    let mut settings = json!({"admin_urls": [format!("http://{web}")], "interval_seconds": 5});
    let more = more.as_object().expect("an object").clone();
    settings.as_object_mut().unwrap().extend(more);
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Pulsar
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// A visit and *Test* are refused in the same words, which are returned with the remedy.
async fn refused(what: &str, web: &str, login: Value) -> String {
    let mut collector = collector(web, login);
    let error = collector.collect(now()).await.expect_err(what);
    assert!(matches!(error, CollectError::Login { .. }), "{what}: {error:?}");
    let (report, mut steps) = ProbeReport::channel(now());
    collector.probe(&report).await;
    drop(report);
    let mut login = None;
    while let Some(step) = steps.recv().await {
        match step.title.as_str() {
            "Login" => login = Some(step),
            _ if login.is_some() => assert_eq!(step.outcome, StepOutcome::Skipped, "{what}: {step:?}"),
            _ => assert_eq!(step.outcome, StepOutcome::Passed, "{what}: {step:?}"),
        }
    }
    let login = login.expect("a step");
    assert_eq!(login.outcome, StepOutcome::Failed, "{what}: {login:?}");
    assert_eq!(login.detail, error.to_string(), "{what}");
    assert_eq!(login.remedy.as_deref(), Some(error.remedy()), "{what}");
    format!("{error} {}", error.remedy())
}

/// No part of a token but its claims about the role is repeated anywhere.
fn silent_about(token: &str, said: &str) {
    for part in token.split('.').filter(|part| part.len() > 8) {
        assert!(!said.contains(part), "{said}");
    }
}

fn about<'a>(warnings: &'a [Warning], words: &str) -> Option<&'a Warning> {
    warnings.iter().find(|warning| warning.text.contains(words))
}

#[tokio::test]
async fn pulsar_live_each_wrong_token_gets_its_own_words_and_a_right_one_sees_what_it_may() {
    let Some(shared) = endpoints("pulsar") else { return };
    let token = |role: &str| token_of(&shared, role);
    let watcher = token("watcher");
    let mut manner = Manner::of_tokens(&watcher);
    // Roles that are no super-user have to ask for each topic by itself.
    let by_topic = ("exposeTopicLevelMetricsInPrometheus", "false".into());
    manner.settings.push(by_topic);
    let own = OwnBroker::start_with("pulsar", &shared, manner).await;
    let broker = Broker::with_token(&own.web, Some(&watcher)).await;
    broker.create("placed", 0).await;
    broker.subscribe("placed", "billing").await;
    drop(broker.produce("persistent", "placed", "till", 3).await);
    let login = |token: &str| json!({"login": "token", "token": token, "namespaces": [broker.namespace]});

    let billing = broker.key(EntityKind::Subscription, &["placed", "billing"]);
    let mut right = collector(&own.web, login(&watcher));
    settled(right.as_mut(), "three wait", |snapshot| {
        value(snapshot, &billing, metrics::LAG) == Some(3.0)
    })
    .await;

    // The watcher's claims under the signature that another role's token has.
    let (claims, _) = watcher.rsplit_once('.').unwrap();
    let (_, signature) = token("nobody")
        .rsplit_once('.')
        .map(|(a, b)| (a.to_string(), b.to_string()))
        .unwrap();
    let forged = format!("{claims}.{signature}");
    for (what, given, words) in [
        (
            "another signature",
            login(&forged),
            vec![
                "does not accept the token of role watcher",
                "not expired",
                "pulsar tokens validate",
                "tokenSecretKey",
            ],
        ),
        (
            "expired",
            login(&token("expired")),
            vec![
                "role watcher is expired since 2023-11-14T22:13:20Z",
                "pulsar tokens create",
            ],
        ),
        (
            "no token at all",
            login("letmein"),
            vec!["no JSON web token", "three parts"],
        ),
    ] {
        let said = refused(what, &own.web, given.clone()).await;
        for word in words.into_iter().chain(["login was refused", "\"Token\""]) {
            assert!(said.contains(word), "{what}: no {word:?} in {said}");
        }
        silent_about(given["token"].as_str().unwrap(), &said);
    }
    let said = refused("nobody", &own.web, json!({})).await;
    assert!(said.contains("none is given") && said.contains("\"Login\""), "{said}");

    // A role that may log in, and nothing else: what it lacks is named, and what would give it.
    let reader = token("reader");
    let snapshot = collector(&own.web, login(&reader))
        .collect(now())
        .await
        .expect("it is let in");
    let lacking = about(&snapshot.warnings, &broker.namespace).unwrap_or_else(|| panic!("{:?}", snapshot.warnings));
    assert_eq!(lacking.reason, Absence::NotPermitted);
    assert!(lacking.text.contains("GET_TOPICS"), "{}", lacking.text);
    let remedy = lacking.remedy.as_deref().unwrap_or_default();
    assert!(
        remedy.contains("grant-permission") && remedy.contains("\"Only these namespaces\""),
        "{remedy}"
    );
    silent_about(&reader, &format!("{snapshot:?}"));

    // A right on the topic alone does not let it list the namespace.
    let topic = format!("persistent/{}/placed/permissions/reader", broker.namespace);
    broker.admin(Verb::POST, &topic, json!(["consume"])).await;
    let snapshot = collector(&own.web, login(&reader))
        .collect(now())
        .await
        .expect("it is let in");
    assert!(
        about(&snapshot.warnings, "GET_TOPICS").is_some(),
        "{:?}",
        snapshot.warnings
    );
    assert_eq!(value(&snapshot, &billing, metrics::LAG), None);

    let namespace = format!("namespaces/{}/permissions/reader", broker.namespace);
    broker.admin(Verb::POST, &namespace, json!(["consume"])).await;
    let mut granted = collector(&own.web, login(&reader));
    let snapshot = settled(granted.as_mut(), "it may now", |snapshot| {
        value(snapshot, &billing, metrics::LAG) == Some(3.0)
    })
    .await;
    assert!(
        about(&snapshot.warnings, "GET_TOPICS").is_none(),
        "{:?}",
        snapshot.warnings
    );
    assert!(
        about(&snapshot.warnings, "no super-user").is_some(),
        "{:?}",
        snapshot.warnings
    );
    assert!(
        about(&snapshot.warnings, "Quotas and other policies").is_some(),
        "{:?}",
        snapshot.warnings
    );

    // As an admin of the tenant, which is what the documentation gives to paste, it also sees policies.
    let tenant = json!({"adminRoles": ["reader"], "allowedClusters": ["standalone"]});
    broker.admin(Verb::POST, "tenants/live", tenant).await;
    let quota = format!(
        "namespaces/{}/backlogQuota?backlogQuotaType=destination_storage",
        broker.namespace
    );
    let limit = json!({"limitSize": 1_000_000, "limitTime": -1, "policy": "producer_exception"});
    broker.admin(Verb::POST, &quota, limit).await;
    let mut admin = collector(
        &own.web,
        json!({"login": "token", "token": reader, "namespaces": ["live"]}),
    );
    let namespace = broker.key(EntityKind::Namespace, &[]);
    let snapshot = settled(admin.as_mut(), "it sees the quota", |snapshot| {
        value(snapshot, &billing, metrics::LAG) == Some(3.0)
    })
    .await;
    for hidden in ["Quotas and other policies", "GET_TOPICS", "Namespaces of live"] {
        assert!(
            about(&snapshot.warnings, hidden).is_none(),
            "{hidden}: {:?}",
            snapshot.warnings
        );
    }
    let entity = snapshot.entities.iter().find(|entity| entity.key == namespace);
    let attributes = &entity.expect("the namespace").attributes;
    let quota = attributes
        .iter()
        .find(|attribute| attribute.name == "backlog_quota.destination_storage");
    assert!(
        quota.is_some_and(|quota| quota.value.ends_with("then producer_exception")),
        "{attributes:?}"
    );
}
