//! A second producer, for the order service, without idempotence, while the fault is on: the broker's half of it loses
//! acknowledgements.

use std::rc::Rc;
use std::time::Duration;

use crate::clients;
use crate::faults::Fault;
use crate::shop::Shop;

/// How long it may take to be rid of its last messages.
const LAST_WORDS: Duration = Duration::from_secs(5);

pub async fn produce(shop: Rc<Shop>) {
    while shop.until(|faults| faults.has(Fault::Duplicates)).await {
        match clients::careless_producer(&shop.bootstrap) {
            Ok(producer) => drop(shop.careless.replace(Some(producer))),
            Err(error) => tracing::warn!(%error, "the careless producer of the demo cannot be made"),
        }
        shop.until(|faults| !faults.has(Fault::Duplicates)).await;
        if let Some(producer) = shop.careless.take() {
            let _ = clients::end_producer(producer, LAST_WORDS).await;
        }
    }
}
