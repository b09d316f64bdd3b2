//! Rollups and forgetting: by age, by size, by deletion.

use brokerscope_contract::{
    CheckId, CheckResult, EntityId, EntityKey, EntityKind, Sample, Snapshot, Status, Timestamp, metrics,
};

use crate::harness::*;

const CADENCE: i64 = 5 * MINUTE;

/// Days of visits every five minutes: a depth that goes round a day, a counter of 2 a second.
async fn days(bench: &Bench, days: i64) -> EntityId {
    let mut id = EntityId(0);
    for n in 0..days * DAY / CADENCE {
        let samples = vec![
            Sample::new(queue("a"), metrics::DEPTH, depth(n)),
            Sample::new(queue("a"), metrics::PUBLISHED, (n * 600) as f64),
        ];
        id = bench
            .write(&Snapshot {
                samples,
                ..snapshot(MIDNIGHT + n * CADENCE)
            })
            .await
            .ids[&queue("a")];
    }
    id
}

fn depth(n: i64) -> f64 {
    (n % 288) as f64
}

#[tokio::test]
async fn long_ranges_are_read_from_rollups_and_say_the_same() {
    let bench = Bench::new().await;
    let id = days(&bench, 20).await;
    let line = async |metric, from: i64, to: i64, max| {
        let (from, to) = (Timestamp(MIDNIGHT + from), Timestamp(MIDNIGHT + to));
        bench.store.line(id, metric, from, to, max).await.unwrap()
    };
    let before = [
        line(metrics::DEPTH, 0, 20 * DAY - 1, 480).await,
        line(metrics::DEPTH, DAY, 3 * DAY - 1, 300).await,
        line(metrics::PUBLISHED, 0, 20 * DAY - 1, 480).await,
    ];
    assert_eq!(before[0].step_millis, HOUR);
    assert_eq!(before[0].values[..3], [Some(5.5), Some(17.5), Some(29.5)]);
    assert_eq!((before[0].min[1], before[0].max[1]), (Some(12.0), Some(23.0)));
    assert!(before[2].values.iter().flatten().all(|rate| (rate - 2.0).abs() < 1e-9));

    let now = Timestamp(MIDNIGHT + 20 * DAY + HOUR);
    let done = bench.store.housekeeping(now, &keep(30 * DAY, 400 * DAY)).await.unwrap();
    assert!(done.rollups_written >= 40, "{done:?}");
    assert_eq!(
        bench
            .store
            .housekeeping(now, &keep(30 * DAY, 400 * DAY))
            .await
            .unwrap()
            .rollups_written,
        0
    );
    let same = |a: &brokerscope_contract::api::series::Line, b: &brokerscope_contract::api::series::Line| {
        assert_eq!(
            (a.start, a.step_millis, a.values.len()),
            (b.start, b.step_millis, b.values.len())
        );
        for (a, b) in a.values.iter().zip(&b.values) {
            assert!(
                a.zip(*b).is_some_and(|(a, b)| (a - b).abs() < 1e-6) || a == b,
                "{a:?} {b:?}"
            );
        }
    };
    same(&before[0], &line(metrics::DEPTH, 0, 20 * DAY - 1, 480).await);
    same(&before[1], &line(metrics::DEPTH, DAY, 3 * DAY - 1, 300).await);
    same(&before[2], &line(metrics::PUBLISHED, 0, 20 * DAY - 1, 480).await);

    // When the samples are gone, their sums are not; also when zoomed in.
    let done = bench.store.housekeeping(now, &keep(5 * DAY, 400 * DAY)).await.unwrap();
    assert!(done.blocks_deleted > 0);
    let left = bench.all_points(id, metrics::DEPTH).await;
    assert!(left[0].0 > MIDNIGHT + 14 * DAY && left[0].0 < MIDNIGHT + 16 * DAY);
    let bench = bench.reopen().await;
    let line = async |metric, from: i64, to: i64, max| {
        let (from, to) = (Timestamp(MIDNIGHT + from), Timestamp(MIDNIGHT + to));
        bench.store.line(id, metric, from, to, max).await.unwrap()
    };
    same(&before[0], &line(metrics::DEPTH, 0, 20 * DAY - 1, 480).await);
    let close = line(metrics::DEPTH, 2 * DAY, 2 * DAY + HOUR - 1, 600).await;
    assert_eq!((close.step_millis, close.values[1]), (5 * MINUTE, Some(1.0)));
}

