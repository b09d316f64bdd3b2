//! The last values of one entity, packed: thirty-two bytes a metric.

use std::collections::HashMap;
use std::sync::LazyLock;

use brokerscope_contract::{Method, MetricId, MetricKind, Reading, Timestamp, metrics};

/// Every metric by its place in the table, and the other way round.
struct Table {
    metrics: Vec<MetricId>,
    kinds: Vec<MetricKind>,
    places: HashMap<MetricId, u16>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let metrics: Vec<MetricId> = metrics::all().map(|def| def.id).collect();
    let places = metrics
        .iter()
        .zip(0..)
        .map(|(metric, place)| (*metric, place))
        .collect();
    let kinds = metrics::all().map(|def| def.kind).collect();
    Table { metrics, kinds, places }
});

#[derive(Debug, Clone, Copy)]
struct Held {
    /// Raw: a counter's count.
    value: f64,
    at: i64,
    /// Per second, of a counter; NaN until two values were seen.
    rate: f32,
    /// Seconds between the last two values; 0 until two were seen.
    gap: f32,
    metric: u16,
    method: Option<Method>,
}

/// The last value of each metric of one entity, in the order of the metric table.
#[derive(Debug, Clone, Default)]
pub struct Readings(Vec<Held>);

impl Readings {
    pub fn put(&mut self, metric: MetricId, at: Timestamp, value: f64, method: Option<Method>) {
        let Some(place) = TABLE.places.get(&metric).copied() else {
            return;
        };
        let new = Held {
            value,
            at: at.0,
            rate: f32::NAN,
            gap: 0.0,
            metric: place,
            method,
        };
        match self.0.binary_search_by_key(&place, |held| held.metric) {
            Ok(index) => self.0[index] = after(&self.0[index], new),
            Err(index) => {
                // An entity's metrics are told together: a growing vector would waste half of what it holds.
                self.0.reserve_exact(1);
                self.0.insert(index, new);
            }
        }
    }

    fn held(&self, metric: MetricId) -> Option<&Held> {
        let place = TABLE.places.get(&metric)?;
        let index = self.0.binary_search_by_key(place, |held| held.metric).ok()?;
        self.0.get(index)
    }

    /// The last value as it was measured, a counter's count.
    pub fn raw(&self, metric: MetricId) -> Option<(Timestamp, f64)> {
        self.held(metric).map(|held| (Timestamp(held.at), held.value))
    }

    /// The last value as it is shown: a gauge's value, a counter's rate per second.
    pub fn shown(&self, metric: MetricId) -> Option<(Timestamp, f64)> {
        self.held(metric)
            .and_then(|held| held.shown().map(|value| (Timestamp(held.at), value)))
    }

    /// As a page shows it; `None` when there is nothing to show.
    pub fn reading(&self, metric: MetricId) -> Option<Reading> {
        let held = self.held(metric)?;
        Some(Reading {
            method: held.method,
            ..Reading::measured(held.shown()?, Timestamp(held.at))
        })
    }

    /// Whether the metric was ever measured, even if there is no rate yet.
    pub fn has(&self, metric: MetricId) -> bool {
        self.held(metric).is_some()
    }

    /// Seconds between the last two values of this metric, once there were two.
    pub fn pace(&self, metric: MetricId) -> Option<f64> {
        self.held(metric)
            .map(|held| f64::from(held.gap))
            .filter(|gap| *gap > 0.0)
    }

    pub fn metrics(&self) -> impl Iterator<Item = MetricId> + '_ {
        self.0
            .iter()
            .filter_map(|held| TABLE.metrics.get(usize::from(held.metric)).copied())
    }
}

impl Held {
    fn shown(&self) -> Option<f64> {
        match TABLE.kinds.get(usize::from(self.metric))? {
            MetricKind::Gauge => Some(self.value),
            MetricKind::Counter => Some(f64::from(self.rate)).filter(|rate| !rate.is_nan()),
        }
    }
}

/// `new` in the place of `old`, with what can only be told from both.
fn after(old: &Held, new: Held) -> Held {
    if new.at == old.at {
        return Held {
            rate: old.rate,
            gap: old.gap,
            ..new
        };
    }
    let (earlier, later) = ((Timestamp(old.at), old.value), (Timestamp(new.at), new.value));
    let seconds = later.0.seconds_since(earlier.0);
    let rate = brokerscope_judge::counter::rate(earlier, later);
    Held {
        rate: rate.map_or(f32::NAN, small),
        gap: if seconds > 0.0 { small(seconds) } else { 0.0 },
        method: new.method.or(old.method),
        ..new
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seven digits of a rate are four more than are shown"
)]
fn small(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000)
    }

    #[test]
    fn a_counter_is_shown_as_its_rate_and_a_reset_shows_none() {
        let mut readings = Readings::default();
        readings.put(metrics::PUBLISHED, at(0), 100.0, None);
        assert_eq!(readings.reading(metrics::PUBLISHED), None, "one count is no rate");
        assert!(readings.has(metrics::PUBLISHED));
        readings.put(metrics::PUBLISHED, at(10), 150.0, None);
        assert_eq!(
            readings.reading(metrics::PUBLISHED),
            Some(Reading::measured(5.0, at(10)))
        );
        assert_eq!(readings.raw(metrics::PUBLISHED), Some((at(10), 150.0)));
        readings.put(metrics::PUBLISHED, at(20), 3.0, None);
        assert_eq!(readings.reading(metrics::PUBLISHED), None);
        readings.put(metrics::PUBLISHED, at(30), 13.0, None);
        assert_eq!(readings.shown(metrics::PUBLISHED), Some((at(30), 1.0)));
        readings.put(metrics::PUBLISHED, at(8_000), 1_000_000.0, None);
        assert_eq!(
            readings.reading(metrics::PUBLISHED),
            None,
            "two hours later that is history"
        );
    }

    #[test]
    fn metrics_come_in_the_order_of_the_table() {
        let mut readings = Readings::default();
        for metric in [metrics::CONSUMERS, metrics::KAFKA_END_OFFSET, metrics::DEPTH] {
            readings.put(metric, at(0), 1.0, None);
        }
        let order: Vec<_> = readings.metrics().collect();
        assert_eq!(order, [metrics::DEPTH, metrics::CONSUMERS, metrics::KAFKA_END_OFFSET]);
        assert!(!readings.has(metrics::LAG));
        assert_eq!(size_of::<Held>(), 32);
    }

    #[test]
    fn the_method_is_kept_and_the_pace_is_learnt() {
        let mut readings = Readings::default();
        readings.put(metrics::LAG_SECONDS, at(0), 4.0, Some(Method::Interpolated));
        assert_eq!(
            readings.reading(metrics::LAG_SECONDS).unwrap().method,
            Some(Method::Interpolated)
        );
        assert_eq!(readings.pace(metrics::LAG_SECONDS), None);
        readings.put(metrics::LAG_SECONDS, at(60), 5.0, Some(Method::Exact));
        assert_eq!(readings.pace(metrics::LAG_SECONDS), Some(60.0));
    }
}
