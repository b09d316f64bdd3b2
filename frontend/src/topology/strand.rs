//! The lines of the drawing: edges between the same two boxes joined, each with its style, colour and width.

use std::collections::BTreeMap;

use brokerscope_contract::api::topology::{EdgeView, Topology};
use brokerscope_contract::{LinkKind, Status};
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
    /// It leads from one connection into another.
    pub crosses: bool,
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

/// The lines between what is shown.
pub fn strands(topology: &Topology) -> Vec<Strand> {
    let mut joined: BTreeMap<(i64, i64, Course), Strand> = BTreeMap::new();
    for (index, edge) in topology.edges.iter().enumerate() {
        let (from, to, style) = (edge.from.0, edge.to.0, style(edge));
        let strand = joined.entry((from, to, style.course())).or_insert_with(|| Strand {
            from,
            to,
            style,
            worst: Status::Ok,
            rate: None,
            crosses: false,
            edges: Vec::new(),
        });
        strand.style = strand.style.min(style);
        strand.worst = strand.worst.max(edge.verdict.status());
        strand.crosses |= edge.crosses;
        if let Some(rate) = edge.rate.value {
            strand.rate = Some(strand.rate.unwrap_or(0.0) + rate);
        }
        strand.edges.push(index);
    }
    joined.into_values().collect()
}

fn style(edge: &EdgeView) -> Style {
    match edge.kind {
        LinkKind::DeadLetter => Style::DeadLetter,
        LinkKind::AlternateExchange => Style::Alternate,
        _ if edge.seen => Style::Flow,
        _ => Style::Unseen,
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{EntityKind, Verdict};

    use super::super::testing::{edge, node, topology};
    use super::*;

    #[test]
    fn edges_of_several_kinds_between_the_same_two_are_one_line() {
        let nodes = vec![node(1, EntityKind::Exchange, "x"), node(2, EntityKind::Queue, "a")];
        let stalled = EdgeView {
            verdict: Verdict::Stalled,
            ..edge(1, 2, LinkKind::Binding, Some(5.0))
        };
        let edges = vec![stalled, edge(1, 2, LinkKind::Publishes, Some(7.0))];
        let strands = strands(&topology(nodes, edges));
        assert_eq!(strands.len(), 1);
        assert_eq!((strands[0].rate, strands[0].worst), (Some(12.0), Status::Critical));
        assert_eq!(strands[0].edges, [0, 1]);
    }

    #[test]
    fn a_dead_letter_edge_never_joins_a_flow() {
        let nodes = vec![node(1, EntityKind::Queue, "q"), node(2, EntityKind::Exchange, "x")];
        let edges = vec![
            edge(1, 2, LinkKind::DeadLetter, None),
            edge(1, 2, LinkKind::Publishes, Some(1.0)),
        ];
        let styles: Vec<Style> = strands(&topology(nodes, edges))
            .iter()
            .map(|strand| strand.style)
            .collect();
        assert_eq!(styles, [Style::Flow, Style::DeadLetter]);
    }

    #[test]
    fn an_edge_on_which_nothing_was_seen_looks_so() {
        let (seen, unseen) = (
            edge(1, 2, LinkKind::Binding, Some(3.0)),
            edge(1, 3, LinkKind::Binding, None),
        );
        assert_eq!([style(&seen), style(&unseen)], [Style::Flow, Style::Unseen]);
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
                crosses: false,
                edges,
            }
            .width()
        };
        assert!(width(None) < width(Some(10.0)) && width(Some(10.0)) < width(Some(1_000.0)));
        assert_eq!(width(Some(1e12)), 6.0);
    }
}
