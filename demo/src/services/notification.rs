//! The notification service: writes to customers about their orders; the one with the bug that a poison message shows.

use std::cell::RefCell;
use std::time::Duration;

use crate::clients::{Handler, Outbox, Received, Trouble};
use crate::faults::Fault;
use crate::message::{self, Message, Unreadable};
use crate::seen::Seen;

/// What sending a letter takes.
const WORK: Duration = Duration::from_millis(2);
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct NotificationService {
    seen: RefCell<Seen>,
}

impl Handler for NotificationService {
    async fn handle(&self, received: &Received, out: &mut Outbox) -> Result<(), Trouble> {
        let message = loop {
            match received.read(message::CURRENT) {
                Ok(message) => break message,
                // The bug: a message that can never be read is tried for ever, and all others wait behind it.
                Err(Unreadable::Garbled(_)) if out.shop.faults().has(Fault::PoisonMessage) => {
                    tokio::time::sleep(TRIES_AGAIN_AFTER).await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        let tells = matches!(message, Message::OrderCompleted { .. } | Message::OrderCancelled { .. });
        if tells && self.seen.borrow_mut().note(received.id()) {
            tokio::time::sleep(WORK).await;
        }
        Ok(())
    }
}
