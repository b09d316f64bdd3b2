//! Whose turn it is: details that change rarely are asked for a few on each visit, those first that are due longest. Pure.

use std::collections::HashMap;

use brokerscope_contract::Timestamp;

/// A detail that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub action: &'static str,
    /// The address or ARN that it is asked of.
    pub of: String,
    /// Milliseconds after which it is read anew.
    pub every: i64,
}

/// When each detail was last asked for.
#[derive(Debug, Default)]
pub struct Asked(HashMap<(&'static str, String), Timestamp>);

impl Asked {
    pub fn note(&mut self, detail: &Wanted, at: Timestamp) {
        self.0.insert((detail.action, detail.of.clone()), at);
    }

    fn at(&self, detail: &Wanted) -> Option<Timestamp> {
        // Owned, because a pair cannot be looked up by its borrowed parts; there are few of them.
        self.0.get(&(detail.action, detail.of.clone())).copied()
    }

    /// Details that were never asked for.
    pub fn unasked(&self, wanted: &[Wanted]) -> usize {
        wanted.iter().filter(|detail| self.at(detail).is_none()).count()
    }

    pub fn keep(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(|(_, of), _| exists(of));
    }

    /// What is due at `at`, longest first. Those that were never asked for come before all others, of each kind in turn,
    /// so that no kind keeps another one waiting.
    pub fn due<'a>(&self, wanted: &'a [Wanted], at: Timestamp) -> Vec<&'a Wanted> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut due: Vec<(i64, usize, &Wanted)> = Vec::new();
        for detail in wanted {
            let since = self
                .at(detail)
                .map_or(i64::MIN, |asked| asked.0.saturating_add(detail.every));
            if since <= at.0 {
                let nth = seen.entry(detail.action).or_default();
                due.push((since, *nth, detail));
                *nth += 1;
            }
        }
        due.sort_by_key(|(since, nth, _)| (*since, *nth));
        due.into_iter().map(|(.., detail)| detail).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(action: &'static str, every: i64, count: usize) -> impl Iterator<Item = Wanted> {
        (0..count).map(move |n| Wanted {
            action,
            of: format!("{action}{n}"),
            every,
        })
    }

    #[test]
    fn no_kind_of_detail_keeps_another_one_waiting() {
        // More redrives than fit into their ten minutes at sixteen a minute, and a few topics.
        let all: Vec<Wanted> = wanted("moves", 600_000, 200)
            .chain(wanted("topics", 3_600_000, 20))
            .collect();
        let mut asked = Asked::default();
        let mut topics_asked = 0;
        for minute in 0..200 {
            let at = Timestamp(minute * 60_000);
            let now = asked.due(&all, at).into_iter().take(16).cloned().collect::<Vec<_>>();
            assert_eq!(now.len(), 16, "minute {minute}");
            topics_asked += now.iter().filter(|detail| detail.action == "topics").count();
            now.iter().for_each(|detail| asked.note(detail, at));
            if minute == 2 {
                assert_eq!(topics_asked, 20, "all topics within three minutes");
            }
        }
        assert_eq!(asked.unasked(&all), 0);
        assert!((60..=80).contains(&topics_asked), "about once an hour: {topics_asked}");
        let oldest = all.iter().filter_map(|detail| asked.at(detail)).min().unwrap();
        assert!(oldest.0 > 120 * 60_000, "nothing is forgotten");
    }

    #[test]
    fn what_was_asked_for_is_not_due_until_its_time() {
        let all: Vec<Wanted> = wanted("topics", 3_600_000, 1).collect();
        let mut asked = Asked::default();
        asked.note(&all[0], Timestamp(0));
        assert!(asked.due(&all, Timestamp(3_599_999)).is_empty());
        assert_eq!(asked.due(&all, Timestamp(3_600_000)).len(), 1);
        asked.keep(|_| false);
        assert_eq!(asked.unasked(&all), 1);
    }
}
