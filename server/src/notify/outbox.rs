//! What the webhook's door and its sender share: the address, the messages on their way, and how the last try went.

use std::sync::{Mutex, MutexGuard, PoisonError};

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::webhook::Delivery;
use reqwest::Url;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::message::{Message, Told};
use super::queue::Queue;

/// Messages that wait for a receiver that is away.
const WAITING: usize = 500;

pub struct Outbox {
    state: Mutex<State>,
    /// A message was put into the queue.
    arrived: Notify,
    /// There is another address, for which no wait is due.
    moved: Notify,
}

pub struct State {
    pub url: Option<Url>,
    pub last: Option<Delivery>,
    pub told: Told,
    /// Where receivers reach this server.
    pub external_url: Option<String>,
    pub queue: Queue,
}

impl Outbox {
    pub fn new(url: Option<Url>, told: Told) -> Outbox {
        Outbox {
            state: Mutex::new(State {
                url,
                last: None,
                told,
                external_url: None,
                queue: Queue::new(WAITING),
            }),
            arrived: Notify::new(),
            moved: Notify::new(),
        }
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere while the lock was held leaves nothing half-done here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets or removes the address. What waits already goes to the new one.
    pub fn readdress(&self, url: Option<Url>) {
        let mut state = self.lock();
        state.url = url;
        state.last = None;
        // Only who rests now is woken: a new address is no reason to hurry at some later failure.
        self.moved.notify_waiters();
    }

    pub fn post(&self, message: Message) {
        let mut state = self.lock();
        for gone in state.queue.push(message) {
            tracing::warn!(
                message = %gone.text,
                "too many messages wait for the webhook; this one is dropped"
            );
        }
        self.arrived.notify_one();
    }

    /// The message that is due and where it goes, as soon as there is one. It stays the first until [`Outbox::passed`].
    pub async fn next(&self) -> (Url, Message) {
        loop {
            {
                let mut state = self.lock();
                match &state.url {
                    Some(url) => {
                        if let Some(message) = state.queue.first() {
                            return (url.clone(), message.clone());
                        }
                    }
                    None => state.queue.clear(),
                }
            }
            self.arrived.notified().await;
        }
    }

    /// Resolves when there is another address than when this was called.
    pub fn moved(&self) -> Notified<'_> {
        self.moved.notified()
    }

    /// The first message was delivered or refused.
    pub fn passed(&self, delivery: Delivery) {
        let mut state = self.lock();
        state.queue.pass();
        state.last = Some(delivery);
    }

    /// The first message could not be delivered and is tried again. Those from before `oldest` are given up; returns how
    /// many those were.
    pub fn failed(&self, delivery: Delivery, oldest: Timestamp) -> usize {
        let mut state = self.lock();
        let given_up = state.queue.expire(oldest);
        let text = match state.queue.len() {
            0 => delivery.text,
            waiting => format!("{} It is tried again; waiting messages: {waiting}.", delivery.text),
        };
        state.last = Some(Delivery { text, ..delivery });
        given_up
    }
}
