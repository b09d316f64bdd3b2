//! The list of rules, with what each watches now.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::rules::RuleView;
use leptos::prelude::*;

use super::NoRules;
use super::rule_row::RuleRow;
use crate::components::Skeleton;
use crate::state::Fetched;

#[component]
pub fn Rules(
    rules: Fetched<Vec<RuleView>>,
    connections: Fetched<Vec<ConnectionView>>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let connections = Signal::derive(move || connections.get().map(|list| list.to_vec()).unwrap_or_default());
    let none = Memo::new(move |_| rules.get().map(|rules| rules.is_empty()));
    let all = move || rules.get().map(|rules| rules.to_vec()).unwrap_or_default();
    let row = move |first: RuleView| {
        let id = first.rule.id;
        let view = Memo::new(move |before: Option<&RuleView>| {
            let now = rules
                .get()
                .and_then(|rules| rules.iter().find(|each| each.rule.id == id).cloned());
            now.or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
        });
        view! { <RuleRow view connections changed /> }
    };
    view! {
        <section aria-labelledby="rules">
            <h2 id="rules">"Rules"</h2>
            {move || match none.get() {
                None => view! { <Skeleton rows=4 height=60 /> }.into_any(),
                Some(true) => view! { <NoRules /> }.into_any(),
                Some(false) => view! {
                    <ul class="card rules">
                        <For each=all key=|view| view.rule.id children=row />
                    </ul>
                }
                .into_any(),
            }}
        </section>
    }
}
