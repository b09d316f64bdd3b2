//! Tells every open page that something changed.

use brokerscope_contract::api::events::Event;
use tokio::sync::broadcast;

/// How many events a slow page may be behind before it is told to ask for everything again.
const BACKLOG: usize = 256;

/// The sending side; clones send to the same pages.
#[derive(Debug, Clone)]
pub struct Events(broadcast::Sender<Event>);

impl Events {
    pub fn new() -> Events {
        Events(broadcast::Sender::new(BACKLOG))
    }

    pub fn send(&self, event: Event) {
        // Fails only when no page is open, and then nobody needs to know.
        let _ = self.0.send(event);
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}

impl Default for Events {
    fn default() -> Events {
        Events::new()
    }
}
