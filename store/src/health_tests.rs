//! A full disk, made by forbidding SQLite to let the file grow.

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    ConnectionId, EntityKey, EntityKind, Sample, Settings, Snapshot, Status, System, Timestamp, metrics,
};

use sqlx::Connection as _;

use super::*;
use crate::{NewConnection, StoreError, StoreOptions};

/// Lets the file grow to this many pages, and not beyond.
async fn limit(store: &Store, pages: i64) {
    let mut query = sqlx::QueryBuilder::new("PRAGMA max_page_count = ");
    query.push(pages);
    query.build().execute(&store.inner.writer).await.unwrap();
}

async fn pages(store: &Store) -> i64 {
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count")
        .fetch_one(&store.inner.writer)
        .await
        .unwrap();
    pages
}

async fn add_connection(store: &Store) -> ConnectionId {
    let new = NewConnection {
        name: "a".into(),
        system: System::Kafka,
        origin: Origin::Page,
        paused: false,
        settings: Settings::new(),
        sealed: None,
        created_at: Timestamp(0),
    };
    store.add_connection(&new).await.unwrap().id
}

fn visit(at: i64) -> (Snapshot, Beat) {
    let key = |n| EntityKey::new(EntityKind::Queue, [format!("{at}"), format!("{n}")]);
    let samples = (0..100)
        .map(|n| Sample::new(key(n), metrics::DEPTH, (at * n) as f64))
        .collect();
    let at = Timestamp(at);
    let beat = Beat {
        at,
        status: Status::Ok,
        text: String::new(),
    };
    (
        Snapshot {
            samples,
            ..Snapshot::empty(at)
        },
        beat,
    )
}

#[tokio::test]
async fn a_full_disk_is_said_reads_go_on_and_room_is_enough_to_recover() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(folder.path().join("full.db")))
        .await
        .unwrap();
    let connection = add_connection(&store).await;
    limit(&store, pages(&store).await + 30).await;

    let mut written = 0;
    let error = loop {
        let (snapshot, beat) = visit(written + 1);
        match store.write_snapshot(connection, &snapshot, &beat).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the limit had no effect");
    };
    assert!(matches!(error, StoreError::DiskFull), "{error}");
    let trouble = store.health().trouble.unwrap();
    assert_eq!(trouble.since, Timestamp(written + 1));
    assert_eq!(
        (trouble.kind, trouble.text.as_str()),
        (TroubleKind::DiskFull, "the disk is full")
    );

    // Nothing of the failed visit is there, everything before it is.
    let stored = store.entities(connection).await.unwrap();
    assert_eq!(stored.len() as i64, written * 100);
    assert_eq!(
        store.top(metrics::DEPTH, usize::MAX).await.unwrap().len() as i64,
        written * 100
    );
    let beats = store.beats(connection, 1000).await.unwrap();
    assert_eq!(beats.len() as i64, written);

    // It goes on failing, and it is remembered since when.
    let (snapshot, beat) = visit(written + 2);
    assert!(matches!(
        store.write_snapshot(connection, &snapshot, &beat).await,
        Err(StoreError::DiskFull)
    ));
    assert_eq!(store.health().trouble.unwrap().since, trouble.since);

    limit(&store, 1_000_000).await;
    store.write_snapshot(connection, &snapshot, &beat).await.unwrap();
    assert_eq!(store.health().trouble, None);
    assert_eq!(
        store.entities(connection).await.unwrap().len() as i64,
        written * 100 + 100
    );

    store.close().await;
    let store = Store::open(&StoreOptions::new(folder.path().join("full.db")))
        .await
        .unwrap();
    assert_eq!(
        store.latest(connection).await.unwrap().len() as i64,
        written * 100 + 100
    );
}

#[tokio::test]
async fn what_is_stored_after_sqlite_ended_a_transaction_by_itself_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(folder.path().join("ended.db")))
        .await
        .unwrap();
    let connection = add_connection(&store).await;
    // As on a full disk: the first transaction is ended behind sqlx's back, the second given up.
    for ended in [true, false] {
        let mut writer = store.inner.writer().await.unwrap();
        let mut tx = writer.begin().await.unwrap();
        if ended {
            sqlx::query("ROLLBACK").execute(&mut *tx).await.unwrap();
        } else {
            sqlx::query("DELETE FROM visits").execute(&mut *tx).await.unwrap();
        }
    }
    let (snapshot, beat) = visit(1);
    store.write_snapshot(connection, &snapshot, &beat).await.unwrap();
    // Readers have connections of their own, and see what is committed.
    assert_eq!(store.beats(connection, 10).await.unwrap(), [beat]);
}

#[tokio::test]
async fn a_request_that_cannot_be_met_is_no_trouble_of_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(folder.path().join("a.db")))
        .await
        .unwrap();
    assert!(store.delete_rule(brokerscope_contract::RuleId(5)).await.is_err());
    assert_eq!(store.health().trouble, None);
    assert!(store.health().bytes > 0);
}
