//! Names and values of a chart's lines: the latest, or those under the cursor.

use brokerscope_figures::format;
use leptos::prelude::*;

use super::Cursor;
use super::series::Series;
use crate::components::Quantity;

pub fn legend(series: Signal<Vec<Series>>, quantity: Quantity, cursor: Cursor) -> impl IntoView {
    let entry = move |(nth, series): (usize, Series)| {
        let class = series.class(nth);
        let label = series.label.clone();
        let value = move || {
            series
                .value(cursor.get())
                .map_or(format::DASH.to_string(), |value| quantity.write(value))
        };
        view! {
            <li>
                <svg class="swatch" viewBox="0 0 18 8" aria-hidden="true"><path class=class d="M1 4h16" /></svg>
                <span>{label}</span>
                <b>{value}</b>
            </li>
        }
    };
    view! { <ul class="legend">{move || series.get().into_iter().enumerate().map(entry).collect_view()}</ul> }
}

/// The chart in one sentence, for whoever does not see it.
pub fn summary(title: &str, series: &[Series], quantity: Quantity) -> String {
    let mut text = format!("Chart: {title}");
    for series in series {
        let latest = series
            .value(None)
            .map_or("no value".into(), |value| quantity.write(value));
        text.push_str(&format!(". {}: now {latest}", series.label));
        if let Some((low, high)) = brokerscope_figures::scale::extent(series.drawn()) {
            text.push_str(&format!(
                ", between {} and {}",
                quantity.write(low),
                quantity.write(high)
            ));
        }
    }
    text + ". Arrow keys move the cursor."
}
