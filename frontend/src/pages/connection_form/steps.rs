//! The steps of a test as a checklist: mark, what was tried, what was seen, what to do, how long it took.

use brokerscope_contract::{ProbeStep, Status, StepOutcome};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::components::{StatusMark, prose};
use crate::reactive::when;

#[component]
pub fn Steps(steps: RwSignal<Vec<ProbeStep>>, #[prop(into)] running: Signal<bool>) -> impl IntoView {
    let numbered = move || steps.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <ol class="steps" aria-live="polite">
            <For each=numbered key=|(at, step)| (*at, step.title.clone()) children=|(_, step)| one(step) />
            {when(move || running.get(), move || view! {
                <li class="step waiting" aria-hidden="true">
                    <span class="spinner"></span>
                </li>
            }.into_any())}
        </ol>
    }
}

fn one(step: ProbeStep) -> impl IntoView {
    let skipped = step.outcome == StepOutcome::Skipped;
    // Measured in whole milliseconds, so none is less than one.
    let seconds = (step.millis as f64).max(0.4) / 1000.0;
    let took = (!skipped).then(|| format::duration(seconds));
    view! {
        <li class="step" class:skipped=skipped>
            <StatusMark status=status(step.outcome) />
            <div>
                <p class="what">
                    <b>{step.title}</b>
                    <span class="vh">{word(step.outcome)}</span>
                    <small class="num">{took}</small>
                </p>
                {(!step.detail.is_empty()).then(|| view! { <p>{prose(&step.detail)}</p> })}
                {step.remedy.map(|remedy| view! { <p class="remedy">{prose(&remedy)}</p> })}
            </div>
        </li>
    }
}

fn status(outcome: StepOutcome) -> Status {
    match outcome {
        StepOutcome::Passed => Status::Ok,
        StepOutcome::Limited => Status::Warning,
        StepOutcome::Failed => Status::Critical,
        StepOutcome::Skipped => Status::Unknown,
    }
}

fn word(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Passed => ": passed",
        StepOutcome::Limited => ": works with limits",
        StepOutcome::Failed => ": failed",
        StepOutcome::Skipped => ": not tried",
    }
}
