//! How soon a person sees a page that was never loaded before.

use std::time::Duration;

use crate::measure::percentile;
use crate::{Browser, Product};

/// Times that each page is loaded, each time by a new browser.
pub const LOADS: usize = 5;

/// One page, loaded several times with an empty cache each.
pub struct Loaded {
    /// Milliseconds until the largest contentful paint, the median.
    pub largest_paint: f64,
    /// Bytes of everything but answers of the API, as they were sent.
    pub bytes: f64,
}

/// Loads `path` of the product; it is there once `text` is seen.
///
/// # Panics
/// Without a browser, or when the text does not appear.
#[expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]
pub async fn load(product: &Product, path: &str, text: &str) -> Loaded {
    let (mut paints, mut bytes) = (Vec::new(), 0.0);
    for _ in 0..LOADS {
        let browser = Browser::open()
            .await
            .expect("this benchmark needs BROKERSCOPE_TEST_CHROMIUM");
        browser.resize(1440, 1000).await;
        browser.goto(&format!("{}{path}", product.url)).await;
        browser.see(text, 20).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let paint = "new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))\
            .observe({type: 'largest-contentful-paint', buffered: true}))";
        paints.extend(browser.eval(paint).await.as_f64());
        let sum = "performance.getEntries().filter(e => e.encodedBodySize && !e.name.includes('/api/'))\
            .reduce((sum, e) => sum + e.encodedBodySize, 0)";
        bytes = browser.eval(sum).await.as_f64().unwrap_or(0.0);
    }
    Loaded {
        largest_paint: percentile(&paints, 0.5),
        bytes,
    }
}
