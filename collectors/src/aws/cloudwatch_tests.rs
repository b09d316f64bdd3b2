//! What is asked of CloudWatch when, and what its answers become.

use brokerscope_contract::{EntityKind, Settings, metrics};
use serde_json::json;

use super::*;
use crate::aws::config::{self, CloudWatch};
use crate::aws::figures::metrics_without;

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
    assert!(batch.iter().all(|query| query.until.0 - query.from.0 == 4 * PERIOD));
}

#[test]
fn the_past_is_read_once_and_in_batches_that_fit() {
    let subjects: Vec<_> = (0..60)
        .map(|n| subject(EntityKind::Queue, &format!("q{n}"), true))
        .collect();
    let (mut ledger, config) = (Ledger::default(), config("ages", 15));
    let batches = ledger.due(&subjects, &config, NOW);
    // 4,308 points each: 23 fit. Ages and depths of sixty queues.
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
    assert!((3_600_000..3_600_000 + 6 * PERIOD).contains(&read), "{read}");
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
fn the_past_is_asked_for_only_as_far_as_it_is_kept() {
    let subjects = [subject(EntityKind::Queue, "full", true)];
    for seconds in [60, 300, 900, 3_600] {
        let settings = json!({"regions": ["eu-west-1"], "cloudwatch_seconds": seconds});
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let config = config::parse(&settings).ok().unwrap();
        let batches = Ledger::default().due(&subjects, &config, NOW);
        let query = &batches[0][0];
        let days = (NOW.0 - query.from.0) as f64 / 86_400_000.0;
        assert!((14.9..15.0).contains(&days), "{seconds}: {days}");
        assert_eq!(
            query.from.0 % (seconds * 1_000),
            0,
            "{seconds}: at the beginning of a period"
        );
    }
}

#[test]
fn points_of_a_minute_are_read_again_for_twenty_minutes() {
    let subjects = [subject(EntityKind::Queue, "full", true)];
    let settings = json!({"regions": ["eu-west-1"], "cloudwatch_seconds": 60, "backfill_days": 0});
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let config = config::parse(&settings).ok().unwrap();
    let mut ledger = Ledger::default();
    let first = ledger.due(&subjects, &config, NOW);
    ledger.answered(&first[0], &[], &config);
    let again = ledger.due(&subjects, &config, NOW.plus_millis(60_000));
    assert_eq!(again[0][0].until.0 - again[0][0].from.0, 21 * 60_000);
}

#[test]
fn no_figure_waits_for_ever_where_there_are_more_than_a_visit_asks_for() {
    // Seven thousand ages, of which a visit asks for five thousand.
    let subjects: Vec<_> = (0..7_000)
        .map(|n| subject(EntityKind::Queue, &format!("q{n}"), true))
        .collect();
    let (mut ledger, config) = (Ledger::default(), config("ages", 0));
    let until = |ledger: &Ledger, subject: &Subject| {
        let series = ledger.series.get(&(subject.entity.clone(), metrics::OLDEST_AGE));
        series.and_then(|series| series.asked_until)
    };
    for period in 0..10 {
        let at = NOW.plus_millis(period * PERIOD);
        let now: Vec<_> = ledger.due(&subjects, &config, at).into_iter().take(10).collect();
        assert_eq!(now.iter().map(Vec::len).sum::<usize>(), 5_000);
        now.iter().for_each(|batch| drop(ledger.answered(batch, &[], &config)));
        let waiting = subjects
            .iter()
            .filter(|subject| until(&ledger, subject).is_none())
            .count();
        assert_eq!(waiting, [2_000, 500, 0][usize::try_from(period).unwrap().min(2)]);
        let oldest = subjects
            .iter()
            .filter_map(|subject| until(&ledger, subject))
            .min()
            .unwrap();
        assert!(
            at.millis_since(oldest) <= 3 * PERIOD,
            "{period}: {}",
            at.millis_since(oldest)
        );
    }
}

#[test]
fn the_past_of_what_is_new_and_the_present_of_the_rest_take_turns() {
    let mut subjects: Vec<_> = (0..7_000)
        .map(|n| subject(EntityKind::Queue, &format!("q{n}"), true))
        .collect();
    let (mut ledger, days) = (Ledger::default(), config("ages", 15));
    let none = config("ages", 0);
    let all = ledger.due(&subjects, &none, NOW);
    all.iter().for_each(|batch| drop(ledger.answered(batch, &[], &none)));
    subjects.extend((0..200).map(|n| subject(EntityKind::Queue, &format!("new{n}"), true)));
    let due = ledger.due(&subjects, &days, NOW.plus_millis(PERIOD));
    let long = |batch: &Vec<Query>| batch[0].until.millis_since(batch[0].from) > 86_400_000;
    let past: Vec<usize> = due
        .iter()
        .enumerate()
        .filter(|(_, batch)| long(batch))
        .map(|(n, _)| n)
        .collect();
    assert_eq!(past[..6], [7, 8, 9, 17, 18, 19]);
}

#[test]
fn what_is_not_asked_for_is_named() {
    assert!(metrics_without(CloudWatch::All).is_empty());
    assert!(!metrics_without(CloudWatch::Ages).contains(&metrics::OLDEST_AGE));
    assert!(metrics_without(CloudWatch::Off).contains(&metrics::OLDEST_AGE));
}
