//! Adds to a snapshot the figures that the broker does not give: time to drain, and the age of the oldest message.

use brokerscope_contract::{EntityKey, EntityKind, Method, MetricId, Sample, metrics};
use brokerscope_judge::derive::{drain_seconds, oldest_age_seconds};
use brokerscope_judge::verdict::Window;

use crate::live::Entity;

/// How a figure follows from what was observed.
type Figure = fn(&Window) -> Option<f64>;

/// The derived samples of one entity. `told` are the metrics that the broker itself gave on this visit.
pub fn samples(key: &EntityKey, window: &Window, entity: &Entity, told: &[MetricId]) -> Vec<Sample> {
    let figures: &[(MetricId, Figure)] = match key.kind {
        EntityKind::Queue | EntityKind::Subscription | EntityKind::StreamConsumer => &[
            (metrics::DRAIN_SECONDS, drain_seconds),
            (metrics::OLDEST_AGE, oldest_age_seconds),
        ],
        EntityKind::ConsumerGroup => &[(metrics::DRAIN_SECONDS, drain_seconds)],
        _ => &[],
    };
    let missing = figures.iter().filter(|(metric, _)| !told.contains(metric));
    missing
        .filter_map(|(metric, figure)| {
            let value = figure(window).or_else(|| closing_zero(window, entity, *metric))?;
            Some(Sample {
                method: Some(Method::Estimated),
                ..Sample::new(key.clone(), *metric, value)
            })
        })
        .collect()
}

/// What is empty has nothing to drain: said once, also when the window has forgotten that something waited, because an
/// alert on the last known value would never end.
fn closing_zero(window: &Window, entity: &Entity, metric: MetricId) -> Option<f64> {
    let empty = window.newest()?.waiting? <= 0.0;
    let open = entity.readings.raw(metric).is_some_and(|(_, last)| last != 0.0);
    (empty && open).then_some(0.0)
}
