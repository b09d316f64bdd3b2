//! How closely a cluster of a given size is watched: closer where it is cheap, and never at the broker's expense.

use std::time::Duration;

/// From the closest to the coarsest. The bounds are numbers of queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Up to 1,000: every figure of every queue on every visit.
    EveryFigure,
    /// Up to 10,000: depth and rates on every visit, bytes and memory once a minute.
    Counts,
    /// Up to 50,000: depth and rates once a minute.
    SlowCounts,
    /// Beyond, or where the broker takes too long: totals of virtual hosts only.
    VhostTotals,
}

/// What is asked, each at its own cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// Depth, in flight, consumers and counters of queues.
    Counts,
    /// Bytes, memory, capacity and age of queues.
    Sizes,
    /// Counters of queues where the Prometheus endpoint has none: versions before 4.0.
    Rates,
    /// Connections, channels, consumers.
    Clients,
    /// Virtual hosts, exchanges, queues, bindings, policies.
    Inventory,
    /// Counters of nodes that only the Prometheus endpoint has.
    NodeCounters,
    HealthChecks,
    /// Shovels and federation links.
    Bridges,
    /// Feature flags and deprecated features, which change with an upgrade or by hand.
    Features,
    /// Which management address belongs to which node.
    Addresses,
}

impl Tier {
    const ALL: [Tier; 4] = [Tier::EveryFigure, Tier::Counts, Tier::SlowCounts, Tier::VhostTotals];

    /// The largest number of queues at this tier.
    fn bound(self) -> f64 {
        match self {
            Tier::EveryFigure => 1_000.0,
            Tier::Counts => 10_000.0,
            Tier::SlowCounts => 50_000.0,
            Tier::VhostTotals => f64::INFINITY,
        }
    }

    fn coarser(self) -> Tier {
        match self {
            Tier::EveryFigure => Tier::Counts,
            Tier::Counts => Tier::SlowCounts,
            Tier::SlowCounts | Tier::VhostTotals => Tier::VhostTotals,
        }
    }

    /// The time between two askings, or `None` where it is not asked. `interval` is the configured one.
    pub fn cadence(self, question: Question, interval: Duration, prometheus: bool) -> Option<Duration> {
        let at_least = |seconds| Some(interval.max(Duration::from_secs(seconds)));
        match (question, self) {
            (Question::Counts, Tier::VhostTotals) => None,
            (Question::Counts, Tier::EveryFigure) if prometheus => Some(interval),
            (Question::Counts, Tier::EveryFigure | Tier::Counts) if prometheus => at_least(15),
            (Question::Counts, Tier::EveryFigure) => at_least(15),
            (Question::Counts, Tier::Counts) => at_least(30),
            (Question::Counts, Tier::SlowCounts) => at_least(60),
            // Without Prometheus the sizes come with the full list, which only the closest tier asks for.
            (Question::Sizes, Tier::EveryFigure) => self.cadence(Question::Counts, interval, prometheus),
            (Question::Sizes, Tier::Counts) if prometheus => at_least(60),
            (Question::Sizes, _) => None,
            (Question::Rates, Tier::EveryFigure) => at_least(30),
            (Question::Rates, _) => None,
            (Question::Clients, Tier::EveryFigure) => at_least(30),
            (Question::Clients, Tier::Counts) => at_least(60),
            (Question::Clients, Tier::SlowCounts) => at_least(5 * 60),
            (Question::Clients, Tier::VhostTotals) => None,
            (Question::Inventory, Tier::EveryFigure) => at_least(60),
            (Question::Inventory, Tier::Counts) => at_least(5 * 60),
            (Question::Inventory, Tier::SlowCounts) => at_least(15 * 60),
            (Question::Inventory, Tier::VhostTotals) => at_least(60 * 60),
            (Question::Bridges, Tier::EveryFigure) => at_least(60),
            (Question::Bridges, Tier::Counts) => at_least(2 * 60),
            (Question::Bridges, Tier::SlowCounts) => at_least(5 * 60),
            (Question::Bridges, Tier::VhostTotals) => at_least(15 * 60),
            // Whether some are in use the broker finds out by looking through its queues.
            (Question::Features, Tier::EveryFigure | Tier::Counts) => at_least(10 * 60),
            (Question::Features, Tier::SlowCounts | Tier::VhostTotals) => at_least(60 * 60),
            (Question::NodeCounters | Question::HealthChecks, _) => at_least(60),
            (Question::Addresses, _) => at_least(5 * 60),
        }
    }

    /// One line for the connection's page.
    pub fn described(self, interval: Duration, prometheus: bool) -> String {
        let source = if prometheus { "Prometheus" } else { "management API" };
        let every = self
            .cadence(Question::Counts, interval, prometheus)
            .unwrap_or(interval)
            .as_secs();
        match self {
            Tier::EveryFigure => format!("every figure of every queue every {every} s ({source})"),
            Tier::Counts => format!("depth and rates of every queue every {every} s, sizes every minute ({source})"),
            Tier::SlowCounts => format!("depth and rates of every queue every {every} s ({source})"),
            Tier::VhostTotals => "totals of virtual hosts only: too many queues to ask for each".into(),
        }
    }
}