#[tokio::test]
async fn one_visit_with_the_clock_ahead_does_not_keep_what_is_old() {
    let bench = Bench::new().await;
    let kept = keep(2 * DAY, 400 * DAY);
    // More series than the lanes of one step of deleting hold.
    let visit = async |at: i64, depth: f64| {
        let samples = (0..2_100).map(|q| Sample::new(queue(&format!("{q}")), metrics::DEPTH, depth));
        let samples = samples.collect();
        let said = Snapshot {
            samples,
            ..snapshot(at)
        };
        bench.write(&said).await.ids[&queue("0")]
    };
    let id = visit(MIDNIGHT, 1.0).await;
    visit(MIDNIGHT + 300 * DAY, 2.0).await;
    for n in 1..=48 {
        let at = MIDNIGHT + n * 3 * HOUR;
        visit(at, 3.0).await;
        bench.store.housekeeping(Timestamp(at + 2 * HOUR), &kept).await.unwrap();
    }
    let points = bench.all_points(id, metrics::DEPTH).await;
    let (first, last) = (points[0].0, points[points.len() - 1].0);
    assert!(first > MIDNIGHT + 3 * DAY, "{points:?}");
    assert_eq!(
        last,
        MIDNIGHT + 6 * DAY,
        "what was told of the future went with what was sealed after it"
    );
}

#[tokio::test]
async fn a_limit_of_size_removes_the_oldest_first() {
    let bench = Bench::new().await;
    for n in 0..1500 {
        let samples = (0..64).map(|q| {
            let noise = (n * 7919 + q * 104_729) % 100_003;
            Sample::new(queue(&format!("{q}")), metrics::DEPTH, noise as f64)
        });
        bench
            .write(&Snapshot {
                samples: samples.collect(),
                ..snapshot(MIDNIGHT + n * 5 * MINUTE)
            })
            .await;
    }
    let now = Timestamp(MIDNIGHT + 1500 * 5 * MINUTE + 3 * HOUR);
    let all = bench.store.housekeeping(now, &keep(DAY * 30, DAY * 400)).await.unwrap();
    let id = bench.store.entities(bench.connection).await.unwrap()[0].id;
    let max_bytes = all.bytes * 2 / 3;
    let limited = brokerscope_store::Retention {
        max_bytes: Some(max_bytes),
        ..keep(DAY * 30, DAY * 400)
    };
    let done = bench.store.housekeeping(now, &limited).await.unwrap();
    assert!(
        done.bytes <= max_bytes && done.blocks_deleted > 0,
        "{done:?} of {max_bytes}"
    );
    let points = bench.all_points(id, metrics::DEPTH).await;
    assert!(points.len() > 100 && points.len() < 1500, "{}", points.len());
    assert_eq!(points[points.len() - 1].0, MIDNIGHT + 1499 * 5 * MINUTE);
    // The room is used again.
    assert_eq!(bench.store.housekeeping(now, &limited).await.unwrap().blocks_deleted, 0);
}

