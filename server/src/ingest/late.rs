//! Counters of queues that come minutes after the depth, and with a time of their own: clouds tell them by periods.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, EntityKind, Snapshot, Timestamp, metrics};
use brokerscope_judge::counter;
use brokerscope_judge::verdict::Late;

/// A rate is taken over at least this long, as that of other queues is.
const RATE_MILLIS: i64 = 300_000;

/// What a visit brought of each queue, with the length of a period in milliseconds.
///
/// Only deleting is the end of a message here: what is received and not deleted comes back.
pub fn counters(snapshot: &Snapshot) -> impl Iterator<Item = (&EntityKey, Late, i64)> {
    let mut told: HashMap<&EntityKey, (Late, i64)> = HashMap::new();
    let queues = snapshot.history.iter();
    for series in queues.filter(|series| series.entity.kind == EntityKind::Queue) {
        let [.., (before, _), (at, total)] = series.points[..] else {
            continue;
        };
        let period = at.millis_since(before);
        let rate = lately(&series.points);
        match series.metric {
            metric if metric == metrics::ACKNOWLEDGED => {
                let (late, of) = told.entry(&series.entity).or_default();
                (late.at, late.taken, late.taking) = (at, Some(total), rate);
                *of = period;
            }
            metric if metric == metrics::PUBLISHED => {
                told.entry(&series.entity).or_default().0.arriving = rate;
            }
            _ => {}
        }
    }
    // Without what was taken there is nothing to judge by.
    let counted = told.into_iter().filter(|(_, (late, _))| late.taken.is_some());
    counted.map(|(key, (late, period))| (key, late, period))
}

fn lately(points: &[(Timestamp, f64)]) -> Option<f64> {
    let newest = *points.last()?;
    let begins = points.iter().rfind(|(at, _)| newest.0.millis_since(*at) >= RATE_MILLIS);
    counter::rate(*begins.or(points.first())?, newest)
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::History;

    use super::*;

    #[test]
    fn rates_are_of_the_last_five_minutes_and_the_total_is_of_the_newest_period() {
        let key = EntityKey::new(EntityKind::Queue, ["1", "eu-west-1", "orders"]);
        let series = |metric, step: f64| History {
            entity: key.clone(),
            metric,
            // Faster in the last five of ten minutes.
            points: (0..=10_u32)
                .map(|n| {
                    let n = f64::from(n);
                    (Timestamp((n * 60_000.0) as i64), step * (n + (n - 5.0).max(0.0)))
                })
                .collect(),
        };
        let mut snapshot = Snapshot::empty(Timestamp(900_000));
        snapshot.history = vec![series(metrics::PUBLISHED, 60.0)];
        assert_eq!(
            counters(&snapshot).count(),
            0,
            "what was sent says nothing about reading"
        );
        snapshot.history.push(series(metrics::ACKNOWLEDGED, 30.0));
        let told: Vec<_> = counters(&snapshot).collect();
        let expected = Late {
            at: Timestamp(600_000),
            taken: Some(450.0),
            arriving: Some(2.0),
            taking: Some(1.0),
        };
        assert_eq!(told, [(&key, expected, 60_000)]);
    }
}
