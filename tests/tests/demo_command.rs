//! `brokerscope demo`: alive within seconds, with a history within a minute, and gone without a trace.

use std::time::{Duration, Instant};

use brokerscope_contract::api::demo::DemoView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_tests::Product;
use brokerscope_tests::patience::eventually;

/// From the start of the process to the whole shop on the overview.
const ALIVE_WITHIN: Duration = Duration::from_secs(5);
const HISTORY_WITHIN_SECONDS: u64 = 60;

#[tokio::test]
async fn the_demo_of_one_command_is_alive_within_seconds_has_a_history_within_a_minute_and_keeps_nothing() {
    let started = Instant::now();
    let mut product = Product::start_demo().await;
    eventually("the whole shop is seen", 20, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        (overview.destinations >= 14 && overview.subscriptions >= 8).then_some(())
    })
    .await;
    let took = started.elapsed();
    assert!(took < ALIVE_WITHIN, "{took:?}");
    let demo: DemoView = product.get(path::DEMO).await;
    assert!(demo.ended_services.is_empty() && demo.faults.iter().all(|fault| !fault.on));
    assert_eq!(folders(&product).len(), 1, "its data is in a temporary folder");

    eventually("the lag of orders' readers has a line", HISTORY_WITHIN_SECONDS, || async {
        let rows: Rows = product.get(&format!("{}?q=page-views", path::DESTINATIONS)).await;
        let row = rows.page.items.into_iter().find(|row| row.entity.name == "page-views")?;
        (row.line.iter().flatten().count() >= 2).then_some(())
    })
    .await;
    product.interrupt();
    assert_eq!(folders(&product), Vec::<String>::new());
}

/// What the process has made where temporary folders go.
fn folders(product: &Product) -> Vec<String> {
    let entries = std::fs::read_dir(product.folder()).expect("the folder is there");
    entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect()
}
