//! A threshold as a number: typed, or stepped with the arrow keys while the line on the chart follows.

use brokerscope_contract::FieldProblem;
use brokerscope_contract::{MetricKind, Unit};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::draft::Draft;
use crate::forms::{Labelled, TextInput, number};
use crate::reactive::{derive, memo};

/// Ten steps with Shift.
const LARGE: f64 = 10.0;

#[component]
pub fn ThresholdInput(
    draft: Draft,
    /// The rule's field: `fire` or `clear`.
    field: &'static str,
    #[prop(into)] label: String,
    help: &'static str,
    value: RwSignal<String>,
    /// Sets it as a number, from the keyboard's steps.
    #[prop(into)]
    set: Callback<f64>,
) -> impl IntoView {
    let problem = derive(move || draft.problems.of(field).or_else(|| unreadable(draft, field)));
    let changed = move |text: String| {
        draft.touched();
        value.set(text);
    };
    let key = move |event: KeyboardEvent| {
        let direction = match event.key().as_str() {
            "ArrowUp" => 1.0,
            "ArrowDown" => -1.0,
            _ => return,
        };
        if let Some(now) = number::read(&value.get_untracked()).filter(|_| !draft.is_fixed()) {
            event.prevent_default();
            let by = number::step(now) * if event.shift_key() { LARGE } else { 1.0 };
            set.run(number::rounded((now + direction * by).max(0.0), 4));
        }
    };
    let unit = memo(move || unit_words(draft));
    let id = format!("rule-{field}");
    view! {
        <Labelled id=id.clone() label help required=true problem>
            <div class="with-unit" on:keydown=key>
                <TextInput id value changed problem keyboard="decimal" readonly=draft.is_fixed() />
                <span>{unit}</span>
            </div>
        </Labelled>
    }
}

/// What is wrong with what is typed, before the server is asked.
fn unreadable(draft: Draft, field: &str) -> Option<FieldProblem> {
    let problems = draft.rule().err()?;
    problems.into_iter().find(|problem| problem.field == field)
}

fn unit_words(draft: Draft) -> &'static str {
    let def = draft.metric.get().def();
    match (def.kind, def.unit) {
        (MetricKind::Counter, Unit::Messages) => "messages/s",
        (MetricKind::Counter, Unit::Bytes) => "bytes/s",
        (MetricKind::Counter, _) => "per second",
        (_, Unit::Messages) => "messages",
        (_, Unit::Bytes) => "bytes",
        (_, Unit::Seconds) => "seconds",
        (_, Unit::Ratio) => "0 to 1",
        (_, Unit::Count | Unit::Offset) => "",
    }
}
