//! Samples: what goes in comes out, as points and as lines.

use brokerscope_contract::{Absence, EntityId, Sample, Snapshot, Timestamp, Unit, metrics};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::harness::*;

/// Every kind of number that a broker might give, and what is no measurement.
fn values() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        5 => (0i32..2000).prop_map(f64::from),
        2 => any::<f64>(),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-0.0),
        1 => (0u64..1 << 54).prop_map(|value| value as f64),
    ];
    prop::collection::vec(prop::option::weighted(0.8, value), 3)
}

#[test]
fn any_values_come_back_sealed_or_not_before_and_after_a_restart() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Enough for a seal, and then some; shrinking a thousand visits would take all day.
    let visits = prop::collection::vec(values(), 1_150);
    let mut runner = TestRunner::new(Config {
        cases: 2,
        max_shrink_iters: 0,
        ..Config::default()
    });
    runner
        .run(&visits, |visits| {
            runtime.block_on(store_and_compare(&visits));
            Ok(())
        })
        .unwrap();
}

async fn store_and_compare(visits: &[Vec<Option<f64>>]) {
    let bench = Bench::new().await;
    let mut expected = vec![Vec::new(); 3];
    let mut ids = [None; 3];
    for (n, values) in visits.iter().enumerate() {
        let at = MIDNIGHT + n as i64 * 5 * SECOND;
        let mut said = snapshot(at);
        for (series, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            said.samples
                .push(Sample::new(queue(&series.to_string()), metrics::OLDEST_AGE, *value));
            if value.is_finite() {
                expected[series].push((at, value.to_bits()));
            }
        }
        for (key, id) in bench.write(&said).await.ids {
            ids[key.name().parse::<usize>().unwrap()] = Some(id);
        }
    }
    let compare = async |bench: &Bench| {
        for (id, expected) in ids.iter().zip(&expected) {
            let points = bench.all_points(id.unwrap(), metrics::OLDEST_AGE).await;
            let bits: Vec<_> = points.iter().map(|(at, value)| (*at, value.to_bits())).collect();
            assert!(bits == *expected, "{} points of {}", bits.len(), expected.len());
        }
    };
    compare(&bench).await;
    let bench = bench.reopen().await;
    compare(&bench).await;
    // Now all is sealed, whoever did it.
    bench
        .store
        .housekeeping(Timestamp(MIDNIGHT + DAY), &keep(DAY * 30, DAY * 400))
        .await
        .unwrap();
    assert_eq!(bench.store.health().pending_samples, 0);
    compare(&bench).await;
    let bench = bench.reopen().await;
    compare(&bench).await;
    let from = Timestamp(MIDNIGHT + 100 * 5 * SECOND);
    let some = bench
        .store
        .points(ids[0].unwrap(), metrics::OLDEST_AGE, from, from)
        .await
        .unwrap();
    assert_eq!(some.len(), expected[0].iter().filter(|(at, _)| *at == from.0).count());
}

#[tokio::test]
async fn more_series_than_a_lane_holds_and_new_ones_at_any_time() {
    let bench = Bench::new().await;
    for round in 0..3 {
        let samples = (0..40 + 30 * round).flat_map(|n| {
            let key = queue(&format!("q{n}"));
            [(metrics::DEPTH, n + round), (metrics::PUBLISHED, n * round)]
                .map(|(metric, value)| Sample::new(key.clone(), metric, value as f64))
        });
        bench
            .write(&Snapshot {
                samples: samples.collect(),
                ..snapshot(MIDNIGHT + round * MINUTE)
            })
            .await;
    }
    let bench = bench.reopen().await;
    let latest = bench.store.latest(bench.connection).await.unwrap();
    assert_eq!(latest.len(), 200);
    let entities = bench.store.entities(bench.connection).await.unwrap();
    for (n, entity) in entities.iter().enumerate() {
        let n = n as i64;
        assert_eq!(entity.key.name(), format!("q{n}"));
        let first = if n < 40 { 0 } else { (n - 40) / 30 + 1 };
        let depth: Vec<_> = (first..3)
            .map(|round| (MIDNIGHT + round * MINUTE, (n + round) as f64))
            .collect();
        assert_eq!(bench.all_points(entity.id, metrics::DEPTH).await, depth);
        let last = latest
            .iter()
            .find(|(id, metric, ..)| (*id, *metric) == (entity.id, metrics::PUBLISHED))
            .unwrap();
        assert_eq!((last.2, last.3), (Timestamp(MIDNIGHT + 2 * MINUTE), (n * 2) as f64));
    }
}

