//! What a person does, in a real browser against real brokers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use brokerscope_contract::api::alerts::AlertsView;
use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::path;
use brokerscope_contract::{AlertState, Verdict};
use brokerscope_tests::brokers::{broker, broker_alone};
use brokerscope_tests::patience::eventually;
use brokerscope_tests::rabbitmq::{self, Traffic};
use brokerscope_tests::{Browser, Product};
use serde_json::json;

fn unique(name: &str) -> String {
    let nanos = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_nanos();
    format!("{name}.{nanos}")
}

fn no_complaints(browser: &Browser) {
    assert_eq!(browser.console_errors(), Vec::<String>::new(), "the page logs no error");
}

#[tokio::test]
async fn with_nothing_configured_the_page_leads_to_adding_a_connection() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    browser.goto(&product.url).await;
    browser.find("a[href='/connections/new']", 20).await;
    browser.click("main a[href='/connections/new']").await;
    browser.see("RabbitMQ", 10).await;
    browser.see("Apache Kafka", 10).await;
    no_complaints(&browser);
}

#[tokio::test]
async fn a_connection_is_added_and_its_queue_is_seen_to_grow() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let (product, traffic) = (Product::start().await, Traffic::connect(&endpoints).await);
    let queue = unique("journey");
    traffic.declare(&queue, Default::default()).await;

    browser.goto(&format!("{}/connections/new", product.url)).await;
    browser.click("input[name=system][value=rabbitmq]").await;
    browser.fill("#name", "rabbit-eu").await;
    browser.fill("#setting-management_urls", &endpoints.management[0]).await;
    browser.fill("#setting-user", "guest").await;
    browser.fill("#setting-password", "guest").await;
    browser.click_text("Test").await;
    browser.see("login", 30).await;
    browser.click("main form button[type=submit]").await;
    browser.see("rabbit-eu", 20).await;

    traffic.publish(&queue, 25).await;
    browser.goto(&format!("{}/queues?q={queue}", product.url)).await;
    browser.see(&queue, 60).await;
    browser.see("No consumer", 90).await;
    browser.see("25", 10).await;
    assert_eq!(traffic.take(&queue, 25).await, 25);
    browser.see("Ok", 120).await;
    no_complaints(&browser);
    traffic.delete(&queue).await;
}

#[tokio::test]
async fn a_wrong_password_is_named_with_its_remedy_and_the_right_one_connects() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let product = Product::start().await;
    browser.goto(&format!("{}/connections/new", product.url)).await;
    browser.click("input[name=system][value=rabbitmq]").await;
    browser.fill("#name", "rabbit-us").await;
    browser.fill("#setting-management_urls", &endpoints.management[0]).await;
    browser.fill("#setting-user", "guest").await;
    browser.fill("#setting-password", "not the password").await;
    browser.click(".test-panel button").await;
    browser.see("It does not work yet: Login", 60).await;
    browser.see("wrong user or password", 5).await;
    browser.see("Check user and password", 5).await;
    browser.see("not tried, because the login failed", 5).await;

    browser.fill("#setting-password", "guest").await;
    browser.click(".test-panel button").await;
    browser.see("logged in as guest", 60).await;
    browser.click("main form button[type=submit]").await;
    browser.see("rabbit-us", 20).await;
    eventually("it is visited", 60, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        (views[0].judgement.verdict == Verdict::Ok).then_some(())
    })
    .await;
    no_complaints(&browser);
}

#[tokio::test]
async fn a_stopped_broker_is_said_so_with_its_last_figures_and_recovers_by_itself() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker_alone("rabbitmq")) else {
        return;
    };
    let product = Product::start().await;
    let queue = unique("restart");
    let traffic = Traffic::connect(&endpoints).await;
    traffic.declare(&queue, Default::default()).await;
    traffic.publish(&queue, 7).await;
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest",
        "interval_seconds": 5});
    let connection = json!({"name": "rabbit-restart", "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &connection).await;
    let entity = eventually("the queue is known", 60, || async {
        let rows: Rows = product.get(&format!("{}?q={queue}", path::DESTINATIONS)).await;
        let row = rows.page.items.into_iter().find(|row| row.entity.name == queue)?;
        (row.depth.value == Some(7.0)).then_some(row.entity.id.0)
    })
    .await;
    browser.goto(&product.url).await;
    browser.see("rabbit-restart", 20).await;

    rabbitmq::stop(&endpoints);
    // Whatever fails from here on, the broker is started again first: other tests need it.
    let said = tokio::time::timeout(Duration::from_secs(120), async {
        browser.see("Unreachable", 90).await;
        browser.see("since", 5).await;
        browser.goto(&format!("{}/entities/{entity}", product.url)).await;
        browser.find(".figure.stale", 20).await;
        browser.see("7", 5).await;
    });
    let said = futures_util::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(said)).await;
    rabbitmq::start(&endpoints);
    said.expect("the page says that the broker is gone").expect("in time");

    eventually("the connection is well again", 120, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        (views[0].judgement.verdict == Verdict::Ok).then_some(())
    })
    .await;
    eventually("the open page shows fresh figures", 30, || async {
        let stale = browser.eval("document.querySelector('.figure.stale') !== null").await;
        (stale == json!(false)).then_some(())
    })
    .await;
    // The page asked for nothing that failed: it was only the broker that was gone.
    no_complaints(&browser);
    Traffic::connect(&endpoints).await.delete(&queue).await;
}

