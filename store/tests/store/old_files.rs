//! Database files of earlier releases, and of later ones.

use std::path::Path;

use brokerscope_contract::{Status, Timestamp, metrics};
use brokerscope_store::{Store, StoreError, StoreOptions};
use sqlx::{Connection, SqliteConnection};

use crate::harness::*;

/// Made by release 0.1 (`cargo test -p brokerscope-store make_the_file -- --ignored`), never made again after it.
const FIRST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/0.1.db");

#[tokio::test]
async fn a_database_of_release_0_1_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.db");
    std::fs::copy(FIRST, &path).unwrap();
    let store = Store::open(&StoreOptions::new(&path)).await.unwrap();
    let connection = store.connections().await.unwrap().remove(0);
    assert_eq!(connection.name, "rabbit");
    let entities = store.entities(connection.id).await.unwrap();
    let queue = entities.iter().find(|entity| entity.key == queue("orders")).unwrap();
    let points = store
        .points(queue.id, metrics::DEPTH, Timestamp(0), Timestamp(i64::MAX))
        .await
        .unwrap();
    // Sealed ones and ones that were not.
    assert_eq!(points.len(), 1_100);
    assert_eq!(points[1_099], (Timestamp(MIDNIGHT + 1_099 * 5 * SECOND), 1_099.0));
    assert_eq!(store.latest(connection.id).await.unwrap().len(), 1);
    assert_eq!(
        store.checks(connection.id).await.unwrap()[0].result.status,
        Status::Warning
    );
    // And it goes on.
    store
        .write_snapshot(
            connection.id,
            &listed(MIDNIGHT + DAY, &["orders"]),
            &beat(Timestamp(MIDNIGHT)),
        )
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "makes the file that the test above reads; only for the first release"]
async fn make_the_file() {
    use brokerscope_contract::{CheckId, CheckResult, Snapshot};
    let path = Path::new(FIRST);
    let _ = std::fs::remove_file(path);
    // Small pages keep the file small; the page size is SQLite's business alone.
    let url = format!("sqlite://{FIRST}?mode=rwc");
    let mut empty = SqliteConnection::connect(&url).await.unwrap();
    for statement in ["PRAGMA page_size = 512", "PRAGMA auto_vacuum = INCREMENTAL", "VACUUM"] {
        sqlx::query(statement).execute(&mut empty).await.unwrap();
    }
    empty.close().await.unwrap();
    let store = Store::open(&StoreOptions::new(path)).await.unwrap();
    let connection = store.add_connection(&new_connection("rabbit")).await.unwrap().id;
    for n in 0..1_100 {
        let at = MIDNIGHT + n * 5 * SECOND;
        let check = CheckResult {
            entity: queue("orders"),
            check: CheckId("has_consumers".into()),
            status: Status::Warning,
            text: "none".into(),
            absent: None,
        };
        let said = Snapshot {
            checks: vec![check],
            ..measured(at, &queue("orders"), metrics::DEPTH, n as f64)
        };
        store
            .write_snapshot(connection, &said, &beat(Timestamp(at - at % (10 * MINUTE))))
            .await
            .unwrap();
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    store.close().await;
    std::fs::remove_file(format!("{FIRST}.lock")).unwrap();
}

#[tokio::test]
async fn a_database_of_a_later_release_is_refused_and_left_alone() {
    let bench = Bench::new().await;
    let path = bench.path();
    bench.store.close().await;
    let mut later = SqliteConnection::connect(&format!("sqlite://{}", path.display()))
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', 1, x'00', 0)",
    )
    .execute(&mut later)
    .await
    .unwrap();
    later.close().await.unwrap();
    drop(bench.store);
    let before = std::fs::read(&path).unwrap();
    let Err(error) = Store::open(&StoreOptions::new(&path)).await else {
        panic!("it opened")
    };
    assert!(matches!(error, StoreError::Newer { found: 9999, .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(
        &path,
        "meeting at ten, bring the numbers of last week, all of them please".repeat(50),
    )
    .unwrap();
    let Err(error) = Store::open(&StoreOptions::new(&path)).await else {
        panic!("it opened")
    };
    assert!(matches!(error, StoreError::Damaged(_)), "{error}");
    let missing = Store::open(&StoreOptions::new(folder.path().join("no/such/folder/x.db"))).await;
    assert!(matches!(missing, Err(StoreError::Open(_))));
}
