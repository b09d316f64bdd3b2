//! How long the answers behind the pages take.

use std::time::Instant;

use crate::measure::Times;

/// Times that each is asked for.
const REQUESTS: usize = 200;

/// Asks for each path many times, one after the other, and prints a row of the table for it.
pub async fn print(paths: &[String], ask: impl AsyncFn(&str)) {
    for path in paths {
        let mut times = Times::default();
        for _ in 0..REQUESTS {
            let asked = Instant::now();
            ask(path).await;
            times.add(asked.elapsed());
        }
        let (middle, worst) = (times.quantile(0.5), times.quantile(0.99));
        println!("| `GET {path}`, p50 / p99 | {middle:.1} / {worst:.1} ms | 50 ms |");
    }
}
