//! What is asked of CloudWatch when, and what its answers become.

use brokerscope_contract::Settings;
use serde_json::json;

use super::*;
use crate::aws::config;

const NOW: Timestamp = Timestamp(1_767_571_200_000 + 70_000);
const PERIOD: i64 = 300_000;

fn config(cloudwatch: &str, days: u64) -> Config {
    let settings = json!({"regions": ["eu-west-1"], "cloudwatch": cloudwatch, "backfill_days": days});
    let settings: Settings = serde_json::from_value(settings).unwrap();
    config::parse(&settings).ok().unwrap()
}

fn subject(kind: EntityKind, name: &str, waits: bool) -> Subject {
    Subject {
        entity: EntityKey::new(kind, ["111122223333", "eu-west-1", name]),
        waits,
        fifo: name.ends_with(".fifo"),
        created: None,
    }
}

fn asked(batches: &[Vec<Query>]) -> Vec<(String, &'static str)> {
    let queries = batches.iter().flatten();
    queries
        .map(|query| (query.entity.name().to_owned(), query.figure.name))
        .collect()
}

#[test]
fn the_age_of_an_empty_queue_is_not_asked_for() {
    let subjects = [
        subject(EntityKind::Queue, "full", true),
        subject(EntityKind::Queue, "empty", false),
    ];
    let batches = Ledger::default().due(&subjects, &config("ages", 0), NOW);
    assert_eq!(asked(&batches), [("full".to_owned(), "ApproximateAgeOfOldestMessage")]);
    assert!(Ledger::default().due(&subjects, &config("off", 15), NOW).is_empty());
}

#[test]
fn counters_groups_and_topics_come_with_all() {
    let subjects = [
        subject(EntityKind::Queue, "a.fifo", true),
        subject(EntityKind::Queue, "b", true),
        subject(EntityKind::Topic, "t", false),
    ];
    let batches = Ledger::default().due(&subjects, &config("all", 0), NOW);
    assert_eq!(asked(&batches).len(), 6 + 5 + 6);
    let batch = &batches[0];
    assert!(
        batch
            .iter()
            .all(|query| query.until.0 <= NOW.0 - 120_000 && query.until.0 % PERIOD == 0)
    );
    assert!(batch.iter().all(|query| query.until.0 - query.from.0 == 3 * PERIOD));
}

#[test]
fn the_past_is_read_once_and_in_batches_that_fit() {
    let subjects: Vec<_> = (0..60)
        .map(|n| subject(EntityKind::Queue, &format!("q{n}"), true))
        .collect();
    let (mut ledger, config) = (Ledger::default(), config("ages", 15));
    let batches = ledger.due(&subjects, &config, NOW);
    // 4,320 points each: 23 fit. Ages and depths of sixty queues.
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 120);
    assert!(batches.iter().all(|batch| batch.len() <= 23));
    for batch in &batches {
        ledger.answered(batch, &[], &config);
    }
    assert!(ledger.due(&subjects, &config, NOW).is_empty(), "until the next period");
    let later = ledger.due(&subjects, &config, NOW.plus_millis(PERIOD));
    assert_eq!(asked(&later).len(), 60, "ages only");
    assert_eq!(later.len(), 1);
}

#[test]
fn after_a_restart_only_what_was_missed_is_read() {
    let subjects = [subject(EntityKind::Queue, "full", true)];
    let mut ledger = Ledger::default();
    ledger.resume(NOW.plus_millis(-3_600_000));
    let batches = ledger.due(&subjects, &config("ages", 15), NOW);
    let read = NOW.0 - batches[0][0].from.0;
    assert!((3_600_000..3_600_000 + 5 * PERIOD).contains(&read), "{read}");
    // A queue is not asked for the time before it was made.
    let young = Subject {
        created: Some(NOW.plus_millis(-6 * PERIOD)),
        ..subject(EntityKind::Queue, "young", true)
    };
    let batches = Ledger::default().due(&[young], &config("ages", 15), NOW);
    assert!(NOW.0 - batches[0][0].from.0 <= 7 * PERIOD);
}

#[test]
fn sums_become_counters_with_the_time_of_the_end_of_their_period() {
    let subjects = [subject(EntityKind::Topic, "t", false)];
    let (mut ledger, config) = (Ledger::default(), config("all", 0));
    let batches = ledger.due(&subjects, &config, NOW);
    let first = batches[0][0].from.0 / 1_000;
    let points = Points {
        id: "m0".into(),
        points: vec![(first, 4.0), (first + 300, 6.0), (first + 90_000, 1.0)],
    };
    let told = ledger.answered(&batches[0], &[points], &config);
    assert_eq!(told.len(), 1, "figures without points are not told");
    let from = Timestamp(first * 1_000);
    let expected = [
        (from, 0.0),
        (from.plus_millis(PERIOD), 4.0),
        (from.plus_millis(2 * PERIOD), 10.0),
    ];
    assert_eq!(
        (told[0].metric, &told[0].points[..]),
        (metrics::PUBLISHED, &expected[..])
    );
    assert_eq!(ledger.newest, Some(from.plus_millis(2 * PERIOD)));
}

#[test]
fn what_is_not_asked_for_is_named() {
    assert!(metrics_without(CloudWatch::All).is_empty());
    assert!(!metrics_without(CloudWatch::Ages).contains(&metrics::OLDEST_AGE));
    assert!(metrics_without(CloudWatch::Off).contains(&metrics::OLDEST_AGE));
}
