//! How long the answers behind the pages take.

use std::time::Instant;

use brokerscope_tests::Product;
use brokerscope_tests::measure::percentile;

/// Times that each is asked for.
const REQUESTS: usize = 200;

/// Asks for each path many times, one after the other, and prints a row of the table for it.
pub async fn print(product: &Product, paths: &[String]) {
    for path in paths {
        let mut millis = Vec::new();
        for _ in 0..REQUESTS {
            let asked = Instant::now();
            let _: serde_json::Value = product.get(path).await;
            millis.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
        let (middle, worst) = (percentile(&millis, 0.5), percentile(&millis, 0.99));
        println!("| `GET {path}`, p50 / p99 | {middle:.1} / {worst:.1} ms | 50 ms |");
    }
}
