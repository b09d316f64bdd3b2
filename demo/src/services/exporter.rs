//! A report that opens a consumer for every run and never closes one, while the fault is on.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::Consumer;
use tokio_util::sync::CancellationToken;

use crate::clients;
use crate::faults::Fault;
use crate::shop::Shop;
use crate::topics;

const SERVICE: &str = "report-exporter";
const RUNS_EVERY: Duration = Duration::from_secs(4);
/// Enough to be seen: each is a real client with its threads and connections.
const MOST: usize = 12;

pub async fn leak(shop: Rc<Shop>) {
    while shop.until(|faults| faults.has(Fault::ConnectionLeak)).await {
        let mended = CancellationToken::new();
        let mut leaked = Vec::new();
        while shop.faults().has(Fault::ConnectionLeak) && !shop.stop.is_cancelled() {
            if leaked.len() < MOST {
                let name = format!("{SERVICE}-{}", leaked.len() + 1);
                leaked.push(tokio::task::spawn_local(forgotten(shop.clone(), name, mended.clone())));
            }
            let mended = shop.until(|faults| !faults.has(Fault::ConnectionLeak));
            let _ = tokio::time::timeout(RUNS_EVERY, mended).await;
        }
        mended.cancel();
        for consumer in leaked {
            let _ = consumer.await;
        }
    }
}

/// A member that is there, and does nothing with what it gets.
async fn forgotten(shop: Rc<Shop>, name: String, mended: CancellationToken) {
    let consumer = clients::consumer(&shop.bootstrap, &name, SERVICE, Arc::default());
    let consumer = match consumer.and_then(|consumer| consumer.subscribe(&[topics::PAGE_VIEWS]).map(|()| consumer)) {
        Ok(consumer) => consumer,
        Err(error) => return tracing::debug!(%error, "a leaked consumer of the demo cannot be made"),
    };
    let ignoring = async {
        loop {
            if consumer.recv().await.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    };
    mended.run_until_cancelled(ignoring).await;
    let _ = clients::end(consumer).await;
}
