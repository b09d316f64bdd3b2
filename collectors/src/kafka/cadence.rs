//! When each question is due: each has its own cadence, so one visit asks only what can have changed.

use std::collections::HashMap;
use std::time::Duration;

use brokerscope_contract::Timestamp;

/// Questions that are not asked on every visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// All groups with members and assignments, start offsets, and the whole list of entities and links.
    Inventory,
    TopicConfigs,
    LogDirs,
    /// Kafka Connect and the Schema Registry.
    Beside,
}

impl Question {
    fn every(self) -> Duration {
        match self {
            // What they tell is shown with the inventory.
            Question::Inventory | Question::Beside => Duration::from_secs(60),
            Question::TopicConfigs => Duration::from_secs(30 * 60),
            Question::LogDirs => Duration::from_secs(5 * 60),
        }
    }
}

/// When each question was last asked.
#[derive(Debug, Default)]
pub struct Cadence {
    asked: HashMap<Question, Timestamp>,
}

impl Cadence {
    /// Whether to ask on the visit at `at`, when visits come every `interval`.
    ///
    /// Half an interval early counts as due: the visit after would be later than wanted by more. A clock that
    /// went back makes everything due.
    pub fn is_due(&self, question: Question, at: Timestamp, interval: Duration) -> bool {
        let Some(asked) = self.asked.get(&question) else {
            return true;
        };
        let passed = at.millis_since(*asked);
        passed < 0 || passed + millis(interval) / 2 >= millis(question.every())
    }

    pub fn asked(&mut self, question: Question, at: Timestamp) {
        self.asked.insert(question, at);
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// The timeout of one question. The questions of a visit wait for each other in at most six steps (see
/// [`super::visitor`]), and all of them must fit into the runner's deadline: the interval, 10 s at least.
pub fn patience(interval: Duration) -> Duration {
    (interval.max(Duration::from_secs(10)) / 7).min(Duration::from_secs(5))
}

/// The most groups whose commits are asked for on one visit.
pub const GROUPS_PER_VISIT: usize = 2_000;

/// What decides whose turn it is among more groups than a visit can ask.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// When its commits were last asked for.
    pub asked: Option<Timestamp>,
    /// It has members, or may have.
    pub active: bool,
}

/// Picks the groups to ask on this visit: all, or the [`GROUPS_PER_VISIT`] that waited longest, where a group
/// without members waits four times as long as one with.
pub fn whose_turn<'a>(groups: impl Iterator<Item = (&'a str, Turn)>, at: Timestamp) -> Vec<String> {
    let mut waiting: Vec<(i64, &str)> = groups
        .map(|(name, turn)| {
            let waited = turn
                .asked
                .map_or(i64::MAX, |asked| at.millis_since(asked).saturating_abs());
            (if turn.active { waited } else { waited / 4 }, name)
        })
        .collect();
    waiting.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    waiting
        .into_iter()
        .take(GROUPS_PER_VISIT)
        .map(|(_, name)| name.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const TICK: Duration = Duration::from_secs(15);

    #[test]
    fn a_question_is_due_at_first_and_then_at_its_own_cadence() {
        let mut cadence = Cadence::default();
        assert!(cadence.is_due(Question::Inventory, Timestamp(0), TICK));
        cadence.asked(Question::Inventory, Timestamp(0));
        for (seconds, due) in [(0, false), (15, false), (45, false), (53, true), (60, true), (-1, true)] {
            let at = Timestamp(seconds * 1_000);
            assert_eq!(cadence.is_due(Question::Inventory, at, TICK), due, "after {seconds} s");
        }
        assert!(
            cadence.is_due(Question::LogDirs, Timestamp(0), TICK),
            "others are not affected"
        );
    }

    #[test]
    fn six_questions_in_a_row_fit_into_the_runners_deadline() {
        for seconds in [1, 5, 10, 15, 60, 3_600] {
            let interval = Duration::from_secs(seconds);
            let deadline = interval.clamp(Duration::from_secs(10), Duration::from_secs(60));
            assert!(patience(interval) * 6 < deadline, "{seconds} s");
        }
    }

    #[test]
    fn every_group_has_its_turn_and_active_ones_more_often() {
        let names: Vec<String> = (0..GROUPS_PER_VISIT * 3).map(|n| format!("g{n:05}")).collect();
        let mut asked: HashMap<&str, (usize, Timestamp)> = HashMap::new();
        // The first third has members.
        let is_active = |name: &str| name < "g02000";
        for visit in 0..40_i64 {
            let at = Timestamp(visit * 15_000);
            let groups = names.iter().map(|name| {
                let turn = Turn {
                    asked: asked.get(name.as_str()).map(|(_, at)| *at),
                    active: is_active(name),
                };
                (name.as_str(), turn)
            });
            let due = whose_turn(groups, at);
            assert_eq!(due.len(), GROUPS_PER_VISIT);
            let due: HashSet<String> = due.into_iter().collect();
            for name in &names {
                if due.contains(name) {
                    let (times, last) = asked.entry(name).or_insert((0, at));
                    (*times, *last) = (*times + 1, at);
                }
            }
        }
        let fewest = |active| {
            names
                .iter()
                .filter(|n| is_active(n) == active)
                .map(|n| asked[n.as_str()].0)
                .min()
                .unwrap()
        };
        assert!(fewest(false) >= 3, "nobody is forgotten");
        assert!(
            fewest(true) >= 2 * fewest(false),
            "{} and {}",
            fewest(true),
            fewest(false)
        );
    }

    #[test]
    fn few_groups_are_all_asked_every_time() {
        let turn = |asked| Turn { asked, active: false };
        let groups = [("a", turn(Some(Timestamp(10)))), ("b", turn(None))];
        assert_eq!(whose_turn(groups.into_iter(), Timestamp(10)), ["b", "a"]);
    }
}
