//! A disk that is really full: the page says so, what was stored stays, and storing goes on by itself.

use std::path::Path;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{broker, not_run};
use brokerscope_tests::{Product, patience::eventually};
use serde_json::json;

const MEGABYTE: u64 = 1024 * 1024;

#[tokio::test]
async fn a_full_disk_shows_a_banner_keeps_serving_and_recovers() {
    let Some(rabbit) = broker("rabbitmq") else { return };
    if !may_mount() {
        return not_run("only root may mount a small disk");
    }
    let product = Product::start_on_disk_of(12 * MEGABYTE).await;
    let settings = json!({"management_urls": rabbit.management, "user": "guest", "password": "guest",
        "interval_seconds": 5});
    let body = json!({"name": "rabbit", "system": "rabbitmq", "settings": settings});
    let created = product.post(path::CONNECTIONS, &body).await;
    let connection = format!("{}/{}", path::CONNECTIONS, created["id"]);
    let nodes = format!("{}?internal=true", path::DESTINATIONS);
    eventually("the broker's exchanges are stored", 40, || async {
        let rows: Rows = product.get(&nodes).await;
        (rows.page.total > 0).then_some(())
    })
    .await;

    let filler = product.inner_data_dir().join("filler");
    fill(&filler);
    let banner = eventually("the overview says that the disk is full", 60, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        overview.banners.into_iter().find(|banner| banner.kind == "disk_full")
    })
    .await;
    assert!(banner.remedy.contains("Free some space"), "{}", banner.remedy);
    let rows: Rows = product.get(&nodes).await;
    assert!(rows.page.total > 0, "what was stored is still served");

    std::fs::remove_file(&filler).unwrap();
    eventually("the banner is gone", 60, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        overview.banners.is_empty().then_some(())
    })
    .await;
    let before: ConnectionView = product.get(&connection).await;
    eventually("visits are stored again", 30, || async {
        let now: ConnectionView = product.get(&connection).await;
        (now.revision > before.revision).then_some(())
    })
    .await;
}

/// Whether a mount namespace and a RAM disk can be had here.
fn may_mount() -> bool {
    let status = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-ec", "mount -t tmpfs -o size=64k tmpfs /mnt"])
        .status();
    status.is_ok_and(|status| status.success())
}

/// Writes zeros until no byte fits any more.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    for size in [64 * 1024, 512, 1] {
        let block = vec![0; size];
        while file.write_all(&block).is_ok() {}
    }
}
