//! The demo in the browser: from the welcome to a fault, to where it shows, and to the end of the demo.

use brokerscope_contract::api::demo::DemoView;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::not_run;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::{Browser, Product};
use serde_json::json;

use crate::accessibility;

/// The slugs of the faults that are on.
async fn faults_on(product: &Product) -> Vec<String> {
    let demo: DemoView = product.get(path::DEMO).await;
    let on = demo.faults.into_iter().filter(|fault| fault.on);
    on.map(|fault| fault.slug).collect()
}

async fn are_on(product: &Product, expected: &[&str]) {
    eventually(&format!("{expected:?} are on"), 20, || async {
        (faults_on(product).await == expected).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_welcome_leads_to_a_fault_that_shows_where_its_link_goes_and_the_demo_can_be_switched_off() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start_first().await;
    browser.goto(&product.url).await;
    browser.see("This is a demo.", 60).await;
    browser.see("Add your own broker", 5).await;
    browser.click(".notice.demo a[href='/faults']").await;
    browser.see("Inventory consumer stopped", 20).await;
    browser.see("completed", 20).await;

    browser.click("label:has(#fault-inventory-stopped)").await;
    are_on(&product, &["inventory-stopped"]).await;
    browser.click("li:has(#fault-inventory-stopped) a.btn").await;
    browser.see("inventory-service", 30).await;
    browser.see("No consumer", 180).await;

    browser.goto(&format!("{}/faults", product.url)).await;
    browser.find("#fault-inventory-stopped:checked", 30).await;
    browser.click_text("Reset: heal everything").await;
    are_on(&product, &[]).await;
    eventually("the switch is off as well", 20, || async {
        let on = browser
            .eval("document.querySelector('#fault-inventory-stopped:checked') !== null")
            .await;
        (on == json!(false)).then_some(())
    })
    .await;

    browser.goto(&product.url).await;
    browser.see("This is a demo.", 30).await;
    browser.click_text("Switch the demo off").await;
    browser.see("Switch the demo off?", 10).await;
    browser.click("dialog[open] .btn.danger").await;
    browser.see("Nothing is watched yet", 60).await;
    assert_eq!(
        product.send(reqwest::Method::GET, path::DEMO, &json!(null)).await.0,
        404
    );
    assert_eq!(browser.console_errors(), Vec::<String>::new(), "the page logs no error");
}

/// Who leaves a page while it waits for an answer finds the next page in order.
#[tokio::test]
async fn a_page_that_is_left_before_the_answer_to_its_switch_comes_does_no_harm() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start_first().await;
    browser.goto(&format!("{}/faults", product.url)).await;
    browser.find("#fault-hot-key", 60).await;
    // Every answer to a change comes late.
    let late = "const ask = window.fetch; window.fetch = async (what, how) => {\
        const answer = await ask(what, how);\
        const method = what.method ?? how?.method ?? 'GET';\
        if (method !== 'GET') { await new Promise(done => setTimeout(done, 1000)); window.answered = true; }\
        return answer;\
    }; true";
    browser.eval(late).await;
    browser.click("label:has(#fault-hot-key)").await;
    browser.click("nav a[href='/health']").await;
    browser.see("Under-replicated partitions", 60).await;
    eventually("the answer has come", 20, || async {
        (browser.eval("window.answered === true").await == json!(true)).then_some(())
    })
    .await;
    are_on(&product, &["hot-key"]).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    browser.click("nav a[href='/faults']").await;
    browser.find("#fault-hot-key:checked", 30).await;
    assert_eq!(browser.console_errors(), Vec::<String>::new(), "the page logs no error");
}

/// A service of the demo ends by a mistake of ours only, which no test can make: the answer is changed on its way.
#[tokio::test]
async fn services_that_have_ended_are_named_with_the_remedy() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start_first().await;
    browser.goto(&product.url).await;
    browser.see("This is a demo.", 60).await;
    let changed = format!(
        "const ask = window.fetch; window.fetch = async (what, how) => {{\
            const answer = await ask(what, how);\
            if (!(what.url ?? String(what)).endsWith('{}')) return answer;\
            const demo = await answer.json();\
            demo.ended_services = ['payment-service', 'storefront'];\
            return new Response(JSON.stringify(demo), {{ headers: answer.headers }});\
        }}; true",
        path::DEMO
    );
    browser.eval(&changed).await;
    browser.click("nav a[href='/faults']").await;
    browser
        .see("Ended by a mistake in the demo: payment-service, storefront.", 30)
        .await;
    browser.see("Switch the demo off and on again.", 5).await;
    assert_eq!(browser.console_errors(), Vec::<String>::new(), "the page logs no error");
}

#[tokio::test]
async fn the_faults_and_the_welcome_have_no_serious_accessibility_problem() {
    let Some(browser) = Browser::open().await else { return };
    let Some(axe) = accessibility::axe() else {
        return not_run(accessibility::NEEDS_AXE);
    };
    let product = Product::start_first().await;
    eventually("the demo runs", 30, || async {
        let (status, _) = product.send(reqwest::Method::GET, path::DEMO, &json!(null)).await;
        (status == 200).then_some(())
    })
    .await;
    let pages = [("/", ".notice.demo"), ("/faults", "#fault-hot-key")];
    let mut problems = Vec::new();
    for (width, theme) in accessibility::LOOKS {
        accessibility::look(&browser, &product.url, width, theme).await;
        for (page, shown) in pages {
            browser.goto(&format!("{}{page}", product.url)).await;
            browser.find(shown, 60).await;
            let found = accessibility::problems(&browser, &axe).await;
            problems.extend(
                found
                    .into_iter()
                    .map(|one| format!("{page} at {width} px, {theme}: {one}")),
            );
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
