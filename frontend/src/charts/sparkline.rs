//! A small line without axes: the shape of the last hour beside the numbers.

use crate::reactive::memo;
use brokerscope_contract::api::entities::EntityRow;
use brokerscope_contract::{Absence, Role, Status};
use brokerscope_figures::path;
use leptos::prelude::*;

use crate::components::{Quantity, tone_of};

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 26.0;

/// Scales to the place it is given. Its colour is that of the state.
#[component]
pub fn Sparkline(
    #[prop(into)] values: Signal<Vec<Option<f32>>>,
    #[prop(into)] status: Signal<Status>,
    /// What is drawn and how, for whoever does not see it.
    #[prop(into)]
    label: &'static str,
    quantity: Quantity,
) -> impl IntoView {
    let spark = memo(move || values.with(|values| path::spark(values, WIDTH, HEIGHT)));
    let said = move || values.with(|values| describe(label, values, quantity));
    view! {
        <svg
            class=move || format!("spark {}", tone_of(status.get()))
            viewBox=format!("0 0 {WIDTH} {HEIGHT}")
            preserveAspectRatio="none"
            role="img"
            aria-label=said
        >
            <path class="area" d=move || spark.with(|spark| spark.area.clone()) />
            <path class="line" d=move || spark.with(|spark| spark.line.clone()) />
        </svg>
    }
}

/// "Depth over the last hour: from 3 to 4,310".
fn describe(label: &str, values: &[Option<f32>], quantity: Quantity) -> String {
    let mut known = values.iter().flatten().map(|value| f64::from(*value));
    match (known.next(), known.next_back()) {
        (Some(first), Some(last)) => format!("{label}: from {} to {}", quantity.write(first), quantity.write(last)),
        (Some(only), None) => format!("{label}: {}", quantity.write(only)),
        _ => format!("{label}: no data"),
    }
}

/// What the small line of a row shows: what waits, or for what holds no queue, what arrives.
pub fn trend(row: &EntityRow) -> (&'static str, Quantity) {
    match row.entity.kind.role() {
        Role::Subscription => ("Lag over the last hour", Quantity::Count),
        _ if row.depth.absent == Some(Absence::NotSupported) => ("Arrivals over the last hour", Quantity::Rate),
        _ => ("Messages waiting over the last hour", Quantity::Count),
    }
}
