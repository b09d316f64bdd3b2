//! What a rule would have done over the stored past: the same evaluation, replayed.

use brokerscope_contract::api::rules::Firing;
use brokerscope_contract::{Rule, Timestamp};
use brokerscope_figures::format::duration;

use super::{Series, State, Transition, eval};
use crate::wording::many;

/// What would have happened on one entity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Past {
    pub firings: Vec<Firing>,
    /// All firings together; one that has not ended counts up to the end of the range.
    pub firing_seconds: f64,
    /// How often it would have fired with `clear` equal to `fire`.
    pub fired_with_one_threshold: usize,
}

/// Replays `rule` over the points of one entity up to `to`; counters as rates.
pub fn preview(rule: &Rule, points: &[(Timestamp, f64)], to: Timestamp) -> Past {
    let firings = replay(rule, points, to);
    let one_threshold = Rule {
        clear: rule.fire,
        ..rule.clone()
    };
    Past {
        firing_seconds: firings
            .iter()
            .map(|firing| firing.to.unwrap_or(to).seconds_since(firing.from))
            .sum(),
        fired_with_one_threshold: replay(&one_threshold, points, to).len(),
        firings,
    }
}

fn replay(rule: &Rule, points: &[(Timestamp, f64)], to: Timestamp) -> Vec<Firing> {
    let (_, transitions) = eval(rule, Series::Points(points), State::default(), to);
    let mut firings: Vec<Firing> = Vec::new();
    for transition in transitions {
        match transition {
            Transition::Fired { at, .. } => firings.push(Firing { from: at, to: None }),
            Transition::Resolved { at, .. } => {
                if let Some(last) = firings.last_mut() {
                    last.to = Some(at);
                }
            }
            _ => {}
        }
    }
    firings
}

/// "Would have fired 3 times in 7 d, 41 min in all; with one threshold 14 times."
///
/// `evaluated` of `matches` entities were replayed, `points` is how many stored points there were in all.
pub fn preview_sentence(whole: &Past, range_seconds: f64, evaluated: usize, matches: usize, points: usize) -> String {
    let range = duration(range_seconds);
    let cut = match matches.saturating_sub(evaluated) {
        0 => String::new(),
        left => format!(
            " {} looked at: {left} more match.",
            many(evaluated as f64, "entity was", "entities were")
        ),
    };
    if matches == 0 {
        return "No entity matches, so this rule does nothing at present.".into();
    }
    if points == 0 {
        return format!("Nothing was stored for it in the last {range}, so nothing can be said.{cut}");
    }
    let fired = whole.firings.len();
    let once = |n: usize| match n {
        1 => "once".to_owned(),
        n => many(n as f64, "time", "times"),
    };
    let single = match whole.fired_with_one_threshold {
        n if n == fired => String::new(),
        n => format!("; with one threshold {}", once(n)),
    };
    if fired == 0 {
        return format!("Would not have fired in the last {range}{single}.{cut}");
    }
    let long = duration(whole.firing_seconds);
    format!(
        "Would have fired {} in {range}, {long} in all{single}.{cut}",
        once(fired)
    )
}
