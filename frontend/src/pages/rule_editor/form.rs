//! The rule's inputs beside the chart, and saving.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Comparison, FieldProblem, MetricId, Severity, metrics};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::past::Past;
use super::scope::ScopeInputs;
use super::threshold::ThresholdInput;
use crate::api::{self, ApiError};
use crate::components::{Look, Notice};
use crate::forms::{Labelled, Select, Switch, TextInput};
use crate::reactive::{derive, redrawn};
use crate::route::Route;
use crate::state::{Address, use_address};

#[component]
pub fn Form(draft: Draft, connections: Vec<ConnectionView>) -> impl IntoView {
    let error = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let address = use_address();
    warn_when_leaving(draft, address);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        spawn_local(save(draft, error, busy, address));
    };
    let title = if draft.id.0 == 0 {
        "New rule".into()
    } else {
        draft.name.get_untracked()
    };
    let note = match draft.origin {
        Origin::Page | Origin::Demo => None,
        Origin::File => Some("Declared in the configuration file: change it there."),
        Origin::BuiltIn => Some("Built in: it can be changed and switched off, not deleted."),
    };
    view! {
        <h1>{title}</h1>
        {note.map(|note| view! { <p class="sub">{note}</p> })}
        <form class="rule-editor" on:submit=submit novalidate>
            <Past draft />
            <div class="inputs card">
                <Condition draft />
                <ScopeInputs draft connections />
                <Meaning draft />
                <Notice error />
                <Actions draft busy />
            </div>
        </form>
    }
    .into_any()
}

/// Which value, beyond what, for how long.
#[component]
fn Condition(draft: Draft) -> impl IntoView {
    let metric = derive(move || draft.metric.get().name().to_string());
    let set_metric = move |name: String| {
        if let Some(metric) = MetricId::parse(&name) {
            draft.set_metric(metric);
        }
    };
    let comparison = derive(move || match draft.comparison.get() {
        Comparison::Above => "above".to_string(),
        Comparison::Below => "below".to_string(),
    });
    let set_comparison = move |word: String| {
        let above = word == "above";
        draft
            .comparison
            .set(if above { Comparison::Above } else { Comparison::Below });
        swap_if_crossed(draft);
    };
    let sides = vec![("above".into(), "above".into()), ("below".into(), "below".into())];
    let disabled = draft.is_fixed();
    let meaning = move || draft.metric.get().def().meaning;
    view! {
        <fieldset class="condition">
            <legend>"When"</legend>
            <Labelled id="rule-metric" label="Value" required=true problem=None class="wide">
                <Select id="rule-metric" options=metric_options(draft) value=metric changed=set_metric disabled />
                <p class="field-help">{meaning}</p>
            </Labelled>
            <Labelled id="rule-comparison" label="is" required=true problem=None>
                <Select id="rule-comparison" options=sides value=comparison changed=set_comparison disabled />
            </Labelled>
            <ThresholdInput
                draft
                field="fire"
                label="Fire at"
                help="Arrow keys move the line."
                value=draft.fire
                set=move |value| draft.set_fire(value)
            />
            <Wait draft field="for_seconds" label="for" help="It must hold this long." value=draft.for_text />
            <ThresholdInput
                draft
                field="clear"
                label="Clear at"
                help="It must come back to here before it clears."
                value=draft.clear
                set=move |value| draft.set_clear(value)
            />
            <Wait draft field="keep_firing_seconds" label="and stay for" help="Before it ends." value=draft.keep_text />
        </fieldset>
    }
    .into_any()
}

/// A threshold pair made for the other side is turned round.
fn swap_if_crossed(draft: Draft) {
    let read = |text: RwSignal<String>| crate::forms::number::read(&text.get_untracked());
    let (Some(fire), Some(clear)) = (read(draft.fire), read(draft.clear)) else {
        return;
    };
    let crossed = match draft.comparison.get_untracked() {
        Comparison::Above => clear > fire,
        Comparison::Below => clear < fire,
    };
    if crossed {
        let (fire, clear) = (draft.fire.get_untracked(), draft.clear.get_untracked());
        draft.fire.set(clear);
        draft.clear.set(fire);
    }
}

