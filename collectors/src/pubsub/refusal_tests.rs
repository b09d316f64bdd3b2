//! Refusals that come while all was well, and things that are made anew under an old name; against the fake.

use brokerscope_contract::{Absence, LinkKind, Status, Timestamp, metrics};
use serde_json::json;

use super::fake_tests::{MINUTE, NOON, account, collector, last, shop, status, subscription, topic, visit};
use crate::collector::CollectError;

#[tokio::test]
async fn a_login_that_is_not_accepted_at_all_is_an_error_and_later_a_warning() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/projects/", 401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED"));
    let visited = collector(&fake, account(&fake)).collect(Timestamp(NOON)).await;
    let Err(CollectError::Login { detail, remedy }) = visited else {
        panic!("{visited:?}")
    };
    assert!(
        detail.contains("does not accept the login") && remedy.contains("key"),
        "{detail}"
    );
    let logins = fake.cloud(|cloud| cloud.asked.iter().filter(|path| *path == "/token").count());
    assert!(logins >= 2, "a new token is tried before it is given up");

    fake.cloud(|cloud| cloud.refusals.clear());
    let mut collector = collector(&fake, account(&fake));
    visit(&mut collector, NOON).await;
    fake.cloud(|cloud| {
        cloud.now = Some(NOON + 12 * MINUTE);
        cloud.refuse("/projects/", 401, "UNAUTHENTICATED", "ACCOUNT_STATE_INVALID");
    });
    let snapshot = visit(&mut collector, NOON + 12 * MINUTE).await;
    assert_eq!(status(&snapshot, "numbers").0, Status::Critical);
    assert!(
        snapshot
            .warnings
            .iter()
            .all(|warning| warning.reason == Absence::NotPermitted || warning.reason == Absence::Disabled),
        "{:?}",
        snapshot.warnings
    );
    assert!(
        last(&snapshot, &subscription("billing"), metrics::DEPTH).is_none(),
        "no old figure is told as new"
    );
}

#[tokio::test]
async fn each_refusal_of_each_question_is_told_in_its_own_kind() {
    for (code, word, reason, expected) in [
        (401, "UNAUTHENTICATED", "x", Absence::NotPermitted),
        (403, "PERMISSION_DENIED", "SERVICE_DISABLED", Absence::Disabled),
        (
            403,
            "PERMISSION_DENIED",
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            Absence::NotPermitted,
        ),
        (404, "NOT_FOUND", "x", Absence::NotSupported),
        (429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", Absence::Stale),
        (500, "INTERNAL", "x", Absence::Failed),
        (503, "UNAVAILABLE", "x", Absence::Failed),
    ] {
        for part in ["/topics", "/subscriptions", "/snapshots", "/timeSeries"] {
            let fake = shop().await;
            fake.cloud(|cloud| cloud.refuse(part, code, word, reason));
            let snapshot = visit(&mut collector(&fake, json!({"detail": "full"})), NOON).await;
            let told = snapshot.warnings.iter().find(|warning| warning.reason == expected);
            let told = told.unwrap_or_else(|| panic!("{code} {part}: {:?}", snapshot.warnings));
            assert!(told.remedy.is_some(), "{code} {part}");
            let known = last(&snapshot, &subscription("billing"), metrics::DEPTH).is_some();
            assert_eq!(known, part != "/timeSeries", "{code} {part}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_of_a_region_that_does_not_exist_is_named() {
    let fake = shop().await;
    let nowhere = "http://nowhere-pubsub.googleapis.invalid";
    let settings = json!({"pubsub_url": nowhere, "monitoring_url": nowhere});
    let visited = collector(&fake, settings).collect(Timestamp(NOON)).await;
    let error = visited.expect_err("nobody has that name");
    assert!(
        error.to_string().contains("nowhere-pubsub.googleapis.invalid"),
        "{error}"
    );
    assert!(error.to_string().contains("looked up"), "{error}");
}

#[tokio::test]
async fn a_subscription_made_anew_under_its_old_name_reads_its_new_topic() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    visit(&mut collector, NOON).await;
    let later = NOON + 11 * MINUTE;
    fake.cloud(|cloud| {
        cloud.remove("shop", "subscriptions", "billing");
        cloud.subscription(
            "shop",
            "billing",
            "unread",
            json!({"filter": "attributes.kind = \"new\""}),
        );
        for minute in 1..=8 {
            // Empty at first, and its counters go on: Google's are per minute.
            cloud.level(
                "shop",
                "num_undelivered_messages",
                "billing",
                NOON + minute * MINUTE,
                minute - 1,
            );
            cloud.count("shop", "ack_message_count", "billing", NOON + minute * MINUTE, 1);
        }
        cloud.now = Some(later);
    });
    let snapshot = visit(&mut collector, later).await;
    let links = snapshot.links.as_ref().expect("they changed");
    let billing = subscription("billing");
    let reads: Vec<_> = links
        .iter()
        .filter(|link| link.kind == LinkKind::Subscribes && link.to == billing)
        .map(|link| link.from.clone())
        .collect();
    assert_eq!(reads, [topic("unread")]);
    assert!(
        links
            .iter()
            .all(|link| link.kind != LinkKind::DeadLetter || link.from != billing)
    );
    let depth = last(&snapshot, &billing, metrics::DEPTH).map(|(_, depth)| depth);
    assert_eq!(depth, Some(7.0));
    // 300 in the ten minutes before, of which four were still hidden, then one a minute: nothing twice, nothing lost.
    let acknowledged = last(&snapshot, &billing, metrics::ACKNOWLEDGED).map(|(_, sum)| sum);
    assert_eq!(acknowledged, Some(307.0));
}

/// The role that the documentation gives to paste.
const PAGE: &str = include_str!("../../../docs/pubsub.md");

#[test]
fn the_role_of_the_documentation_has_what_is_asked_and_no_more() {
    let role = PAGE
        .split("includedPermissions:")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .unwrap();
    let listed: Vec<&str> = role.lines().filter_map(|line| line.trim().strip_prefix("- ")).collect();
    let asked = [
        super::listing::TOPICS,
        super::listing::SUBSCRIPTIONS,
        super::listing::SNAPSHOTS,
        super::numbers::PERMISSION,
    ];
    assert_eq!(listed, asked);
}
