//! One field of a collector's table as the input that its kind asks for.

use brokerscope_contract::{Field, FieldKind, FieldProblem};
use leptos::prelude::*;

use super::{Entries, Labelled, Lines, Problems, Select, Switch, TextInput};
use crate::reactive::derive;

/// The id of a setting's input.
fn input_id(field: &Field) -> String {
    format!("setting-{}", field.key)
}

#[component]
pub fn SettingInput(
    field: Field,
    entries: RwSignal<Entries>,
    problems: Problems,
    /// The key has a stored secret that is not shown.
    #[prop(into)]
    stored: Signal<bool>,
    #[prop(optional, into)] readonly: Signal<bool>,
) -> impl IntoView {
    let path = format!("settings.{}", field.key);
    let problem = {
        let path = path.clone();
        derive(move || problems.of(&path))
    };
    let changed = {
        let key = field.key.clone();
        Callback::new(move |text: String| {
            problems.forget(&path);
            entries.update(|entries| entries.set(&key, text));
        })
    };
    let wide = matches!(field.kind, FieldKind::Lines { .. } | FieldKind::List);
    let (id, label, required) = (input_id(&field), field.label.clone(), field.required);
    let help = help_of(&field);
    let unit_side = matches!(field.kind, FieldKind::Switch);
    let input = input(field, entries, problem, changed, stored, readonly);
    view! {
        <Labelled
            id
            label
            help
            required=required || unit_side
            problem
            class=if wide { "wide" } else { "" }
        >
            {input}
        </Labelled>
    }
}

fn help_of(field: &Field) -> String {
    match (&field.default, &field.kind) {
        (Some(default), FieldKind::Text | FieldKind::Number { .. } | FieldKind::List) if !default.is_empty() => {
            format!("{} Default: {default}.", field.help).trim().to_string()
        }
        _ => field.help.clone(),
    }
}

fn input(
    field: Field,
    entries: RwSignal<Entries>,
    problem: Signal<Option<FieldProblem>>,
    changed: Callback<String>,
    stored: Signal<bool>,
    readonly: Signal<bool>,
) -> AnyView {
    let id = input_id(&field);
    let value = {
        let key = field.key.clone();
        derive(move || entries.with(|entries| entries.text(&key).to_string()))
    };
    let example = field
        .placeholder
        .clone()
        .or_else(|| field.default.clone())
        .unwrap_or_default();
    match field.kind.clone() {
        FieldKind::Text => view! { <TextInput id value changed problem placeholder=example readonly /> }.into_any(),
        FieldKind::Number { unit, .. } => view! {
            <div class="with-unit">
                <TextInput id value changed problem placeholder=example keyboard="numeric" readonly />
                <span>{unit}</span>
            </div>
        }
        .into_any(),
        FieldKind::List => view! { <Lines id value changed problem placeholder=example readonly /> }.into_any(),
        FieldKind::Lines { secret: false } => {
            view! { <Lines id value changed problem placeholder=example readonly least=3 /> }.into_any()
        }
        FieldKind::Secret | FieldKind::Lines { secret: true } => {
            secret(field, entries, problem, changed, stored, readonly)
        }
        FieldKind::Switch => {
            let on = derive(move || entries.with(|entries| entries.effective(&field) == "true"));
            let changed = Callback::new(move |on: bool| changed.run(on.to_string()));
            let words = "On";
            view! { <Switch id label=words on changed disabled=readonly /> }.into_any()
        }
        FieldKind::Choice { options } => {
            let options: Vec<_> = options.into_iter().map(|option| (option.value, option.label)).collect();
            let value = derive(move || entries.with(|entries| entries.effective(&field).to_string()));
            let invalid = derive(move || problem.get().is_some());
            view! { <Select id options value changed disabled=readonly invalid /> }.into_any()
        }
    }
}

/// A secret is typed in, kept, or removed; what is stored is never shown.
fn secret(
    field: Field,
    entries: RwSignal<Entries>,
    problem: Signal<Option<FieldProblem>>,
    changed: Callback<String>,
    stored: Signal<bool>,
    readonly: Signal<bool>,
) -> AnyView {
    let id = input_id(&field);
    let example = field.placeholder.clone().unwrap_or_default();
    let several = matches!(field.kind, FieldKind::Lines { .. });
    let key = StoredValue::new(field.key);
    let value = derive(move || entries.with(|entries| entries.text(&key.get_value()).to_string()));
    let removed = derive(move || entries.with(|entries| entries.is_removed(&key.get_value())));
    let placeholder = derive(move || match (stored.get(), removed.get()) {
        (true, true) => "will be removed".to_string(),
        (true, false) => "stored · leave empty to keep".to_string(),
        (false, _) => example.clone(),
    });
    let remove = move |_| entries.update(|entries| entries.remove_secret(&key.get_value(), !removed.get_untracked()));
    let removal = move || {
        let words = if removed.get() { "Keep" } else { "Remove" };
        (stored.get() && !readonly.get())
            .then(|| view! { <button type="button" class="btn" on:click=remove>{words}</button> })
    };
    let input = match several {
        true => view! { <Lines id value changed problem placeholder readonly least=3 /> }.into_any(),
        false => view! { <TextInput id value changed problem placeholder kind="password" readonly /> }.into_any(),
    };
    view! { <div class="with-unit">{input}{removal}</div> }.into_any()
}
