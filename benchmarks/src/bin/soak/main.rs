//! The demo with faults switched at random, for half an hour or so many minutes: nothing panics, nothing grows, orders
//! add up, positions never go back, and after the last Reset everything is well.
//!
//! `soak [minutes] [seed]`. Ends with an error when anything was not so.

#![expect(clippy::expect_used, reason = "a benchmark that cannot go on says why and ends")]

mod offsets;
mod orders;
mod watch;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::demo::{DemoView, OrderTotals};
use brokerscope_contract::api::path;
use brokerscope_tests::Product;
use brokerscope_tests::measure::{cpu_seconds, percentile};
use brokerscope_tests::patience::eventually;
use reqwest::Method;
use serde_json::json;

use offsets::Offsets;
use orders::Orders;
use watch::{Watch, well_again};

const MINUTES: u64 = 30;
/// After each part all faults are healed and memory is taken at rest.
const PARTS: u32 = 3;
/// Topics fill up to their retention for a quarter of an hour. Growth is what comes after the last part but one, and
/// that must have ended later.
const FILLED_AFTER: Duration = Duration::from_secs(1_000);
/// Faults that are on at the same time.
const MOST_FAULTS: usize = 4;
/// Between two switches.
const SWITCH_SECONDS: std::ops::Range<u64> = 3..20;
const LOOKS_EVERY: Duration = Duration::from_secs(2);
/// Memory at rest may differ by this much between two parts: what an allocator keeps.
const GROWTH_BAR: f64 = 8.0;
/// Verdicts look back over five minutes, and what had waited makes dead letters for a minute after Reset.
const WELL_AGAIN_BAR: f64 = 600.0;
/// What was counted is announced, and read, after so long.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// Orders that are under way when all is well: some twenty a second, a few seconds each.
const FEW_ORDERS: u64 = 150;

#[tokio::main]
async fn main() -> ExitCode {
    let given: Vec<u64> = std::env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"))
        .collect();
    let minutes = given.first().copied().unwrap_or(MINUTES);
    let seed = given.get(1).copied().unwrap_or_else(|| fastrand::u64(..1_000_000));
    eprintln!("{minutes} minutes, seed {seed}");
    let product = Product::start_first().await;
    let servers = eventually("the demo is watched", 30, || async {
        let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
        let servers = views.first()?.settings.get("bootstrap_servers")?.as_array()?.clone();
        let servers: Vec<&str> = servers.iter().filter_map(|server| server.as_str()).collect();
        Some(servers.join(","))
    })
    .await;
    let orders = Orders::watch(servers.clone());
    let offsets = Offsets::watch(servers);
    let mut soak = Soak {
        watch: Watch::new(product.pid()),
        random: fastrand::Rng::with_seed(seed),
        switched: 0,
        product,
    };
    let (begun, cpu_before) = (Instant::now(), cpu_seconds(soak.product.pid()));
    let part = Duration::from_secs(minutes * 60) / PARTS;
    let mut rests = Vec::new();
    for number in 1..=PARTS {
        soak.storm(part).await;
        let calm = if number < PARTS { Calm::Orders } else { Calm::Verdicts };
        rests.push(soak.rest(calm).await);
    }
    let cpu = cpu_seconds(soak.product.pid()).zip(cpu_before);
    let cpu_share = cpu.map_or(0.0, |(after, before)| after - before) / begun.elapsed().as_secs_f64();
    let before = soak.watch.totals;
    tokio::time::sleep(READ_WITHIN).await;
    let read = orders.counted();
    soak.watch.look(&soak.product).await;
    let contradictions = orders.end();
    soak.watch.look_at_log(&soak.product);
    let (positions, silent, back) = offsets.end();

    let mut wrong = soak.watch.panics.clone();
    wrong.extend(back.iter().cloned());
    wrong.extend(
        rests
            .iter()
            .flat_map(|rest| &rest.not_well)
            .map(|one| format!("not well after Reset: {one}")),
    );
    if soak.watch.wrong_totals > 0 {
        wrong.push("orders did not add up".to_string());
    }
    if !orders::fits(before, read, soak.watch.totals) {
        wrong.push(format!(
            "read were {read:?}, while the shop counted {before:?} before and {:?} after",
            soak.watch.totals
        ));
    }
    wrong.extend(contradictions.iter().cloned());
    let is_filled = part * (PARTS - 1) >= FILLED_AFTER;
    if let [.., before, last] = &rests[..]
        && is_filled
        && last.memory > before.memory + GROWTH_BAR
    {
        wrong.push("memory has grown".to_string());
    }
    let about = format!(
        "The demo for {minutes} minutes while up to {MOST_FAULTS} faults are on at a time, switched at random {} times \
         (seed {seed}); then Reset.",
        soak.switched
    );
    let growth = if is_filled {
        format!("the last part: + {GROWTH_BAR} MB")
    } else {
        "too short to say".to_string()
    };
    let offsets = (positions, silent, back.len());
    let rows = rows(&soak.watch, read, &rests, &growth, cpu_share, offsets);
    let section = format!(
        "{about}\n\n| figure | value | bar |\n|---|---|---|\n{}",
        rows.join("\n")
    );
    println!("{section}");
    if wrong.is_empty() {
        return ExitCode::SUCCESS;
    }
    // What a failure prints on standard output goes nowhere.
    eprintln!("{section}\n");
    wrong.iter().for_each(|one| eprintln!("WRONG: {one}"));
    ExitCode::FAILURE
}

