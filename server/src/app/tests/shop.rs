//! The demo, which may be switched at any moment.

use super::*;

/// Asks until it is so.
#[cfg(feature = "demo")]
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(60), asking).await;
    assert!(asked.is_ok(), "not within a minute: {what}");
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn a_change_of_the_demo_is_carried_through_though_who_asked_for_it_is_gone() {
    let server = running().await;
    let demo = &server.app.demo;
    let state = async || {
        (
            server.get(path::DEMO).await.0.as_u16(),
            server.get(path::CONNECTIONS).await.1,
        )
    };
    let connections = |list: &Value| list.as_array().map_or(0, Vec::len);
    // Dropped after its first step, as a request is whose client goes away.
    assert!(tokio::time::timeout(Duration::ZERO, demo.switch_on()).await.is_err());
    until("the demo runs, with its connection", async || {
        let (status, list) = state().await;
        (status, connections(&list)) == (200, 1)
    })
    .await;
    assert!(tokio::time::timeout(Duration::ZERO, demo.switch_off()).await.is_err());
    until("it is off, and so is its connection", async || {
        let (status, list) = state().await;
        (status, connections(&list)) == (404, 0)
    })
    .await;
    server.app.shutdown().await;
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn a_demo_that_cannot_have_its_connection_does_not_run() {
    let server = running().await;
    for name in ["Demo shop", "Demo shop (built in)"] {
        let (status, _) = server.send(Method::POST, path::CONNECTIONS, &rabbit(name)).await;
        assert_eq!(status, 201);
    }
    let (status, _) = server.send(Method::POST, path::DEMO, &json!({})).await;
    assert!(status.is_client_error(), "{status}");
    assert_eq!(server.get(path::DEMO).await.0, 404);
    assert_eq!(server.get(path::CONNECTIONS).await.1.as_array().map(Vec::len), Some(2));
    server.app.shutdown().await;
}
