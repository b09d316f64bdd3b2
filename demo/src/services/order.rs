//! The order service: asks for prices, takes orders, and conducts each order's saga.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use crate::clients::{Handler, Outbox, Received, Sending, Trouble, header};
use crate::ledger::Ledger;
use crate::message::{self, Message, Order};
use crate::saga::{Action, Happened};
use crate::seen::Seen;
use crate::shop::Shop;
use crate::telemetry::Context;
use crate::topics;

/// A step of a saga that takes longer has failed.
const STEP_PATIENCE: Duration = Duration::from_secs(120);
/// A price that does not come within this time is not waited for.
const QUOTE_PATIENCE: Duration = Duration::from_secs(10);
const LOOKS_EVERY: Duration = Duration::from_secs(1);

pub struct OrderService {
    shop: Rc<Shop>,
    ledger: RefCell<Ledger>,
    seen: RefCell<Seen>,
    /// Orders that wait for their price, by correlation id.
    unpriced: RefCell<HashMap<String, (Order, Duration)>>,
}

impl OrderService {
    pub fn new(shop: Rc<Shop>) -> OrderService {
        OrderService {
            shop,
            ledger: RefCell::default(),
            seen: RefCell::default(),
            unpriced: RefCell::default(),
        }
    }

    /// Orders that are under way.
    pub fn in_flight(&self) -> u64 {
        self.ledger.borrow().in_flight()
    }

    /// An order begins with a request for its price; the reply finds its way back by the correlation id.
    pub async fn ask_price(&self, order: Order, out: &mut Outbox) {
        let correlation = format!("{:016x}", fastrand::u64(..));
        let request = Message::QuoteRequested {
            sku: order.sku.clone(),
            quantity: order.quantity,
        };
        let sending = Sending::to(topics::QUOTE_REQUESTS, &order.sku)
            .with(header::CORRELATION_ID, &correlation)
            .with(header::REPLY_TO, topics::QUOTE_REPLIES);
        out.send(sending, &request).await;
        let asked = (order, self.shop.now());
        self.unpriced.borrow_mut().insert(correlation, asked);
    }

    async fn priced(&self, correlation: &str, cents: u64, reply: &Received, out: &mut Outbox) {
        let asked = self.unpriced.borrow_mut().remove(correlation);
        let Some((mut order, _)) = asked else { return };
        order.cents = cents;
        if !self.ledger.borrow_mut().take(order.clone(), self.shop.now()) {
            return;
        }
        self.tell();
        let key = order.id.to_string();
        let placed = Message::OrderPlaced { order: order.clone() };
        out.send(Sending::to(topics::ORDERS, &key).because(reply), &placed)
            .await;
        let reserve = Message::Reserve { order };
        out.send(Sending::to(topics::INVENTORY_REQUESTS, &key).because(reply), &reserve)
            .await;
    }

    async fn learn(&self, order: u64, happened: Happened, because_of: Option<Context>, out: &mut Outbox) {
        let learnt = self.ledger.borrow_mut().learn(order, happened, self.shop.now());
        let Some((order, action)) = learnt else { return };
        self.tell();
        let key = order.id.to_string();
        let (topic, message) = match action {
            Action::Charge => (topics::PAYMENT_REQUESTS, Message::Charge { order }),
            Action::Refund => (topics::PAYMENT_REQUESTS, Message::Refund { order }),
            Action::Release => (topics::INVENTORY_REQUESTS, Message::Release { order }),
            Action::AnnounceCompleted => (topics::ORDERS, Message::OrderCompleted { order }),
            Action::AnnounceCancelled => (topics::ORDERS, Message::OrderCancelled { order }),
        };
        let sending = Sending {
            because_of,
            ..Sending::to(topic, &key)
        };
        out.send(sending, &message).await;
    }

    fn tell(&self) {
        self.shop.tell_totals(self.ledger.borrow().totals());
    }
}

impl Handler for OrderService {
    async fn handle(&self, received: &Received, out: &mut Outbox) -> Result<(), Trouble> {
        let message = received.read(message::CURRENT)?;
        if !self.seen.borrow_mut().note(received.id()) {
            return Ok(());
        }
        if let Message::Quoted { cents } = message {
            let correlation = received.header(header::CORRELATION_ID).unwrap_or_default();
            self.priced(correlation, cents, received, out).await;
            return Ok(());
        }
        let happened = match message {
            Message::Reserved { .. } => Happened::Reserved,
            Message::OutOfStock { .. } => Happened::OutOfStock,
            Message::Released { .. } => Happened::Released,
            Message::Charged { .. } => Happened::Charged,
            Message::Refused { .. } => Happened::Refused,
            // A request that has become a dead letter.
            Message::Reserve { .. } | Message::Release { .. } | Message::Charge { .. } => Happened::GaveUp,
            _ => return Ok(()),
        };
        if let Some(order) = message.order() {
            self.learn(order, happened, Some(received.processing), out).await;
        }
        Ok(())
    }
}

/// Gives up steps that take too long, and prices that never came.
pub async fn patience(shop: Rc<Shop>, orders: Rc<OrderService>) {
    let mut out = Outbox::new(shop.clone(), "order-service");
    while shop.sleep(LOOKS_EVERY).await {
        let now = shop.now();
        let waited = |asked: Duration| now.saturating_sub(asked);
        orders
            .unpriced
            .borrow_mut()
            .retain(|_, (_, asked)| waited(*asked) < QUOTE_PATIENCE);
        let overdue = orders.ledger.borrow().overdue(STEP_PATIENCE, now);
        for order in overdue {
            orders.learn(order, Happened::GaveUp, None, &mut out).await;
        }
        if out.acknowledged().await.is_err() {
            return;
        }
    }
}
