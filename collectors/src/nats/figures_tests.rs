//! Figures of servers, accounts and services beside what the server's own pages say of them.

use brokerscope_contract::{EntityKey, MetricId, Snapshot, metrics};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::live_tests::{api, client, collector, durable, login, now, publish, pull, stream, value};
use super::names;
use super::own_servers::OwnServers;

const ACCOUNTS: &str = r#"max_connections: 500
accounts {
  SYS { users: [ { user: sys, password: sys } ] }
  APP { jetstream: { max_mem: 10MB, max_file: 20MB, max_streams: 5, max_consumers: 10 },
        users: [ { user: app, password: app }, { user: watcher, password: watcher } ] }
}
system_account: SYS
"#;

/// What is told lies between what the page said before and after.
fn between(snapshot: &Snapshot, key: &EntityKey, metric: MetricId, before: &Value, after: &Value, what: &str) -> f64 {
    let told = value(snapshot, key, metric).unwrap_or_else(|| panic!("{what}: no {metric} of {key:?}"));
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{what}: {metric} is {value}"));
    // While it asks, the collector listens for the answer; afterwards it does not.
    let own = if metric == metrics::NATS_SUBSCRIPTIONS {
        1.0
    } else {
        0.0
    };
    let (least, most) = (number(before), number(after) + own);
    assert!(
        least <= told && told <= most,
        "{what}, {metric}: {least} <= {told} <= {most}"
    );
    told
}

