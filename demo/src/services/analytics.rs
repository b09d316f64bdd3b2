//! The analytics service: counts what visitors look at and what is sold.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use crate::clients::{Handler, Outbox, Received, Trouble};
use crate::message::{self, Message};
use crate::seen::Seen;

/// What a page view takes. With two consumers this is close enough to the usual pace that one hot key is too much.
const WORK: Duration = Duration::from_millis(8);

#[derive(Default)]
pub struct AnalyticsService {
    seen: RefCell<Seen>,
    /// Views by page: there are few pages.
    views: RefCell<HashMap<String, u64>>,
    /// Cents of completed orders.
    sold: RefCell<u64>,
}

impl Handler for AnalyticsService {
    async fn handle(&self, received: &Received, _out: &mut Outbox) -> Result<(), Trouble> {
        let message = received.read(message::CURRENT)?;
        if !self.seen.borrow_mut().note(received.id()) {
            return Ok(());
        }
        match message {
            Message::PageViewed { page, .. } => {
                tokio::time::sleep(WORK).await;
                *self.views.borrow_mut().entry(page).or_default() += 1;
            }
            Message::OrderCompleted { order } => *self.sold.borrow_mut() += order.cents,
            _ => {}
        }
        Ok(())
    }
}
