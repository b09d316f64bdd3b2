//! What a broker tells late or of its past: it is stored under its own time, and corrected when it is told again.

use brokerscope_contract::{EntityId, EntityKey, History, MetricId, Sample, Snapshot, Timestamp, metrics};

use crate::harness::*;

fn told(entity: &EntityKey, metric: MetricId, points: &[(i64, f64)]) -> History {
    History {
        entity: entity.clone(),
        metric,
        points: points.iter().map(|(at, value)| (Timestamp(*at), *value)).collect(),
    }
}

/// A visit that measures a depth of its own time, and tells a past.
fn visit(at: i64, depth: f64, history: Vec<History>) -> Snapshot {
    Snapshot {
        samples: vec![Sample::new(queue("a"), metrics::DEPTH, depth)],
        history,
        ..snapshot(at)
    }
}

#[tokio::test]
async fn late_points_keep_their_time_and_are_corrected() {
    let bench = Bench::new().await;
    let minute = |n: i64| MIDNIGHT + n * MINUTE;
    let counts = |points: &[(i64, f64)]| vec![told(&queue("a"), metrics::PUBLISHED, points)];
    bench
        .write(&visit(minute(8), 5.0, counts(&[(minute(0), 0.0), (minute(5), 10.0)])))
        .await;
    let again = [(minute(0), 0.0), (minute(5), 14.0), (minute(10), 20.0)];
    let id = bench.write(&visit(minute(13), 7.0, counts(&again))).await.ids[&queue("a")];
    let compare = async |bench: &Bench| {
        assert_eq!(bench.all_points(id, metrics::PUBLISHED).await, again);
        let depth = [(minute(8), 5.0), (minute(13), 7.0)];
        assert_eq!(bench.all_points(id, metrics::DEPTH).await, depth);
        let latest = bench.store.latest(bench.connection).await.unwrap();
        assert!(
            latest.contains(&(id, metrics::PUBLISHED, Timestamp(minute(10)), 20.0)),
            "{latest:?}"
        );
        assert!(
            latest.contains(&(id, metrics::DEPTH, Timestamp(minute(13)), 7.0)),
            "{latest:?}"
        );
    };
    compare(&bench).await;
    let bench = bench.reopen().await;
    compare(&bench).await;
    bench
        .store
        .housekeeping(Timestamp(minute(13) + DAY), &keep(DAY * 30, DAY * 400))
        .await
        .unwrap();
    assert_eq!(bench.store.health().pending_samples, 0);
    compare(&bench.reopen().await).await;
}

#[tokio::test]
async fn a_past_of_fifteen_days_is_in_long_ranges_also_of_what_is_new_beside_the_old() {
    let bench = Bench::new().await;
    let every = 5 * MINUTE;
    let past = |key: &EntityKey, from: i64, to: i64| {
        let points: Vec<_> = (from / every..to / every).map(|n| (n * every, 12.0)).collect();
        told(key, metrics::DEPTH, &points)
    };
    let first = MIDNIGHT + HOUR;
    bench
        .write(&visit(first, 12.0, vec![past(&queue("a"), first - 15 * DAY, first)]))
        .await;
    let sweep = async |now: i64| {
        let keep = keep(DAY * 60, DAY * 400);
        bench.store.housekeeping(Timestamp(now), &keep).await.unwrap();
    };
    sweep(first + 2 * DAY).await;
    // A queue that appears two days later, beside one that is rolled up already.
    let second = first + 2 * DAY;
    let written = bench
        .write(&visit(second, 12.0, vec![past(&queue("b"), second - 15 * DAY, second)]))
        .await;
    sweep(second + 2 * DAY).await;
    let whole = async |id: EntityId, from: i64, to: i64| {
        let (from, to) = (Timestamp(from), Timestamp(to));
        let line = bench.store.line(id, metrics::DEPTH, from, to, 100).await.unwrap();
        let told = line.values.iter().flatten().count();
        assert!(line.values.iter().flatten().all(|value| *value == 12.0), "{line:?}");
        (told, line.values.len())
    };
    let (a, b) = (written.ids[&queue("a")], written.ids[&queue("b")]);
    let (told, of) = whole(a, first - 15 * DAY, first).await;
    assert!(told >= of - 1, "{told} of {of}");
    let (told, of) = whole(b, second - 15 * DAY, second).await;
    assert!(told >= of - 1, "{told} of {of}");
}

#[tokio::test]
async fn a_past_does_not_bring_back_what_is_gone() {
    let bench = Bench::new().await;
    bench.write(&listed(MIDNIGHT, &["a", "b"])).await;
    let mut said = listed(MIDNIGHT + MINUTE, &["a"]);
    said.history = vec![told(&queue("b"), metrics::PUBLISHED, &[(MIDNIGHT - MINUTE, 3.0)])];
    let written = bench.write(&said).await;
    assert_eq!(written.deleted, [written.ids[&queue("b")]]);
    let points = bench.all_points(written.ids[&queue("b")], metrics::PUBLISHED).await;
    assert_eq!(points, [(MIDNIGHT - MINUTE, 3.0)]);
}
