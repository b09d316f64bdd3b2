//! Killing the process at any moment: what was acknowledged is there, and nothing half.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use brokerscope_contract::{Sample, Snapshot, Timestamp, metrics};
use brokerscope_store::{Store, StoreOptions};

use crate::harness::*;

const QUEUES: usize = 40;
const DATABASE: &str = "BROKERSCOPE_TEST_CRASH_DATABASE";

fn visit(n: i64) -> Snapshot {
    let samples = (0..QUEUES).map(|q| Sample::new(queue(&format!("q{q}")), metrics::DEPTH, (n * 7 + q as i64) as f64));
    Snapshot {
        samples: samples.collect(),
        ..snapshot(MIDNIGHT + n * 5 * SECOND)
    }
}

/// Writes visits as fast as it can and says each one's number when the store has taken it.
#[tokio::test]
#[ignore = "runs inside the test below, to be killed"]
async fn child() {
    let Ok(path) = std::env::var(DATABASE) else { return };
    let store = Store::open(&StoreOptions::new(path)).await.unwrap();
    let connection = match store.connections().await.unwrap().first() {
        Some(connection) => connection.id,
        None => store.add_connection(&new_connection("a")).await.unwrap().id,
    };
    let first = store.last_answer(connection).await.unwrap().revision as i64;
    for n in first.. {
        let visit = visit(n);
        store.write_snapshot(connection, &visit, &beat(visit.at)).await.unwrap();
        println!("stored {n}");
    }
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crash.db");
    let mut last = -1;
    // More than one seal goes by, so that kills fall between its steps, too.
    for round in 1..=4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::child",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(DATABASE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines {
            if let Some(n) = line.unwrap().strip_prefix("stored ") {
                last = n.parse().unwrap();
            }
            if last >= round * 800 + round {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        check(&path, last);
    }
}

fn check(path: &std::path::Path, acknowledged: i64) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&StoreOptions::new(path)).await.unwrap();
        let connection = store.connections().await.unwrap()[0].id;
        let stored = store.last_answer(connection).await.unwrap().revision as i64;
        // The child may have stored more than it could say before it was killed.
        assert!(stored > acknowledged, "{stored} visits of {acknowledged} and one");
        assert_eq!(store.beats(connection, usize::MAX).await.unwrap().len() as i64, stored);
        let entities = store.entities(connection).await.unwrap();
        assert_eq!(entities.len(), QUEUES);
        for (q, entity) in entities.iter().enumerate() {
            let points = store
                .points(entity.id, metrics::DEPTH, Timestamp(0), Timestamp(i64::MAX))
                .await
                .unwrap();
            let expected: Vec<_> = (0..stored)
                .map(|n| (Timestamp(MIDNIGHT + n * 5 * SECOND), (n * 7 + q as i64) as f64))
                .collect();
            assert!(points == expected, "queue {q}: {} points of {stored}", points.len());
        }
        store.close().await;
    });
}
