//! What becomes of the points of Cloud Monitoring.

use brokerscope_contract::{EntityKind, metrics};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::instants::to_rfc3339;
use crate::pubsub::questions::QUESTIONS;

fn question(name: &str) -> &'static Question {
    QUESTIONS.iter().find(|question| question.name == name).unwrap()
}

fn minute(n: i64) -> Timestamp {
    Timestamp(n * 60_000)
}

/// A series of whole numbers, newest first, as (minute, value).
fn series(kind: &str, labels: Value, points: &[(i64, Value)]) -> TimeSeries {
    let points: Vec<Value> = points
        .iter()
        .rev()
        .map(|(at, value)| {
            json!({"interval": {"startTime": to_rfc3339(minute(at - 1)), "endTime": to_rfc3339(minute(*at))}, "value": value})
        })
        .collect();
    let series = json!({
        "metric": {"labels": labels},
        "resource": {"type": "pubsub_subscription",
            "labels": {"project_id": "shop", "subscription_id": "billing", "topic_id": "orders"}},
        "metricKind": kind, "points": points});
    serde_json::from_value(series).unwrap()
}

fn whole(points: &[(i64, i64)]) -> Vec<(i64, Value)> {
    let value = |n: &i64| json!({"int64Value": n.to_string()});
    points.iter().map(|(at, n)| (*at, value(n))).collect()
}

fn told(told: &Told, metric: MetricId) -> Vec<(i64, f64)> {
    let series = told.history.iter().find(|series| series.metric == metric);
    let points = series.map(|series| series.points.clone()).unwrap_or_default();
    points.iter().map(|(at, value)| (at.0 / 60_000, *value)).collect()
}

const ACKS: &str = "subscription/ack_message_count";
const DEPTH: &str = "subscription/num_undelivered_messages";

#[test]
fn counts_become_a_sum_that_begins_before_the_first_minute_and_repeats_nothing() {
    let mut ledger = Ledger::default();
    let first = ledger.take(
        question(ACKS),
        vec![series("DELTA", json!({}), &whole(&[(1, 5), (2, 7)]))],
    );
    assert_eq!(told(&first, metrics::ACKNOWLEDGED), [(0, 0.0), (1, 5.0), (2, 12.0)]);
    let again = whole(&[(1, 5), (2, 7), (3, 1)]);
    let second = ledger.take(question(ACKS), vec![series("DELTA", json!({}), &again)]);
    assert_eq!(told(&second, metrics::ACKNOWLEDGED), [(3, 13.0)]);
    let nothing = ledger.take(question(ACKS), vec![series("DELTA", json!({}), &again)]);
    assert!(nothing.history.is_empty(), "nothing new is told");
    assert_eq!(nothing.newest, Some(minute(3)), "but it is known how new it is");
}

#[test]
fn a_label_that_comes_late_is_added_to_its_own_minute() {
    let mut ledger = Ledger::default();
    let (pull, push) = (json!({"delivery_type": "pull"}), json!({"delivery_type": "push"}));
    ledger.take(
        question(ACKS),
        vec![series("DELTA", pull.clone(), &whole(&[(1, 1), (2, 1)]))],
    );
    let late = vec![
        series("DELTA", pull.clone(), &whole(&[(2, 1)])),
        series("DELTA", push, &whole(&[(2, 10)])),
    ];
    let corrected = ledger.take(question(ACKS), late);
    assert_eq!(told(&corrected, metrics::ACKNOWLEDGED), [(1, 1.0), (2, 12.0)]);
    let next = ledger.take(question(ACKS), vec![series("DELTA", pull, &whole(&[(3, 1)]))]);
    assert_eq!(told(&next, metrics::ACKNOWLEDGED), [(3, 13.0)]);
}

