//! The numbers behind a chart, newest first.

use brokerscope_figures::{calendar, format};
use leptos::prelude::*;

use super::series::Series;
use crate::components::Quantity;

pub fn table(series: Signal<Vec<Series>>, quantity: Quantity) -> impl IntoView {
    move || {
        let series = series.get();
        let heads = series
            .iter()
            .map(|series| view! { <th scope="col" class="n">{series.label.clone()}</th> })
            .collect_view();
        view! {
            <div class="scroll chart-table" tabindex="0" role="region" aria-label="Values">
                <table>
                    <thead><tr><th scope="col">"Time"</th>{heads}</tr></thead>
                    <tbody>{rows(&series, quantity)}</tbody>
                </table>
            </div>
        }
    }
}

fn rows(series: &[Series], quantity: Quantity) -> Vec<AnyView> {
    let Some(first) = series.first() else {
        return Vec::new();
    };
    let steps = first.steps();
    (0..steps.len)
        .rev()
        .map(|i| {
            let at = steps.at(i);
            let cells = series
                .iter()
                .map(|series| {
                    let text = series
                        .value(Some(at))
                        .map_or(format::DASH.to_string(), |value| quantity.write(value));
                    view! { <td class="n">{text}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{calendar::whole(at)}</th>{cells}</tr> }.into_any()
        })
        .collect()
}
