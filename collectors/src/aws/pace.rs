//! How many questions a visit may ask of one account in one region, and how that falls and rises with throttling. Pure.

/// Questions of one visit about queues: one for each. The rest of the 1,050 requests of a visit is for lists, CloudWatch
/// and what is asked in turn.
pub const MOST: usize = 1_000;
/// Even a place that throttles is asked this much.
const LEAST: usize = 20;
/// Questions at the same time, over all accounts and regions of a connection.
pub const AT_ONCE: usize = 8;
/// Questions of one visit about details that change rarely: topics, subscriptions, move tasks.
pub const DETAILS: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    allowed: usize,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { allowed: MOST }
    }
}

impl Pace {
    /// Questions that the next visit may ask about queues.
    pub fn allowed(self) -> usize {
        self.allowed
    }

    /// The place slowed us down after so many answers: half of what it took.
    pub fn throttled(&mut self, answered: usize) {
        self.allowed = (answered.min(self.allowed) / 2).max(LEAST);
    }

    /// A visit without a complaint: a quarter more next time.
    pub fn went_well(&mut self) {
        self.allowed = (self.allowed + self.allowed / 4 + 1).min(MOST);
    }

    pub fn is_held_back(self) -> bool {
        self.allowed < MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttling_halves_and_patience_restores() {
        let mut pace = Pace::default();
        assert!(!pace.is_held_back());
        pace.throttled(300);
        assert_eq!(pace.allowed(), 150);
        pace.throttled(0);
        assert_eq!(pace.allowed(), LEAST, "never nothing");
        let mut visits = 0;
        while pace.is_held_back() {
            pace.went_well();
            visits += 1;
        }
        assert!((10..30).contains(&visits), "{visits}");
        assert_eq!(pace.allowed(), MOST);
    }
}
