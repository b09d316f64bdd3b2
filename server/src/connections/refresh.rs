//! After every change: the live view learns what is configured, and the runners what to visit.

use brokerscope_collectors::{Supervisor, Wanted};
use brokerscope_contract::api::events::Event;
use brokerscope_store::StoredConnection;

use super::error::ConnectionError;
use super::registry::Connections;
use super::sealing;
use crate::live::Known;
use crate::secrets::Vault;
use crate::settings;

impl Connections {
    pub(super) async fn refresh(&self, runners: &mut Option<Supervisor>) -> Result<(), ConnectionError> {
        let stored = self.store.connections().await?;
        let (known, wanted): (Vec<Known>, Vec<Option<Wanted>>) = stored
            .into_iter()
            .map(|connection| read(&self.vault, connection))
            .unzip();
        self.live.set_connections(known, self.clock.now());
        if let Some(runners) = runners {
            let mut wanted: Vec<Wanted> = wanted.into_iter().flatten().collect();
            for wanted in &mut wanted {
                let live = self.live.connection(wanted.connection);
                wanted.known_until = live.and_then(|live| live.read().visits.answered_at);
            }
            runners.apply(wanted);
        }
        self.events.send(Event::Connections);
        Ok(())
    }
}

/// What the live view is told about a stored connection, and the visits it asks for: none while it is paused or
/// its secrets cannot be opened.
fn read(vault: &Vault, stored: StoredConnection) -> (Known, Option<Wanted>) {
    let opened = sealing::open(vault, &stored.name, stored.sealed.as_deref());
    let trouble = opened.as_ref().err().map(|error| {
        tracing::error!(connection = stored.id.0, name = %stored.name, %error, "secrets cannot be used");
        let remedy = "Start with the key that was in use, or edit the connection and enter its secrets again.";
        (format!("Its stored secret {error}."), remedy.to_string())
    });
    let secrets = opened.unwrap_or_default();
    let known = Known {
        id: stored.id,
        name: stored.name.clone(),
        system: stored.system,
        origin: stored.origin,
        paused: stored.paused,
        settings: stored.settings.clone(),
        secrets_set: secrets.keys().cloned().collect(),
        trouble,
    };
    let visited = !stored.paused && known.trouble.is_none();
    let wanted = visited.then(|| Wanted {
        connection: stored.id,
        name: stored.name,
        system: stored.system,
        settings: settings::with_secrets(stored.settings, &secrets),
        interval: None,
        known_until: None,
    });
    (known, wanted)
}
