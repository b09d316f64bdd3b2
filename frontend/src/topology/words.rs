//! What nodes and edges say about themselves.

use brokerscope_contract::api::topology::{EdgeView, NodeView};
use brokerscope_contract::{Absence, EntityKind, Evidence, LinkKind, Reading, Role};
use brokerscope_figures::format;

use crate::components::absence_reason;

/// "12,480 · 5 min": what waits and for how long; for what holds nothing, what passes.
pub fn figure_line(node: &NodeView) -> String {
    let rate = || current(node.rate_in).map(format::rate);
    match node.entity.kind {
        kind if kind == EntityKind::Exchange || kind.role() == Role::Service => rate().unwrap_or_default(),
        _ => {
            let behind = current(node.lag_seconds)
                .filter(|seconds| *seconds >= 0.0005)
                .map(format::duration_short);
            let waiting = current(node.waiting).map(format::count);
            match (waiting, behind) {
                (Some(waiting), Some(behind)) => format!("{waiting} · {behind}"),
                (Some(waiting), None) => waiting,
                (None, Some(behind)) => behind,
                // A topic's own lag is that of its groups: what arrives says more than a dash.
                (None, None) if node.entity.kind.role() == Role::Destination => {
                    rate().unwrap_or_else(|| format::DASH.into())
                }
                (None, None) => format::DASH.into(),
            }
        }
    }
}

/// The value, where it holds now: there is no room here to say that it is old.
pub fn current(reading: Reading) -> Option<f64> {
    reading.value.filter(|_| reading.absent != Some(Absence::Stale))
}

/// "routes to", from the edge's beginning to its end.
pub fn kind_words(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Publishes => "publishes to",
        LinkKind::Binding => "routes to",
        LinkKind::AlternateExchange => "sends what it cannot route to",
        LinkKind::DeadLetter => "sends dead letters to",
        LinkKind::Subscribes => "is read through",
        LinkKind::Consumes => "is read by",
        LinkKind::Delivers => "delivers to",
        LinkKind::Copies => "is copied to",
    }
}

pub fn evidence_words(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Declared => "declared",
        Evidence::Connected => "connected now",
        Evidence::Counted => "messages counted",
        Evidence::Inferred => "concluded from names, may be wrong",
    }
}

/// "55/s", or why there is no rate.
pub fn rate_words(edge: &EdgeView) -> String {
    match (current(edge.rate), edge.kind) {
        (Some(rate), _) => format::rate(rate),
        (None, LinkKind::Binding | LinkKind::AlternateExchange) => "not counted per binding by the broker".into(),
        (None, _) => absence_reason(edge.rate.absent).into(),
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Timestamp;

    use super::super::testing::node;
    use super::*;

    fn line(kind: EntityKind, waiting: Option<f64>, behind: Option<f64>, rate: Option<f64>) -> String {
        let reading = |value: Option<f64>| match value {
            Some(value) => Reading::measured(value, Timestamp(0)),
            None => Reading::absent(Absence::NoData),
        };
        let mut node = node(1, kind, "q");
        (node.waiting, node.lag_seconds, node.rate_in) = (reading(waiting), reading(behind), reading(rate));
        figure_line(&node)
    }

    #[test]
    fn what_is_old_is_not_written_as_if_it_held_now() {
        let mut old = node(1, EntityKind::Queue, "q");
        let reading = Reading::measured(12_480.0, Timestamp(0));
        (old.waiting, old.lag_seconds) = (reading.stale(), reading.stale());
        assert_eq!(figure_line(&old), "–");
    }

    #[test]
    fn the_figure_line_says_what_waits_and_for_how_long() {
        let queue = EntityKind::Queue;
        assert_eq!(line(queue, Some(12_480.0), Some(300.0), None), "12,480 · 5\u{a0}min");
        assert_eq!(line(queue, Some(0.0), Some(0.0), Some(3.0)), "0");
        assert_eq!(line(queue, None, None, None), "–");
        assert_eq!(line(EntityKind::Exchange, None, None, Some(55.0)), "55/s");
        assert_eq!(line(EntityKind::Service, None, None, None), "");
        assert_eq!(line(EntityKind::Connector, None, None, None), "");
        assert_eq!(line(EntityKind::Topic, None, None, Some(1.0)), "1/s");
    }
}
