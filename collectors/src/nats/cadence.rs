//! What is asked on a visit: each question has its own pace, which slows down with the size of its answer.

use std::time::Duration;

use brokerscope_contract::Timestamp;

/// Questions that are not asked on every visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// State of streams and consumers.
    JetStream,
    /// Their configuration, which doubles that answer.
    Configuration,
    Connections,
    /// Leaf nodes, gateways, routes.
    Bridges,
    /// Statistics of services, answered by the services themselves.
    Services,
}

const QUESTIONS: usize = 5;

/// When each question was last asked.
#[derive(Debug, Default)]
pub struct Cadence {
    asked: [Option<Timestamp>; QUESTIONS],
    /// Consumers in the last answer.
    consumers: usize,
    /// Objects whose configuration is not known yet.
    unknown: usize,
    /// How long the last answer about streams and consumers took.
    took: Duration,
}

impl Cadence {
    pub fn is_due(&self, question: Question, at: Timestamp, interval: Duration) -> bool {
        let Some(last) = self.asked[question as usize] else {
            return true;
        };
        // A visit comes a little early or late; half an interval decides to which one it belongs.
        let wait = self.pace(question, interval).saturating_sub(interval / 2);
        at.millis_since(last) >= i64::try_from(wait.as_millis()).unwrap_or(i64::MAX) || at < last
    }

    pub fn asked(&mut self, question: Question, at: Timestamp) {
        self.asked[question as usize] = Some(at);
    }

    /// What the last answer about streams and consumers was like.
    pub fn learn(&mut self, consumers: usize, unknown: usize, took: Duration) {
        (self.consumers, self.unknown, self.took) = (consumers, unknown, took);
    }

    /// For people: how often streams and consumers are asked for.
    pub fn described(&self, interval: Duration) -> String {
        let seconds = self.pace(Question::JetStream, interval).max(interval).as_secs();
        format!("streams and consumers every {seconds} s")
    }

    fn pace(&self, question: Question, interval: Duration) -> Duration {
        let seconds = Duration::from_secs;
        match question {
            Question::JetStream => {
                let by_size = match self.consumers {
                    0..=2_000 => interval,
                    2_001..=10_000 => seconds(30),
                    _ => seconds(60),
                };
                // Never more than a tenth of the time, however slow the servers are.
                by_size.max(interval).max(self.took * 10)
            }
            // New objects are described soon, unless there are so many consumers that they come and go all the time.
            Question::Configuration if self.unknown > 0 && self.consumers <= 2_000 => seconds(30),
            Question::Configuration if self.unknown > 0 => seconds(120),
            Question::Configuration => seconds(300),
            Question::Connections => seconds(30).max(interval),
            Question::Bridges | Question::Services => seconds(60).max(interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(15);

    #[test]
    fn the_more_consumers_the_rarer_they_are_asked_for() {
        for (consumers, took, seconds_later, due) in [
            (100, 0.1, 15, true),
            (100, 0.1, 5, false),
            (9_000, 0.1, 15, false),
            (9_000, 0.1, 30, true),
            (50_000, 0.1, 30, false),
            (50_000, 0.1, 60, true),
            (100, 4.0, 15, false),
            (100, 4.0, 40, true),
        ] {
            let mut cadence = Cadence::default();
            cadence.asked(Question::JetStream, Timestamp(0));
            cadence.learn(consumers, 0, Duration::from_secs_f64(took));
            let at = Timestamp(seconds_later * 1_000);
            let seen = cadence.is_due(Question::JetStream, at, INTERVAL);
            assert_eq!(seen, due, "{consumers} consumers, {took} s, after {seconds_later} s");
        }
    }

    #[test]
    fn what_is_new_is_described_soon_but_not_at_once() {
        let mut cadence = Cadence::default();
        cadence.asked(Question::Configuration, Timestamp(0));
        for (unknown, seconds, due) in [(0, 60, false), (0, 300, true), (1, 15, false), (1, 30, true)] {
            cadence.learn(10, unknown, Duration::ZERO);
            let seen = cadence.is_due(Question::Configuration, Timestamp(seconds * 1_000), INTERVAL);
            assert_eq!(seen, due, "{unknown} unknown after {seconds} s");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_silences_nothing() {
        let mut cadence = Cadence::default();
        cadence.asked(Question::Connections, Timestamp(1_000_000));
        assert!(cadence.is_due(Question::Connections, Timestamp(0), INTERVAL));
    }
}
