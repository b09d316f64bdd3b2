//! The verdict on a topic or stream by what reads it: the worst of its groups, subscriptions or consumers.

use brokerscope_contract::{Absence, Timestamp, Verdict};
use brokerscope_figures::format::rate;

use super::Assessment;
use crate::wording::many;

/// A reader's verdict on this topic.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    /// What the system calls it: "consumer group", "subscription".
    pub word: &'a str,
    pub name: &'a str,
    pub verdict: Verdict,
    pub sentence: &'a str,
    pub since: Timestamp,
    /// It is not judged yet, or rebalances.
    pub undecided: bool,
}

/// `arriving` is the messages per second that come in, where that is known.
pub fn judge(readers: &[Reader<'_>], arriving: Option<f64>) -> Assessment {
    let quoted = |reader: &Reader<'_>| format!("{} {}: {}", upper(reader.word), reader.name, reader.sentence);
    let live = readers.iter().filter(|reader| counts(reader, readers));
    let worst = live.min_by_key(|reader| (reader.verdict.rank(), reader.since));
    if let Some(worst) = worst.filter(|reader| !matches!(reader.verdict, Verdict::Ok | Verdict::Unknown)) {
        return Assessment::new(worst.verdict, quoted(worst)).since(Some(worst.since));
    }
    // A group that is only just not judged may well be what is wrong with the topic.
    if let Some(reader) = readers.iter().find(|reader| reader.undecided) {
        return Assessment::undecided(quoted(reader));
    }
    match readers {
        [first, ..] if readers.iter().all(|reader| reader.verdict == Verdict::Unknown) => {
            Assessment::unknown(Absence::NoData, quoted(first))
        }
        _ => Assessment::ok(moving(readers, arriving)),
    }
}

/// One abandoned group does not make a topic that others read a topic without a consumer: groups live on for days
/// after their last member (Kafka forgets them after a week).
fn counts(reader: &Reader<'_>, readers: &[Reader<'_>]) -> bool {
    let reads =
        |other: &Reader<'_>| !matches!(other.verdict, Verdict::NoConsumer | Verdict::Stopped | Verdict::Unknown);
    reader.verdict != Verdict::NoConsumer || !readers.iter().any(reads)
}

fn moving(readers: &[Reader<'_>], arriving: Option<f64>) -> String {
    let readers = match readers {
        [] => "nothing reads it".into(),
        [one] => format!("1 {} keeps up", one.word),
        [first, ..] => {
            let word = format!("{}s keep", first.word);
            format!("{} up", many(readers.len() as f64, &word, &word))
        }
    };
    match arriving {
        Some(arriving) if arriving > 0.0 => format!("{} arrive; {readers}.", rate(arriving)),
        Some(_) => format!("Nothing arrives; {readers}."),
        None => format!("{}.", upper(&readers)),
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(name: &'static str, verdict: Verdict) -> Reader<'static> {
        Reader {
            word: "group",
            name,
            verdict,
            sentence: "So it is.",
            since: Timestamp(5),
            undecided: false,
        }
    }

    #[test]
    fn the_worst_group_speaks_for_the_topic() {
        let readers = [
            reader("a", Verdict::Ok),
            reader("b", Verdict::Slow),
            reader("c", Verdict::Stalled),
        ];
        let judged = judge(&readers, Some(5.0));
        assert_eq!(judged.verdict, Verdict::Stalled);
        assert_eq!(judged.sentence, "Group c: So it is.");
        assert_eq!(judged.since, Some(Timestamp(5)));
    }

    #[test]
    fn an_abandoned_group_beside_a_live_one_does_not_count() {
        let readers = [reader("old", Verdict::NoConsumer), reader("live", Verdict::Ok)];
        assert_eq!(judge(&readers, None).verdict, Verdict::Ok);
        assert_eq!(judge(&readers[..1], None).verdict, Verdict::NoConsumer);
    }

    #[test]
    fn a_topic_that_nobody_reads_is_ok_and_says_so() {
        assert_eq!(judge(&[], Some(2.0)).sentence, "2/s arrive; nothing reads it.");
        assert_eq!(judge(&[], None).sentence, "Nothing reads it.");
    }

    #[test]
    fn one_unknown_group_hides_nothing_and_only_unknown_ones_are_unknown() {
        assert_eq!(
            judge(&[reader("u", Verdict::Unknown), reader("s", Verdict::Slow)], None).verdict,
            Verdict::Slow
        );
        assert_eq!(
            judge(&[reader("u", Verdict::Unknown), reader("o", Verdict::Ok)], None).verdict,
            Verdict::Ok
        );
        assert_eq!(judge(&[reader("u", Verdict::Unknown)], None).verdict, Verdict::Unknown);
        let waits = Reader {
            undecided: true,
            ..reader("u", Verdict::Unknown)
        };
        assert!(judge(&[waits.clone(), reader("o", Verdict::Ok)], None).undecided);
        assert_eq!(judge(&[waits, reader("s", Verdict::Slow)], None).verdict, Verdict::Slow);
    }
}
