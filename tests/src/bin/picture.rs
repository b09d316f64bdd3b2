//! Takes a picture of a page: `picture URL FILE WIDTH HEIGHT dark|light`, as often as there are such fives.

use std::path::Path;
use std::time::Duration;

use brokerscope_tests::Browser;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let browser = Browser::open()
        .await
        .expect("BROKERSCOPE_TEST_CHROMIUM names the program");
    for picture in arguments.chunks_exact(5) {
        let [url, file, width, height, theme] = picture else {
            unreachable!("chunks of five")
        };
        browser
            .resize(width.parse().expect("a width"), height.parse().expect("a height"))
            .await;
        browser.goto(url).await;
        browser
            .eval(&format!("localStorage.setItem('brokerscope.theme', '{theme}')"))
            .await;
        browser.goto(url).await;
        browser.find("main h1", 30).await;
        // Charts and the first answers of the live stream need a moment.
        tokio::time::sleep(Duration::from_millis(2500)).await;
        browser.screenshot(Path::new(file)).await;
        println!("{file}");
    }
    for error in browser.console_errors() {
        println!("the page complains: {error}");
    }
}
