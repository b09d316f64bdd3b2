//! Brokers that stop, hang and come back in the middle of visits.

use std::process::{Child, Command};

use brokerscope_contract::metrics::{KAFKA_UNDER_REPLICATED, UP};

use super::scale::resident_megabytes;
use super::*;

fn signal(name: &str, pid: &str) {
    assert!(Command::new("kill").args([name, pid]).status().unwrap().success());
}

/// A broker of our own, which is killed and started again.
struct Broker {
    /// A program that starts it in the background, and prints its process id.
    start: String,
    pid: String,
}

impl Broker {
    fn start(program: String) -> Broker {
        let output = Command::new(&program).output().unwrap();
        let pid = String::from_utf8(output.stdout).unwrap().trim().to_string();
        Broker { start: program, pid }
    }

    /// In the background, because the visit goes on meanwhile: waits, sends `first`, waits, sends `then`.
    fn trouble(&self, after: Duration, first: &str, pause: Duration, then: Option<&str>) -> Child {
        let pid = &self.pid;
        let then = then.map_or_else(|| self.start.clone(), |then| format!("kill {then} {pid}"));
        let (after, pause) = (after.as_secs_f64(), pause.as_secs_f64());
        let script = format!("sleep {after}; kill {first} {pid}; sleep {pause}; {then}");
        Command::new("sh")
            .args(["-c", &script])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Stops, continues, kills and restarts a broker of its own while it is visited. `BROKERSCOPE_STORM` is the broker's
/// address, `BROKERSCOPE_STORM_START` the program that starts it, `BROKERSCOPE_STORM_VISITS` the number of visits.
#[tokio::test(flavor = "multi_thread")]
async fn storm() {
    let (Ok(server), Ok(program)) = (
        std::env::var("BROKERSCOPE_STORM"),
        std::env::var("BROKERSCOPE_STORM_START"),
    ) else {
        return;
    };
    let visits: i64 = std::env::var("BROKERSCOPE_STORM_VISITS").map_or(100, |n| n.parse().unwrap());
    let mut broker = Broker::start(program);
    let patience = Instant::now() + Duration::from_secs(300);
    while tokio::net::TcpStream::connect(&server).await.is_err() {
        assert!(Instant::now() < patience, "the broker listens within five minutes");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut collector = collector(&[server], &[("interval_seconds", json!(5))]);
    let (mut whole, mut partial, mut failed) = (0, 0, 0);
    let start = now();
    for visit in 0..visits {
        let after = Duration::from_millis((visit as u64 * 37) % 400);
        let trouble = match visit % 10 {
            2 | 8 => Some(broker.trouble(after, "-STOP", Duration::from_secs(3), Some("-CONT"))),
            5 if visit % 50 == 45 => Some(broker.trouble(after, "-KILL", Duration::from_secs(2), None)),
            _ => None,
        };
        let started = Instant::now();
        // The runner gives a visit this long, and drops it then.
        let at = start.plus_millis(visit * 5_000);
        let outcome = tokio::time::timeout(Duration::from_secs(10), collector.collect(at)).await;
        let told = match outcome {
            Ok(Ok(snapshot)) if snapshot.warnings.iter().any(|w| w.reason == Absence::Failed) => {
                partial += 1;
                format!("partial, {} samples", snapshot.samples.len())
            }
            Ok(Ok(snapshot)) => {
                whole += 1;
                format!("whole, {} samples", snapshot.samples.len())
            }
            Ok(Err(error)) => {
                failed += 1;
                assert!(!error.remedy().is_empty(), "{error} says what to do");
                format!("failed: {error} {}", error.remedy())
            }
            Err(_) => panic!("visit {visit} took longer than its deadline"),
        };
        let (wall, memory) = (started.elapsed().as_millis(), resident_megabytes());
        println!("visit {visit}: {wall} ms, {memory} MB, {told}");
        if let Some(child) = trouble {
            let output = tokio::task::spawn_blocking(|| child.wait_with_output())
                .await
                .unwrap()
                .unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            if !printed.trim().is_empty() {
                broker.pid = printed.trim().to_string();
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("{whole} whole, {partial} partial, {failed} failed");
    let patience = Instant::now() + Duration::from_secs(300);
    let recovered = |snapshot: &Snapshot| snapshot.warnings.iter().all(|w| w.reason != Absence::Failed);
    let mut at = start.plus_millis(visits * 5_000);
    while !collector.collect(at).await.is_ok_and(|snapshot| recovered(&snapshot)) {
        assert!(
            Instant::now() < patience,
            "everything is seen again once the broker is left alone"
        );
        at = at.plus_millis(5_000);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    signal("-TERM", &broker.pid);
}

/// Kills a node of the cluster, `BROKERSCOPE_LOSE_NODE` being the process id of node 3, and does not bring it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_node_costs_its_own_and_the_rest_is_shown() {
    let Ok(pid) = std::env::var("BROKERSCOPE_LOSE_NODE") else {
        return;
    };
    let bootstrap = broker("kafka-cluster").expect("the cluster is listed");
    let topic = unique("lost");
    let placed: &[&[i32]] = &[&[1, 2, 3], &[2, 3, 1], &[3, 1, 2]];
    let new = NewTopic::new(&topic, 3, TopicReplication::Variable(placed));
    admin(&bootstrap)
        .create_topics([&new], &AdminOptions::new())
        .await
        .unwrap();
    produce(&bootstrap, &topic, (0..30).map(|n| n % 3)).await;
    let key = EntityKey::new(EntityKind::Topic, [topic.as_str()]);
    let end = |snapshot: &Snapshot, n: &str| {
        let partition = EntityKey::new(EntityKind::Partition, [topic.as_str(), n]);
        value(snapshot, &partition, KAFKA_END_OFFSET)
    };
    let node = |n: &str| EntityKey::new(EntityKind::Node, [n]);
    let mut collector = collector(&bootstrap, &[]);
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(value(&snapshot, &key, KAFKA_UNDER_REPLICATED), Some(0.0));
    assert_eq!(value(&snapshot, &node("3"), UP), Some(1.0));

    signal("-KILL", &pid);
    let mut noticed = false;
    for _ in 0..60 {
        let started = Instant::now();
        let snapshot = collector.collect(now()).await.unwrap();
        let wall = started.elapsed().as_millis();
        for n in ["0", "1"] {
            assert_eq!(end(&snapshot, n), Some(10.0), "led by a node that runs");
        }
        assert_eq!(value(&snapshot, &node("1"), UP), Some(1.0));
        let under = value(&snapshot, &key, KAFKA_UNDER_REPLICATED);
        println!(
            "{wall} ms, under-replicated {under:?}, node 3 {:?}",
            value(&snapshot, &node("3"), UP)
        );
        noticed = under == Some(3.0) && end(&snapshot, "2") == Some(10.0);
        if noticed {
            assert_eq!(value(&snapshot, &node("3"), UP), Some(0.0));
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(
        noticed,
        "under-replication is seen, and another node leads what node 3 led"
    );
    delete_topics(&bootstrap, &[&topic]).await;
}
