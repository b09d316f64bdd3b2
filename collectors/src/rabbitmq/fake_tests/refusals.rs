//! Users that may not, and servers that are silent, gone or something else.

use super::*;

/// A server that says `bytes` to whoever connects, then closes or, with `hold`, does not.
async fn rude(bytes: &'static [u8], hold: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(bytes).await;
                if hold {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_user_without_permissions_is_told_that_it_is_blind() {
    let fake = Fake::broker("4.3.6").await;
    for path in ["/api/exchanges", "/api/queues", "/api/bindings", "/api/policies"] {
        fake.set(path, 200, "[]");
    }
    fake.set("/api/queues?disable_stats=true", 200, "[]");
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let blind = snapshot
        .warnings
        .iter()
        .find(|warning| warning.reason == Absence::NotPermitted)
        .expect("a warning");
    assert!(blind.text.contains("hidden") && blind.remedy.as_deref().is_some_and(|r| r.contains("set_permissions")));
    assert!(
        !snapshot.complete.contains(&EntityKind::Queue),
        "what is hidden is not deleted"
    );
    assert_eq!(
        figures(&snapshot, "orders.paid")[0],
        Some(20.0),
        "the endpoint tells what the list hides"
    );
    let login = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == "login")
        .expect("it is checked");
    assert_eq!(login.status, Status::Warning);
}

#[tokio::test]
async fn a_user_that_may_see_nothing_but_itself_still_gets_a_snapshot() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/whoami", 200, r#"{"name":"watch","tags":["management"]}"#);
    fake.set(
        "/api/nodes",
        401,
        r#"{"error":"not_authorised","reason":"Not monitor user"}"#,
    );
    let empty = [
        "vhosts",
        "exchanges",
        "queues",
        "bindings",
        "policies",
        "connections",
        "channels",
        "consumers",
    ];
    for path in empty {
        fake.set(&format!("/api/{path}"), 200, "[]");
    }
    fake.set("/api/queues?disable_stats=true", 200, "[]");
    let snapshot = fake
        .collector(json!({}))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    let reasons: Vec<_> = snapshot.warnings.iter().map(|warning| warning.reason).collect();
    assert!(
        reasons
            .iter()
            .filter(|reason| **reason == Absence::NotPermitted)
            .count()
            >= 2,
        "{:?}",
        snapshot.warnings
    );
    assert!(
        !fake.asked().iter().any(|path| path.starts_with("/api/nodes")),
        "what is forbidden is not asked"
    );
}

#[tokio::test]
async fn one_question_that_fails_does_not_hide_the_others() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/bindings", 500, "oops");
    fake.set("/api/consumers", 200, "{\"half\":");
    let snapshot = fake
        .collector(own_prometheus(&fake))
        .collect(Timestamp(0))
        .await
        .expect("it answers");
    assert_eq!(value(&snapshot, &EntityKey::cluster(), metrics::CONNECTIONS), Some(8.0));
    let texts: Vec<_> = snapshot.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("bindings")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("Consumers")), "{texts:?}");
}

#[tokio::test]
async fn servers_that_are_no_rabbitmq_are_named_for_what_they_are() {
    const HTML: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n<html>It works!</html>";
    const OTHER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"name\":\"es\"}";
    const MOVED: &[u8] = b"HTTP/1.1 302 Found\r\nlocation: https://r/\r\ncontent-length: 0\r\n\r\n";
    const MISSING: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    const HALF: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"management_version\":";
    const LOGIN: &[u8] =
        b"HTTP/1.1 401 X\r\ncontent-length: 47\r\n\r\n{\"error\":\"not_authorised\",\"reason\":\"Login failed\"";
    const ALERT: &[u8] = b"\x15\x03\x01\x00\x02\x02\x0a";
    const AMQP: &[u8] = b"AMQP\x00\x00\x09\x01";
    for (bytes, scheme, variant, words) in [
        (HTML, "http", "NotThisSystem", "web page"),
        (OTHER, "http", "NotThisSystem", "no version"),
        (MOVED, "http", "NotThisSystem", "redirects to https://r/"),
        (MISSING, "http", "NotThisSystem", "does not know this question"),
        (HALF, "http", "Unreachable", "in the middle"),
        (LOGIN, "http", "Login", "login"),
        (ALERT, "http", "NotThisSystem", "not in HTTP"),
        (AMQP, "http", "NotThisSystem", "not in HTTP"),
        (HTML, "https", "Tls", "does not speak TLS"),
        (b"", "http", "Unreachable", "closed the connection"),
    ] {
        let address = rude(bytes, false).await;
        let error = collector(&format!("{scheme}://{address}"), json!({}))
            .collect(Timestamp(0))
            .await
            .expect_err(words);
        assert!(format!("{error:?}").starts_with(variant), "{words}: {error:?}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(!error.remedy().is_empty() && !format!("{error:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn silence_and_closed_ports_are_told_apart() {
    let silent = rude(b"", true).await;
    let error = collector(&format!("http://{silent}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("silence");
    assert!(matches!(error, CollectError::TimedOut { .. }), "{error:?}");
    let dribbling = rude(b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{\"mana", true).await;
    let error = collector(&format!("http://{dribbling}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("half");
    assert!(matches!(error, CollectError::TimedOut { .. }), "{error:?}");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = collector(&format!("http://{closed}"), json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("closed");
    assert!(error.to_string().contains("refused"), "{error}");
    let error = collector("http://no-such-host.invalid:15672", json!({}))
        .collect(Timestamp(0))
        .await
        .expect_err("name");
    assert!(error.to_string().contains("looked up"), "{error}");
}

#[tokio::test]
async fn another_node_answers_for_one_that_is_down() {
    let fake = Fake::broker("4.3.6").await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let urls = json!([format!("http://{closed}"), format!("http://{}", fake.address)]);
    let mut extra = own_prometheus(&fake);
    extra["management_urls"] = urls;
    let mut collector = collector("http://unused", extra);
    assert!(collector.collect(Timestamp(0)).await.is_ok());
    fake.asked();
    let second = collector.collect(Timestamp(15_000)).await.expect("it answers");
    assert_eq!(
        second.cost.requests as usize,
        fake.asked().len(),
        "the dead address is not tried first again"
    );
}