#[tokio::test]
async fn a_threshold_is_set_on_a_queue_and_fires() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let (product, traffic) = (Product::start().await, Traffic::connect(&endpoints).await);
    let queue = unique("threshold");
    traffic.declare(&queue, Default::default()).await;
    traffic.publish(&queue, 5).await;
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest",
        "interval_seconds": 5});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    let entity = eventually("the queue is known", 60, || async {
        let rows: Rows = product.get(&format!("{}?q={queue}", path::DESTINATIONS)).await;
        let row = rows.page.items.into_iter().find(|row| row.entity.name == queue)?;
        (row.depth.value == Some(5.0)).then_some(row.entity.id.0)
    })
    .await;

    browser
        .goto(&format!("{}/rules/new?entity={entity}&metric=depth", product.url))
        .await;
    browser.fill("#rule-fire", "20").await;
    browser.fill("#rule-clear", "10").await;
    browser.fill("#rule-for_seconds", "0").await;
    browser.see("fired", 20).await;
    browser.click_text("Save rule").await;
    browser.see("rules", 20).await;
    traffic.publish(&queue, 30).await;
    eventually("the alert fires", 60, || async {
        let alerts: AlertsView = product.get(path::ALERTS).await;
        alerts
            .active
            .iter()
            .any(|alert| alert.state == AlertState::Firing)
            .then_some(())
    })
    .await;
    browser.goto(&format!("{}/alerts", product.url)).await;
    browser.see(&queue, 20).await;
    eventually("the title counts it", 20, || async {
        let title = browser.eval("document.title").await;
        title
            .as_str()
            .is_some_and(|title| title.starts_with("(1)"))
            .then_some(())
    })
    .await;
    assert_eq!(traffic.take(&queue, 35).await, 35);
    eventually("the alert ends", 60, || async {
        let alerts: AlertsView = product.get(path::ALERTS).await;
        (alerts.active.is_empty() && !alerts.ended.is_empty()).then_some(())
    })
    .await;
    no_complaints(&browser);
    traffic.delete(&queue).await;
}

#[tokio::test]
async fn a_kill_of_the_product_loses_at_most_the_last_second_and_the_page_comes_back() {
    let (Some(browser), Some(endpoints)) = (Browser::open().await, broker("rabbitmq")) else {
        return;
    };
    let (mut product, traffic) = (Product::start().await, Traffic::connect(&endpoints).await);
    let queue = unique("survivor");
    traffic.declare(&queue, Default::default()).await;
    traffic.publish(&queue, 3).await;
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest",
        "interval_seconds": 5});
    product
        .post(
            path::CONNECTIONS,
            &json!({"name": "rabbit", "system": "rabbitmq", "settings": settings}),
        )
        .await;
    let known = |product: &Product| {
        let url = format!("{}{}?q={queue}", product.url, path::DESTINATIONS);
        async move {
            reqwest::get(url)
                .await
                .ok()?
                .json::<Rows>()
                .await
                .ok()?
                .page
                .items
                .into_iter()
                .next()
        }
    };
    let before = eventually("its depth is stored", 60, || async {
        let row = known(&product).await?;
        (row.judgement.verdict == Verdict::NoConsumer).then_some(row)
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    product.kill_and_restart();
    let after = known(&product).await.expect("it is there at once, from the store");
    assert_eq!(after.entity.id, before.entity.id);
    assert_eq!(after.depth.value, Some(3.0));
    browser
        .goto(&format!("{}/entities/{}", product.url, after.entity.id.0))
        .await;
    browser.see(&queue, 20).await;
    no_complaints(&browser);
    traffic.delete(&queue).await;
}

#[tokio::test]
async fn keys_open_the_palette_and_the_help_and_go_places() {
    let Some(browser) = Browser::open().await else { return };
    let product = Product::start().await;
    browser.goto(&product.url).await;
    browser.find("main h1", 20).await;
    browser.press("k", 2).await;
    browser.find("dialog[open] input", 5).await;
    browser.press("Escape", 0).await;
    eventually("Escape closes it", 10, || async {
        let open = browser.eval("document.querySelector('dialog[open]') !== null").await;
        (open == json!(false)).then_some(())
    })
    .await;
    eventually("g h goes to the health page", 20, || async {
        // Pressed anew each time: on a busy machine the two can be further apart than a pair may be.
        browser.press("g", 0).await;
        browser.press("h", 0).await;
        (browser.eval("location.pathname").await == json!("/health")).then_some(())
    })
    .await;
    browser.press("?", 0).await;
    browser.see("keyboard", 10).await;
    no_complaints(&browser);
}