#[tokio::test]
async fn a_second_value_in_the_same_snapshot_replaces_the_first() {
    let bench = Bench::new().await;
    let mut said = measured(MIDNIGHT, &queue("a"), metrics::DEPTH, 1.0);
    said.samples.push(Sample::new(queue("a"), metrics::DEPTH, 2.0));
    let id = bench.write(&said).await.ids[&queue("a")];
    assert_eq!(bench.all_points(id, metrics::DEPTH).await, [(MIDNIGHT, 2.0)]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_loses_nothing() {
    let bench = Bench::new().await;
    let times = [0, 5, 10, 3, 8, 13].map(|second| MIDNIGHT + second * SECOND);
    let mut id = EntityId(0);
    for (n, at) in times.into_iter().enumerate() {
        id = bench.measure(at, &queue("a"), metrics::PUBLISHED, n as f64).await;
    }
    let stored: Vec<_> = bench
        .all_points(id, metrics::PUBLISHED)
        .await
        .iter()
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(stored, times);
    let (from, to) = (Timestamp(MIDNIGHT), Timestamp(MIDNIGHT + 14 * SECOND));
    let line = bench.store.line(id, metrics::PUBLISHED, from, to, 10).await.unwrap();
    assert!(line.values.iter().flatten().all(|rate| *rate >= 0.0), "{line:?}");
}

#[tokio::test]
async fn a_line_of_a_counter_is_a_rate_with_restarts_and_gaps() {
    let bench = Bench::new().await;
    let mut id = EntityId(0);
    // 10 a second, a restart after a minute, a hole of five minutes.
    let readings = (0..12)
        .map(|n| (n * 5, n * 50))
        .chain((12..24).map(|n| (n * 5, (n - 11) * 50)));
    for (second, count) in readings.chain((84..96).map(|n| (n * 5, n * 50))) {
        let at = MIDNIGHT + second * SECOND;
        id = bench
            .measure(at, &queue("a"), metrics::PUBLISHED, f64::from(count as i32))
            .await;
    }
    let line = async |from: i64, to: i64, max| {
        let (from, to) = (Timestamp(MIDNIGHT + from * SECOND), Timestamp(MIDNIGHT + to * SECOND));
        bench.store.line(id, metrics::PUBLISHED, from, to, max).await.unwrap()
    };
    let close = line(0, 119, 1000).await;
    assert_eq!(
        (close.step_millis, close.per_second, close.unit),
        (5 * SECOND, true, Unit::Messages)
    );
    assert_eq!(close.values[..23], [Some(10.0); 23]);
    let whole = line(0, 479, 48).await;
    assert_eq!(whole.step_millis, 10 * SECOND);
    let known: Vec<bool> = whole.values.iter().map(Option::is_some).collect();
    let expected: Vec<bool> = (0..48).map(|step| !(12..42).contains(&step)).collect();
    assert_eq!(known, expected);
    assert!(
        whole.values.iter().flatten().all(|rate| (rate - 10.0).abs() < 1e-9),
        "{:?}",
        whole.values
    );
}

#[tokio::test]
async fn what_was_never_measured_is_a_line_without_values_and_says_so() {
    let bench = Bench::new().await;
    let id = bench.measure(MIDNIGHT, &queue("a"), metrics::DEPTH, 1.0).await;
    let (from, to) = (Timestamp(MIDNIGHT), Timestamp(MIDNIGHT + HOUR));
    for (entity, metric) in [(id, metrics::LAG), (EntityId(77), metrics::DEPTH)] {
        let line = bench.store.line(entity, metric, from, to, 60).await.unwrap();
        assert_eq!((line.absent, line.values), (Some(Absence::NoData), vec![None; 61]));
        assert_eq!(bench.store.points(entity, metric, from, to).await.unwrap(), []);
    }
    // Any range is a range, and takes no more steps than asked for.
    for (from, to) in [(i64::MIN, i64::MAX), (i64::MAX, i64::MIN), (5, 5), (0, i64::MAX)] {
        let line = bench
            .store
            .line(id, metrics::DEPTH, Timestamp(from), Timestamp(to), 600)
            .await
            .unwrap();
        assert!(line.values.len() <= 601);
    }
}

#[tokio::test]
async fn many_lines_at_once_are_the_same_as_one_by_one() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    for n in 0..50 {
        let samples = (0..50).map(|q| Sample::new(queue(&format!("{q:02}")), metrics::DEPTH, f64::from(n * q)));
        let said = Snapshot {
            samples: samples.collect(),
            ..snapshot(MIDNIGHT + i64::from(n) * MINUTE)
        };
        ids = bench.write(&said).await.ids.into_iter().collect();
    }
    ids.sort();
    let mut series: Vec<_> = ids.iter().rev().map(|(_, id)| (*id, metrics::DEPTH)).collect();
    series.insert(3, (EntityId(1 << 40), metrics::DEPTH));
    series.push(series[0]);
    let (from, to) = (Timestamp(MIDNIGHT), Timestamp(MIDNIGHT + HOUR));
    let lines = bench.store.lines(&series, from, to, 30).await.unwrap();
    assert_eq!(lines.len(), series.len());
    for ((entity, metric), line) in series.iter().zip(&lines) {
        assert_eq!(*line, bench.store.line(*entity, *metric, from, to, 30).await.unwrap());
    }
    assert_eq!(lines[0], lines[lines.len() - 1]);
}

#[tokio::test]
async fn the_top_are_those_with_the_greatest_last_value_that_exist() {
    let bench = Bench::new().await;
    let mut said = listed(MIDNIGHT, &["a", "b", "c", "d"]);
    for (name, depth) in [("a", 5.0), ("b", 50.0), ("c", 7.0), ("d", 500.0)] {
        said.samples.push(Sample::new(queue(name), metrics::DEPTH, depth));
        said.samples
            .push(Sample::new(queue(name), metrics::LAG, 1000.0 - depth));
    }
    let ids = bench.write(&said).await.ids;
    let mut next = listed(MIDNIGHT + MINUTE, &["a", "b", "c"]);
    next.samples.push(Sample::new(queue("a"), metrics::DEPTH, 60.0));
    bench.write(&next).await;
    for _ in 0..2 {
        let top = bench.store.top(metrics::DEPTH, 2).await.unwrap();
        assert_eq!(top, [(ids[&queue("a")], 60.0), (ids[&queue("b")], 50.0)]);
        assert_eq!(bench.store.top(metrics::DEPTH, 10).await.unwrap().len(), 3);
        assert_eq!(bench.store.top(metrics::CONSUMERS, 10).await.unwrap(), []);
    }
    let bench = bench.reopen().await;
    assert_eq!(
        bench.store.top(metrics::DEPTH, 1).await.unwrap(),
        [(ids[&queue("a")], 60.0)]
    );
    assert_eq!(bench.store.latest(bench.connection).await.unwrap().len(), 6);
}
