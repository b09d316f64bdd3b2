//! Takes the picture of the README: the shop plays on real brokers while the product watches, then the overview is
//! written to the file that is named.

use std::path::PathBuf;
use std::time::Duration;

use brokerscope_contract::api::path;
use brokerscope_tests::brokers::broker;
use brokerscope_tests::{Browser, Product, scene};
use serde_json::json;

/// Long enough for every verdict of the shop to be drawn, and for lines with a shape.
const WATCHED: Duration = Duration::from_secs(240);

#[tokio::main]
async fn main() {
    let file = PathBuf::from(std::env::args().nth(1).expect("usage: readme-picture FILE"));
    let rabbit = broker("rabbitmq").expect("BROKERSCOPE_TEST_BROKERS=rabbitmq,kafka");
    let kafka = broker("kafka").expect("BROKERSCOPE_TEST_BROKERS=rabbitmq,kafka");
    let browser = Browser::open()
        .await
        .expect("BROKERSCOPE_TEST_CHROMIUM names the program");
    scene::play_rabbitmq(&rabbit).await;
    scene::play_kafka(&kafka).await;
    let product = Product::start().await;
    let settings = json!({"management_urls": rabbit.management, "user": "guest", "password": "guest",
        "interval_seconds": 5});
    let request = json!({"name": "shop", "system": "rabbitmq", "settings": settings});
    product.post(path::CONNECTIONS, &request).await;
    // Only the shop's own: tests leave topics and groups behind.
    let settings = json!({"bootstrap_servers": kafka.bootstrap, "topics_include": scene::TOPICS,
        "groups_include": scene::GROUPS, "interval_seconds": 5});
    let request = json!({"name": "payments-eu", "system": "kafka", "settings": settings});
    product.post(path::CONNECTIONS, &request).await;
    tokio::time::sleep(WATCHED).await;
    browser.resize(1440, 1000).await;
    browser.goto(&product.url).await;
    browser.eval("localStorage.setItem('brokerscope.theme', 'dark')").await;
    browser.goto(&product.url).await;
    browser.find("main h1", 30).await;
    // The first answers of the live stream need a moment.
    tokio::time::sleep(Duration::from_secs(3)).await;
    browser.screenshot(&file).await;
    assert_eq!(browser.console_errors(), Vec::<String>::new(), "the page logs no error");
    println!("{}", file.display());
}
