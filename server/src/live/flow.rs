//! The edges of the graph written out: what is known of the messages that pass on them.

use std::collections::HashMap;

use brokerscope_contract::api::topology::EdgeView;
use brokerscope_contract::{
    Absence, EntityId, Evidence, LinkKind, Method, MetricId, Reading, Timestamp, Verdict, metrics,
};

use super::gather::Boxes;
use super::graph::Graph;
use super::join::Place;
use super::links::{Edge, strength};
use super::{Connection, Entity};

impl Graph<'_> {
    /// Edges between boxes, those of the same kind between the same two as one. Each is told with its connection.
    pub(super) fn lines<'e>(&self, edges: impl Iterator<Item = (usize, &'e Edge)>, boxes: &Boxes) -> Vec<EdgeView> {
        let mut lines: Vec<EdgeView> = Vec::new();
        let mut places: HashMap<(EntityId, EntityId, LinkKind), usize> = HashMap::new();
        for (home, edge) in edges {
            let (Some(from), Some(to)) = (boxes.shown_as(edge.from), boxes.shown_as(edge.to)) else {
                continue;
            };
            if (from, to) == (edge.from, edge.to) {
                lines.push(self.edge(home, edge));
                continue;
            }
            // Inside of a group there is nothing to draw.
            if from == to {
                continue;
            }
            let mut one = EdgeView {
                from,
                to,
                ..self.edge(home, edge)
            };
            let is_single = Boxes::is_single(from) && Boxes::is_single(to);
            if !is_single {
                one.labels.clear();
            }
            match places
                .get(&(from, to, edge.kind))
                .and_then(|place| lines.get_mut(*place))
            {
                Some(line) if is_single => agree(line, one),
                Some(line) => join(line, &one),
                None => {
                    places.insert((from, to, edge.kind), lines.len());
                    lines.push(one);
                }
            }
        }
        lines
    }

    fn edge(&self, home: usize, edge: &Edge) -> EdgeView {
        let connection = self.connections[home];
        let rate = connection.edge_rate(edge, self.now);
        let (from, to) = (self.real(home, edge.from), self.real(home, edge.to));
        EdgeView {
            from: edge.from,
            to: edge.to,
            kind: edge.kind,
            evidence: edge.evidence,
            labels: edge.labels.clone(),
            rate: rate.unwrap_or(Reading::absent(Absence::NotSupported)),
            count: 1,
            verdict: self.edge_verdict(edge.kind, from, to),
            seen: connection.is_seen(edge, rate),
            crosses: from.connection != to.connection,
        }
    }

    /// A line into something is as bad as that; a line out of what is read is as bad as what waits there.
    fn edge_verdict(&self, kind: LinkKind, from: Place, to: Place) -> Verdict {
        match kind {
            LinkKind::Subscribes | LinkKind::Consumes | LinkKind::Delivers => {
                worse(self.verdict(from), self.verdict(to))
            }
            _ => self.verdict(to),
        }
    }
}

impl Connection {
    /// Brokers count at the ends of an edge, not on it. The only edge into something carries all that comes in, the
    /// only edge out all that goes out; which is an estimate where messages also come by ways that are not drawn.
    fn edge_rate(&self, edge: &Edge, now: Timestamp) -> Option<Reading> {
        let (from, to) = (self.entities.get(edge.from)?, self.entities.get(edge.to)?);
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

    /// Bindings are not counted: one whose end receives messages is taken to carry them.
    fn is_seen(&self, edge: &Edge, rate: Option<Reading>) -> bool {
        let passes = |value: Option<f64>| value.is_some_and(|rate| rate > 0.0);
        let receives = || {
            let end = self.entities.get(edge.to)?;
            let metric = end.first_shown(Entity::IN)?;
            end.readings.shown(metric).map(|(_, rate)| rate)
        };
        edge.evidence != Evidence::Declared
            || passes(rate.and_then(|rate| rate.value))
            || edge.kind == LinkKind::Binding && rate.is_none() && passes(receives())
    }
}

/// Both sides may tell of the same edge, and several bridges may lead the same way: one edge, with what each knows of it.
fn agree(line: &mut EdgeView, one: EdgeView) {
    line.seen |= one.seen;
    if strength(one.evidence) > strength(line.evidence) {
        line.evidence = one.evidence;
    }
    if line.rate.value.is_none() {
        line.rate = one.rate;
    }
    line.labels.extend(one.labels);
    line.labels.sort_unstable();
    line.labels.dedup();
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
