//! A chart over time: lines with gaps, axes with units, thresholds, a cursor shared with other charts.

mod as_table;
mod draw;
mod frame;
mod gestures;
mod legend;
mod series;
mod width;

use crate::reactive::memo;
use leptos::html;
use leptos::prelude::*;

pub use series::{Ink, Mark, Series, Threshold, ThresholdKind};
pub use width::width_of;

use crate::components::{IconButton, Quantity, Symbol};
use frame::Frame;
use gestures::Gestures;

/// A moment in milliseconds under the pointer, shared by all charts of a page.
pub type Cursor = RwSignal<Option<i64>>;

#[component]
pub fn TimeChart(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] series: Signal<Vec<Series>>,
    /// From and to, in milliseconds.
    #[prop(into)]
    window: Signal<(i64, i64)>,
    quantity: Quantity,
    cursor: Cursor,
    #[prop(optional, into)] thresholds: Signal<Vec<Threshold>>,
    /// Stretches that are marked, such as those in which a rule fires.
    #[prop(optional, into)]
    shaded: Signal<Vec<(i64, i64)>>,
    /// Moments at which something changed.
    #[prop(optional, into)]
    marks: Signal<Vec<Mark>>,
    /// Keeps every threshold in sight, however far from the data.
    #[prop(optional)]
    roomy: bool,
    /// Called with the window that was selected by dragging.
    #[prop(optional, into)]
    zoomed: Option<Callback<(i64, i64)>>,
    #[prop(optional, into)] zoomed_out: Option<Callback<()>>,
    /// Why nothing was measured: said in place of the plot while there is nothing to draw.
    #[prop(optional, into)]
    why_nothing: Signal<Option<String>>,
    #[prop(default = 190.0)] height: f64,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let held = RwSignal::new(None);
    let frame = memo(move || {
        let axis = held.get().unwrap_or_else(|| {
            series.with(|series| thresholds.with(|levels| frame::axis(series, levels, quantity, height, roomy)))
        });
        Frame::new((width.get(), height), window.get(), axis)
    });
    let gestures = Gestures::new(frame, series, thresholds, cursor, held, zoomed, zoomed_out);
    let table = RwSignal::new(false);
    let summary = move || legend::summary(&title.get(), &series.get(), quantity);
    let plot = move || {
        view! {
            <div
                class="plot"
                role="img"
                tabindex="0"
                aria-label=summary
                on:pointerdown=move |event| gestures.down(&event)
                on:pointermove=move |event| gestures.moved(&event)
                on:pointerup=move |event| gestures.up(&event)
                on:pointercancel=move |_| gestures.cancel()
                on:pointerleave=move |event| gestures.left(&event)
                on:dblclick=move |_| gestures.double()
                on:keydown=move |event| gestures.key(&event)
                on:blur=move |_| cursor.set(None)
            >
                {draw::plot(draw::Drawn { frame, series, thresholds, shaded, marks, quantity, cursor, selection: gestures.selection() })}
            </div>
        }
    };
    let empty = memo(move || {
        let nothing = series.with(|series| !series.is_empty() && series.iter().all(Series::is_empty));
        why_nothing.get().filter(|_| nothing)
    });
    let reason = move || empty.get().map(|why| view! { <p class="why-nothing">{why}</p> });
    view! {
        <section class="card panel chart" aria-label=title>
            <header>
                <h3>{title}</h3>
                {legend::legend(series, quantity, cursor)}
                <IconButton
                    symbol=Symbol::Table
                    label="View as table"
                    pressed=table
                    press=move |()| table.update(|table| *table = !*table)
                />
            </header>
            {reason}
            <div node_ref=place hidden=move || empty.with(Option::is_some) style:height=format!("{height}px")>
                <Show when=move || table.get() fallback=plot>
                    {as_table::table(series, quantity)}
                </Show>
            </div>
            <p class="vh" aria-live="polite">{move || gestures.said(quantity)}</p>
        </section>
    }
}
