//! Each endpoint refused, slowed down or broken by itself, and addresses of something else.

use brokerscope_contract::{Absence, EntityKind, metrics};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::fake_tests::{AT, Fake, value, warned};
use crate::collector::CollectError;

const CAPTURE: [&str; 4] = ["shop", "orders", "payments", "capture"];

/// What is asked, and what is said of it when it gets no answer.
const ENDPOINTS: [(&str, &str); 12] = [
    ("/admin/v2/brokers/leaderBroker", "The leader"),
    ("/admin/v2/brokers/health", "own test of themselves"),
    ("/admin/v2/bookies/all", "Bookies"),
    ("/admin/v2/clusters", "Clusters"),
    ("/admin/v2/namespaces/shop", "Namespaces of shop"),
    ("/admin/v2/namespaces/shop/orders", "other policies of shop/orders"),
    ("/admin/v2/namespaces/shop/orders/topics", "not loaded of shop/orders"),
    ("/admin/v2/broker-stats/load-report", "The load of"),
    (
        "/admin/v2/persistent/shop/orders/payments/stats",
        "The oldest message of payments",
    ),
    ("/metrics/", "What only metrics tell"),
    // Without these two the role is no super-user, and the metrics tell.
    ("/admin/v2/brokers", "no super-user"),
    ("/admin/v2/broker-stats/topics", "no super-user"),
];

#[tokio::test]
async fn each_refused_endpoint_is_named_and_hides_nothing_else() {
    for status in [401, 403] {
        for (path, words) in ENDPOINTS {
            let fake = Fake::broker("4.2.4").await;
            fake.put(path, (status, r#"{"reason":"not for you"}"#.into(), None));
            // Who is no super-user names the namespaces.
            let given = match words {
                "no super-user" => json!({"namespaces": ["shop/orders", "shop/silent"]}),
                _ => json!({}),
            };
            let told = fake.collector(given).collect(AT).await;
            let snapshot = told.unwrap_or_else(|error| panic!("{path} {status}: {error}"));
            let reason = warned(&snapshot, words);
            assert_eq!(
                reason,
                Some(Absence::NotPermitted),
                "{path} {status}: {:?}",
                snapshot.warnings
            );
            let lag = value(&snapshot, EntityKind::Subscription, &CAPTURE, metrics::LAG);
            assert_eq!(lag, Some(35.0), "{path} {status}");
            assert!(
                snapshot.warnings.iter().all(|warning| warning.remedy.is_some()),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn a_broker_that_slows_requests_down_is_not_called_broken() {
    for (path, words) in ENDPOINTS {
        if words == "no super-user" || words.contains("own test") {
            continue;
        }
        let fake = Fake::broker("4.2.4").await;
        fake.put(path, (429, r#"{"reason":"Too Many Requests"}"#.into(), None));
        let snapshot = fake.collector(json!({})).collect(AT).await.expect("it answers");
        assert_eq!(
            warned(&snapshot, words),
            Some(Absence::Stale),
            "{path}: {:?}",
            snapshot.warnings
        );
    }
    let fake = Fake::broker("4.2.4").await;
    fake.set("brokers/version", 429, "");
    let error = fake
        .collector(json!({}))
        .collect(AT)
        .await
        .expect_err("not even its version");
    assert!(error.to_string().contains("slows requests down"), "{error}");
    assert!(
        error.remedy().contains("httpRequestsMaxPerSecond"),
        "{}",
        error.remedy()
    );
}

#[tokio::test]
async fn two_brokers_that_send_us_to_each_other_are_left_after_a_few_hops() {
    let (one, two) = (Fake::broker("4.2.4").await, Fake::broker("4.2.4").await);
    let question = "persistent/shop/orders/payments/stats";
    for fake in [&one, &two] {
        fake.set("brokers", 200, &format!("[\"{}\",\"{}\"]", one.address, two.address));
    }
    one.redirect(question, &format!("http://{}/admin/v2/{question}", two.address));
    two.redirect(question, &format!("http://{}/admin/v2/{question}", one.address));
    let snapshot = one.collector(json!({})).collect(AT).await.expect("it answers");
    assert_eq!(
        warned(&snapshot, "redirects in a circle"),
        Some(Absence::Failed),
        "{:?}",
        snapshot.warnings
    );
    let hops = [one.asked(), two.asked()]
        .concat()
        .into_iter()
        .filter(|(path, _)| path.contains("payments/stats"));
    assert_eq!(hops.count(), 4, "the question, and three redirects");
}

#[tokio::test]
async fn a_port_of_another_protocol_is_named() {
    // As Pulsar's own protocol and many others do: not a word of HTTP.
    for said in [
        &b"\x00\x00\x00\x10\x00\x00\x00\x0c\x08\x11"[..],
        b"INFO {\"server_id\":\"N\"}\r\n",
        b"",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(said).await;
            }
        });
        let fake = Fake::silent().await;
        let settings = json!({"admin_urls": [format!("http://{address}")]});
        let error = fake
            .collector(settings)
            .collect(AT)
            .await
            .expect_err("it is no admin API");
        let named = matches!(
            error,
            CollectError::NotThisSystem { .. } | CollectError::Unreachable { .. }
        );
        assert!(named && error.to_string().contains(&address.to_string()), "{error:?}");
        if !said.is_empty() {
            assert!(error.remedy().contains("6650"), "{}", error.remedy());
        }
    }
}
