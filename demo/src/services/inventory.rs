//! The inventory service: reserves what was ordered, and takes it back when the order is cancelled.

use std::cell::RefCell;
use std::time::Duration;

use crate::clients::{Handler, Outbox, Received, Sending, Trouble};
use crate::message::{self, Message};
use crate::seen::Seen;
use crate::topics;

/// What looking at the shelf takes.
const WORK: Duration = Duration::from_millis(3);
/// One in so many orders is for something that is sold out.
const SOLD_OUT_ONE_IN: u8 = 30;

#[derive(Default)]
pub struct InventoryService {
    seen: RefCell<Seen>,
}

impl Handler for InventoryService {
    async fn handle(&self, received: &Received, out: &mut Outbox) -> Result<(), Trouble> {
        let message = received.read(message::CURRENT)?;
        if !self.seen.borrow_mut().note(received.id()) {
            return Ok(());
        }
        tokio::time::sleep(WORK).await;
        let result = match message {
            Message::Reserve { order } if fastrand::u8(..SOLD_OUT_ONE_IN) == 0 => {
                Message::OutOfStock { order: order.id }
            }
            Message::Reserve { order } => Message::Reserved { order: order.id },
            Message::Release { order } => Message::Released { order: order.id },
            _ => return Ok(()),
        };
        out.send(
            Sending::to(topics::INVENTORY_RESULTS, &received.key).because(received),
            &result,
        )
        .await;
        Ok(())
    }
}
