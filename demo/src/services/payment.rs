//! The payment service: charges cards through a provider that may be slow or down, behind a circuit breaker.

use std::cell::RefCell;
use std::rc::Rc;

use crate::breaker::{Breaker, Permit};
use crate::clients::{Handler, Outbox, Received, Sending, Trouble};
use crate::message::{self, Message, Order};
use crate::provider::{self, Answer};
use crate::seen::Seen;
use crate::shop::Shop;
use crate::topics;

pub struct PaymentService {
    shop: Rc<Shop>,
    breaker: RefCell<Breaker>,
    seen: RefCell<Seen>,
}

impl PaymentService {
    pub fn new(shop: Rc<Shop>) -> PaymentService {
        PaymentService {
            shop,
            breaker: RefCell::default(),
            seen: RefCell::default(),
        }
    }

    async fn charge(&self, order: &Order) -> Result<Message, Trouble> {
        let permit = self.breaker.borrow_mut().permit(self.shop.now());
        let Permit::Call(call) = permit else {
            return Err(Trouble::Later("the circuit breaker is open".into()));
        };
        let (wait, answer) = provider::answer(self.shop.faults(), fastrand::u8(..));
        tokio::time::sleep(wait).await;
        let mut breaker = self.breaker.borrow_mut();
        if answer == Answer::Failed {
            if breaker.failed(call, self.shop.now()) {
                tracing::debug!("the demo's circuit breaker before the payment provider is open");
            }
            return Err(Trouble::Later("the payment provider does not answer".into()));
        }
        breaker.succeeded(call);
        let order = order.id;
        Ok(match answer {
            Answer::Refused => Message::Refused {
                order,
                reason: "the card was refused".into(),
            },
            Answer::Charged | Answer::Failed => Message::Charged { order },
        })
    }
}

impl Handler for PaymentService {
    async fn handle(&self, received: &Received, out: &mut Outbox) -> Result<(), Trouble> {
        // Noted only after success: a retry bears the same id.
        if self.seen.borrow().has(received.id()) {
            return Ok(());
        }
        let outcome = match received.read(message::CURRENT)? {
            Message::Charge { order } => self.charge(&order).await?,
            Message::Refund { order } => Message::Refunded { order: order.id },
            _ => return Ok(()),
        };
        if self.seen.borrow_mut().note(received.id()) {
            out.send(
                Sending::to(topics::PAYMENT_RESULTS, &received.key).because(received),
                &outcome,
            )
            .await;
        }
        Ok(())
    }
}
