//! Thresholds to begin with: above what is usual, cleared well below.

use brokerscope_contract::{Comparison, MetricId, MetricKind, Unit};

use crate::forms::number;

/// `(fire, clear)` by the metric's unit alone.
pub fn without_data(metric: MetricId) -> (f64, f64) {
    let def = metric.def();
    match (def.kind, def.unit) {
        (MetricKind::Counter, _) => (100.0, 80.0),
        (_, Unit::Seconds) => (300.0, 240.0),
        (_, Unit::Ratio) => (0.9, 0.8),
        (_, Unit::Bytes) => (1e9, 8e8),
        (_, Unit::Count) => (10.0, 8.0),
        (_, Unit::Messages | Unit::Offset) => (10_000.0, 8_000.0),
    }
}

/// `(fire, clear)` beyond the extremes of the stored past by a quarter; nothing when there was only zero.
pub fn from_past(low: f64, high: f64, comparison: Comparison, unit: Unit) -> Option<(f64, f64)> {
    let (fire, clear) = match comparison {
        Comparison::Above if high > 0.0 => (number::rounded(high * 1.25, 2), number::rounded(high, 2)),
        Comparison::Below if low > 0.0 => (number::rounded(low * 0.75, 2), number::rounded(low, 2)),
        _ => return None,
    };
    match unit {
        Unit::Ratio => Some((fire.min(1.0), clear.min(1.0))),
        // Whole things: a threshold of 1.25 readers means nothing.
        Unit::Messages | Unit::Count | Unit::Offset if fire > 3.0 => Some((fire.round(), clear.round())),
        _ => Some((fire, clear)),
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::metrics;

    use super::*;

    #[test]
    fn every_metric_has_thresholds_that_clear_below_firing() {
        for def in metrics::all() {
            let (fire, clear) = without_data(def.id);
            assert!(clear < fire, "{}", def.id);
        }
    }

    #[test]
    fn the_past_sets_them_beyond_its_extremes() {
        assert_eq!(
            from_past(0.0, 8_000.0, Comparison::Above, Unit::Messages),
            Some((10_000.0, 8_000.0))
        );
        assert_eq!(from_past(4.0, 9.0, Comparison::Below, Unit::Count), Some((3.0, 4.0)));
        assert_eq!(from_past(0.1, 0.97, Comparison::Above, Unit::Ratio), Some((1.0, 0.97)));
        assert_eq!(from_past(0.0, 0.0, Comparison::Above, Unit::Messages), None);
        assert_eq!(from_past(0.0, 5.0, Comparison::Below, Unit::Messages), None);
    }
}
