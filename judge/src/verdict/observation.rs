//! What one visit saw of one thing that is read: a queue, or a partition as a group reads it.

use brokerscope_contract::Timestamp;

/// Unknown parts are `None`; a zero was measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Observation {
    pub at: Timestamp,
    /// Messages that wait: a queue's depth, a partition's lag.
    pub waiting: Option<f64>,
    /// Messages delivered and not yet acknowledged.
    pub in_flight: Option<f64>,
    /// The most messages that the present readers may hold unacknowledged.
    pub in_flight_limit: Option<f64>,
    /// A counter: messages published, or the partition's end offset.
    pub arrived: Option<f64>,
    /// A counter: messages acknowledged (delivered, where nothing is acknowledged), or the committed offset.
    pub taken: Option<f64>,
    /// Readers that are connected.
    pub consumers: Option<f64>,
    /// What is counted, where it is told later than what waits; then `arrived` and `taken` are unknown.
    pub late: Option<Late>,
}

/// Counters with a time of their own: clouds tell them minutes late, for periods of minutes.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Late {
    /// Until when it was counted.
    pub at: Timestamp,
    /// A counter: messages acknowledged.
    pub taken: Option<f64>,
    /// Messages per second over the last periods.
    pub arriving: Option<f64>,
    pub taking: Option<f64>,
}

impl Observation {
    /// An observation that knows nothing yet but its time.
    pub fn at(at: Timestamp) -> Observation {
        Observation {
            at,
            ..Observation::default()
        }
    }
}
