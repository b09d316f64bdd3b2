//! "Test the connection": the steps appear as they end, and the rest of the form stays usable.

use std::time::Duration;

use brokerscope_contract::{ProbeStep, StepOutcome};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::steps::Steps;
use crate::api::{self, ApiError};
use crate::components::{Button, Look};
use crate::reactive::{derive, memo, redrawn};

/// How soon "Stop" takes effect.
const STOP_LATENCY: Duration = Duration::from_millis(100);

/// One test after the other of what the form says at that moment.
#[derive(Debug, Clone, Copy)]
pub struct Test {
    draft: Draft,
    /// Problems with the input, shown beside the form.
    error: RwSignal<Option<ApiError>>,
    steps: RwSignal<Vec<ProbeStep>>,
    state: RwSignal<State>,
    /// Counts the tests: what comes from an earlier one is dropped.
    turn: StoredValue<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NotTried,
    Running,
    Stopped,
    Done,
}

impl Test {
    pub fn new(draft: Draft, error: RwSignal<Option<ApiError>>) -> Test {
        Test {
            draft,
            error,
            steps: RwSignal::default(),
            state: RwSignal::new(State::NotTried),
            turn: StoredValue::new(0),
        }
    }

    pub fn start(self) {
        let Some(request) = self.draft.request() else { return };
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.draft.problems.clear();
        self.error.set(None);
        self.steps.set(Vec::new());
        self.state.set(State::Running);
        spawn_local(async move {
            let is_present = move || self.turn.try_get_value() == Some(turn);
            let stopped = async move {
                while is_present() && self.state.try_get_untracked() == Some(State::Running) {
                    sleep(STOP_LATENCY).await;
                }
            };
            let take = move |step| {
                if is_present() {
                    self.steps.update(|steps| steps.push(step));
                }
            };
            let outcome = api::connections::test(&request, stopped, take).await;
            if is_present() {
                self.end(outcome);
            }
        });
    }

    fn end(self, outcome: Result<(), ApiError>) {
        if self.state.get_untracked() == State::Running {
            self.state.set(State::Done);
        }
        if let Err(error) = outcome {
            self.state.set(State::NotTried);
            let at_fields = self.draft.problems.take(&error);
            if at_fields {
                self.draft.problems.focus_first();
            }
            self.error.set(Some(error).filter(|_| !at_fields));
        }
    }

    /// What came of it, in one sentence.
    fn summary(self) -> String {
        let count = |outcome| {
            self.steps
                .with(|steps| steps.iter().filter(|step| step.outcome == outcome).count())
        };
        let failed = self.steps.with(|steps| {
            let first = steps.iter().find(|step| step.outcome == StepOutcome::Failed);
            first.map(|step| step.title.clone())
        });
        match (self.state.get(), failed, count(StepOutcome::Limited)) {
            (State::NotTried, ..) => {
                "Every step on the way to the broker, one by one: name lookup, TCP, TLS, login, permissions.".into()
            }
            (State::Running, ..) => "Testing…".into(),
            (State::Stopped, ..) => "Stopped.".into(),
            (State::Done, Some(title), _) => format!("It does not work yet: {title}."),
            (State::Done, None, 0) => "Everything works.".into(),
            (State::Done, None, n) => format!("It works, with {n} limitation{}.", if n == 1 { "" } else { "s" }),
        }
    }
}

#[component]
pub fn TestPanel(test: Test) -> impl IntoView {
    let running = memo(move || test.state.get() == State::Running);
    view! {
        <aside class="card test-panel" aria-label="Test of the connection">
            <header>
                <h2>"Test the connection"</h2>
                {redrawn(move || if running.get() {
                    view! { <Button look=Look::Quiet press=move |()| test.state.set(State::Stopped)>"Stop"</Button> }
                        .into_any()
                } else {
                    view! { <Button press=move |()| test.start()>"Test"</Button> }.into_any()
                })}
            </header>
            <p class="sub" role="status">{derive(move || test.summary())}</p>
            <Steps steps=test.steps running />
        </aside>
    }
}
