//! What the rule would have done: asked for shortly after the last change, the last answer shown meanwhile.

use std::sync::Arc;
use std::time::Duration;

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::rules::{Preview, PreviewRequest};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::suggest;
use crate::api::{self, ApiError};
use crate::forms::number;
use crate::reactive::{effect, memo};
use crate::state::clock;

/// Typing and dragging go on this long before the server is asked.
const QUIET: Duration = Duration::from_millis(300);
/// Steps asked for: about twice the pixels of the chart.
const POINTS: usize = 1_000;

#[derive(Debug, Clone, Copy)]
pub struct Previewed {
    pub answer: RwSignal<Option<Arc<Preview>>>,
    pub error: RwSignal<Option<ApiError>>,
    /// From and to of the answer, in milliseconds.
    pub window: RwSignal<(i64, i64)>,
    turn: StoredValue<u32>,
}

impl Previewed {
    /// Follows the draft and the length of the past, in milliseconds.
    pub fn of(draft: Draft, past: Memo<i64>) -> Previewed {
        let now = clock::now();
        let previewed = Previewed {
            answer: RwSignal::new(None),
            error: RwSignal::new(None),
            window: RwSignal::new((now - past.get_untracked(), now)),
            turn: StoredValue::new(0),
        };
        let rule = memo(move || draft.rule().ok());
        effect(move || {
            let (rule, past) = (rule.get(), past.get());
            previewed.turn.update_value(|turn| *turn += 1);
            let turn = previewed.turn.get_value();
            let Some(rule) = rule else { return };
            let to = clock::now();
            let request = PreviewRequest {
                rule,
                from: Timestamp(to - past),
                to: Timestamp(to),
                points: Some(POINTS),
            };
            spawn_local(async move {
                sleep(QUIET).await;
                if previewed.is_present(turn) {
                    let outcome = api::rules::preview(&request).await;
                    if previewed.is_present(turn) {
                        previewed.take(draft, &request, outcome);
                    }
                }
            });
        });
        previewed
    }

    fn is_present(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    fn take(self, draft: Draft, request: &PreviewRequest, outcome: Result<Preview, ApiError>) {
        match outcome {
            Ok(preview) => {
                if draft.guess_due.get_untracked() {
                    guess(draft, &preview);
                }
                self.window.set((request.from.0, request.to.0));
                self.answer.set(Some(Arc::new(preview)));
                self.error.set(None);
            }
            Err(error) => {
                // What is wrong with a field is said there.
                let at_fields = draft.problems.take(&error);
                self.error.set(Some(error).filter(|_| !at_fields));
            }
        }
    }
}

/// Thresholds that suit the stored past, as long as nobody has chosen any.
fn guess(draft: Draft, preview: &Preview) {
    let values = preview.entities.iter().flat_map(|entity| {
        let line = &entity.line;
        [&line.values, &line.min, &line.max]
            .into_iter()
            .flatten()
            .flatten()
            .copied()
    });
    let Some((low, high)) = brokerscope_figures::scale::extent(values) else {
        return;
    };
    let unit = draft.metric.get_untracked().def().unit;
    let guess = suggest::from_past(low, high, draft.comparison.get_untracked(), unit);
    draft.guess_due.set(false);
    if let Some((fire, clear)) = guess {
        draft.fire.set(number::typed(fire));
        draft.clear.set(number::typed(clear));
        draft.saved();
    }
}
