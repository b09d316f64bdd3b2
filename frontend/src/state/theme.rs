//! Light or dark: the system's wish until a person chooses, then remembered in the browser.

use leptos::prelude::*;

const KEY: &str = "brokerscope.theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Dark,
    Light,
}

impl Theme {
    fn slug(self) -> &'static str {
        match self {
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }

    pub fn other(self) -> Theme {
        match self {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Dark,
        }
    }
}

/// The theme in use.
#[derive(Debug, Clone, Copy)]
pub struct Themed(RwSignal<Theme>);

/// The theme; provided by the application.
pub fn use_theme() -> Themed {
    expect_context()
}

impl Themed {
    pub fn start() -> Themed {
        let themed = Themed(RwSignal::new(remembered().unwrap_or_else(wished)));
        themed.show();
        themed
    }

    pub fn get(self) -> Theme {
        self.0.get()
    }

    pub fn toggle(self) {
        self.0.update(|theme| *theme = theme.other());
        self.show();
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEY, self.0.get_untracked().slug());
        }
    }

    fn show(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", self.0.get_untracked().slug());
        }
    }
}

fn remembered() -> Option<Theme> {
    let slug = window().local_storage().ok()??.get_item(KEY).ok()??;
    [Theme::Dark, Theme::Light]
        .into_iter()
        .find(|theme| theme.slug() == slug)
}

fn wished() -> Theme {
    let light = window().match_media("(prefers-color-scheme: light)").ok().flatten();
    match light.is_some_and(|query| query.matches()) {
        true => Theme::Light,
        false => Theme::Dark,
    }
}
