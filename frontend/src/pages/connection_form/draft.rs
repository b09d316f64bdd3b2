//! A connection while it is being written, and the request that it becomes.

use std::sync::Arc;

use brokerscope_contract::api::connections::{ConnectionRequest, ConnectionView, SystemView};
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, Field, System};
use leptos::prelude::*;

use crate::forms::{Entries, Problems};

#[derive(Debug, Clone, Copy)]
pub struct Draft {
    /// Set when a stored connection is being changed.
    pub id: Option<ConnectionId>,
    /// Not made on this page, and why: shown, not changed.
    pub fixed: Option<&'static str>,
    pub name: RwSignal<String>,
    pub system: RwSignal<Option<System>>,
    pub entries: RwSignal<Entries>,
    pub problems: Problems,
    pub systems: StoredValue<Arc<Vec<SystemView>>>,
    secrets_set: StoredValue<Vec<String>>,
    /// What it was when it was last saved or loaded.
    clean: StoredValue<(String, Entries)>,
}

fn why_fixed(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::File => Some("Declared in the configuration file: change it there. It can be tested here."),
        Origin::Demo => Some("The broker of the demo: it goes when the demo is switched off. It can be tested here."),
        Origin::Page | Origin::BuiltIn => None,
    }
}

impl Draft {
    pub fn of(stored: Option<&ConnectionView>, systems: Arc<Vec<SystemView>>) -> Draft {
        let system = stored.map(|stored| stored.system);
        let fields = fields_of(&systems, system);
        let entries = stored
            .map(|stored| Entries::of(&fields, &stored.settings))
            .unwrap_or_default();
        let name = stored.map(|stored| stored.name.clone()).unwrap_or_default();
        Draft {
            id: stored.map(|stored| stored.id),
            fixed: stored.and_then(|stored| why_fixed(stored.origin)),
            name: RwSignal::new(name.clone()),
            system: RwSignal::new(system),
            entries: RwSignal::new(entries.clone()),
            problems: Problems::none(),
            systems: StoredValue::new(systems),
            secrets_set: StoredValue::new(stored.map(|stored| stored.secrets_set.clone()).unwrap_or_default()),
            clean: StoredValue::new((name, entries)),
        }
    }

    /// The fields of the chosen system; tracked.
    pub fn fields(self) -> Vec<Field> {
        self.systems.with_value(|systems| fields_of(systems, self.system.get()))
    }

    pub fn has_stored_secret(self, key: &str) -> bool {
        self.secrets_set.with_value(|keys| keys.iter().any(|each| each == key))
    }

    /// Whether something was typed that is not saved.
    pub fn is_dirty(self) -> bool {
        let now = (self.name.get_untracked(), self.entries.get_untracked());
        self.clean.with_value(|clean| *clean != now)
    }

    pub fn saved(self) {
        let now = (self.name.get_untracked(), self.entries.get_untracked());
        self.clean.set_value(now);
    }

    /// What to send; nothing before a system is chosen.
    pub fn request(self) -> Option<ConnectionRequest> {
        let system = self.system.get_untracked()?;
        let fields = self.systems.with_value(|systems| fields_of(systems, Some(system)));
        Some(ConnectionRequest {
            id: self.id,
            name: self.name.get_untracked().trim().to_string(),
            system,
            settings: self.entries.with_untracked(|entries| entries.settings(&fields)),
        })
    }
}

fn fields_of(systems: &[SystemView], system: Option<System>) -> Vec<Field> {
    let view = systems.iter().find(|view| Some(view.system) == system);
    view.map(|view| view.fields.clone()).unwrap_or_default()
}
