//! Every page, light and dark, wide and narrow, as axe-core judges it.

use std::time::Duration;

use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{broker, not_run};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product};
use serde_json::json;

pub const NEEDS_AXE: &str = "needs axe-core; `cargo xtask test` fetches it, or set BROKERSCOPE_TEST_AXE to axe.min.js";
/// Widths and themes in which a page is judged.
pub const LOOKS: [(u32, &str); 4] = [(1440, "dark"), (1440, "light"), (390, "dark"), (390, "light")];

/// The text of axe-core, where this run has it.
pub fn axe() -> Option<String> {
    let file = std::env::var_os("BROKERSCOPE_TEST_AXE")?;
    Some(std::fs::read_to_string(file).expect("axe.min.js"))
}

/// Makes the window so wide and the pages so bright.
pub async fn look(browser: &Browser, url: &str, width: u32, theme: &str) {
    browser.resize(width, 900).await;
    browser.goto(url).await;
    browser
        .eval(&format!("localStorage.setItem('brokerscope.theme', '{theme}')"))
        .await;
}

/// What is seriously wrong with the page that is shown.
pub async fn problems(browser: &Browser, axe: &str) -> Vec<String> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    browser.eval(&format!("{axe}; true")).await;
    let script = "axe.run().then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))\
        .map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html).join(' | ')))";
    let found = browser.eval(script).await;
    let found = found.as_array().into_iter().flatten();
    found.map(ToString::to_string).collect()
}

#[tokio::test]
async fn no_page_has_a_serious_accessibility_problem() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let Some(axe) = axe() else {
        return not_run(NEEDS_AXE);
    };
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
    for (width, theme) in LOOKS {
        look(&browser, &product.url, width, theme).await;
        for page in &pages {
            browser.goto(&format!("{}{page}", product.url)).await;
            eventually(&format!("{page} has its heading"), 60, || async {
                let heading = browser.eval("document.querySelector('main h1') !== null").await;
                heading.as_bool().unwrap_or(false).then_some(())
            })
            .await;
            let found = self::problems(&browser, &axe).await;
            problems.extend(
                found
                    .into_iter()
                    .map(|one| format!("{page} at {width} px, {theme}: {one}")),
            );
            println!("{page} at {width} px, {theme}: {} problems so far", problems.len());
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
