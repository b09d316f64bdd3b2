//! `brokerscope demo`: alive within seconds, with a history within a minute, and gone without a trace.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_contract::api::demo::DemoView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_contract::api::series::SeriesAnswer;
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

    let entity = eventually("page-views is known", 20, || async {
        let rows: Rows = product.get(&format!("{}?q=page-views", path::DESTINATIONS)).await;
        let row = rows
            .page
            .items
            .into_iter()
            .find(|row| row.entity.name == "page-views")?;
        Some(row.entity.id)
    })
    .await;
    // The range has to begin before it ends.
    let since = now_millis() - 1;
    eventually("there is a history of rates", HISTORY_WITHIN_SECONDS, || async {
        let query = format!("entity={}&metrics=published&from={since}&to={}", entity.0, now_millis());
        let answer: SeriesAnswer = product.get(&format!("{}?{query}", path::SERIES)).await;
        let rates = answer.lines[0].values.iter().flatten();
        let usual = rates.filter(|rate| (40.0..160.0).contains(*rate));
        (usual.count() >= 4).then_some(())
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

fn now_millis() -> u128 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_millis()
}