#[tokio::test]
async fn entities_that_come_and_go_do_not_pile_up() {
    let bench = Bench::new().await;
    let consumer = |n: i64| EntityKey::new(EntityKind::Consumer, ["/".into(), "a".into(), format!("tag-{n}")]);
    for n in 0..200 {
        let at = MIDNIGHT + n * HOUR;
        let mut said = listed(at, &["a"]);
        said.entities.push(brokerscope_contract::Entity::new(consumer(n)));
        said.complete.push(EntityKind::Consumer);
        said.samples
            .push(Sample::new(consumer(n), metrics::IN_FLIGHT, n as f64));
        said.checks.push(CheckResult {
            entity: consumer(n),
            check: CheckId("alive".into()),
            status: Status::Ok,
            text: String::new(),
            absent: None,
        });
        bench.write(&said).await;
        if n % 5 == 0 {
            bench
                .store
                .housekeeping(Timestamp(at), &keep(30 * DAY, 400 * DAY))
                .await
                .unwrap();
        }
    }
    let stored = bench.store.entities(bench.connection).await.unwrap();
    assert!(stored.len() < 40, "{} entities", stored.len());
    let bench = bench.reopen().await;
    let last = stored.iter().find(|entity| entity.key == consumer(199)).unwrap();
    assert_eq!(
        bench.all_points(last.id, metrics::IN_FLIGHT).await,
        [(MIDNIGHT + 199 * HOUR, 199.0)]
    );
    assert_eq!(bench.store.latest(bench.connection).await.unwrap().len(), 1);
    assert_eq!(bench.store.checks(bench.connection).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_reused_slot_does_not_show_what_its_former_owner_measured() {
    let bench = Bench::new().await;
    let mut said = listed(MIDNIGHT, &["old"]);
    said.samples.push(Sample::new(queue("old"), metrics::DEPTH, 111.0));
    let old = bench.write(&said).await.ids[&queue("old")];
    bench.write(&listed(MIDNIGHT + MINUTE, &["other"])).await;
    let much_later = MIDNIGHT + 40 * DAY;
    // The first round seals, the second finds that nothing waits any more.
    for round in 0..2 {
        bench
            .store
            .housekeeping(Timestamp(much_later + round), &keep(DAY, 400 * DAY))
            .await
            .unwrap();
    }
    assert!(
        bench
            .store
            .entities(bench.connection)
            .await
            .unwrap()
            .iter()
            .all(|entity| entity.id != old)
    );
    let new = bench
        .measure(much_later + MINUTE, &queue("new"), metrics::DEPTH, 2.0)
        .await;
    let bench = bench.reopen().await;
    assert_eq!(
        bench.all_points(new, metrics::DEPTH).await,
        [(much_later + MINUTE, 2.0)]
    );
    assert_eq!(bench.all_points(old, metrics::DEPTH).await, []);
}

#[tokio::test]
async fn a_removed_connection_leaves_no_samples_behind() {
    let bench = Bench::new().await;
    days(&bench, 2).await;
    let now = Timestamp(MIDNIGHT + 3 * DAY);
    let full = bench.store.housekeeping(now, &keep(30 * DAY, 400 * DAY)).await.unwrap();
    bench.store.delete_connection(bench.connection).await.unwrap();
    let empty = bench.store.housekeeping(now, &keep(30 * DAY, 400 * DAY)).await.unwrap();
    assert!(empty.bytes < full.bytes, "{empty:?} {full:?}");
    assert!(
        empty.blocks_deleted > 0,
        "who deletes a connection does not wait for its samples to go: {empty:?}"
    );
    assert_eq!(bench.store.health().pending_samples, 0);
    let bench = bench.reopen().await;
    assert_eq!(bench.store.connections().await.unwrap(), []);
    assert_eq!(bench.store.top(metrics::DEPTH, 9).await.unwrap(), []);
}

#[tokio::test]
async fn old_visits_go_and_the_newest_change_of_a_check_stays() {
    let bench = Bench::new().await;
    let check = |status| CheckResult {
        entity: EntityKey::cluster(),
        check: CheckId("alarm".into()),
        status,
        text: String::new(),
        absent: None,
    };
    for (day, status) in [(0, Status::Ok), (1, Status::Critical), (2, Status::Ok)] {
        bench
            .write(&Snapshot {
                checks: vec![check(status)],
                ..snapshot(MIDNIGHT + day * DAY)
            })
            .await;
    }
    bench
        .store
        .housekeeping(Timestamp(MIDNIGHT + 31 * DAY + HOUR), &keep(DAY, 2 * DAY))
        .await
        .unwrap();
    assert_eq!(bench.store.beats(bench.connection, 10).await.unwrap().len(), 1);
    let history = bench.store.check_history(bench.connection, 10).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].at, history[0].status),
        (Timestamp(MIDNIGHT + 2 * DAY), Status::Ok)
    );
}
