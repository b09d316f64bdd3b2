//! Data from the server that is never blank once it was there: the last answer is drawn first, then replaced.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{ApiError, http};
use crate::state::clock;

/// Never ask more often than this, and never spend more than a quarter of the time asking.
const LEAST_GAP_MILLIS: i64 = 1_000;
/// Answers remembered for the way back to a page.
const REMEMBERED: usize = 48;

/// An answer of any type, and when it arrived, in milliseconds.
type Answer = (Arc<dyn Any + Send + Sync>, i64);

thread_local! {
    static ANSWERS: RefCell<HashMap<String, Answer>> = RefCell::default();
}

/// The last answer to a path that may change, and what went wrong since.
#[derive(Debug)]
pub struct Fetched<T: Send + Sync + 'static> {
    /// Whether answers are kept for the way back to the page.
    remembered: bool,
    data: RwSignal<Option<Arc<T>>>,
    error: RwSignal<Option<ApiError>>,
    /// The path that `data` answers.
    answered: RwSignal<Option<String>>,
    /// When `data` arrived, in milliseconds.
    at: RwSignal<Option<i64>>,
    wanted: Memo<Option<String>>,
    state: StoredValue<State>,
}

impl<T: Send + Sync + 'static> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Fetched<T> {}

#[derive(Debug, Default)]
struct State {
    /// The path being asked for.
    asking: Option<String>,
    /// Something changed while asking: ask once more.
    again: bool,
    /// Answers to older questions are dropped.
    turn: u64,
}

/// Fetches `path()` now, whenever it changes, and whenever something that `follow` reads changes.
/// With `None` nothing is fetched. `follow` usually calls one of the follow methods of [`crate::state::Live`].
pub fn fetched<T>(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    follow: impl Fn() + Send + Sync + 'static,
) -> Fetched<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    start(path, follow, true)
}

/// The same for paths that never come back, such as those with the present moment in them: nothing is remembered.
pub fn fetched_moving<T>(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    follow: impl Fn() + Send + Sync + 'static,
) -> Fetched<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    start(path, follow, false)
}

fn start<T>(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    follow: impl Fn() + Send + Sync + 'static,
    remembered: bool,
) -> Fetched<T>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let fetched = Fetched {
        remembered,
        data: RwSignal::new(None),
        error: RwSignal::new(None),
        answered: RwSignal::new(None),
        at: RwSignal::new(None),
        wanted: Memo::new(move |_| path()),
        state: StoredValue::default(),
    };
    fetched.recall(fetched.wanted.get_untracked());
    Effect::new(move |_| {
        follow();
        fetched.ask(fetched.wanted.get());
    });
    fetched
}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// The last answer, tracked; also while a newer one is on its way.
    pub fn get(self) -> Option<Arc<T>> {
        self.data.get()
    }

    pub fn get_untracked(self) -> Option<Arc<T>> {
        self.data.get_untracked()
    }

    /// What went wrong the last time, until it works again.
    pub fn error(self) -> Option<ApiError> {
        self.error.get()
    }

    /// True when the shown answer belongs to another path than the one wanted now.
    pub fn is_outdated(self) -> bool {
        self.answered.get() != self.wanted.get()
    }

    /// When the shown answer arrived, in milliseconds.
    pub fn at(self) -> Option<i64> {
        self.at.get()
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Fetched<T> {
    /// Asks again now, for instance after a change was saved.
    pub fn refresh(self) {
        self.ask(self.wanted.get_untracked());
    }

    fn ask(self, path: Option<String>) {
        let Some(path) = path else { return };
        let asking_it_already = self.state.with_value(|state| state.asking.as_ref() == Some(&path));
        if asking_it_already {
            self.state.update_value(|state| state.again = true);
            return;
        }
        self.recall(Some(path.clone()));
        let turn = self.begin(&path);
        spawn_local(async move { self.run(path, turn).await });
    }

    fn begin(self, path: &str) -> u64 {
        let mut turn = 0;
        self.state.update_value(|state| {
            state.turn += 1;
            state.asking = Some(path.to_string());
            state.again = false;
            turn = state.turn;
        });
        turn
    }

    async fn run(self, path: String, turn: u64) {
        loop {
            let asked_at = clock::now();
            let answer = http::get::<T>(&path).await;
            // The page may have gone, or asked for something else meanwhile.
            if self.state.try_with_value(|state| state.turn) != Some(turn) {
                return;
            }
            self.take(&path, answer);
            let took = clock::now() - asked_at;
            let gap = LEAST_GAP_MILLIS.max(took * 3);
            sleep(Duration::from_millis(gap.unsigned_abs())).await;
            let go_on = self.state.try_update_value(|state| {
                let go_on = state.turn == turn && state.again;
                state.again = false;
                if state.turn == turn && !go_on {
                    state.asking = None;
                }
                go_on
            });
            if go_on != Some(true) {
                return;
            }
        }
    }

    fn take(self, path: &str, answer: Result<T, ApiError>) {
        match answer {
            Ok(data) => {
                let data = Arc::new(data);
                if self.remembered {
                    remember(path, data.clone());
                }
                self.show(path.to_string(), data, clock::now());
                self.error.try_set(None);
            }
            Err(error) => {
                self.error.try_set(Some(error));
            }
        }
    }

    fn recall(self, path: Option<String>) {
        let Some(path) = path else { return };
        if self
            .answered
            .with_untracked(|answered| answered.as_ref() == Some(&path))
        {
            return;
        }
        let known = ANSWERS.with_borrow(|answers| answers.get(&path).cloned());
        if let Some((data, at)) = known
            && let Ok(data) = data.downcast::<T>()
        {
            self.show(path, data, at);
        }
    }

    fn show(self, path: String, data: Arc<T>, at: i64) {
        self.at.try_set(Some(at));
        self.answered.try_set(Some(path));
        self.data.try_set(Some(data));
    }
}

fn remember<T: Send + Sync + 'static>(path: &str, data: Arc<T>) {
    let now = clock::now();
    ANSWERS.with_borrow_mut(|answers| {
        if answers.len() >= REMEMBERED && !answers.contains_key(path) {
            let oldest = answers
                .iter()
                .min_by_key(|(_, (_, at))| *at)
                .map(|(path, _)| path.clone());
            if let Some(oldest) = oldest {
                answers.remove(&oldest);
            }
        }
        answers.insert(path.to_string(), (data, now));
    });
}
