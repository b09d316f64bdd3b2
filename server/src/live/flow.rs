//! The edges of the graph written out: what is known of the messages that pass on them.

use std::collections::HashMap;

use brokerscope_contract::api::topology::EdgeView;
use brokerscope_contract::{
    Absence, EntityId, Evidence, LinkKind, Method, MetricId, Reading, Timestamp, Verdict, metrics,
};

use super::gather::Boxes;
use super::links::{Edge, strength};
use super::rows::verdict_of;
use super::{Connection, Entity};

impl Connection {
    /// The edges between boxes, those of the same kind between the same two as one.
    pub(super) fn lines(&self, boxes: &Boxes, now: Timestamp) -> Vec<EdgeView> {
        let mut lines: Vec<EdgeView> = Vec::new();
        let mut places: HashMap<(EntityId, EntityId, LinkKind), usize> = HashMap::new();
        for edge in self.edges.all() {
            let (Some(from), Some(to)) = (boxes.shown_as(edge.from), boxes.shown_as(edge.to)) else {
                continue;
            };
            if (from, to) == (edge.from, edge.to) {
                lines.push(self.edge(edge, now));
                continue;
            }
            // Inside of a group there is nothing to draw.
            if from == to {
                continue;
            }
            let one = EdgeView {
                from,
                to,
                labels: Vec::new(),
                ..self.edge(edge, now)
            };
            match places
                .get(&(from, to, edge.kind))
                .and_then(|place| lines.get_mut(*place))
            {
                Some(line) => join(line, &one),
                None => {
                    places.insert((from, to, edge.kind), lines.len());
                    lines.push(one);
                }
            }
        }
        lines
    }

    pub(super) fn edge(&self, edge: &Edge, now: Timestamp) -> EdgeView {
        let rate = self.edge_rate(edge, now);
        EdgeView {
            from: edge.from,
            to: edge.to,
            kind: edge.kind,
            evidence: edge.evidence,
            labels: edge.labels.clone(),
            rate: rate.unwrap_or(Reading::absent(Absence::NotSupported)),
            count: 1,
            verdict: self.edge_verdict(edge, now),
            seen: self.is_seen(edge, rate),
        }
    }

    /// Brokers count at the ends of an edge, not on it. The only edge into something carries all that comes in, the
    /// only edge out all that goes out; which is an estimate where messages also come by ways that are not drawn.
    fn edge_rate(&self, edge: &Edge, now: Timestamp) -> Option<Reading> {
        let (from, to) = (self.entities.get(&edge.from)?, self.entities.get(&edge.to)?);
        let (end, candidates): (&Entity, &[MetricId]) = match edge.kind {
            LinkKind::DeadLetter => (from, &[metrics::DEAD_LETTERED]),
            LinkKind::AlternateExchange => (from, &[metrics::UNROUTABLE]),
            LinkKind::Binding | LinkKind::Publishes if self.edges.is_only_into(edge.to) => (to, Entity::IN),
            LinkKind::Publishes if from.first_shown(Entity::IN).is_some() => (from, Entity::IN),
            LinkKind::Subscribes if self.edges.is_only_into(edge.to) => (to, Entity::OUT),
            LinkKind::Consumes | LinkKind::Delivers if self.edges.is_only_out_of(edge.from) => (from, Entity::OUT),
            _ => return None,
        };
        let metric = end.first_shown(candidates)?;
        let reading = self.reading_if_any(end, metric, now)?;
        Some(Reading {
            method: Some(Method::Estimated),
            ..reading
        })
    }

    /// A line into something is as bad as that; a line out of what is read is as bad as what waits there.
    fn edge_verdict(&self, edge: &Edge, now: Timestamp) -> Verdict {
        let fresh = self.is_fresh(now);
        let of = |id: &EntityId| {
            self.entities
                .get(id)
                .map_or(Verdict::Unknown, |entity| verdict_of(entity, fresh))
        };
        match edge.kind {
            LinkKind::Subscribes | LinkKind::Consumes | LinkKind::Delivers => worse(of(&edge.from), of(&edge.to)),
            _ => of(&edge.to),
        }
    }

    /// Bindings are not counted: one whose end receives messages is taken to carry them.
    fn is_seen(&self, edge: &Edge, rate: Option<Reading>) -> bool {
        let passes = |value: Option<f64>| value.is_some_and(|rate| rate > 0.0);
        let receives = || {
            let end = self.entities.get(&edge.to)?;
            let metric = end.first_shown(Entity::IN)?;
            end.readings.shown(metric).map(|(_, rate)| rate)
        };
        edge.evidence != Evidence::Declared
            || passes(rate.and_then(|rate| rate.value))
            || edge.kind == LinkKind::Binding && rate.is_none() && passes(receives())
    }
}

/// Adds one more edge to the line that stands for it.
fn join(line: &mut EdgeView, one: &EdgeView) {
    line.count += one.count;
    line.verdict = worse(line.verdict, one.verdict);
    line.seen |= one.seen;
    if strength(one.evidence) > strength(line.evidence) {
        line.evidence = one.evidence;
    }
    line.rate = match (line.rate.value, one.rate.value) {
        (Some(sum), Some(more)) => Reading {
            value: Some(sum + more),
            at: line.rate.at.min(one.rate.at),
            absent: line.rate.absent.or(one.rate.absent),
            ..line.rate
        },
        (None, Some(_)) => one.rate,
        (_, None) => line.rate,
    };
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    if a.rank() <= b.rank() { a } else { b }
}
