//! Keeps a live table still while a person points at it or walks through it.

use crate::reactive::memo;
use leptos::prelude::*;

use crate::state::clock;

/// After this long without a movement the table goes on, in milliseconds.
const HELD_MILLIS: i64 = 15_000;

#[derive(Debug, Clone, Copy)]
pub struct Hold {
    until: RwSignal<i64>,
    held: Memo<bool>,
}

impl Hold {
    pub fn new() -> Hold {
        let until = RwSignal::new(0);
        Hold {
            until,
            held: memo(move || clock::ticking_now() < until.get()),
        }
    }

    /// A movement over the table, or a key inside it.
    pub fn touch(self) {
        let until = clock::now() + HELD_MILLIS;
        // Not on every pixel: only when it changes something that is seen.
        if until - self.until.get_untracked() > 1_000 {
            self.until.set(until);
        }
    }

    pub fn release(self) {
        self.until.set(0);
    }

    /// Tracked.
    pub fn is_held(self) -> bool {
        self.held.get()
    }
}
