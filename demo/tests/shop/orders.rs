//! What becomes of orders, with and without trouble.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use brokerscope_demo::{Demo, Fault};

use crate::witness::{Read, read_all};
use crate::{started, until};

#[tokio::test]
async fn orders_are_completed_and_some_are_cancelled_and_everything_adds_up() {
    let demo = started(None).await;
    until(&demo, "orders are completed and cancelled", 60, |totals| {
        totals.completed > 50 && totals.cancelled > 2
    })
    .await;
    demo.shutdown().await;
}

#[tokio::test]
async fn a_provider_that_is_down_cancels_orders_and_reset_heals_it() {
    let demo = started(None).await;
    let before = until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::PaymentDown, true).await.unwrap();
    // After five tries, with waits that add up to less than twenty seconds.
    until(&demo, "orders without payment are cancelled", 60, |totals| {
        totals.cancelled > before.cancelled + 50
    })
    .await;
    demo.reset().await.unwrap();
    assert!(demo.faults().iter().all(|fault| !fault.on));
    let healed = demo.totals();
    until(&demo, "orders are completed again", 60, |totals| {
        totals.completed > healed.completed + 50
    })
    .await;
    demo.shutdown().await;
}

#[tokio::test]
async fn a_stopped_inventory_holds_orders_up_until_it_is_back() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    demo.set(Fault::InventoryStopped, true).await.unwrap();
    until(&demo, "orders wait", 60, |totals| totals.in_flight > 100).await;
    demo.set(Fault::InventoryStopped, false).await.unwrap();
    until(&demo, "the waiting orders are done", 60, |totals| totals.in_flight < 40).await;
    demo.shutdown().await;
}

/// The orders of one kind of message.
fn of_kind(messages: &[Read], kind: &str) -> BTreeSet<u64> {
    let found = messages.iter().filter(|read| read.is(kind));
    found.map(Read::order).collect()
}

/// Waits until every order that was placed by now is announced as completed or cancelled.
async fn all_announced(demo: &Demo) -> Vec<Read> {
    let placed = of_kind(&read_all(demo, "orders"), "order_placed");
    for _ in 0..60 {
        let messages = read_all(demo, "orders");
        let done = &of_kind(&messages, "order_completed") | &of_kind(&messages, "order_cancelled");
        if placed.is_subset(&done) {
            return messages;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("some of {} orders are never announced", placed.len());
}

#[tokio::test]
async fn the_totals_are_what_the_topics_say_also_under_faults() {
    let demo = started(None).await;
    until(&demo, "the first orders", 60, |totals| totals.completed > 10).await;
    // Five tries take up to eight seconds.
    for (fault, seconds) in [
        (Fault::PaymentDown, 15),
        (Fault::InventoryStopped, 4),
        (Fault::NodeKilled, 4),
    ] {
        demo.set(fault, true).await.unwrap();
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        demo.set(fault, false).await.unwrap();
    }
    until(&demo, "some cards are refused", 90, |totals| totals.cancelled > 10).await;
    all_announced(&demo).await;
    // What is on its way between the two looks lies within these.
    let before = demo.totals();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let messages = read_all(&demo, "orders");
    let after = demo.totals();
    let (placed, completed, cancelled) = (
        of_kind(&messages, "order_placed"),
        of_kind(&messages, "order_completed"),
        of_kind(&messages, "order_cancelled"),
    );
    for (what, counted, from, to) in [
        ("orders", &placed, before.orders, after.orders),
        ("completed", &completed, before.completed, after.completed),
        ("cancelled", &cancelled, before.cancelled, after.cancelled),
    ] {
        let counted = counted.len() as u64;
        assert!((from..=to).contains(&counted), "{what}: {counted}, not {from} to {to}");
    }
    assert!(completed.is_disjoint(&cancelled), "an order has one end");
    assert!(completed.is_subset(&placed) && cancelled.is_subset(&placed));

    // What was reserved for an order without payment goes back to the shelf.
    let refused = of_kind(&read_all(&demo, "payment-results"), "refused");
    let given_up: BTreeSet<u64> = read_all(&demo, "payment-requests.dlq")
        .iter()
        .map(Read::order)
        .collect();
    let released = of_kind(&read_all(&demo, "inventory-requests"), "release");
    let unpaid: BTreeSet<u64> = (&refused | &given_up).intersection(&cancelled).copied().collect();
    assert!(refused.len() > 1 && given_up.len() > 1, "{refused:?} {given_up:?}");
    assert!(unpaid.is_subset(&released), "never released: {:?}", &unpaid - &released);
    demo.shutdown().await;
}

#[tokio::test]
async fn messages_of_an_order_are_in_one_partition_in_their_order() {
    let demo = started(None).await;
    until(&demo, "orders are completed and cancelled", 60, |totals| {
        totals.completed > 50 && totals.cancelled > 2
    })
    .await;
    let mut orders: HashMap<u64, Vec<Read>> = HashMap::new();
    for read in all_announced(&demo).await {
        orders.entry(read.order()).or_default().push(read);
    }
    assert!(orders.len() > 50);
    for (order, messages) in orders {
        let kinds: Vec<&str> = messages
            .iter()
            .map(|read| read.message["type"].as_str().unwrap())
            .collect();
        assert!(
            matches!(
                kinds[..],
                ["order_placed"] | ["order_placed", "order_completed" | "order_cancelled"]
            ),
            "{order}: {kinds:?}"
        );
        let partition = messages[0].partition;
        assert!(messages.iter().all(|read| read.partition == partition), "{order}");
    }
    demo.shutdown().await;
}
