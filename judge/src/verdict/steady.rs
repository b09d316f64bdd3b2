//! From one visit's assessment to a judgement that holds: two visits must agree before a verdict changes.

use brokerscope_contract::{Judgement, Timestamp, Verdict};

use super::Assessment;

/// Two, because one visit can fall into a restart, an election or a burst; three would hide a short trouble at the
/// usual 15 s for the better part of a minute.
const AGREEING: u8 = 2;

/// How long an earlier judgement stands while nothing can be decided: three windows.
const HELD_MILLIS: i64 = 900_000;

/// What became of the judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Same,
    /// The same verdict with other numbers.
    Sentence,
    /// Another verdict, or the same one anew: worth storing.
    Verdict,
}

/// The judgement in force and the one that wants to follow it.
#[derive(Debug, Clone, Default)]
pub struct Steady {
    current: Option<Judgement>,
    decided_at: Timestamp,
    /// Visits in a row that disagreed with the judgement in force, the newest one's verdict and since when.
    rival: Option<Rival>,
    /// The judgement comes from before a restart: weak evidence does not soften it.
    resumed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Rival {
    verdict: Verdict,
    since: Timestamp,
    visits: u8,
}

impl Steady {
    /// Goes on with a stored judgement that was last confirmed at `decided_at`.
    pub fn resume(judgement: Judgement, decided_at: Timestamp) -> Steady {
        Steady {
            current: Some(judgement),
            decided_at,
            rival: None,
            resumed: true,
        }
    }

    /// The clock jumped, and what was observed before cannot be compared with what comes: the judgement stands as if
    /// confirmed at `now`.
    pub fn hold_from(&mut self, now: Timestamp) {
        self.decided_at = now;
        self.rival = None;
        self.resumed = true;
    }

    pub fn judgement(&self) -> Option<&Judgement> {
        self.current.as_ref()
    }

    pub fn verdict(&self) -> Option<Verdict> {
        self.current.as_ref().map(|current| current.verdict)
    }

    /// Takes what the visit at `at` says.
    pub fn take(&mut self, said: Assessment, at: Timestamp) -> Change {
        let Some(current) = &self.current else {
            return self.first(said, at);
        };
        // What proves nothing neither supports a rival nor refutes it.
        if said.undecided && self.holds(current, at) {
            return match current.verdict {
                // Its numbers are of the last visit that could decide, and may be far from what waits now.
                Verdict::Ok => self.say(said.sentence),
                _ => Change::Same,
            };
        }
        if self.resumed && said.early && said.verdict.rank() > current.verdict.rank() && self.holds(current, at) {
            return Change::Same;
        }
        if said.verdict == current.verdict && said.absent == current.absent {
            return self.confirm(said, at);
        }
        let visits = self.rival.map_or(1, |rival| rival.visits.saturating_add(1));
        let since = match self.rival {
            Some(rival) if rival.verdict == said.verdict => rival.since,
            _ => at,
        };
        // Unknown gives way at once to ok: there was no verdict that could flap.
        let at_once = current.verdict == Verdict::Unknown && said.verdict == Verdict::Ok;
        if visits >= AGREEING || at_once {
            return self.replace(said, since, at);
        }
        self.rival = Some(Rival {
            verdict: said.verdict,
            since,
            visits,
        });
        Change::Same
    }

    /// The first assessment ever. What is bad is confirmed by the next visit first.
    fn first(&mut self, said: Assessment, at: Timestamp) -> Change {
        if matches!(said.verdict, Verdict::Ok | Verdict::Unknown) {
            return self.replace(said, at, at);
        }
        let rival = Rival {
            verdict: said.verdict,
            since: at,
            visits: 1,
        };
        let change = self.replace(
            Assessment::undecided("Seen once so far; judged on the next visit."),
            at,
            at,
        );
        self.rival = Some(rival);
        change
    }

    fn holds(&self, current: &Judgement, at: Timestamp) -> bool {
        current.verdict != Verdict::Unknown && (0..=HELD_MILLIS).contains(&at.millis_since(self.decided_at))
    }

    fn confirm(&mut self, said: Assessment, at: Timestamp) -> Change {
        self.rival = None;
        self.decided_at = at;
        self.resumed = false;
        self.say(said.sentence)
    }

    /// The judgement in force in other words.
    fn say(&mut self, sentence: String) -> Change {
        match &mut self.current {
            Some(current) if current.sentence != sentence => {
                current.sentence = sentence;
                Change::Sentence
            }
            _ => Change::Same,
        }
    }

    fn replace(&mut self, said: Assessment, since: Timestamp, at: Timestamp) -> Change {
        self.rival = None;
        self.decided_at = at;
        self.resumed = false;
        self.current = Some(Judgement {
            verdict: said.verdict,
            sentence: said.sentence,
            // What the facts tell about the beginning is better than when it was first noticed.
            since: said.since.map_or(since, |told| told.min(since)),
            absent: said.absent,
        });
        Change::Verdict
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Absence;

    use super::*;

    fn says(verdict: Verdict) -> Assessment {
        Assessment::new(verdict, format!("{verdict:?}"))
    }

    fn run(steady: &mut Steady, said: &[(i64, Assessment)]) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for (seconds, assessment) in said {
            steady.take(assessment.clone(), Timestamp(seconds * 1_000));
            verdicts.extend(steady.verdict());
        }
        verdicts
    }

