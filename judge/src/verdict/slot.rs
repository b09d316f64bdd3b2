//! One remembered observation, packed: ten thousand queues keep a dozen of these each.

use brokerscope_contract::Timestamp;

use super::Observation;

/// 48 bytes instead of the 168 of an [`Observation`]. Inside here, and only here, NaN stands for "unknown".
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    at: i64,
    arrived: f64,
    taken: f64,
    /// Exact to 16 million, which is plenty for the past; the newest observation is kept in full elsewhere.
    waiting: f32,
    /// The least that waited at any visit since the slot before this one: thinning must not hide that a
    /// backlog was worked off in between.
    low: f32,
    in_flight: f32,
    limit: f32,
    consumers: f32,
}

impl Slot {
    pub fn pack(seen: &Observation) -> Slot {
        let waiting = small(seen.waiting);
        Slot {
            at: seen.at.0,
            arrived: seen.arrived.unwrap_or(f64::NAN),
            taken: seen.taken.unwrap_or(f64::NAN),
            waiting,
            low: waiting,
            in_flight: small(seen.in_flight),
            limit: small(seen.in_flight_limit),
            consumers: small(seen.consumers),
        }
    }

    /// This slot in the place of `dropped`, an earlier visit that is not worth a slot of its own.
    pub fn in_place_of(mut self, dropped: &Slot) -> Slot {
        // `f32::min` ignores a NaN on either side.
        self.low = self.low.min(dropped.low);
        self
    }

    pub fn at(&self) -> Timestamp {
        Timestamp(self.at)
    }

    pub fn low(&self) -> Option<f64> {
        known(f64::from(self.low))
    }

    pub fn unpack(&self) -> Observation {
        Observation {
            at: Timestamp(self.at),
            waiting: known(f64::from(self.waiting)),
            in_flight: known(f64::from(self.in_flight)),
            in_flight_limit: known(f64::from(self.limit)),
            arrived: known(self.arrived),
            taken: known(self.taken),
            consumers: known(f64::from(self.consumers)),
            // Only the newest counts: see `Window::taking_rate`.
            late: None,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the loss of digits is wanted here, see the fields"
)]
fn small(value: Option<f64>) -> f32 {
    value.map_or(f32::NAN, |value| value as f32)
}

fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}
