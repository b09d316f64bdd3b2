//! What is under the pointer, in a few words beside it.

use std::sync::Arc;

use brokerscope_contract::api::topology::EdgeView;
use brokerscope_figures::format;
use brokerscope_figures::layout::Point;
use leptos::prelude::*;

use super::scene::{Scene, Subject};
use super::strand::Strand;
use super::words::{evidence_words, kind_words, rate_words};

/// Labels such as routing keys said at most.
const LABELS: usize = 3;

/// Where the pointer is, and the node or the line under it.
pub type Hovered = Option<(Point, Option<i64>, Option<usize>)>;

#[component]
pub fn Tip(scene: Memo<Arc<Scene>>, hovered: Signal<Hovered>) -> impl IntoView {
    let said = move || {
        let (at, node, line) = hovered.get()?;
        let scene = scene.get();
        let lines = match (node, line) {
            (Some(id), _) => of_item(&scene, id),
            (None, Some(line)) => of_strand(&scene, scene.strands.get(line)?),
            (None, None) => return None,
        };
        Some((at, lines))
    };
    move || {
        said().map(|(at, lines)| {
            let style = format!("transform:translate({:.0}px,{:.0}px)", at.x + 14.0, at.y + 14.0);
            let mut lines = lines.into_iter();
            let title = lines.next();
            view! {
                <div class="graph-tip" style=style aria-hidden="true">
                    <b>{title}</b>
                    {lines.map(|line| view! { <p>{line}</p> }).collect_view()}
                </div>
            }
        })
    }
}

fn of_item(scene: &Scene, id: i64) -> Vec<String> {
    let Some(item) = scene.item(id) else {
        return Vec::new();
    };
    let place = item
        .place
        .as_ref()
        .map(|name| format!(" in {name}"))
        .unwrap_or_default();
    let mut lines = vec![format!("{} {}{place}", item.caption, item.name)];
    match (&item.subject, scene.node(item)) {
        (_, Some(node)) => {
            lines.push(format!("{}. {}", node.verdict.label(), node.sentence));
        }
        (Subject::Group(_), _) => lines.push("Press to see what is in it.".into()),
        _ => {}
    }
    lines
}

/// What the line stands for; several joined edges are summed up.
fn of_strand(scene: &Scene, strand: &Strand) -> Vec<String> {
    let name = |id: i64| {
        let item = scene.item(id)?;
        Some(match item.place.as_ref().filter(|_| strand.crosses) {
            Some(place) => format!("{} in {place}", item.name),
            None => item.name.clone(),
        })
    };
    let name = |id: i64| name(id).unwrap_or_default();
    let title = format!("{} → {}", name(strand.from), name(strand.to));
    let edges: Vec<&EdgeView> = strand
        .edges
        .iter()
        .filter_map(|index| scene.topology.edges.get(*index))
        .collect();
    let mut lines = vec![title];
    match edges.as_slice() {
        [edge] if edge.count == 1 => {
            lines.push(format!("{}, {}", kind_words(edge.kind), evidence_words(edge.evidence)));
            lines.push(rate_words(edge));
            if !edge.labels.is_empty() {
                lines.push(labels(&edge.labels));
            }
        }
        edges => {
            let count: usize = edges.iter().map(|edge| edge.count).sum();
            lines.push(format!("{} edges", format::count(count as f64)));
            lines.push(strand.rate.map_or("no rate is known".into(), |rate| {
                format!("{} together", format::rate(rate))
            }));
        }
    }
    lines
}

/// "order.created, order.paid and 4 more".
pub fn labels(all: &[String]) -> String {
    let first = all
        .iter()
        .take(LABELS)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match all.len().saturating_sub(LABELS) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}