fn rows(
    watch: &Watch,
    read: OrderTotals,
    rests: &[Rest],
    growth: &str,
    cpu_share: f64,
    offsets: (usize, usize, usize),
) -> Vec<String> {
    let (totals, (positions, silent, back)) = (watch.totals, offsets);
    let memory: Vec<_> = rests.iter().map(|rest| format!("{:.1}", rest.memory)).collect();
    let well_after = rests
        .last()
        .and_then(|last| last.well_after)
        .map_or("never".to_string(), |seconds| format!("{seconds:.0} s"));
    vec![
        format!(
            "| orders taken = completed + cancelled + in flight | {} = {} + {} + {} | |",
            totals.orders, totals.completed, totals.cancelled, totals.in_flight
        ),
        format!(
            "| announced in the topic `orders`: placed, completed, cancelled | {}, {}, {} | as counted |",
            read.orders, read.completed, read.cancelled
        ),
        format!(
            "| looks at which they did not add up or went back | {} of {} | 0 |",
            watch.wrong_totals, watch.looks
        ),
        format!("| committed positions that went back | {back} of {positions} | 0 |"),
        format!("| looks at a group that got no answer, as while its coordinator moves | {silent} | |"),
        format!("| lines in the log that tell of a panic | {} | 0 |", watch.panics.len()),
        format!(
            "| memory at rest, after each third | {} MB | {growth} |",
            memory.join(" / ")
        ),
        format!("| memory, largest | {:.1} MB | |", percentile(&watch.memory, 1.0)),
        format!("| processor, share of one core | {:.0} % | |", cpu_share * 100.0),
        format!("| from Reset until every verdict and check is well | {well_after} | {WELL_AGAIN_BAR} s |"),
    ]
}

struct Soak {
    product: Product,
    watch: Watch,
    random: fastrand::Rng,
    switched: usize,
}

/// What is waited for after a reset.
#[derive(Clone, Copy)]
enum Calm {
    /// The orders that had waited are done.
    Orders,
    /// And every verdict says that all is well.
    Verdicts,
}

/// What a time without faults came to.
struct Rest {
    /// In MB.
    memory: f64,
    /// Seconds from Reset on.
    well_after: Option<f64>,
    not_well: Vec<String>,
}

impl Soak {
    /// Faults come and go.
    async fn storm(&mut self, time: Duration) {
        let (end, mut switch_at) = (Instant::now() + time, Instant::now());
        while Instant::now() < end {
            if Instant::now() >= switch_at {
                self.switch().await;
                switch_at = Instant::now() + Duration::from_secs(self.random.u64(SWITCH_SECONDS));
            }
            tokio::time::sleep(LOOKS_EVERY).await;
            self.watch.look(&self.product).await;
        }
    }

    async fn switch(&mut self) {
        let demo: DemoView = self.product.get(path::DEMO).await;
        let on = demo.faults.iter().filter(|fault| fault.on).count();
        // When enough are on, one of them goes.
        let choice: Vec<_> = demo
            .faults
            .iter()
            .filter(|fault| on < MOST_FAULTS || fault.on)
            .collect();
        let Some(fault) = self.random.choice(choice) else {
            return;
        };
        eprintln!("{} {}", fault.slug, if fault.on { "off" } else { "on" });
        let path = format!("{}/{}", path::DEMO_FAULTS, fault.slug);
        let (status, answer) = self.product.send(Method::PUT, &path, &json!({ "on": !fault.on })).await;
        assert_eq!(status, 200, "{}: {answer}", fault.slug);
        self.switched += 1;
    }

    /// Heals everything, waits until that shows, and takes memory then.
    async fn rest(&mut self, calm: Calm) -> Rest {
        eprintln!("reset");
        self.product.post(path::DEMO_RESET, &json!({})).await;
        let begun = Instant::now();
        let (mut well_after, mut not_well) = (None, Vec::new());
        while well_after.is_none() && begun.elapsed().as_secs_f64() < WELL_AGAIN_BAR {
            tokio::time::sleep(LOOKS_EVERY).await;
            self.watch.look(&self.product).await;
            not_well = match calm {
                Calm::Orders => Vec::new(),
                Calm::Verdicts => well_again(&self.product).await,
            };
            if self.watch.totals.in_flight > FEW_ORDERS {
                not_well.push(format!("{} orders are in flight", self.watch.totals.in_flight));
            }
            well_after = not_well.is_empty().then(|| begun.elapsed().as_secs_f64());
        }
        let before = self.watch.memory.len();
        for _ in 0..10 {
            tokio::time::sleep(LOOKS_EVERY).await;
            self.watch.look(&self.product).await;
        }
        let memory = percentile(self.watch.memory.get(before..).unwrap_or_default(), 0.5);
        eprintln!("at rest after {well_after:?} s with {memory:.1} MB; {not_well:?}");
        Rest {
            memory,
            well_after,
            not_well,
        }
    }
}