/// Chooses the tier, and remembers how slow the broker was.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    tier: Option<Tier>,
    /// Steps below what the size allows, because the broker took too long.
    held_back: u8,
    /// Visits spent at totals only because of that.
    rested: u32,
}

/// After this many visits without asking for queues a slow broker gets another chance: ten minutes at 15 s.
const REST: u32 = 40;

impl Choice {
    /// The tier for a cluster of `queues` queues.
    ///
    /// It steps to a closer tier only when the size is well below that tier's bound: a size around a bound must not
    /// switch to and fro.
    pub fn choose(&mut self, queues: f64) -> Tier {
        let fits = |tier: Tier, slack: f64| queues <= tier.bound() * slack;
        let by_size = Tier::ALL.into_iter().find(|tier| match self.tier {
            Some(now) if *tier < now => fits(*tier, 0.8),
            _ => fits(*tier, 1.0),
        });
        let by_size = by_size.unwrap_or(Tier::VhostTotals);
        // Compared without the holding back, which has its own rule.
        self.tier = Some(by_size);
        let mut tier = self.lowered(by_size);
        if tier == Tier::VhostTotals && by_size != Tier::VhostTotals {
            self.rested += 1;
            if self.rested > REST {
                (self.rested, self.held_back) = (0, self.held_back - 1);
                tier = self.lowered(by_size);
            }
        }
        tier
    }

    fn lowered(&self, tier: Tier) -> Tier {
        (0..self.held_back).fold(tier, |tier, _| tier.coarser())
    }

    /// Notes how long the counts of all queues took, when they are asked every `cadence`.
    ///
    /// More than half of its cadence means that the broker is busy answering us: one step back. It is taken again
    /// when the answer comes in less than a tenth.
    pub fn took(&mut self, seconds: f64, cadence: Duration) {
        let share = seconds / cadence.as_secs_f64().max(1.0);
        if share > 0.5 {
            self.held_back = (self.held_back + 1).min(3);
        } else if share < 0.1 {
            self.held_back = self.held_back.saturating_sub(1);
        }
    }

    /// Whether it is coarser than the size alone would have it.
    pub fn is_held_back(&self) -> bool {
        self.held_back > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(15);

    #[test]
    fn the_size_decides() {
        for (queues, expected) in [
            (0.0, Tier::EveryFigure),
            (1_000.0, Tier::EveryFigure),
            (1_001.0, Tier::Counts),
            (10_000.0, Tier::Counts),
            (10_001.0, Tier::SlowCounts),
            (50_001.0, Tier::VhostTotals),
        ] {
            assert_eq!(Choice::default().choose(queues), expected, "{queues}");
        }
    }

    #[test]
    fn a_size_around_a_bound_does_not_switch_to_and_fro() {
        let mut choice = Choice::default();
        let tiers: Vec<_> = [999.0, 1_001.0, 999.0, 850.0, 799.0, 1_000.0]
            .map(|n| choice.choose(n))
            .into();
        use Tier::{Counts, EveryFigure};
        assert_eq!(tiers, [EveryFigure, Counts, Counts, Counts, EveryFigure, EveryFigure]);
    }

    #[test]
    fn a_slow_broker_is_asked_for_less_until_it_is_quick_again() {
        let mut choice = Choice::default();
        assert_eq!(choice.choose(5_000.0), Tier::Counts);
        choice.took(9.0, INTERVAL);
        assert_eq!(choice.choose(5_000.0), Tier::SlowCounts);
        assert!(choice.is_held_back());
        choice.took(9.0, Duration::from_secs(60));
        assert_eq!(
            choice.choose(5_000.0),
            Tier::SlowCounts,
            "neither slow nor quick: nothing changes"
        );
        choice.took(1.0, Duration::from_secs(60));
        assert_eq!(choice.choose(5_000.0), Tier::Counts);
        for _ in 0..9 {
            choice.took(60.0, INTERVAL);
        }
        assert_eq!(choice.choose(10.0), Tier::VhostTotals);
        let later = (0..REST).map(|_| choice.choose(10.0)).last();
        assert_eq!(later, Some(Tier::SlowCounts), "another chance");
    }

    #[test]
    fn no_question_comes_more_often_than_the_interval_and_coarser_tiers_ask_less() {
        use Question::*;
        for question in [
            Counts,
            Sizes,
            Rates,
            Clients,
            Inventory,
            NodeCounters,
            HealthChecks,
            Bridges,
            Features,
            Addresses,
        ] {
            for prometheus in [true, false] {
                let mut last = Duration::ZERO;
                for tier in Tier::ALL {
                    let cadence = tier.cadence(question, INTERVAL, prometheus).unwrap_or(Duration::MAX);
                    assert!(cadence >= INTERVAL && cadence >= last, "{question:?} at {tier:?}");
                    last = cadence;
                }
            }
        }
        let quick = Duration::from_secs(5);
        assert_eq!(Tier::EveryFigure.cadence(Counts, quick, true), Some(quick));
        assert_eq!(Tier::Counts.cadence(Counts, quick, true), Some(INTERVAL));
        assert_eq!(
            Tier::Counts.cadence(Counts, quick, false),
            Some(Duration::from_secs(30))
        );
    }
}
