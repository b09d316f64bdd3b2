//! Looks at the product: what its orders add up to, its memory, its log, and whether anything is not well.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::demo::{DemoView, OrderTotals};
use brokerscope_contract::api::entities::{EntityRow, Rows};
use brokerscope_contract::api::health::HealthView;
use brokerscope_contract::api::path;
use brokerscope_contract::{Status, Verdict};
use brokerscope_tests::Product;
use brokerscope_tests::measure::resident_bytes;

#[derive(Default)]
pub struct Watch {
    pid: u32,
    pub looks: usize,
    /// At the last look.
    pub totals: OrderTotals,
    pub wrong_totals: usize,
    /// In MB, at each look.
    pub memory: Vec<f64>,
    pub panics: Vec<String>,
}

impl Watch {
    pub fn new(pid: u32) -> Watch {
        Watch {
            pid,
            ..Watch::default()
        }
    }

    pub async fn look(&mut self, product: &Product) {
        let demo: DemoView = product.get(path::DEMO).await;
        let (before, now) = (self.totals, demo.totals);
        let adds_up = now.orders == now.completed + now.cancelled + now.in_flight;
        let goes_on =
            now.orders >= before.orders && now.completed >= before.completed && now.cancelled >= before.cancelled;
        if !adds_up || !goes_on {
            eprintln!("orders went from {before:?} to {now:?}");
            self.wrong_totals += 1;
        }
        self.totals = now;
        self.looks += 1;
        self.memory
            .extend(resident_bytes(self.pid).map(|bytes| bytes as f64 / 1e6));
    }

    pub fn look_at_log(&mut self, product: &Product) {
        let log = product.log();
        let told = log.lines().filter(|line| line.contains("panic"));
        self.panics = told.map(str::to_string).collect();
    }
}

/// Everything that is not well, by name. A group that has had nothing to read yet is unknown, and that is not wrong.
pub async fn well_again(product: &Product) -> Vec<String> {
    let mut not_well = Vec::new();
    let views: Vec<ConnectionView> = product.get(path::CONNECTIONS).await;
    for view in views.iter().filter(|view| view.judgement.verdict != Verdict::Ok) {
        not_well.push(format!("{}: {}", view.name, view.judgement.sentence));
    }
    for table in [path::DESTINATIONS, path::SUBSCRIPTIONS] {
        let rows: Rows = product.get(&format!("{table}?verdict=attention&limit=500")).await;
        let wrong = |row: &&EntityRow| row.judgement.verdict != Verdict::Unknown;
        let named = rows.page.items.iter().filter(wrong);
        not_well.extend(named.map(|row| format!("{}: {}", row.entity.name, row.judgement.sentence)));
    }
    let health: Vec<HealthView> = product.get(path::HEALTH).await;
    let checks = health.iter().flat_map(|view| &view.checks);
    let failing = checks.filter(|check| matches!(check.status, Status::Warning | Status::Critical));
    not_well.extend(failing.map(|check| format!("{}: {}", check.entity.name, check.text)));
    not_well
}
