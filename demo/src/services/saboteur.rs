//! Puts a message among the orders that nobody can read, while the fault is on.

use std::rc::Rc;

use crate::clients::{Outbox, Sending, header};
use crate::faults::Fault;
use crate::message;
use crate::shop::Shop;
use crate::topics;

/// It says that it is an ordinary message, and is none.
const POISON: &[u8] = b"{\"type\":\"order_placed\",\"order\":{\"id\":";

pub async fn poison(shop: Rc<Shop>) {
    let mut out = Outbox::new(shop.clone(), "storefront");
    while shop.until(|faults| faults.has(Fault::PoisonMessage)).await {
        let sending = Sending::to(topics::ORDERS, "poison")
            .with(header::MESSAGE_ID, format!("{:016x}", fastrand::u64(..)))
            .with(header::SCHEMA_VERSION, message::CURRENT);
        out.raw(sending, POISON).await;
        if out.acknowledged().await.is_err() {
            return;
        }
        shop.until(|faults| !faults.has(Fault::PoisonMessage)).await;
    }
}
