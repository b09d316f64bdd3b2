//! The shop's topics.

pub const ORDERS: &str = "orders";
pub const ORDERS_DLQ: &str = "orders.dlq";
pub const INVENTORY_REQUESTS: &str = "inventory-requests";
pub const INVENTORY_REQUESTS_DLQ: &str = "inventory-requests.dlq";
pub const INVENTORY_RESULTS: &str = "inventory-results";
pub const PAYMENT_REQUESTS: &str = "payment-requests";
/// The first two retries wait here.
pub const PAYMENT_RETRY_SOON: &str = "payment-requests.retry-soon";
/// Later ones wait here, so that they do not hold up the short waits.
pub const PAYMENT_RETRY_LATER: &str = "payment-requests.retry-later";
pub const PAYMENT_REQUESTS_DLQ: &str = "payment-requests.dlq";
pub const PAYMENT_RESULTS: &str = "payment-results";
pub const QUOTE_REQUESTS: &str = "quote-requests";
pub const QUOTE_REPLIES: &str = "quote-replies";
pub const PAGE_VIEWS: &str = "page-views";
pub const PAGE_VIEWS_DLQ: &str = "page-views.dlq";

/// Where messages go that were given up.
pub fn dead_letters() -> impl Iterator<Item = &'static str> {
    let names = ALL.iter().map(|(name, _)| *name);
    names.filter(|name| name.ends_with(".dlq"))
}

/// Each with its number of partitions.
pub const ALL: [(&str, i32); 14] = [
    (ORDERS, 6),
    (ORDERS_DLQ, 1),
    (INVENTORY_REQUESTS, 6),
    (INVENTORY_REQUESTS_DLQ, 1),
    (INVENTORY_RESULTS, 3),
    (PAYMENT_REQUESTS, 6),
    (PAYMENT_RETRY_SOON, 3),
    (PAYMENT_RETRY_LATER, 3),
    (PAYMENT_REQUESTS_DLQ, 1),
    (PAYMENT_RESULTS, 3),
    (QUOTE_REQUESTS, 3),
    (QUOTE_REPLIES, 3),
    (PAGE_VIEWS, 6),
    (PAGE_VIEWS_DLQ, 1),
];
