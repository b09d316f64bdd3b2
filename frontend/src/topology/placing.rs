//! Where everything stands: laid out only when what is shown has changed, and always from where it was.

use brokerscope_figures::layout::{Drawing, Edge, Node, Positions, Size, Spacing, arrange};

use super::scene::{Item, Scene};

/// A character of the monospaced face at the size of a name.
pub const LETTER: f64 = 7.2;
/// Left of the name: the mark and the air around it.
pub const NAME_LEFT: f64 = 36.0;
/// Right of the name, at least.
pub const NAME_RIGHT: f64 = 8.0;
const HEIGHT: f64 = 46.0;
const CAPTION: f64 = 15.0;
const NARROWEST: f64 = 132.0;
const WIDEST: f64 = 268.0;
/// Boxes grow in such steps, so that a longer number does not move its neighbours.
const STEP: f64 = 24.0;
/// With more lines than this their labels are only in the details.
const LABELLED: usize = 300;

/// Wished widths divided by heights: beyond them a window is scrolled rather than filled.
const ASPECTS: (f64, f64) = (0.5, 2.4);

/// The last drawing, what it was made from, and what comes next from it.
#[derive(Debug, Clone, Default)]
pub struct Places {
    drawn: Option<(Shape, Drawing)>,
    positions: Positions,
}

type Shape = (Vec<Node>, Vec<Edge>);

impl Places {
    /// The drawing of a scene. What was there before stays where it was.
    /// New parts are put where they fill a window of this size best.
    pub fn place(&mut self, scene: &Scene, window: Size) -> Drawing {
        let shape = shape(scene);
        if let Some((before, drawing)) = &self.drawn
            && *before == shape
        {
            return drawing.clone();
        }
        let drawing = arrange(&shape.0, &shape.1, &self.positions, &spacing(window));
        self.positions = drawing.positions.clone();
        self.drawn = Some((shape, drawing.clone()));
        drawing
    }

    /// Forgets where everything was.
    pub fn forget(&mut self) {
        *self = Places::default();
    }
}

fn spacing(window: Size) -> Spacing {
    let (narrowest, widest) = ASPECTS;
    Spacing {
        aspect: (window.width / window.height.max(1.0)).clamp(narrowest, widest),
        ..Spacing::default()
    }
}

fn shape(scene: &Scene) -> Shape {
    let nodes = scene.items.iter().map(|item| Node {
        id: item.id,
        width: width(item),
        height: HEIGHT,
        caption: CAPTION,
    });
    let labelled = scene.strands.len() <= LABELLED;
    let edges = scene.strands.iter().map(|strand| Edge {
        from: strand.from,
        to: strand.to,
        course: strand.style.course(),
        label: strand.label().filter(|_| labelled).map(|label| label_size(&label)),
    });
    (nodes.collect(), edges.collect())
}

fn width(item: &Item) -> f64 {
    let letters = item.name.chars().count().max(item.figures.chars().count()) as f64;
    let wanted = NAME_LEFT + letters * LETTER + 14.0;
    ((wanted / STEP).ceil() * STEP).clamp(NARROWEST, WIDEST)
}

/// Labels have few widths too: a rate that gains a digit must not lay everything out anew.
fn label_size(label: &str) -> Size {
    let letters = label.chars().count().max(5).next_multiple_of(4) as f64;
    Size {
        width: letters * 6.2,
        height: 14.0,
    }
}

/// The name as it fits, shortened in its middle: beginnings are shared, ends tell names apart.
pub fn fitted(name: &str, width: f64) -> String {
    let room = ((width - NAME_LEFT - NAME_RIGHT) / LETTER).max(4.0) as usize;
    let letters = name.chars().count();
    if letters <= room {
        return name.to_string();
    }
    let head = room / 2;
    let tail = room - head - 1;
    let end: String = name.chars().skip(letters - tail).collect();
    format!("{}…{end}", name.chars().take(head).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use brokerscope_contract::EntityKind;

    use super::super::testing::{node, topology};
    use super::*;

    #[test]
    fn a_number_that_changes_moves_nothing() {
        let scene = |waiting: f64| {
            let mut queue = node(1, EntityKind::Queue, "orders.created");
            queue.waiting.value = Some(waiting);
            Scene::of(Arc::new(topology(
                vec![queue, node(2, EntityKind::Queue, "b")],
                Vec::new(),
            )))
        };
        let mut places = Places::default();
        let before = places.place(&scene(12.0), Size::default());
        assert_eq!(places.place(&scene(1_234.0), Size::default()), before);
    }

    #[test]
    fn long_names_are_shortened_in_the_middle() {
        assert_eq!(fitted("orders.created", 200.0), "orders.created");
        let short = fitted(&"ü".repeat(80), 200.0);
        assert!(short.chars().count() < 25 && short.contains('…'));
    }
}
