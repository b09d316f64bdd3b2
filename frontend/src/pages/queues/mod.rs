//! All destinations or all subscriptions of all brokers in one table, worst first.

use leptos::prelude::*;

use crate::api::entities::Table;

#[component]
pub fn Queues(table: Table) -> impl IntoView {
    view! { <h1>{format!("{table:?}")}</h1> }
}
