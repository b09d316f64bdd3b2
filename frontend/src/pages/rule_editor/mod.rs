//! A rule edited beside the stored past that it would have judged.

mod condition;
mod draft;
mod form;
mod meaning;
mod past;
mod preview;
mod scope;
mod suggest;
mod threshold;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::EntityDetail;
use brokerscope_contract::api::path;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_contract::rule::RuleId;
use brokerscope_contract::{EntityId, MetricId, metrics};
use leptos::prelude::*;

use crate::api;
use crate::components::{EmptyState, Notice, Skeleton};
use crate::route::Route;
use crate::state::{fetched, use_address};

use crate::reactive::{derive, memo, redrawn};
use draft::Draft;
use form::Form;

/// `?entity=` and `?metric=` say what a new rule is about.
#[component]
pub fn RuleEditor(id: Option<RuleId>) -> impl IntoView {
    let query = use_address().query_untracked();
    let rules = fetched::<Vec<RuleView>>(move || id.map(|_| path::RULES.into()), || ());
    let stored = memo(move || {
        rules.get().and_then(|rules| {
            rules
                .iter()
                .find(|view| Some(view.rule.id) == id)
                .map(|view| view.rule.clone())
        })
    });
    let asked = query.get("entity").and_then(|text| text.parse().ok()).map(EntityId);
    let subject = move || asked.or_else(|| stored.get().and_then(|rule| rule.scope.entity));
    let entity = fetched::<EntityDetail>(move || subject().map(api::entities::one), || ());
    let connections = fetched::<Vec<ConnectionView>>(|| Some(path::CONNECTIONS.into()), || ());
    let metric = query.get("metric").and_then(MetricId::parse).unwrap_or(metrics::DEPTH);
    let error = derive(move || rules.error().or_else(|| entity.error()));
    let known = move || stored.get().is_some() || id.is_none();
    // An entity that is gone must not keep its rule from being edited.
    let subject_known = move || subject().is_none() || entity.get().is_some() || entity.error().is_some();
    let ready =
        memo(move || known() && subject_known() && (connections.get().is_some() || connections.error().is_some()));
    let missing = memo(move || id.is_some() && rules.get().is_some() && stored.get().is_none());
    let form = move || {
        let draft = untrack(|| match stored.get() {
            Some(rule) => Draft::of_rule(&rule, entity.get().as_deref()),
            None => Draft::new(metric, entity.get().as_deref()),
        });
        let connections = untrack(|| connections.get().map(|list| list.to_vec()).unwrap_or_default());
        view! { <Form draft connections /> }
    };
    view! {
        <Notice error />
        {redrawn(move || match (ready.get(), missing.get()) {
            (_, true) => gone().into_any(),
            (true, _) => form().into_any(),
            (false, _) => view! { <Skeleton rows=5 height=64 /> }.into_any(),
        })}
    }
    .into_any()
}

fn gone() -> impl IntoView {
    view! {
        <h1>"Nothing is here"</h1>
        <EmptyState title="This rule does not exist" text="It may have been deleted.">
            <a class="btn" href=Route::Alerts.path()>"To the alerts"</a>
        </EmptyState>
    }
}
