//! The name of what the present page shows, such as a queue's, for the window's title.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy)]
pub struct PageName(RwSignal<Option<String>>);

impl PageName {
    pub fn start() -> PageName {
        PageName(RwSignal::new(None))
    }

    /// The name that the page gave itself; tracked.
    pub fn get(self) -> Option<String> {
        self.0.get()
    }
}

/// Names the present page; forgotten when the calling component ends.
pub fn name_page(name: String) {
    if let Some(PageName(present)) = use_context() {
        present.set(Some(name));
        on_cleanup(move || {
            present.try_set(None);
        });
    }
}
