//! Every page, light and dark, wide and narrow, as axe-core judges it.

use std::time::Duration;

use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{broker, not_run};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product};
use serde_json::json;

#[tokio::test]
async fn no_page_has_a_serious_accessibility_problem() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let Some(axe) = std::env::var_os("BROKERSCOPE_TEST_AXE") else {
        not_run("needs axe-core; `cargo xtask test` fetches it, or set BROKERSCOPE_TEST_AXE to axe.min.js");
        return;
    };
    let axe = std::fs::read_to_string(axe).expect("axe.min.js");
    let product = Product::start().await;
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest"});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    let entity = eventually("something is known", 60, || async {
        let rows: Rows = product.get(&format!("{}?internal=true", path::DESTINATIONS)).await;
        rows.page.items.first().map(|row| row.entity.id.0)
    })
    .await;
    let pages = [
        "/",
        "/topology",
        "/queues",
        "/alerts",
        "/rules/new",
        "/health",
        "/connections",
        "/connections/new",
        "/faults",
    ];
    let mut pages: Vec<String> = pages.iter().map(ToString::to_string).collect();
    pages.push("/queues/subscriptions".into());
    pages.push("/nowhere".into());
    pages.push(format!("/entities/{entity}"));
    let mut problems = Vec::new();
    for (width, theme) in [(1440, "dark"), (1440, "light"), (390, "dark"), (390, "light")] {
        browser.resize(width, 900).await;
        browser.goto(&product.url).await;
        browser
            .eval(&format!("localStorage.setItem('brokerscope.theme', '{theme}')"))
            .await;
        for page in &pages {
            browser.goto(&format!("{}{page}", product.url)).await;
            eventually(&format!("{page} has its heading"), 60, || async {
                let heading = browser.eval("document.querySelector('main h1') !== null").await;
                heading.as_bool().unwrap_or(false).then_some(())
            })
            .await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            browser.eval(&format!("{axe}; true")).await;
            let script = "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))\
                .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' | ')))";
            for problem in browser.eval(script).await.as_array().into_iter().flatten() {
                problems.push(format!("{page} at {width} px, {theme}: {problem}"));
            }
            println!("{page} at {width} px, {theme}: {} problems so far", problems.len());
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
