//! What a chart over time is given to draw.

use std::sync::Arc;

use brokerscope_contract::api::series::Line;
use brokerscope_contract::{MetricId, metrics};
use brokerscope_figures::crosshair::{self, Steps};
use leptos::prelude::*;

/// One line. Lines of a chart differ by their dash, in their order, as well as by ink.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub label: String,
    pub ink: Ink,
    pub line: Arc<Line>,
}

/// What a line is about decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Waiting,
    In,
    Out,
    Dead,
    Other,
}

impl Ink {
    pub fn of(metric: MetricId) -> Ink {
        match metric {
            metrics::DEPTH | metrics::LAG | metrics::LAG_SECONDS => Ink::Waiting,
            metrics::PUBLISHED | metrics::IN_FLIGHT => Ink::In,
            metrics::ACKNOWLEDGED | metrics::DRAIN_SECONDS | metrics::CONSUMERS => Ink::Out,
            metrics::DEAD_LETTERED | metrics::LOSS_SECONDS | metrics::UNROUTABLE => Ink::Dead,
            _ => Ink::Other,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Ink::Waiting => "ink-waiting",
            Ink::In => "ink-in",
            Ink::Out => "ink-out",
            Ink::Dead => "ink-dead",
            Ink::Other => "ink-other",
        }
    }
}

impl Series {
    /// The classes that give the `nth` line of a chart its ink and dash.
    pub fn class(&self, nth: usize) -> String {
        format!("{} dash-{}", self.ink.class(), nth % 4)
    }

    pub fn steps(&self) -> Steps {
        Steps {
            start: self.line.start.0,
            step: self.line.step_millis,
            len: self.line.values.len(),
        }
    }

    /// The value at a moment; without one, the latest. A gap has none.
    pub fn value(&self, at: Option<i64>) -> Option<f64> {
        let steps = self.steps();
        match at {
            Some(at) => steps
                .nearest(at)
                .and_then(|i| crosshair::value_near(&self.line.values, i, 0)),
            // The newest step may still be filling.
            None => crosshair::value_near(&self.line.values, steps.len.checked_sub(1)?, 2),
        }
    }

    /// Every value that is drawn, extremes included.
    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.drawn().next().is_none()
    }

    pub fn drawn(&self) -> impl Iterator<Item = f64> + '_ {
        let line = &*self.line;
        [&line.values, &line.min, &line.max]
            .into_iter()
            .flat_map(|values| values.iter().flatten().copied())
    }
}

/// A level that means something: where a rule fires or clears.
#[derive(Debug, Clone)]
pub struct Threshold {
    pub value: f64,
    pub label: String,
    pub kind: ThresholdKind,
    /// Called while the line is dragged; without it the line is fixed.
    pub moved: Option<Callback<f64>>,
}

/// A moment at which something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Milliseconds.
    pub at: i64,
    pub label: String,
    /// The class of its colour.
    pub tone: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdKind {
    Fire,
    Clear,
}
