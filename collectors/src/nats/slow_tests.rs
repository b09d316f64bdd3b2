//! A client that does not read what it asked for: cut off by a real server, and named by every way in.

use std::time::Duration;

use brokerscope_contract::{CheckId, Status, metrics};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::live_tests::{client, collector, login, now, value};
use super::names;
use super::own_servers::{ACCOUNTS, OwnServers};

#[tokio::test]
async fn nats_live_a_reader_that_is_cut_off_is_named_by_every_way_in() {
    // So little may wait for a client that a few messages are too many.
    let settings = format!("max_payload: 65536\nmax_pending: 65536\nwrite_deadline: \"1s\"\n{ACCOUNTS}");
    let Some(own) = OwnServers::start(1, &settings).await else {
        return;
    };
    let endpoints = own.endpoints();
    let monitoring = json!({"monitoring_urls": endpoints["management"], "interval_seconds": 5});
    let ways = [login(&endpoints, "sys"), login(&endpoints, "watcher"), monitoring];
    let mut collectors = ways.map(collector);
    for collector in &mut collectors {
        let before = collector.collect(now()).await.expect("it answers");
        let told = before
            .checks
            .iter()
            .filter(|check| check.check == CheckId("slow_consumers".into()));
        assert!(told.into_iter().all(|check| check.status == Status::Ok));
    }
    let address = endpoints["bootstrap"][0].as_str().unwrap();
    let mut reader = TcpStream::connect(address).await.unwrap();
    let hello =
        "CONNECT {\"user\":\"app\",\"pass\":\"app\",\"name\":\"reporter\",\"verbose\":false}\r\nSUB flood 1\r\n";
    reader.write_all(hello.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let client = client(&endpoints, "flooder").await;
    // More than the buffers of both ends of a socket hold.
    for _ in 0..1_000 {
        client.publish("flood", vec![b'x'; 32 << 10].into()).await.unwrap();
    }
    client.flush().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    for (collector, way) in collectors.iter_mut().zip(["sys", "watcher", "monitoring"]) {
        let after = collector.collect(now().plus_millis(30_000)).await.expect("it answers");
        let told = after
            .checks
            .iter()
            .find(|check| check.check == CheckId("slow_consumers".into()) && check.status == Status::Warning);
        let told = told.unwrap_or_else(|| panic!("{way}: {:?}", after.checks));
        let port = reader.local_addr().unwrap().port().to_string();
        for part in ["reporter", "user app in account APP", &port] {
            assert!(told.text.contains(part), "{way}: {part} in {}", told.text);
        }
        let counted = [names::node("own-1"), names::account("APP")]
            .iter()
            .find_map(|key| value(&after, key, metrics::NATS_SLOW_CONSUMERS));
        assert_eq!(counted, Some(1.0), "{way}");
    }
}
