//! Which metrics share a chart.

use brokerscope_contract::api::entities::MetricView;
use brokerscope_contract::{Absence, MetricId, metrics};

use crate::components::Quantity;

/// The metrics of one chart, all of one quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub title: String,
    pub quantity: Quantity,
    pub metrics: Vec<MetricId>,
    /// Of the first rank: what one looks at first.
    pub first: bool,
}

/// Charts in their order; metrics that are in none of these get one each.
const SHARED: &[(&str, &[MetricId])] = &[
    ("Waiting and in flight", &[metrics::DEPTH, metrics::IN_FLIGHT]),
    (
        "Rates",
        &[
            metrics::PUBLISHED,
            metrics::KAFKA_END_OFFSET,
            metrics::ACKNOWLEDGED,
            metrics::KAFKA_COMMITTED_OFFSET,
            metrics::DEAD_LETTERED,
            metrics::UNROUTABLE,
        ],
    ),
    ("Lag", &[metrics::LAG]),
    ("Behind, in time", &[metrics::LAG_SECONDS, metrics::OLDEST_AGE]),
    (
        "Time to drain and to data loss",
        &[metrics::DRAIN_SECONDS, metrics::LOSS_SECONDS],
    ),
    ("Readers", &[metrics::CONSUMERS]),
    ("Delivered and redelivered", &[metrics::DELIVERED, metrics::REDELIVERED]),
];

/// Counters of the broker's own that tell the same as a common one, where that is known.
const TOLD_BY: &[(MetricId, MetricId)] = &[
    (metrics::KAFKA_END_OFFSET, metrics::PUBLISHED),
    (metrics::KAFKA_COMMITTED_OFFSET, metrics::ACKNOWLEDGED),
];

/// The charts of an entity: whatever was measured, or may have been before.
pub fn groups(views: &[MetricView]) -> Vec<Group> {
    let drawable: Vec<MetricId> = views
        .iter()
        .filter(|view| is_drawable(view))
        .map(|view| view.metric)
        .collect();
    let told = |metric: &MetricId| {
        let mut twins = TOLD_BY.iter().filter(|(own, _)| own == metric);
        twins.any(|(_, common)| drawable.contains(common))
    };
    let shared = SHARED.iter().filter_map(|(title, metrics)| {
        let present: Vec<MetricId> = metrics
            .iter()
            .filter(|metric| drawable.contains(metric) && !told(metric))
            .copied()
            .collect();
        let title = match present.as_slice() {
            [] => return None,
            [one] => one.def().label.to_string(),
            _ => (*title).to_string(),
        };
        Some(group(title, present, true))
    });
    let alone = drawable
        .iter()
        .filter(|metric| !SHARED.iter().any(|(_, metrics)| metrics.contains(metric)))
        .map(|metric| group(metric.def().label.to_string(), vec![*metric], false));
    shared.chain(alone).collect()
}

fn group(title: String, metrics: Vec<MetricId>, first: bool) -> Group {
    let quantity = metrics
        .first()
        .map_or(Quantity::Count, |metric| Quantity::of(metric.def()));
    Group {
        title,
        quantity,
        metrics,
        first,
    }
}

/// What this broker or login never gives has no history either.
fn is_drawable(view: &MetricView) -> bool {
    let never = matches!(
        view.reading.absent,
        Some(Absence::NotSupported | Absence::NotPermitted | Absence::Disabled)
    );
    view.reading.value.is_some() || !never
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{Reading, Timestamp};

    use super::*;

    fn view(metric: MetricId, reading: Reading) -> MetricView {
        MetricView {
            metric,
            reading,
            why: None,
        }
    }

    #[test]
    fn what_belongs_together_shares_a_chart() {
        let one = Reading::measured(1.0, Timestamp(0));
        let views = [
            view(metrics::STORED_BYTES, one),
            view(metrics::DEPTH, one),
            view(metrics::IN_FLIGHT, one),
            view(metrics::PUBLISHED, one),
        ];
        let titles: Vec<String> = groups(&views).into_iter().map(|group| group.title).collect();
        assert_eq!(titles, ["Waiting and in flight", "Published", "Size stored"]);
    }

    #[test]
    fn what_is_never_given_has_no_chart_but_what_is_missing_now_has() {
        let views = [
            view(metrics::LAG, Reading::absent(Absence::NotSupported)),
            view(metrics::DEPTH, Reading::absent(Absence::NoData)),
        ];
        let groups = groups(&views);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].metrics, [metrics::DEPTH]);
    }

    #[test]
    fn an_offset_is_drawn_only_where_no_rate_tells_the_same() {
        let one = Reading::measured(1.0, Timestamp(0));
        let offset = view(metrics::KAFKA_END_OFFSET, one);
        assert_eq!(groups(&[offset.clone()])[0].metrics, [metrics::KAFKA_END_OFFSET]);
        let both = groups(&[offset, view(metrics::PUBLISHED, one)]);
        assert_eq!(both.len(), 1);
        assert_eq!(both[0].metrics, [metrics::PUBLISHED]);
    }

    #[test]
    fn a_chart_has_one_quantity() {
        for (title, metrics) in SHARED {
            let quantities: Vec<Quantity> = metrics.iter().map(|metric| Quantity::of(metric.def())).collect();
            assert!(quantities.windows(2).all(|pair| pair[0] == pair[1]), "{title}");
        }
    }
}