#[test]
fn a_middle_minute_that_comes_three_minutes_late_is_told_in_its_place() {
    let mut ledger = Ledger::default();
    let mut take = |name: &str, kind: &str, minutes: &[(i64, i64)]| {
        ledger.take(question(name), vec![series(kind, json!({}), &whole(minutes))])
    };
    take(ACKS, "DELTA", &[(1, 5), (3, 5)]);
    take(DEPTH, "GAUGE", &[(1, 50), (3, 30)]);
    take(ACKS, "DELTA", &[(3, 5), (4, 5)]);
    take(DEPTH, "GAUGE", &[(3, 30), (4, 20)]);
    let late = take(ACKS, "DELTA", &[(2, 7), (3, 5), (4, 5), (5, 5)]);
    let expected = [(1, 5.0), (2, 12.0), (3, 17.0), (4, 22.0), (5, 27.0)];
    assert_eq!(told(&late, metrics::ACKNOWLEDGED), expected);
    let late = take(DEPTH, "GAUGE", &[(2, 40), (3, 30), (4, 20), (5, 10)]);
    assert_eq!(
        told(&late, metrics::DEPTH),
        [(2, 40.0), (3, 30.0), (4, 20.0), (5, 10.0)]
    );
}

#[test]
fn a_gap_stays_a_gap() {
    let mut ledger = Ledger::default();
    let gauge = series("GAUGE", json!({}), &whole(&[(1, 5), (4, 9)]));
    assert_eq!(
        told(&ledger.take(question(DEPTH), vec![gauge]), metrics::DEPTH),
        [(1, 5.0), (4, 9.0)]
    );
    assert!(ledger.take(question(DEPTH), Vec::new()).history.is_empty());
}

#[test]
fn the_kind_in_the_answer_is_believed_over_the_table() {
    let mut ledger = Ledger::default();
    let cumulative = series("CUMULATIVE", json!({}), &whole(&[(1, 100), (2, 103), (3, 4)]));
    let counted = told(&ledger.take(question(ACKS), vec![cumulative]), metrics::ACKNOWLEDGED);
    assert_eq!(
        counted,
        [(0, 0.0), (1, 0.0), (2, 3.0), (3, 7.0)],
        "what was before is not ours"
    );
    // Each part of a point grows by itself.
    let pushes = |minute: i64, total: i64| {
        series(
            "CUMULATIVE",
            json!({"response_class": "5xx"}),
            &whole(&[(minute, total)]),
        )
    };
    let push = question("subscription/push_request_count");
    ledger.take(push, vec![pushes(1, 100)]);
    let grown = ledger.take(push, vec![pushes(2, 103)]);
    assert_eq!(told(&grown, metrics::PUBSUB_PUSH_REQUESTS), [(2, 3.0)]);
    assert_eq!(told(&grown, metrics::PUBSUB_PUSH_ERRORS), [(2, 3.0)]);
    let gauge = ledger.take(question(ACKS), vec![series("GAUGE", json!({}), &whole(&[(4, 5)]))]);
    assert!(gauge.is_no_count && gauge.history.is_empty());
}

#[test]
fn requests_are_told_apart_by_how_they_ended() {
    let mut ledger = Ledger::default();
    let class = |class: &str, n| series("DELTA", json!({"response_class": class}), &whole(&[(1, n)]));
    let push = ledger.take(
        question("subscription/push_request_count"),
        vec![class("ack", 8), class("remote_server_5xx", 2), class("unreachable", 1)],
    );
    assert_eq!(told(&push, metrics::PUBSUB_PUSH_REQUESTS), [(0, 0.0), (1, 11.0)]);
    assert_eq!(told(&push, metrics::PUBSUB_PUSH_ERRORS), [(0, 0.0), (1, 3.0)]);
    let streams = ledger.take(
        question("subscription/open_streaming_pulls"),
        ["ok", "suspended_client"]
            .map(|status| series("GAUGE", json!({"status": status}), &whole(&[(1, 2)])))
            .into(),
    );
    assert_eq!(told(&streams, metrics::PUBSUB_OPEN_STREAMS), [(1, 4.0)]);
    assert_eq!(told(&streams, metrics::PUBSUB_SUSPENDED_STREAMS), [(1, 2.0)]);
}

