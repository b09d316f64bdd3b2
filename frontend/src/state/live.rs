//! The live stream: it says which connection has news, and whoever shows that connection asks again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use brokerscope_contract::ConnectionId;
use brokerscope_contract::api::events::Event;
use brokerscope_contract::api::path;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::state::clock;

/// The browser tries again by itself while a stream is only interrupted; after a refusal we do, this often.
const RETRY: Duration = Duration::from_secs(3);
/// How long a tab may be out of sight before it gives its stream back: browsers allow six per server.
const HIDDEN_GRACE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    Connecting,
    Open,
    /// No stream since this moment, in milliseconds.
    Lost(i64),
}

/// Counters that move when something changed; reading one inside an effect or memo follows it.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    link: RwSignal<Link>,
    paused: RwSignal<bool>,
    any: RwSignal<u64>,
    connections: RwSignal<u64>,
    alerts: RwSignal<u64>,
    firing: RwSignal<Option<usize>>,
    by_connection: StoredValue<HashMap<ConnectionId, ArcRwSignal<u64>>>,
}

/// The live stream; provided by the application.
pub fn use_live() -> Live {
    expect_context()
}

struct Stream {
    source: EventSource,
    _on_open: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
    _on_change: Closure<dyn FnMut(MessageEvent)>,
}

thread_local! {
    static STREAM: RefCell<Option<Stream>> = const { RefCell::new(None) };
}

impl Live {
    pub fn start() -> Live {
        let live = Live {
            link: RwSignal::new(Link::Connecting),
            paused: RwSignal::new(false),
            any: RwSignal::new(0),
            connections: RwSignal::new(0),
            alerts: RwSignal::new(0),
            firing: RwSignal::new(None),
            by_connection: StoredValue::default(),
        };
        live.open();
        window_event_listener(ev::visibilitychange, move |_| live.visibility_changed());
        // A page that is left is kept for the way back, and would keep its stream with it: after six of them the
        // seventh gets no answer until one is dropped.
        window_event_listener(ev::pagehide, |_| close());
        window_event_listener(ev::pageshow, move |_| live.shown_again());
        live
    }

    pub fn link(self) -> Link {
        self.link.get()
    }

    /// Paused by a person: the stream stays open and nothing is drawn anew.
    pub fn paused(self) -> bool {
        self.paused.get()
    }

    pub fn set_paused(self, paused: bool) {
        self.paused.set(paused);
        if !paused {
            self.everything_changed();
        }
    }

    /// Follows every change of any connection.
    pub fn follow_all(self) {
        self.any.track();
    }

    /// Follows one connection's visits.
    pub fn follow(self, connection: ConnectionId) {
        let mut signal = self.by_connection.with_value(|map| map.get(&connection).cloned());
        if signal.is_none() {
            let fresh = ArcRwSignal::new(0);
            self.by_connection.update_value(|map| {
                map.insert(connection, fresh.clone());
            });
            signal = Some(fresh);
        }
        if let Some(signal) = signal {
            signal.track();
        }
    }

    /// Follows connections being added, changed, paused and removed.
    pub fn follow_connections(self) {
        self.connections.track();
    }

    /// Follows alerts and rules.
    pub fn follow_alerts(self) {
        self.alerts.track();
    }

    /// How many alerts fire, as far as the stream has said; tracked.
    pub fn firing(self) -> Option<usize> {
        self.firing.get()
    }

    /// The number of firing alerts from another answer, such as the overview.
    pub fn learn_firing(self, firing: usize) {
        if self.firing.get_untracked() != Some(firing) {
            self.firing.set(Some(firing));
        }
    }

    /// Makes every follower ask again.
    pub fn everything_changed(self) {
        for signal in [self.any, self.connections, self.alerts] {
            bump(signal);
        }
        let all: Vec<_> = self.by_connection.with_value(|map| map.values().cloned().collect());
        for signal in all {
            signal.update(|count| *count += 1);
        }
    }

    fn hear(self, event: Event) {
        if let Event::Alerts { firing } = event {
            self.learn_firing(firing);
        }
        if self.paused.get_untracked() || document().hidden() {
            return;
        }
        bump(self.any);
        match event {
            Event::Revision { connection, .. } => {
                let signal = self.by_connection.with_value(|map| map.get(&connection).cloned());
                if let Some(signal) = signal {
                    signal.update(|count| *count += 1);
                }
            }
            Event::Connections => bump(self.connections),
            Event::Alerts { .. } => bump(self.alerts),
        }
    }

    fn open(self) {
        let Ok(source) = EventSource::new(path::EVENTS) else {
            return;
        };
        let on_open = Closure::<dyn FnMut()>::new(move || {
            let news = matches!(self.link.get_untracked(), Link::Lost(_));
            self.link.set(Link::Open);
            if news {
                self.everything_changed();
            }
        });
        let on_error = Closure::<dyn FnMut()>::new(move || self.lost());
        let on_change = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let text = message.data().as_string().unwrap_or_default();
            if let Ok(event) = serde_json::from_str(&text) {
                self.hear(event);
            }
        });
        source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let _ = source.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref());
        let stream = Stream {
            source,
            _on_open: on_open,
            _on_error: on_error,
            _on_change: on_change,
        };
        STREAM.set(Some(stream));
    }

    fn lost(self) {
        if !matches!(self.link.get_untracked(), Link::Lost(_)) {
            self.link.set(Link::Lost(clock::now()));
        }
        let closed = STREAM.with_borrow(|stream| {
            stream
                .as_ref()
                .is_none_or(|stream| stream.source.ready_state() == EventSource::CLOSED)
        });
        if closed {
            set_timeout(
                move || {
                    close();
                    self.open();
                },
                RETRY,
            );
        }
    }

    fn visibility_changed(self) {
        if document().hidden() {
            set_timeout(
                move || {
                    if document().hidden() {
                        close();
                    }
                },
                HIDDEN_GRACE,
            );
        } else {
            if STREAM.with_borrow(Option::is_none) {
                self.open();
            }
            if !self.paused.get_untracked() {
                self.everything_changed();
            }
        }
    }

    /// The page was left, and is back as it was.
    fn shown_again(self) {
        if STREAM.with_borrow(Option::is_none) {
            self.open();
            self.everything_changed();
        }
    }
}

fn close() {
    if let Some(stream) = STREAM.take() {
        stream.source.close();
    }
}

fn bump(signal: RwSignal<u64>) {
    signal.update(|count| *count += 1);
}