fn metric_options(draft: Draft) -> Vec<(String, String)> {
    let own = draft.metrics.get_value();
    let present = draft.metric.get_untracked();
    let offered = metrics::all().filter(|def| own.is_empty() || own.contains(&def.id) || def.id == present);
    let option = |def: &brokerscope_contract::MetricDef| {
        let name = def.id.name();
        let system = match name.split_once('_') {
            Some(("kafka", _)) => "Kafka: ",
            Some(("rabbitmq", _)) => "RabbitMQ: ",
            _ => "",
        };
        (name.to_string(), format!("{system}{}", def.label))
    };
    offered.map(option).collect()
}

#[component]
fn Wait(
    draft: Draft,
    field: &'static str,
    label: &'static str,
    help: &'static str,
    value: RwSignal<String>,
) -> impl IntoView {
    let problem = derive(move || {
        let unread = || {
            draft
                .rule()
                .err()?
                .into_iter()
                .find(|problem: &FieldProblem| problem.field == field)
        };
        draft.problems.of(field).or_else(unread)
    });
    let changed = move |text: String| {
        draft.problems.forget(field);
        value.set(text);
    };
    let id = format!("rule-{field}");
    view! {
        <Labelled id=id.clone() label help problem>
            <TextInput id value changed problem placeholder="at once" readonly=draft.is_fixed() />
        </Labelled>
    }
}

/// How bad it is, what it is called, whether it is on.
#[component]
fn Meaning(draft: Draft) -> impl IntoView {
    let severity = |severity: Severity, words: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="severity"
                    prop:checked=derive(move || draft.severity.get() == severity)
                    on:change=move |_| draft.severity.set(severity)
                    disabled=draft.is_fixed()
                />
                {words}
            </label>
        }
    };
    let problem = derive(move || draft.problems.of("name"));
    let suggestion = derive(move || draft.suggested_name());
    let changed = move |text: String| {
        draft.problems.forget("name");
        draft.name.set(text);
    };
    view! {
        <fieldset class="meaning">
            <legend>"Then it is"</legend>
            <span class="radios">
                {severity(Severity::Warning, "Warning")} {severity(Severity::Critical, "Critical")}
            </span>
            <Labelled id="rule-name" label="Name of the rule" problem class="wide">
                <TextInput id="rule-name" value=draft.name changed problem placeholder=suggestion readonly=draft.is_fixed() />
            </Labelled>
            <Switch
                id="rule-enabled"
                label="The rule is on"
                on=draft.enabled
                changed=move |on| draft.enabled.set(on)
                disabled=draft.is_fixed()
            />
        </fieldset>
    }
    .into_any()
}

#[component]
fn Actions(draft: Draft, busy: RwSignal<bool>) -> impl IntoView {
    let save = (!draft.is_fixed()).then(|| {
        view! {
            <button type="submit" class=Look::Main.class() aria-busy=derive(move || busy.get().then_some("true"))>
                "Save rule"
            </button>
        }
    });
    view! {
        {redrawn(move || draft.problems.summary().map(|text| view! { <p class="field-error">{text}</p> }).into_any())}
        <div class="actions form-actions">
            {save}
            <a class="btn quiet" href=Route::Alerts.path()>"Cancel"</a>
        </div>
    }
}

fn warn_when_leaving(draft: Draft, address: Address) {
    let stay = "The rule is not saved. Leave all the same?";
    address.guard(Callback::new(move |()| {
        !draft.is_dirty() || window().confirm_with_message(stay).unwrap_or(true)
    }));
    let closing = window_event_listener(ev::beforeunload, move |event| {
        if draft.is_dirty() {
            event.prevent_default();
        }
    });
    on_cleanup(move || closing.remove());
}

async fn save(draft: Draft, error: RwSignal<Option<ApiError>>, busy: RwSignal<bool>, address: Address) {
    let Ok(rule) = untrack(|| draft.rule()) else {
        // What cannot be read is marked already.
        draft.problems.focus_first();
        return;
    };
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let outcome = match rule.id.0 {
        0 => api::rules::create(&rule).await,
        _ => api::rules::update(&rule).await,
    };
    if busy.try_set(false).is_some() {
        return;
    }
    match outcome {
        Ok(_) => {
            draft.saved();
            address.go(&Route::Alerts.path());
        }
        Err(refusal) => {
            let at_fields = draft.problems.take(&refusal);
            if at_fields {
                draft.problems.focus_first();
            }
            error.set(Some(refusal).filter(|_| !at_fields));
        }
    }
}
