//! The graph on a canvas: painted when something changed, walked through with the arrow keys, read out.

use std::sync::Arc;

use brokerscope_figures::layout::{Direction, Drawing, Point, Size, edge_at, neighbour_towards, node_at, reach};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::camera::Camera;
use super::gestures::Gestures;
use super::keys::{Action, action};
use super::paint::Emphasis;
use super::scene::Scene;
use super::screen::{Screen, listen_to_wheel};
use super::tip::Tip;
use crate::reactive::derive;

/// One press of Shift and an arrow key, in pixels.
const PAN: f64 = 80.0;
/// How near to a line the pointer has to be, in pixels of the screen.
const GRIP: f64 = 6.0;

/// What is drawn, and what a person does with it.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    pub scene: Memo<Arc<Scene>>,
    pub drawing: Memo<Arc<Drawing>>,
    pub window: Signal<Size>,
    pub camera: Camera,
    pub chosen: RwSignal<Option<i64>>,
    /// What the search has found; `None` while nothing is searched.
    pub found: Signal<Option<Vec<i64>>>,
    /// Shows only what is around this one.
    pub focus: Callback<i64>,
    hovered: RwSignal<super::tip::Hovered>,
    /// Where the arrow keys are.
    cursor: RwSignal<Option<i64>>,
}

impl Stage {
    pub fn new(
        scene: Memo<Arc<Scene>>,
        drawing: Memo<Arc<Drawing>>,
        window: Signal<Size>,
        camera: Camera,
        found: Signal<Option<Vec<i64>>>,
        focus: Callback<i64>,
    ) -> Stage {
        Stage {
            scene,
            drawing,
            window,
            camera,
            chosen: RwSignal::new(None),
            found,
            focus,
            hovered: RwSignal::new(None),
            cursor: RwSignal::new(None),
        }
    }

    /// Brings a box into sight.
    pub fn reveal(self, id: i64) {
        let rect = self
            .drawing
            .with_untracked(|drawing| drawing.nodes.iter().find(|node| node.id == id).map(|node| node.rect));
        if let Some(rect) = rect {
            self.camera.reveal(rect);
        }
    }

    fn press(self, at: Point) {
        let at = self.camera.to_world(at);
        self.cursor.set(None);
        self.chosen
            .set(self.drawing.with_untracked(|drawing| node_at(drawing, at)));
    }

    fn point(self, at: Option<Point>) {
        let found = at.and_then(|screen| {
            let world = self.camera.to_world(screen);
            let reach = GRIP / self.camera.view_untracked().scale;
            self.drawing.with_untracked(|drawing| {
                let node = node_at(drawing, world);
                let line = if node.is_some() {
                    None
                } else {
                    edge_at(drawing, world, reach).map(|index| drawing.edges[index].edge)
                };
                (node.is_some() || line.is_some()).then_some((screen, node, line))
            })
        });
        if self.hovered.get_untracked() != found {
            self.hovered.set(found);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let Some(action) = action(event) else { return };
        event.prevent_default();
        event.stop_propagation();
        match action {
            Action::Walk(direction) => self.walk(direction),
            Action::Pan(direction) => {
                let (dx, dy) = match direction {
                    Direction::Left => (PAN, 0.0),
                    Direction::Right => (-PAN, 0.0),
                    Direction::Up => (0.0, PAN),
                    Direction::Down => (0.0, -PAN),
                };
                self.camera.pan(dx, dy);
            }
            Action::Choose => self.chosen.set(self.cursor.get_untracked()),
            Action::Focus => {
                if let Some(id) = self.cursor.get_untracked().filter(|id| *id > 0) {
                    self.focus.run(id);
                }
            }
            Action::Closer => self.camera.step(true),
            Action::Further => self.camera.step(false),
            Action::Fit => self.camera.fit(),
            Action::First => self.go(self.first()),
            Action::Leave => {
                self.chosen.set(None);
                self.cursor.set(None);
            }
        }
    }

    fn walk(self, direction: Direction) {
        let start = self.cursor.get_untracked().or_else(|| self.chosen.get_untracked());
        let present = start.filter(|id| self.scene.with_untracked(|scene| scene.item(*id).is_some()));
        let Some(from) = present else {
            self.go(self.first());
            return;
        };
        let pairs = self.scene.with_untracked(|scene| scene.pairs());
        let next = self
            .drawing
            .with_untracked(|drawing| neighbour_towards(drawing, &pairs, from, direction));
        self.go(next.or(Some(from)));
    }

    /// The upper left box.
    fn first(self) -> Option<i64> {
        self.drawing.with_untracked(|drawing| {
            let order = |rect: &brokerscope_figures::layout::Rect| rect.x + rect.y;
            drawing
                .nodes
                .iter()
                .min_by(|a, b| order(&a.rect).total_cmp(&order(&b.rect)))
                .map(|node| node.id)
        })
    }

    fn go(self, id: Option<i64>) {
        self.cursor.set(id);
        if let Some(id) = id {
            self.reveal(id);
        }
    }

    pub(super) fn emphasis(self) -> Emphasis {
        let (hovered, hovered_line) = self.hovered.get().map_or((None, None), |(_, node, line)| (node, line));
        let chosen = self.chosen.get();
        Emphasis {
            hovered,
            hovered_line,
            chosen,
            cursor: self.cursor.get(),
            reach: chosen.map(|id| (id, self.scene.with(|scene| reach(scene.pairs(), id)))),
            found: self.found.get(),
        }
    }

    /// The box at the keyboard's place in words.
    fn said(self) -> Option<String> {
        let id = self.cursor.get()?;
        self.scene.with(|scene| scene.item(id).map(|item| scene.spoken(item)))
    }
}

#[component]
pub fn Graph(stage: Stage, place: NodeRef<html::Div>) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let pressed = Callback::new(move |at| stage.press(at));
    let pointed = Callback::new(move |at| stage.point(at));
    let gestures = Gestures::new(stage.camera, pressed, pointed);
    Screen::start(canvas, stage);
    listen_to_wheel(place, move |event| gestures.wheel(event));
    let label = move || {
        stage.scene.with(|scene| {
            format!(
                "Topology: {} boxes and {} lines. Arrow keys go from box to box.",
                scene.items.len(),
                scene.strands.len()
            )
        })
    };
    let hovered = derive(move || stage.hovered.get());
    view! {
        <div
            node_ref=place
            class="graph"
            class:dragging=derive(move || gestures.dragging.get())
            class:pointing=derive(move || stage.hovered.with(|hovered| hovered.is_some_and(|(_, node, _)| node.is_some())))
            role="application"
            aria-roledescription="graph"
            aria-label=label
            aria-describedby="graph-keys"
            tabindex="0"
            on:pointerdown=move |event| gestures.down(&event)
            on:pointermove=move |event| gestures.moved(&event)
            on:pointerup=move |event| gestures.up(&event)
            on:pointercancel=move |event| gestures.cancel(&event)
            on:pointerleave=move |_| gestures.left()
            on:keydown=move |event| stage.key(&event)
            on:blur=move |_| stage.cursor.set(None)
        >
            <canvas node_ref=canvas aria-hidden="true"></canvas>
            <Tip scene=stage.scene hovered />
        </div>
        <p class="vh" aria-live="polite">{derive(move || stage.said())}</p>
        <p class="vh" id="graph-keys">
            "Arrow keys move between boxes, Enter shows details, F shows only the neighbourhood, plus and minus zoom, "
            "0 shows everything, Shift and arrows move the view, Escape lets go. The table has the same content."
        </p>
    }
    .into_any()
}
