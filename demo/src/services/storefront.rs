//! Visitors who look at pages, and customers among them who order: the source of all traffic.

use std::rc::Rc;
use std::time::Duration;

use super::order::OrderService;
use crate::clients::{Outbox, Sending};
use crate::faults::Fault;
use crate::message::{Message, Order};
use crate::shop::Shop;
use crate::topics;

/// Of all messages, the share that comes of orders; the rest are page views.
const SHARE_OF_ORDERS: f64 = 0.6;
/// Messages of an ordinary order: request and reply for the price, placed, reserve, reserved, charge, charged, completed.
const MESSAGES_PER_ORDER: f64 = 8.0;
/// Beyond this many the shop takes no more orders until some are done, so that its memory is bounded.
const MOST_IN_FLIGHT: u64 = 20_000;
const TICK: Duration = Duration::from_millis(100);
const PAGES: [&str; 8] = [
    "/", "/lamps", "/chairs", "/tables", "/sale", "/cart", "/help", "/search",
];
const GOODS: [&str; 8] = ["lamp", "chair", "table", "shelf", "rug", "mirror", "clock", "vase"];

/// Page views. A hot key doubles them: one visitor's robot looks at everything.
pub async fn visitors(shop: Rc<Shop>) {
    let mut out = Outbox::new(shop.clone(), "storefront");
    let mut due = Due::default();
    while shop.sleep(TICK).await {
        let hot = shop.faults().has(Fault::HotKey);
        let usual = shop.pace * (1.0 - SHARE_OF_ORDERS);
        for _ in 0..due.after_tick(&shop, if hot { usual * 2.0 } else { usual }) {
            let session = match hot && fastrand::u8(..10) > 0 {
                true => "visitor-1".to_string(),
                false => format!("visitor-{}", fastrand::u16(..500)),
            };
            let page = PAGES[fastrand::usize(..PAGES.len())].to_string();
            let sending = Sending::to(topics::PAGE_VIEWS, &session);
            let viewed = Message::PageViewed {
                session: session.clone(),
                page,
            };
            out.send(sending, &viewed).await;
        }
        if out.acknowledged().await.is_err() {
            return;
        }
    }
}

/// Orders, each with a number of its own.
pub async fn customers(shop: Rc<Shop>, orders: Rc<OrderService>) {
    let mut out = Outbox::new(shop.clone(), "order-service");
    let mut due = Due::default();
    let mut last = 0;
    while shop.sleep(TICK).await {
        for _ in 0..due.after_tick(&shop, shop.pace * SHARE_OF_ORDERS / MESSAGES_PER_ORDER) {
            if orders.in_flight() >= MOST_IN_FLIGHT {
                continue;
            }
            last += 1;
            let order = Order {
                id: last,
                customer: fastrand::u32(1..10_000),
                sku: GOODS[fastrand::usize(..GOODS.len())].to_string(),
                quantity: fastrand::u32(1..4),
                cents: 0,
            };
            orders.ask_price(order, &mut out).await;
        }
        if out.acknowledged().await.is_err() {
            return;
        }
    }
}

/// What is left over from a tick comes with a later one.
#[derive(Default)]
struct Due {
    owed: f64,
    at: Option<Duration>,
}

impl Due {
    /// How many are due at this rate per second since the last tick; at most for a second.
    fn after_tick(&mut self, shop: &Shop, rate: f64) -> usize {
        let rate = if shop.faults().has(Fault::TrafficTimesTen) {
            rate * 10.0
        } else {
            rate
        };
        let now = shop.now();
        let passed = now.saturating_sub(self.at.unwrap_or(now)).as_secs_f64().min(1.0);
        self.at = Some(now);
        self.owed += rate * passed;
        let whole = self.owed.floor();
        self.owed -= whole;
        whole as usize
    }
}
