//! What the page keeps and what it lets go: typed text, the device's clock, a switch that was refused.

use std::time::Duration;

use brokerscope_contract::api::path;
use brokerscope_contract::api::rules::RuleView;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product};
use serde_json::json;

async fn is_at(browser: &Browser, place: &str) {
    eventually(&format!("the page is {place}"), 10, || async {
        let path = browser.eval("location.pathname").await;
        (path == json!(place)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn going_back_asks_before_typed_text_is_lost_and_stays_where_it_is_wanted() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    browser.goto(&format!("{}/connections", product.url)).await;
    browser.click("main a[href='/connections/new']").await;
    browser.click("input[name=system][value=kafka]").await;
    browser.fill("#name", "half a name").await;
    let answer = |leave: bool| {
        format!("window.asked = 0; window.confirm = () => {{ window.asked += 1; return {leave}; }}; true")
    };

    browser.eval(&answer(false)).await;
    browser.eval("history.back()").await;
    eventually("it was asked", 10, || async {
        (browser.eval("window.asked").await == json!(1)).then_some(())
    })
    .await;
    is_at(&browser, "/connections/new").await;
    assert_eq!(
        browser.eval("document.querySelector('#name').value").await,
        json!("half a name")
    );

    browser.eval(&answer(true)).await;
    browser.eval("history.back()").await;
    is_at(&browser, "/connections").await;
    browser.see("Connections", 10).await;
    // Nothing is typed there, so nothing is asked on the way forth.
    browser.eval(&answer(false)).await;
    browser.eval("history.forward()").await;
    is_at(&browser, "/connections/new").await;
    assert_eq!(browser.eval("window.asked").await, json!(0));
}

#[tokio::test]
async fn a_device_whose_clock_is_wrong_sees_what_is_new_as_soon_as_any_other() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    // Ten minutes behind, on every page from now on.
    let slow = "const own = Date.now.bind(Date); Date.now = () => own() - 600000;";
    browser
        .call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": slow }))
        .await;
    browser.goto(&product.url).await;
    browser.see("Nothing is watched yet", 30).await;
    let broker = json!({
        "name": "unreachable",
        "system": "kafka",
        "settings": { "bootstrap_servers": ["127.0.0.1:9"] },
    });
    product.post(path::CONNECTIONS, &broker).await;
    browser.see("unreachable", 40).await;
}

#[tokio::test]
async fn a_switch_that_was_refused_goes_back_to_where_it_was() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    let rule = json!({
        "name": "deep", "metric": "depth", "comparison": "above", "fire": 10.0, "clear": 5.0,
        "severity": "warning", "scope": {},
    });
    product.post(path::RULES, &rule).await;
    let rules: Vec<RuleView> = product.get(path::RULES).await;
    let switch = format!("#rule-on-{}", rules[0].rule.id.0);
    browser.goto(&format!("{}/alerts", product.url)).await;
    browser.find(&format!("{switch}:checked"), 30).await;
    let refused = "const ask = window.fetch; window.fetch = async (what, how) => {\
        const method = what.method ?? how?.method ?? 'GET';\
        if (method === 'GET') return ask(what, how);\
        return new Response(JSON.stringify({ type: 'about:blank', title: 'No', detail: 'The disk is full.', status: 507, remedy: 'Free some space.', fields: [] }),\
            { status: 507, headers: { 'content-type': 'application/problem+json' } });\
    }; true";
    browser.eval(refused).await;
    for _ in 0..2 {
        browser.click(&format!("label:has({switch})")).await;
        browser.see("The disk is full.", 10).await;
        browser.find(&format!("{switch}:checked"), 10).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}
