//! What librdkafka's statistics say of our own cost: requests sent and bytes received.

use serde::Deserialize;

use super::happening::Happening;

/// The totals of one client since it was made. The document has hundreds of fields more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub struct Totals {
    /// Requests sent to brokers.
    tx: u64,
    /// Bytes received from brokers.
    rx_bytes: u64,
}

/// Turns totals into the cost of the time between two documents, which come once per visit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter {
    last: Totals,
    step: Option<Totals>,
}

impl Meter {
    pub fn take(&mut self, happenings: &[Happening]) {
        for happening in happenings {
            let Happening::Statistics(document) = happening else {
                continue;
            };
            let Ok(totals) = serde_json::from_str::<Totals>(document) else {
                continue;
            };
            self.step = Some(Totals {
                tx: totals.tx.saturating_sub(self.last.tx),
                rx_bytes: totals.rx_bytes.saturating_sub(self.last.rx_bytes),
            });
            self.last = totals;
        }
    }

    /// A new client counts from zero; what the last one cost stands until it has reported.
    pub fn restart(&mut self) {
        self.last = Totals::default();
    }

    /// Requests and bytes of the latest full interval; `None` before the first report.
    pub fn per_visit(&self) -> Option<(u32, u64)> {
        let step = self.step?;
        Some((u32::try_from(step.tx).unwrap_or(u32::MAX), step.rx_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(tx: u64, rx_bytes: u64) -> Happening {
        Happening::Statistics(format!(
            r#"{{"name": "x", "tx": {tx}, "tx_bytes": 1, "rx_bytes": {rx_bytes}, "brokers": {{}}}}"#
        ))
    }

    #[test]
    fn the_cost_is_the_step_between_two_documents() {
        let mut meter = Meter::default();
        assert_eq!(meter.per_visit(), None);
        meter.take(&[document(10, 1_000)]);
        assert_eq!(meter.per_visit(), Some((10, 1_000)));
        meter.take(&[document(25, 1_500), Happening::Statistics("garbage".into())]);
        assert_eq!(meter.per_visit(), Some((15, 500)));
        meter.restart();
        assert_eq!(meter.per_visit(), Some((15, 500)));
        meter.take(&[document(4, 40)]);
        assert_eq!(meter.per_visit(), Some((4, 40)));
    }
}