    #[test]
    fn one_bad_visit_changes_nothing_and_two_do() {
        use Verdict::{Ok, Slow};
        let mut steady = Steady::default();
        let said = [
            (0, says(Ok)),
            (15, says(Slow)),
            (30, says(Ok)),
            (45, says(Slow)),
            (60, says(Slow)),
            (75, says(Ok)),
        ];
        assert_eq!(run(&mut steady, &said), [Ok, Ok, Ok, Ok, Slow, Slow]);
        assert_eq!(
            steady.judgement().unwrap().since,
            Timestamp(45_000),
            "since it was first seen, not confirmed"
        );
        assert_eq!(run(&mut steady, &[(90, says(Ok))]), [Ok]);
    }

    #[test]
    fn a_bad_first_visit_waits_for_the_second() {
        let mut steady = Steady::default();
        let said = [(0, says(Verdict::NoConsumer)), (15, says(Verdict::NoConsumer))];
        assert_eq!(run(&mut steady, &said), [Verdict::Unknown, Verdict::NoConsumer]);
        assert_eq!(steady.judgement().unwrap().since, Timestamp(0));
    }

    #[test]
    fn facts_about_the_beginning_are_believed_unless_they_lie_ahead() {
        let mut steady = Steady::default();
        let stopped = says(Verdict::Stopped).since(Some(Timestamp(5_000)));
        run(
            &mut steady,
            &[(10, says(Verdict::Ok)), (300, stopped.clone()), (315, stopped)],
        );
        assert_eq!(steady.judgement().unwrap().since, Timestamp(5_000));
    }

    #[test]
    fn undecided_visits_hold_a_judgement_for_a_while_and_no_longer() {
        let slow = Judgement::new(Verdict::Slow, "slow", Timestamp(0));
        let mut steady = Steady::resume(slow, Timestamp(0));
        let wait = |seconds| (seconds, Assessment::undecided("wait"));
        assert_eq!(run(&mut steady, &[wait(10), wait(25)]), [Verdict::Slow; 2]);
        assert_eq!(
            run(&mut steady, &[wait(901), wait(916)]),
            [Verdict::Slow, Verdict::Unknown]
        );
    }

    #[test]
    fn what_is_ok_and_cannot_be_decided_yet_says_what_is_seen_now() {
        let held = |verdict| {
            let mut steady = Steady::resume(Judgement::new(verdict, "3 wait", Timestamp(0)), Timestamp(0));
            let change = steady.take(Assessment::undecided("900 wait; watching"), Timestamp(10_000));
            let judgement = steady.judgement().unwrap().clone();
            (change, judgement.verdict, judgement.sentence)
        };
        let now = "900 wait; watching".to_string();
        assert_eq!(held(Verdict::Ok), (Change::Sentence, Verdict::Ok, now));
        assert_eq!(held(Verdict::Slow), (Change::Same, Verdict::Slow, "3 wait".to_string()));
    }

    #[test]
    fn weak_evidence_does_not_soften_what_was_known_before_a_restart() {
        let stopped = Judgement::new(Verdict::Stopped, "stopped", Timestamp(0));
        let mut steady = Steady::resume(stopped.clone(), Timestamp(0));
        let early = says(Verdict::NoConsumer).early(true);
        assert_eq!(
            run(&mut steady, &[(5, early.clone()), (10, early.clone())]),
            [Verdict::Stopped; 2]
        );
        assert_eq!(
            run(&mut steady, &[(15, says(Verdict::Ok)), (20, says(Verdict::Ok))]),
            [Verdict::Stopped, Verdict::Ok]
        );

        let mut fresh = Steady::default();
        run(&mut fresh, &[(0, says(Verdict::Stopped)), (5, says(Verdict::Stopped))]);
        let softened = run(&mut fresh, &[(10, early.clone()), (15, early)]);
        assert_eq!(
            softened,
            [Verdict::Stopped, Verdict::NoConsumer],
            "without a restart two visits are enough"
        );
    }

    #[test]
    fn not_permitted_and_no_data_are_different_judgements() {
        let mut steady = Steady::default();
        steady.take(Assessment::unknown(Absence::NoData, "a"), Timestamp(0));
        steady.take(Assessment::unknown(Absence::NotPermitted, "b"), Timestamp(1));
        assert_eq!(
            steady.take(Assessment::unknown(Absence::NotPermitted, "b"), Timestamp(2)),
            Change::Verdict
        );
        assert_eq!(steady.judgement().unwrap().absent, Some(Absence::NotPermitted));
    }
}
