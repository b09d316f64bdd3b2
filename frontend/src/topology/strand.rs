//! The lines of the drawing: edges between the same two boxes joined, each with its style, colour and width.

use std::collections::{BTreeMap, HashMap};

use brokerscope_contract::api::topology::{EdgeView, NodeView, Topology};
use brokerscope_contract::{Evidence, LinkKind, Status};
use brokerscope_figures::format;
use brokerscope_figures::layout::Course;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// Messages flow, as far as is known.
    Flow,
    /// Declared, and nothing was ever seen on it.
    Unseen,
    DeadLetter,
    Alternate,
}

impl Style {
    pub fn course(self) -> Course {
        match self {
            Style::Flow | Style::Unseen => Course::Flow,
            Style::DeadLetter | Style::Alternate => Course::Aside,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Strand {
    /// Ids of boxes: entities or groups.
    pub from: i64,
    pub to: i64,
    pub style: Style,
    /// Of what the messages go into or wait in, the worst of all joined edges.
    pub worst: Status,
    /// Messages per second over all joined edges that have a rate.
    pub rate: Option<f64>,
    /// Indices into [`Topology::edges`].
    pub edges: Vec<usize>,
}

impl Strand {
    /// What is written beside the line.
    pub fn label(&self) -> Option<String> {
        let rate = self.rate.filter(|rate| *rate > 0.0).map(format::rate);
        match self.style {
            Style::Flow | Style::Unseen | Style::DeadLetter => rate,
            Style::Alternate => Some(rate.unwrap_or_else(|| "unroutable".into())),
        }
    }

    /// Pixels at full size.
    pub fn width(&self) -> f64 {
        let rate = self.rate.unwrap_or(0.0).max(0.0);
        (1.5 + 1.1 * (1.0 + rate).log10()).min(6.0)
    }
}

/// The lines between what is shown; `shown_as` gives the box that stands for an entity.
pub fn strands(topology: &Topology, shown_as: &BTreeMap<i64, i64>) -> Vec<Strand> {
    let nodes: HashMap<i64, &NodeView> = topology.nodes.iter().map(|node| (node.entity.id.0, node)).collect();
    let mut joined: BTreeMap<(i64, i64, Course), Strand> = BTreeMap::new();
    for (index, edge) in topology.edges.iter().enumerate() {
        let (Some(start), Some(end)) = (nodes.get(&edge.from.0), nodes.get(&edge.to.0)) else {
            continue;
        };
        let (Some(&from), Some(&to)) = (shown_as.get(&edge.from.0), shown_as.get(&edge.to.0)) else {
            continue;
        };
        // Between members of one group there is nothing to draw.
        if from == to && from < 0 {
            continue;
        }
        let style = style(edge, end);
        let strand = joined.entry((from, to, style.course())).or_insert_with(|| Strand {
            from,
            to,
            style,
            worst: Status::Ok,
            rate: None,
            edges: Vec::new(),
        });
        strand.style = strand.style.min(style);
        strand.worst = strand.worst.max(status(edge, start, end));
        if let Some(rate) = edge.rate.value {
            strand.rate = Some(strand.rate.unwrap_or(0.0) + rate);
        }
        strand.edges.push(index);
    }
    joined.into_values().collect()
}

fn style(edge: &EdgeView, end: &NodeView) -> Style {
    match edge.kind {
        LinkKind::DeadLetter => Style::DeadLetter,
        LinkKind::AlternateExchange => Style::Alternate,
        _ if edge.evidence != Evidence::Declared || edge.rate.value.is_some_and(|rate| rate > 0.0) => Style::Flow,
        // Bindings are not counted: one whose end receives messages is taken to carry them.
        LinkKind::Binding if edge.rate.value.is_none() && end.rate_in.value.is_some_and(|rate| rate > 0.0) => {
            Style::Flow
        }
        _ => Style::Unseen,
    }
}

/// A line into something is as bad as that; a line out of what is read is as bad as what waits there.
fn status(edge: &EdgeView, start: &NodeView, end: &NodeView) -> Status {
    match edge.kind {
        LinkKind::Subscribes | LinkKind::Consumes | LinkKind::Delivers => {
            start.verdict.status().max(end.verdict.status())
        }
        _ => end.verdict.status(),
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{EntityKind, Verdict};

    use super::super::testing::{edge, node, topology};
    use super::*;

    fn shown(pairs: &[(i64, i64)]) -> BTreeMap<i64, i64> {
        pairs.iter().copied().collect()
    }

    #[test]
    fn edges_into_a_group_are_one_line_with_all_their_messages() {
        let mut slow = node(3, EntityKind::Queue, "b");
        slow.verdict = Verdict::Stalled;
        let nodes = vec![
            node(1, EntityKind::Exchange, "x"),
            node(2, EntityKind::Queue, "a"),
            slow,
        ];
        let edges = vec![
            edge(1, 2, LinkKind::Binding, Some(5.0)),
            edge(1, 3, LinkKind::Binding, Some(7.0)),
            edge(2, 3, LinkKind::DeadLetter, None),
        ];
        let strands = strands(&topology(nodes, edges), &shown(&[(1, 1), (2, -9), (3, -9)]));
        assert_eq!(strands.len(), 1);
        assert_eq!((strands[0].from, strands[0].to, strands[0].rate), (1, -9, Some(12.0)));
        assert_eq!((strands[0].worst, strands[0].edges.len()), (Status::Critical, 2));
    }

    #[test]
    fn a_dead_letter_edge_never_joins_a_flow() {
        let nodes = vec![node(1, EntityKind::Queue, "q"), node(2, EntityKind::Exchange, "x")];
        let edges = vec![
            edge(1, 2, LinkKind::DeadLetter, None),
            edge(1, 2, LinkKind::Publishes, Some(1.0)),
        ];
        let styles: Vec<Style> = strands(&topology(nodes, edges), &shown(&[(1, 1), (2, 2)]))
            .iter()
            .map(|strand| strand.style)
            .collect();
        assert_eq!(styles, [Style::Flow, Style::DeadLetter]);
    }

    #[test]
    fn a_binding_counts_as_seen_when_messages_arrive_behind_it() {
        let mut busy = node(2, EntityKind::Queue, "busy");
        busy.rate_in.value = Some(3.0);
        let nodes = vec![
            node(1, EntityKind::Exchange, "x"),
            busy,
            node(3, EntityKind::Queue, "idle"),
        ];
        let edges = vec![edge(1, 2, LinkKind::Binding, None), edge(1, 3, LinkKind::Binding, None)];
        let styles: Vec<Style> = strands(&topology(nodes, edges), &shown(&[(1, 1), (2, 2), (3, 3)]))
            .iter()
            .map(|strand| strand.style)
            .collect();
        assert_eq!(styles, [Style::Flow, Style::Unseen]);
    }

    #[test]
    fn a_faster_line_is_wider_up_to_a_limit() {
        let width = |rate| {
            let style = Style::Flow;
            let (from, to, worst, edges) = (1, 2, Status::Ok, Vec::new());
            Strand {
                from,
                to,
                style,
                worst,
                rate,
                edges,
            }
            .width()
        };
        assert!(width(None) < width(Some(10.0)) && width(Some(10.0)) < width(Some(1_000.0)));
        assert_eq!(width(Some(1e12)), 6.0);
    }
}
