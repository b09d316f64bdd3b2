//! A rule edited beside the stored past that it would have judged.

use brokerscope_contract::rule::RuleId;
use leptos::prelude::*;

#[component]
pub fn RuleEditor(id: Option<RuleId>) -> impl IntoView {
    let _ = id;
    view! { <h1>"Rule"</h1> }
}
