//! The drawing with its buttons, its legend and the details of what was chosen.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use brokerscope_contract::api::topology::Topology;
use brokerscope_figures::layout::{Drawing, Rect, Size};
use leptos::html;
use leptos::prelude::*;

use super::asked::Wanted;
use super::details::Details;
use super::search::found;
use crate::components::{Icon, IconButton, Symbol};
use crate::reactive::{derive, effect, memo, when};
use crate::state::Fetched;
use crate::topology::{Camera, Graph, Legend, Places, Scene, Stage, size_of};

/// Questions whose places are remembered.
const REMEMBERED: usize = 8;

thread_local! {
    /// Where everything stood, by what was asked for: a page that is returned to looks the same.
    static PLACES: RefCell<HashMap<String, Places>> = RefCell::default();
}

#[component]
pub fn GraphView(topology: Fetched<Topology>, wanted: Wanted) -> impl IntoView {
    let open = wanted.open;
    let anew = RwSignal::new(0_u32);
    let finds = memo(move || {
        topology
            .get()
            .and_then(|topology| found(&topology, &wanted.search.get()))
    });
    let scene = memo(move || Arc::new(Scene::of(topology.get().unwrap_or_default())));
    let place = NodeRef::<html::Div>::new();
    let window = size_of(place);
    let drawing = drawing(scene, wanted, anew, window);
    let bounds = derive(move || drawing.with(|drawing| drawing.bounds));
    let camera = Camera::new(window, bounds);
    let focus = Callback::new(move |id| wanted.set_focus(Some(id)));
    let stage = Stage::new(scene, drawing, window, camera, finds.into(), focus);
    // What is looked at stays a box of its own when its group closes.
    effect(move || wanted.pinned.set(stage.chosen.get().filter(|id| *id > 0)));
    // Another question is another picture.
    Effect::new(move |before: Option<Option<i64>>| {
        let focus = wanted.focus.get();
        if before.is_some_and(|before| before != focus) {
            stage.chosen.set(focus);
            camera.fit();
        }
        focus
    });
    show_finds(stage, finds);
    let arrange = move |()| {
        anew.update(|count| *count += 1);
        camera.fit();
    };
    view! {
        <div class="card topology">
            <Graph stage place />
            <div class="graph-buttons">
                <IconButton symbol=Symbol::Plus label="Closer" press=move |()| camera.step(true) />
                <IconButton symbol=Symbol::ZoomOut label="Further away" press=move |()| camera.step(false) />
                <button type="button" class="btn" on:click=move |_| camera.fit()>"Fit"</button>
                <button type="button" class="btn" on:click=move |_| arrange(()) data-tip="Lay everything out anew">
                    "Arrange"
                </button>
                {when(move || !open.with(BTreeSet::is_empty), move || view! {
                    <button type="button" class="btn" on:click=move |_| open.set(BTreeSet::new())>
                        <Icon symbol=Symbol::Up />
                        "Close groups"
                    </button>
                }.into_any())}
            </div>
            <Legend />
            <Details stage wanted />
        </div>
    }
    .into_any()
}

/// Laid out from where things were the last time that the same was asked for.
fn drawing(scene: Memo<Arc<Scene>>, wanted: Wanted, anew: RwSignal<u32>, window: Signal<Size>) -> Memo<Arc<Drawing>> {
    let arranged = StoredValue::new(0);
    // Nothing moves when the window changes: only what is laid out anew is given its shape.
    let is_known = memo(move || window.with(|size| size.height > 0.0));
    memo(move || {
        if !is_known.get() {
            return Arc::new(Drawing::default());
        }
        let window = window.get_untracked();
        let question = format!("{:?}", wanted.query());
        let (scene, asked_anew) = (scene.get(), anew.get());
        PLACES.with_borrow_mut(|all| {
            if all.len() >= REMEMBERED && !all.contains_key(&question) {
                all.clear();
            }
            let places = all.entry(question).or_default();
            if arranged.get_value() != asked_anew {
                arranged.set_value(asked_anew);
                places.forget();
            }
            Arc::new(timed("layout", || places.place(&scene, window)))
        })
    })
}

/// Does something under a name that the browser's profiler shows, and that benchmarks ask for.
fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let performance = web_sys::window().and_then(|window| window.performance());
    let begun = performance.as_ref().and_then(|performance| performance.mark(name).ok());
    let done = work();
    if let (Some(performance), Some(_)) = (performance, begun) {
        // A profile without this measure is all that is lost.
        let _ = performance.measure_with_start_mark(name, name);
    }
    done
}

/// Moves the view to what was found.
fn show_finds(stage: Stage, finds: Memo<Option<Vec<i64>>>) {
    effect(move || {
        let Some(ids) = finds.get() else { return };
        let rects = stage.drawing.with_untracked(|drawing| {
            let hits = drawing.nodes.iter().filter(|node| ids.contains(&node.id));
            hits.map(|node| node.rect).collect::<Vec<_>>()
        });
        if let Some(all) = rects.into_iter().reduce(Rect::union) {
            stage.camera.reveal(all);
        }
    });
}