#[tokio::test]
async fn nats_live_figures_of_servers_and_accounts_are_the_servers_own() {
    let Some(own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let client = client(&endpoints, "live-test").await;
    let _reader = client.subscribe("price.get").await.expect("it listens");
    stream(&client, "ORDERS", json!({"storage": "file"})).await;
    stream(&client, "EVENTS", json!({"storage": "memory"})).await;
    durable(&client, "ORDERS", "billing", json!({})).await;
    publish(&client, "ORDERS", 30).await;
    publish(&client, "EVENTS", 20).await;
    assert_eq!(pull(&client, "ORDERS", "billing", 10, 10).await, 10);
    let monitoring = json!({"monitoring_urls": endpoints["management"]});
    let (node, account) = (names::node("own-1"), names::account("APP"));
    for (way, settings) in [
        ("system", login(&endpoints, "sys")),
        ("account", login(&endpoints, "watcher")),
        ("ports", monitoring),
    ] {
        let mut collector = collector(settings);
        // Logs in first, so that the pages of before and after count the same connections.
        collector
            .collect(now())
            .await
            .unwrap_or_else(|error| panic!("{way}: {error}"));
        let statz = async || own.page("own-1", "accstatz?unused=1").await;
        let of_app = |statz: &Value| {
            let mut accounts = statz["account_statz"].as_array().expect("accounts").iter();
            accounts.find(|account| account["acc"] == "APP").expect("APP").clone()
        };
        let varz_before = own.page("own-1", "varz").await;
        let before = of_app(&statz().await);
        let snapshot = collector
            .collect(now().plus_millis(600_000))
            .await
            .unwrap_or_else(|error| panic!("{way}: {error}"));
        let after = of_app(&statz().await);
        let varz_after = own.page("own-1", "varz").await;

        for (metric, field) in [
            (metrics::CONNECTIONS, "conns"),
            (metrics::NATS_SUBSCRIPTIONS, "num_subscriptions"),
            (metrics::NATS_SLOW_CONSUMERS, "slow_consumers"),
        ] {
            between(&snapshot, &account, metric, &before[field], &after[field], way);
        }
        for (metric, side, field) in [
            (metrics::PUBLISHED, "received", "msgs"),
            (metrics::DELIVERED, "sent", "msgs"),
            (metrics::NATS_RECEIVED_BYTES, "received", "bytes"),
            (metrics::NATS_SENT_BYTES, "sent", "bytes"),
        ] {
            let told = between(
                &snapshot,
                &account,
                metric,
                &before[side][field],
                &after[side][field],
                way,
            );
            assert!(told >= 50.0, "{way}: {metric} is {told}");
        }
        let truth = api(&client, "INFO", Value::Null).await;
        for (metric, expected) in [
            (metrics::NATS_STORE_USED, &truth["storage"]),
            (metrics::NATS_STORE_LIMIT, &truth["limits"]["max_storage"]),
            (metrics::NATS_MEMORY_STORE_USED, &truth["memory"]),
            (metrics::NATS_MEMORY_STORE_LIMIT, &truth["limits"]["max_memory"]),
        ] {
            assert!(expected.as_f64().is_some_and(|number| number > 0.0), "{truth}");
            assert_eq!(
                value(&snapshot, &account, metric),
                expected.as_f64(),
                "{way}: {metric}, {truth}"
            );
        }
        if way == "account" {
            assert_eq!(
                value(&snapshot, &node, metrics::CONNECTIONS),
                None,
                "servers are hidden"
            );
            continue;
        }
        for (metric, path) in [
            (metrics::CONNECTIONS, "/connections"),
            (metrics::NATS_CONNECTION_LIMIT, "/max_connections"),
            (metrics::NATS_SUBSCRIPTIONS, "/subscriptions"),
            (metrics::NATS_STORE_USED, "/jetstream/stats/storage"),
            (metrics::NATS_STORE_LIMIT, "/jetstream/config/max_storage"),
            (metrics::NATS_MEMORY_STORE_USED, "/jetstream/stats/memory"),
            (metrics::NATS_MEMORY_STORE_LIMIT, "/jetstream/config/max_memory"),
            (metrics::PUBLISHED, "/in_client_msgs"),
            (metrics::DELIVERED, "/out_client_msgs"),
            (metrics::NATS_RECEIVED_BYTES, "/in_client_bytes"),
            (metrics::NATS_SENT_BYTES, "/out_client_bytes"),
        ] {
            let of = |page: &Value| {
                page.pointer(path)
                    .cloned()
                    .unwrap_or_else(|| panic!("no {path} in {page}"))
            };
            let told = between(&snapshot, &node, metric, &of(&varz_before), &of(&varz_after), way);
            assert!(told > 0.0, "{way}: {metric}");
        }
        assert_eq!(value(&snapshot, &node, metrics::NATS_CONNECTION_LIMIT), Some(500.0));
    }
}

/// Before every visit.
const LONG_AGO: &str = "2026-01-01T00:00:00.000000001Z";

/// An instance of a service, which answers as NATS' specification of services has it: it counts what it was asked, after
/// what it was asked before, and refuses every third request.
async fn serve(client: async_nats::Client, id: &'static str, before: u64) {
    let mut asked = client
        .queue_subscribe("price.get", "q".into())
        .await
        .expect("it listens");
    let mut stats = client.subscribe("$SRV.STATS").await.expect("it listens");
    client.flush().await.expect("the server knows");
    let (mut requests, mut errors) = (before, before / 3);
    loop {
        tokio::select! {
            Some(message) = asked.next() => {
                requests += 1;
                let mut headers = async_nats::HeaderMap::new();
                if requests % 3 == 0 {
                    errors += 1;
                    headers.insert("Nats-Service-Error-Code", "500");
                }
                let reply = message.reply.expect("somebody waits");
                client.publish_with_headers(reply, headers, "42".into()).await.expect("it is sent");
            }
            Some(message) = stats.next() => {
                let told = json!({"type": "io.nats.micro.v1.stats_response", "name": "prices", "id": id,
                    "version": "1.2.3", "started": LONG_AGO, "endpoints": [{"name": "get", "subject": "price.get",
                    "queue_group": "q", "num_requests": requests, "num_errors": errors,
                    "processing_time": requests * 2_000_000, "average_processing_time": 2_000_000}]});
                let reply = message.reply.expect("somebody waits");
                client.publish(reply, told.to_string().into()).await.expect("it is sent");
            }
        }
    }
}

#[tokio::test]
async fn nats_live_services_are_counted_over_all_their_instances() {
    let Some(own) = OwnServers::start(1, ACCOUNTS).await else {
        return;
    };
    let endpoints = own.endpoints();
    let asker = client(&endpoints, "asker").await;
    let first = client(&endpoints, "prices").await;
    let one = tokio::spawn(serve(first, "one", 0));
    let ask = async |count: usize| {
        for n in 0..count {
            asker
                .request("price.get", "".into())
                .await
                .unwrap_or_else(|error| panic!("request {n}: {error}"));
        }
    };
    // Until it listens.
    for _ in 0..50 {
        if asker.request("$SRV.STATS", "".into()).await.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ask(7).await;
    let mut collector = collector(login(&endpoints, "watcher"));
    let subject = names::subject("APP", "price.get");
    let at = |visit: i64| now().plus_millis(visit * 60_000);
    let figures = |snapshot: &Snapshot| {
        let of = |metric| value(snapshot, &subject, metric);
        (of(metrics::NATS_SERVICE_REQUESTS), of(metrics::NATS_SERVICE_ERRORS))
    };
    let snapshot = collector.collect(at(0)).await.expect("it answers");
    assert_eq!(figures(&snapshot), (Some(7.0), Some(2.0)));
    assert_eq!(value(&snapshot, &subject, metrics::NATS_SERVICE_SECONDS), Some(0.002));

    // One that started long ago and was not heard before: what it has counted is not of now.
    let old = client(&endpoints, "prices").await;
    let two = tokio::spawn(serve(old, "two", 9_000));
    for _ in 0..50 {
        let connz = own.page("own-1", "connz?subs=1").await.to_string();
        if connz.matches("$SRV.STATS").count() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    ask(6).await;
    let snapshot = collector.collect(at(1)).await.expect("it answers");
    let (requests, errors) = figures(&snapshot);
    let (requests, errors) = (requests.expect("requests"), errors.expect("errors"));
    assert!(
        (7.0..=13.0).contains(&requests),
        "as many as the first one got: {requests}"
    );
    ask(6).await;
    let snapshot = collector.collect(at(2)).await.expect("it answers");
    let later = figures(&snapshot);
    assert_eq!(later.0, Some(requests + 6.0), "both are counted from here on");
    assert!(later.1.is_some_and(|later| later >= errors));

    // All are gone: there are no figures, and nothing falls.
    one.abort();
    two.abort();
    let _ = (one.await, two.await);
    let mut gone = None;
    for visit in 3..20 {
        let snapshot = collector.collect(at(visit)).await.expect("it answers");
        let figures = figures(&snapshot);
        gone = Some(figures);
        if figures == (None, None) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(gone, Some((None, None)));
}
