//! Throws away the dead letters after everything was healed, also those that services still find in what had waited.

use std::rc::Rc;
use std::time::Duration;

use crate::faults::Faults;
use crate::shop::Shop;
use crate::topics;

/// The order service reads of its requests that were given up before they go.
const EVERY: Duration = Duration::from_secs(3);
/// What was waiting is worked off by then.
const TIMES: usize = 40;

pub async fn clean(shop: Rc<Shop>) {
    let mut resets = shop.resets.clone();
    while let Some(Ok(())) = shop.stop.run_until_cancelled(resets.changed()).await {
        for _ in 0..TIMES {
            let goes_on = shop.sleep(EVERY).await;
            // Whoever makes new dead letters wants to see them.
            if !goes_on || shop.faults() != Faults::default() {
                break;
            }
            for topic in topics::dead_letters() {
                if let Err(error) = shop.broker.empty_topic(topic) {
                    tracing::debug!(%error, topic, "dead letters of the demo cannot be removed");
                }
            }
        }
    }
}
