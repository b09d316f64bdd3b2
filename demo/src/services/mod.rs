//! The services of the shop, one file each, and the table of their consumers.

mod analytics;
mod careless;
mod cleaner;
mod exporter;
mod inventory;
mod notification;
mod order;
mod payment;
mod quote;
mod saboteur;
mod storefront;
mod tasks;

use std::rc::Rc;

use crate::clients::{Handler, Reading, read};
use crate::faults::{Fault, Faults};
use crate::shop::Shop;
use crate::topics::{
    INVENTORY_REQUESTS, INVENTORY_REQUESTS_DLQ, INVENTORY_RESULTS, ORDERS, PAGE_VIEWS, PAYMENT_REQUESTS,
    PAYMENT_REQUESTS_DLQ, PAYMENT_RESULTS, PAYMENT_RETRY_LATER, PAYMENT_RETRY_SOON, QUOTE_REPLIES, QUOTE_REQUESTS,
};

pub use tasks::Tasks;

/// The service that sends without idempotence while the fault is on.
pub const CARELESS: &str = "order-service";

/// Each consumer: its service, which is also its group, its number within it, and what it reads.
#[rustfmt::skip]
pub const CONSUMERS: [Reading; 11] = [
    reading("order-service", 1, &[QUOTE_REPLIES, INVENTORY_RESULTS, PAYMENT_RESULTS,
                                  INVENTORY_REQUESTS_DLQ, PAYMENT_REQUESTS_DLQ]),
    reading("quote-service", 1, &[QUOTE_REQUESTS]),
    reading("payment-service", 1, &[PAYMENT_REQUESTS]),
    reading("payment-service", 2, &[PAYMENT_REQUESTS]),
    reading("payment-retry-soon", 1, &[PAYMENT_RETRY_SOON]),
    reading("payment-retry-later", 1, &[PAYMENT_RETRY_LATER]),
    reading("inventory-service", 1, &[INVENTORY_REQUESTS]),
    reading("inventory-service", 2, &[INVENTORY_REQUESTS]),
    reading("notification-service", 1, &[ORDERS]),
    reading("analytics-service", 1, &[PAGE_VIEWS, ORDERS]),
    reading("analytics-service", 2, &[PAGE_VIEWS, ORDERS]),
];

const fn reading(service: &'static str, instance: usize, topics: &'static [&'static str]) -> Reading {
    Reading {
        service,
        instance,
        topics,
    }
}

/// Starts every service as tasks of its own.
pub fn start(shop: &Rc<Shop>) -> Tasks {
    let orders = Rc::new(order::OrderService::new(shop.clone()));
    let payment = Rc::new(payment::PaymentService::new(shop.clone()));
    let inventory = Rc::new(inventory::InventoryService::default());
    let notification = Rc::new(notification::NotificationService::default());
    let analytics = Rc::new(analytics::AnalyticsService::default());
    let mut tasks = Tasks::default();
    for reading in CONSUMERS {
        match reading.service {
            "order-service" => consume(&mut tasks, shop, reading, &orders, never),
            "quote-service" => consume(&mut tasks, shop, reading, &Rc::new(quote::QuoteService), never),
            "inventory-service" => consume(&mut tasks, shop, reading, &inventory, |faults| {
                faults.has(Fault::InventoryStopped)
            }),
            "notification-service" => consume(&mut tasks, shop, reading, &notification, never),
            "analytics-service" => consume(&mut tasks, shop, reading, &analytics, never),
            _ => consume(&mut tasks, shop, reading, &payment, never),
        }
    }
    tasks.start("storefront's visitors", storefront::visitors(shop.clone()));
    tasks.start(
        "storefront's customers",
        storefront::customers(shop.clone(), orders.clone()),
    );
    tasks.start("order-service's patience", order::patience(shop.clone(), orders));
    tasks.start("careless producer", careless::produce(shop.clone()));
    tasks.start("cleaner", cleaner::clean(shop.clone()));
    tasks.start("report-exporter", exporter::leak(shop.clone()));
    tasks.start("saboteur", saboteur::poison(shop.clone()));
    tasks
}

fn consume<H: Handler + 'static>(
    tasks: &mut Tasks,
    shop: &Rc<Shop>,
    reading: Reading,
    handler: &Rc<H>,
    stopped: fn(Faults) -> bool,
) {
    let name = format!("{}-{}", reading.service, reading.instance);
    tasks.start(&name, read(shop.clone(), reading, handler.clone(), stopped));
}

fn never(_: Faults) -> bool {
    false
}