#[test]
fn distributions_tell_messages_bytes_and_seconds() {
    let mut ledger = Ledger::default();
    let value = |count: &str, mean: f64| json!({"distributionValue": {"count": count, "mean": mean}});
    let sizes = vec![series(
        "DELTA",
        json!({}),
        &[(1, value("4", 250.0)), (2, json!({"distributionValue": {}}))],
    )];
    let sizes = ledger.take(question("topic/message_sizes"), sizes);
    assert_eq!(told(&sizes, metrics::PUBLISHED), [(0, 0.0), (1, 4.0), (2, 4.0)]);
    assert_eq!(
        told(&sizes, metrics::PUBSUB_PUBLISHED_BYTES),
        [(0, 0.0), (1, 1_000.0), (2, 1_000.0)]
    );
    assert_eq!(sizes.history[0].entity.kind, EntityKind::Topic);
    let took = ["2xx", "5xx"].map(|class| {
        let mean = if class == "2xx" { 100_000.0 } else { 400_000.0 };
        series(
            "DELTA",
            json!({"response_class": class}),
            &[(1, value("3", mean)), (2, value("0", 0.0))],
        )
    });
    let took = ledger.take(question("subscription/push_request_latencies"), took.into());
    assert_eq!(
        told(&took, metrics::PUBSUB_PUSH_SECONDS),
        [(1, 0.25)],
        "a mean of nothing is none"
    );
}

#[test]
fn criteria_make_a_score_and_the_ones_that_fail_are_named() {
    let mut ledger = Ledger::default();
    let criterion = |name: &str, ok: bool| series("GAUGE", json!({"criteria": name}), &[(1, json!({"boolValue": ok}))]);
    let answer = vec![
        criterion("ack_latency", true),
        criterion("expired_ack_deadlines", false),
        criterion("utilization", true),
        criterion("nack_requests", true),
    ];
    let told_now = ledger.take(question("subscription/delivery_latency_health_score"), answer);
    assert_eq!(told(&told_now, metrics::PUBSUB_HEALTH_SCORE), [(1, 0.75)]);
    let names: Vec<_> = told_now.unfulfilled.into_values().flatten().collect();
    assert_eq!(names, ["expired_ack_deadlines"]);
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let mut ledger = Ledger::default();
    let odd = vec![
        series(
            "DELTA",
            json!({}),
            &[(1, json!({"stringValue": "x"})), (2, json!({"int64Value": "many"}))],
        ),
        TimeSeries::default(),
    ];
    assert!(ledger.take(question(ACKS), odd).history.is_empty());
}

#[test]
fn what_is_long_gone_is_forgotten() {
    let mut ledger = Ledger::default();
    ledger.take(question(ACKS), vec![series("DELTA", json!({}), &whole(&[(1, 5)]))]);
    ledger.forget(minute(24 * 60));
    assert_eq!(ledger.sums.len(), 1);
    ledger.forget(minute(24 * 60 + 2));
    assert!(ledger.sums.is_empty() && ledger.cumulative.is_empty());
}

proptest! {
    /// However the points are cut into overlapping answers, the last sum is the sum of all.
    #[test]
    fn nothing_is_counted_twice_or_lost(counts in prop::collection::vec(0_i64..1_000, 1..40), overlap in 0_usize..8, step in 1_usize..6) {
        let points: Vec<(i64, i64)> = counts.iter().enumerate().map(|(at, n)| (at as i64 + 1, *n)).collect();
        let mut ledger = Ledger::default();
        let (mut last, mut at) = (None, 0);
        while at < points.len() {
            let answer = &points[at.saturating_sub(overlap)..(at + step).min(points.len())];
            let news = told(&ledger.take(question(ACKS), vec![series("DELTA", json!({}), &whole(answer))]), metrics::ACKNOWLEDGED);
            prop_assert!(news.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
            last = news.last().copied().or(last);
            at += step;
        }
        prop_assert_eq!(last, Some((points.len() as i64, counts.iter().sum::<i64>() as f64)));
    }
}
