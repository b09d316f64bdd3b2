//! What a page looks like at every width, as far as it can be measured: nothing sticks out, nothing is cut.

use std::time::Duration;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product};
use reqwest::Method;
use serde_json::json;

/// The width at a zoom of 400 %, a phone, tablets, desks, and the widest screen that is promised.
const WIDTHS: [u32; 7] = [320, 390, 768, 1024, 1280, 1440, 2560];

const PAGES: [&str; 11] = [
    "/",
    "/topology",
    "/topology?view=table",
    "/queues",
    "/queues/subscriptions",
    "/alerts",
    "/rules/new",
    "/health",
    "/connections",
    "/connections/new",
    "/faults",
];

/// What ends right of the window and cannot be scrolled to within a box of its own, and cells that their row cuts off.
const CUT: &str = "(() => { const width = document.documentElement.clientWidth, cut = [];\
    const scrolls = e => { for (let p = e.parentElement; p; p = p.parentElement)\
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX)) return true; return false };\
    for (const e of document.querySelectorAll('header *, main *')) { const box = e.getBoundingClientRect();\
        if (box.width && box.right > width + 1 && !scrolls(e)) cut.push(e.tagName + ' ' + e.className) }\
    for (const e of document.querySelectorAll('.rows .cell')) { const box = e.getBoundingClientRect();\
        if (box.width && box.right > e.closest('.rows').getBoundingClientRect().right + 1) cut.push(e.className) }\
    return [...new Set(cut)].slice(0, 5) })()";

/// A connection to a port on which nothing listens: pages have something to show without a broker.
async fn product_with_a_dead_connection() -> (Product, ConnectionView) {
    let product = Product::start_first().await;
    let settings = json!({"management_urls": ["http://127.0.0.1:9"], "user": "u", "password": "p"});
    let connection = json!({"name": "nothing-listens-there", "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &connection).await;
    let view = eventually("it is unreachable", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        views
            .into_iter()
            .find(|view| view.system.slug() == "rabbitmq" && !view.beats.is_empty())
    })
    .await;
    (product, view)
}

#[tokio::test]
async fn nothing_is_cut_off_at_any_width() {
    let Some(browser) = Browser::open().await else { return };
    let (product, _) = product_with_a_dead_connection().await;
    let mut cut = Vec::new();
    for width in WIDTHS {
        browser.resize(width, 900).await;
        for page in PAGES {
            browser.goto(&format!("{}{page}", product.url)).await;
            browser.find("main h1", 60).await;
            tokio::time::sleep(Duration::from_millis(800)).await;
            for what in browser.eval(CUT).await.as_array().into_iter().flatten() {
                cut.push(format!("{page} at {width} px: {what}"));
            }
        }
    }
    assert!(cut.is_empty(), "{}", cut.join("\n"));
}

#[tokio::test]
async fn a_paused_connection_is_called_paused_on_every_page() {
    let Some(browser) = Browser::open().await else { return };
    let (product, view) = product_with_a_dead_connection().await;
    let address = format!("{}/{}", path::CONNECTIONS, view.id.0);
    let (status, _) = product.send(Method::PATCH, &address, &json!({"paused": true})).await;
    assert_eq!(status, 200);
    for page in ["/", "/connections", "/health"] {
        browser.goto(&format!("{}{page}", product.url)).await;
        browser.see("nothing-listens-there", 60).await;
        browser.see("Paused", 20).await;
        let script = "[...document.querySelectorAll('.conn, .connection, .health')]\
            .find(e => e.innerText.includes('nothing-listens-there')).innerText";
        let said = browser.eval(script).await;
        let said = said.as_str().expect("text");
        assert!(!said.contains("Unknown"), "{page}: {said}");
        assert!(!said.contains("1 Jan"), "{page}: a time that nobody saw: {said}");
    }
}

#[tokio::test]
async fn tables_without_a_connection_lead_to_adding_one() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    for page in ["/queues", "/queues/subscriptions"] {
        browser.goto(&format!("{}{page}", product.url)).await;
        browser.find("main .rows a[href='/connections/new']", 20).await;
    }
    assert_eq!(browser.console_errors(), Vec::<String>::new());
}
