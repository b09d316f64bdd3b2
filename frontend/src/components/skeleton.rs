//! Stands in for what is being fetched for the first time; it appears only when that takes a while.

use leptos::prelude::*;

/// `rows` bars of `height` pixels, the geometry of what will take their place.
#[component]
pub fn Skeleton(rows: usize, #[prop(default = 44)] height: usize) -> impl IntoView {
    let bar = move |_| view! { <div class="bone" style:height=format!("{height}px")></div> };
    view! {
        <div class="skeleton" aria-hidden="true">
            {(0..rows).map(bar).collect_view()}
        </div>
        <p class="vh" role="status">"Loading"</p>
    }
}
