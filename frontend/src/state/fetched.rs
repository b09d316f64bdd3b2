//! Data from the server that is never blank once it was there: the last answer is drawn first, then replaced.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{ApiError, http};
use crate::reactive::{effect, memo};
use crate::state::clock;

/// Never ask more often than this, and never spend more than a quarter of the time asking.
const LEAST_GAP_MILLIS: f64 = 1_000.0;
/// A machine that slept while it asked, or whose clock was put right, has not taken as long as it seems.
const LONGEST_GAP_MILLIS: f64 = 30_000.0;
/// Answers remembered for the way back to a page.
const REMEMBERED: usize = 48;

/// An answer of any type: this machinery is compiled once, not once per type.
type Data = Arc<dyn Any + Send + Sync>;

thread_local! {
    /// Answers by their path, and when they arrived, in milliseconds.
    static ANSWERS: RefCell<HashMap<String, (Data, i64)>> = RefCell::default();
}

/// The last answer to a path that may change, and what went wrong since.
#[derive(Debug)]
pub struct Fetched<T> {
    asker: Asker,
    answers: PhantomData<fn() -> T>,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

/// Fetches `path()` now, whenever it changes, and whenever something that `follow` reads changes.
/// With `None` nothing is fetched. `follow` usually calls one of the follow methods of [`crate::state::Live`].
pub fn fetched<T: DeserializeOwned + Send + Sync + 'static>(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    follow: impl Fn() + Send + Sync + 'static,
) -> Fetched<T> {
    Fetched {
        asker: Asker::start(Box::new(path), Box::new(follow), read::<T>, true),
        answers: PhantomData,
    }
}

/// The same for paths that never come back, such as those with the present moment in them: nothing is remembered.
pub fn fetched_moving<T: DeserializeOwned + Send + Sync + 'static>(
    path: impl Fn() -> Option<String> + Send + Sync + 'static,
    follow: impl Fn() + Send + Sync + 'static,
) -> Fetched<T> {
    Fetched {
        asker: Asker::start(Box::new(path), Box::new(follow), read::<T>, false),
        answers: PhantomData,
    }
}

fn read<T: DeserializeOwned + Send + Sync + 'static>(text: &str) -> Result<Data, ApiError> {
    http::read::<T>(text).map(|data| Arc::new(data) as Data)
}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// The last answer, tracked; also while a newer one is on its way.
    pub fn get(self) -> Option<Arc<T>> {
        self.asker.data.get().and_then(|data| data.downcast().ok())
    }

    pub fn get_untracked(self) -> Option<Arc<T>> {
        self.asker.data.get_untracked().and_then(|data| data.downcast().ok())
    }

    /// What went wrong the last time, until it works again.
    pub fn error(self) -> Option<ApiError> {
        self.asker.error.get()
    }

    /// True when the shown answer belongs to another path than the one wanted now.
    pub fn is_outdated(self) -> bool {
        self.asker.answered.get() != self.asker.wanted.get()
    }

    /// When the shown answer arrived, in milliseconds.
    pub fn at(self) -> Option<i64> {
        self.asker.at.get()
    }

    /// Asks again now, for instance after a change was saved.
    pub fn refresh(self) {
        // Whoever waited for an answer may come back to a page that was left.
        if let Some(wanted) = self.asker.wanted.try_get_untracked() {
            self.asker.ask(wanted);
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Asker {
    /// Whether answers are kept for the way back to the page.
    remembers: bool,
    read: fn(&str) -> Result<Data, ApiError>,
    data: RwSignal<Option<Data>>,
    error: RwSignal<Option<ApiError>>,
    /// The path that `data` answers.
    answered: RwSignal<Option<String>>,
    /// When `data` arrived, in milliseconds.
    at: RwSignal<Option<i64>>,
    wanted: Memo<Option<String>>,
    state: StoredValue<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The path being asked for.
    asking: Option<String>,
    /// Something changed while asking: ask once more.
    again: bool,
    /// Answers to older questions are dropped.
    turn: u64,
}

impl Asker {
    fn start(
        path: Box<dyn Fn() -> Option<String> + Send + Sync>,
        follow: Box<dyn Fn() + Send + Sync>,
        read: fn(&str) -> Result<Data, ApiError>,
        remembers: bool,
    ) -> Asker {
        let asker = Asker {
            remembers,
            read,
            data: RwSignal::new(None),
            error: RwSignal::new(None),
            answered: RwSignal::new(None),
            at: RwSignal::new(None),
            wanted: memo(path),
            state: StoredValue::default(),
        };
        asker.recall(asker.wanted.get_untracked());
        effect(move || {
            follow();
            asker.ask(asker.wanted.get());
        });
        asker
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
            let asked_at = clock::own();
            let answer = http::get_text(&path).await;
            // The page may have gone, or asked for something else meanwhile.
            if self.state.try_with_value(|state| state.turn) != Some(turn) {
                return;
            }
            self.take(&path, answer.and_then(|text| (self.read)(&text)));
            let took = clock::own() - asked_at;
            let gap = (took * 3.0).clamp(LEAST_GAP_MILLIS, LONGEST_GAP_MILLIS);
            sleep(Duration::from_millis(gap as u64)).await;
            if !self.goes_on(turn) {
                return;
            }
        }
    }

    fn goes_on(self, turn: u64) -> bool {
        let going_on = self.state.try_update_value(|state| {
            let going_on = state.turn == turn && state.again;
            state.again = false;
            if state.turn == turn && !going_on {
                state.asking = None;
            }
            going_on
        });
        going_on == Some(true)
    }

    fn take(self, path: &str, answer: Result<Data, ApiError>) {
        match answer {
            Ok(data) => {
                if self.remembers {
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
        if let Some((data, at)) = known {
            self.show(path, data, at);
        }
    }

    fn show(self, path: String, data: Data, at: i64) {
        self.at.try_set(Some(at));
        self.answered.try_set(Some(path));
        self.data.try_set(Some(data));
    }
}

fn remember(path: &str, data: Data) {
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
