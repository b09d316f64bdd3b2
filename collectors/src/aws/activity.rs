//! Who reads a queue, from what CloudWatch counted: SQS itself knows of no consumers. Pure.

use std::collections::BTreeMap;

use brokerscope_contract::{EntityKey, EntityKind, History, Timestamp, metrics};

/// Requests to receive of this long ago still mean that somebody reads: readers pause while they process.
const RECEIVED_WITHIN_MILLIS: i64 = 300_000;

/// Whether anybody read each queue of which both kinds of receives were told, at the end of what was counted: 1 stands
/// for somebody, since SQS does not say how many they are. Who holds messages reads, however long ago they were received.
pub fn readers(told: &[History], holds: impl Fn(&EntityKey) -> bool) -> Vec<History> {
    let mut receives: BTreeMap<&EntityKey, Vec<&History>> = BTreeMap::new();
    for series in told.iter().filter(|series| series.entity.kind == EntityKind::Queue) {
        if [metrics::DELIVERED, metrics::SQS_EMPTY_RECEIVES].contains(&series.metric) {
            receives.entry(&series.entity).or_default().push(series);
        }
    }
    let known = receives.into_iter().filter(|(_, kinds)| kinds.len() == 2);
    known
        .filter_map(|(queue, kinds)| {
            // Until when both are known.
            let ends = kinds
                .iter()
                .filter_map(|series| series.points.last().map(|(at, _)| *at));
            let until = ends.min()?;
            let received: f64 = kinds.iter().filter_map(|series| growth(&series.points, until)).sum();
            let reads = received > 0.0 || holds(queue);
            Some(History {
                entity: queue.clone(),
                metric: metrics::CONSUMERS,
                points: vec![(until, if reads { 1.0 } else { 0.0 })],
            })
        })
        .collect()
}

/// By how much a counter grew in the last minutes before `until`.
fn growth(points: &[(Timestamp, f64)], until: Timestamp) -> Option<f64> {
    let of = |at: Timestamp| points.iter().rfind(|(told, _)| *told <= at).map(|(_, total)| *total);
    let before = of(until.plus_millis(-RECEIVED_WITHIN_MILLIS)).or_else(|| points.first().map(|(_, total)| *total));
    Some(of(until)? - before?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str) -> EntityKey {
        EntityKey::new(EntityKind::Queue, ["111122223333", "eu-west-1", name])
    }

    /// Totals at the ends of periods of five minutes.
    fn counted(name: &str, metric: brokerscope_contract::MetricId, totals: &[f64]) -> History {
        let ends = (0..).map(|n| Timestamp(n * 300_000));
        History {
            entity: queue(name),
            metric,
            points: ends.zip(totals.iter().copied()).collect(),
        }
    }

    #[test]
    fn who_asks_for_messages_reads_also_when_there_are_none() {
        use metrics::{DELIVERED, SQS_EMPTY_RECEIVES};
        let told = [
            counted("worked", DELIVERED, &[0.0, 5.0, 9.0]),
            counted("worked", SQS_EMPTY_RECEIVES, &[0.0, 0.0, 0.0]),
            counted("idle", DELIVERED, &[0.0, 5.0, 5.0]),
            counted("idle", SQS_EMPTY_RECEIVES, &[0.0, 7.0, 22.0]),
            counted("left", DELIVERED, &[0.0, 5.0, 5.0]),
            counted("left", SQS_EMPTY_RECEIVES, &[0.0, 9.0, 9.0]),
            counted("long job", DELIVERED, &[0.0, 1.0, 1.0]),
            counted("long job", SQS_EMPTY_RECEIVES, &[0.0, 0.0, 0.0]),
            // Empty receives come later still: until then nothing is known.
            counted("half", DELIVERED, &[0.0, 0.0, 0.0]),
        ];
        let readers = readers(&told, |queue| queue.name() == "long job");
        let found: Vec<_> = readers
            .iter()
            .map(|series| (series.entity.name(), series.points[0].0.0 / 300_000, series.points[0].1))
            .collect();
        let expected = [
            ("idle", 2, 1.0),
            ("left", 2, 0.0),
            ("long job", 2, 1.0),
            ("worked", 2, 1.0),
        ];
        assert_eq!(found, expected);
        assert!(readers.iter().all(|series| series.metric == metrics::CONSUMERS));
    }

    #[test]
    fn what_is_known_of_only_one_of_both_does_not_count() {
        let told = [
            counted("q", metrics::DELIVERED, &[0.0, 0.0, 0.0, 8.0]),
            counted("q", metrics::SQS_EMPTY_RECEIVES, &[0.0, 0.0, 0.0]),
        ];
        let readers = readers(&told, |_| false);
        assert_eq!(readers[0].points, [(Timestamp(600_000), 0.0)]);
    }
}
