//! From counters to what they counted: the one place where a counter's restart is dealt with. Pure.

use brokerscope_contract::{MetricDef, MetricKind, Unit};

use super::spacing;

/// What it means when a counter goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counter {
    /// It counts events since its process started: it starts again from zero.
    Count,
    /// It is a position in a log: somebody moved it, and nothing is known about what was counted.
    Position,
}

impl Counter {
    /// `None` for a gauge.
    pub fn of(metric: &MetricDef) -> Option<Counter> {
        match (metric.kind, metric.unit) {
            (MetricKind::Gauge, _) => None,
            (MetricKind::Counter, Unit::Offset) => Some(Counter::Position),
            (MetricKind::Counter, _) => Some(Counter::Count),
        }
    }
}

/// What happened between two readings of a counter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Growth {
    Grew(f64),
    /// It started again from zero and has counted this much since; what came before the restart is lost.
    Restarted(f64),
    /// It fell, but not from a restart: how much was counted is unknown.
    Corrected,
}

/// A counter that falls to less than half has restarted. One that falls by less was corrected: a sum lost one of its
/// parts (a channel was closed, a node is silent), and taking what is left for an increase would invent a peak.
pub(crate) fn growth(before: f64, after: f64, counter: Counter) -> Growth {
    if after >= before {
        Growth::Grew(after - before)
    } else if counter == Counter::Count && after >= 0.0 && after < before / 2.0 {
        Growth::Restarted(after)
    } else {
        Growth::Corrected
    }
}

/// A stretch of time over which a counter is known to have counted `increase`. Milliseconds; `from < to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub from: i64,
    pub to: i64,
    pub increase: f64,
}

/// What was counted between each two readings, in their stored order. Holes and corrections give nothing.
///
/// A reading at the time of the one before replaces it. One that is earlier, after a clock was set back, begins anew.
pub(crate) fn spans(points: &[(i64, f64)], counter: Counter) -> Vec<Span> {
    let mut distinct: Vec<(i64, f64)> = Vec::with_capacity(points.len());
    for point in points {
        match distinct.last_mut() {
            Some(last) if last.0 == point.0 => *last = *point,
            _ => distinct.push(*point),
        }
    }
    let holes = spacing::holes(&distinct);
    let pairs = distinct.windows(2).zip(holes).filter(|(_, hole)| !hole);
    let spans = pairs.filter_map(|(pair, _)| {
        let ((from, before), (to, after)) = (pair[0], pair[1]);
        match growth(before, after, counter) {
            Growth::Grew(increase) | Growth::Restarted(increase) => Some(Span { from, to, increase }),
            Growth::Corrected => None,
        }
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Points in seconds in; the increase of each span out, and where spans are missing.
    fn check(points: &[(i64, f64)], counter: Counter, expected: &[(i64, i64, f64)]) {
        let points: Vec<_> = points.iter().map(|(at, value)| (at * 1000, *value)).collect();
        let spans: Vec<_> = spans(&points, counter)
            .iter()
            .map(|span| (span.from / 1000, span.to / 1000, span.increase))
            .collect();
        assert_eq!(spans, expected, "{points:?}");
    }

    #[test]
    fn counters_become_increases() {
        use Counter::*;
        // Plain growth, and rest.
        check(&[(0, 10.0), (5, 15.0), (10, 15.0)], Count, &[(0, 5, 5.0), (5, 10, 0.0)]);
        // A restart counts from zero.
        check(
            &[(0, 100.0), (5, 110.0), (10, 4.0), (15, 9.0)],
            Count,
            &[(0, 5, 10.0), (5, 10, 4.0), (10, 15, 5.0)],
        );
        check(&[(0, 100.0), (5, 0.0)], Count, &[(0, 5, 0.0)]);
        // A sum that lost a part is no restart: no peak of 600.
        check(&[(0, 1000.0), (5, 600.0), (10, 601.0)], Count, &[(5, 10, 1.0)]);
        // A position that was moved back is never a restart.
        check(&[(0, 1000.0), (5, 4.0), (10, 6.0)], Position, &[(5, 10, 2.0)]);
        // A hole: it is known how much, but not when.
        check(
            &[(0, 0.0), (5, 5.0), (10, 10.0), (600, 600.0), (605, 605.0)],
            Count,
            &[(0, 5, 5.0), (5, 10, 5.0), (600, 605, 5.0)],
        );
        // One missing point in between is no hole.
        check(
            &[(0, 0.0), (5, 5.0), (15, 15.0), (20, 20.0)],
            Count,
            &[(0, 5, 5.0), (5, 15, 10.0), (15, 20, 5.0)],
        );
        // A second reading of the same moment replaces the first.
        check(
            &[(0, 0.0), (5, 5.0), (5, 6.0), (10, 7.0)],
            Count,
            &[(0, 5, 6.0), (5, 10, 1.0)],
        );
        // The clock was set back: nothing between the two, and nothing negative.
        check(
            &[(100, 0.0), (105, 5.0), (50, 6.0), (55, 8.0)],
            Count,
            &[(100, 105, 5.0), (50, 55, 2.0)],
        );
        check(&[], Count, &[]);
        check(&[(0, 7.0)], Count, &[]);
    }

    #[test]
    fn a_gauge_is_not_a_counter_and_an_offset_is_a_position() {
        use brokerscope_contract::metrics;
        assert_eq!(Counter::of(metrics::DEPTH.def()), None);
        assert_eq!(Counter::of(metrics::PUBLISHED.def()), Some(Counter::Count));
        assert_eq!(Counter::of(metrics::KAFKA_END_OFFSET.def()), Some(Counter::Position));
    }

    proptest! {
        #[test]
        fn a_counter_never_gives_less_than_nothing(
            points in prop::collection::vec((0i64..10_000_000, 0.0f64..1e15), 0..50), position: bool,
        ) {
            let counter = if position { Counter::Position } else { Counter::Count };
            for span in spans(&points, counter) {
                prop_assert!(span.increase >= 0.0 && span.from < span.to);
            }
        }

        #[test]
        fn without_restarts_and_holes_nothing_is_lost(steps in prop::collection::vec((4_000i64..7_000, 0u32..1000), 2..50)) {
            let (mut at, mut value, mut points) = (0, 0.0, Vec::new());
            for (wait, more) in steps {
                at += wait;
                value += f64::from(more);
                points.push((at, value));
            }
            let sum: f64 = spans(&points, Counter::Count).iter().map(|span| span.increase).sum();
            prop_assert_eq!(sum, points[points.len() - 1].1 - points[0].1);
        }
    }
}
