//! The list of rules, with what each watches now.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::rules::RuleView;
use leptos::prelude::*;

use super::NoRules;
use super::rule_row::RuleRow;
use crate::components::{Skeleton, each};
use crate::reactive::{derive, memo, redrawn};
use crate::state::Fetched;

#[component]
pub fn Rules(
    rules: Fetched<Vec<RuleView>>,
    connections: Fetched<Vec<ConnectionView>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let connections = derive(move || connections.get().map(|list| list.to_vec()).unwrap_or_default());
    let none = memo(move || rules.get().map(|rules| rules.is_empty()));
    let all = derive(move || rules.get().map(|rules| rules.to_vec()).unwrap_or_default());
    let row = move |view| view! { <RuleRow view connections changed /> }.into_any();
    view! {
        <section aria-labelledby="rules">
            <h2 id="rules">"Rules"</h2>
            {redrawn(move || match none.get() {
                None => view! { <Skeleton rows=4 height=60 /> }.into_any(),
                Some(true) => view! { <NoRules /> }.into_any(),
                Some(false) => view! {
                    <ul class="card rules">
                        {each(all, |view| view.rule.id, row)}
                    </ul>
                }
                .into_any(),
            })}
        </section>
    }
}
