//! What the rule watches: one entity, or everything that matches.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::{ConnectionId, EntityKind, Scope, System};
use leptos::prelude::*;

use super::draft::Draft;
use crate::forms::{Labelled, Select, TextInput};
use crate::reactive::{derive, memo, when};

#[component]
pub fn ScopeInputs(draft: Draft, connections: Vec<ConnectionView>) -> impl IntoView {
    let subject = draft.subject.get_value();
    let one = memo(move || draft.scope.with(|scope| scope.entity.is_some()));
    let connections = StoredValue::new(connections);
    let choice = subject.map(|entity| {
        let (id, name) = (entity.id, entity.title().to_string());
        let only = move |_| {
            draft.scope.set(Scope {
                entity: Some(id),
                ..Scope::default()
            });
        };
        let all = move |_| {
            draft.scope.set(Scope {
                kind: Some(entity.kind),
                ..Scope::default()
            });
        };
        view! {
            <label>
                <input type="radio" name="scope" prop:checked=derive(move || one.get()) on:change=only disabled=draft.is_fixed() />
                "Only "
                <span class="path">{name}</span>
            </label>
            <label>
                <input type="radio" name="scope" prop:checked=derive(move || !one.get()) on:change=all disabled=draft.is_fixed() />
                "Everything that matches"
            </label>
        }
    });
    view! {
        <fieldset class="scope-choice">
            <legend>"What it watches"</legend>
            {choice}
            {when(move || !one.get(), move || view! {
                <Matching draft connections />
            }.into_any())}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Matching(draft: Draft, connections: StoredValue<Vec<ConnectionView>>) -> impl IntoView {
    let problem = derive(move || draft.problems.of("scope.name_pattern"));
    let pattern = derive(move || draft.scope.with(|scope| scope.name_pattern.clone().unwrap_or_default()));
    let named = move |text: String| {
        draft.problems.forget("scope.name_pattern");
        draft
            .scope
            .update(|scope| scope.name_pattern = Some(text).filter(|text| !text.is_empty()));
    };
    let kind = derive(move || {
        draft
            .scope
            .with(|scope| scope.kind.map_or("", EntityKind::slug).to_string())
    });
    let system = derive(move || {
        draft
            .scope
            .with(|scope| scope.system.map_or("", System::slug).to_string())
    });
    let connection = derive(move || {
        draft
            .scope
            .with(|scope| scope.connection.map(|id| id.0.to_string()).unwrap_or_default())
    });
    let disabled = draft.is_fixed();
    let set_kind = move |slug: String| draft.scope.update(|scope| scope.kind = EntityKind::from_slug(&slug));
    let set_system = move |slug: String| draft.scope.update(|scope| scope.system = System::from_slug(&slug));
    let set_connection = move |id: String| {
        draft
            .scope
            .update(|scope| scope.connection = id.parse().ok().map(ConnectionId));
    };
    view! {
        <Labelled
            id="scope-pattern"
            label="Name like"
            help="With * for any characters and ? for one. Empty: every name."
            problem
        >
            <TextInput id="scope-pattern" value=pattern changed=named problem placeholder="orders.*" readonly=disabled />
        </Labelled>
        <Labelled id="scope-kind" label="Kind" required=true problem=None>
            <Select id="scope-kind" options=kinds() value=kind changed=set_kind disabled />
        </Labelled>
        <Labelled id="scope-connection" label="Connection" required=true problem=None>
            <Select
                id="scope-connection"
                options=connections.with_value(|list| connection_options(list))
                value=connection
                changed=set_connection
                disabled
            />
        </Labelled>
        <Labelled id="scope-system" label="System" required=true problem=None>
            <Select id="scope-system" options=systems() value=system changed=set_system disabled />
        </Labelled>
    }
    .into_any()
}

fn any(words: &str) -> (String, String) {
    (String::new(), words.to_string())
}

fn kinds() -> Vec<(String, String)> {
    let option = |kind: &EntityKind| (kind.slug().to_string(), kind.label().to_string());
    std::iter::once(any("any"))
        .chain(EntityKind::ALL.iter().map(option))
        .collect()
}

fn systems() -> Vec<(String, String)> {
    let option = |system: &System| (system.slug().to_string(), system.label().to_string());
    std::iter::once(any("any"))
        .chain(System::ALL.iter().map(option))
        .collect()
}

fn connection_options(list: &[ConnectionView]) -> Vec<(String, String)> {
    let option = |connection: &ConnectionView| (connection.id.0.to_string(), connection.name.clone());
    std::iter::once(any("any")).chain(list.iter().map(option)).collect()
}
