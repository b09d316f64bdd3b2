//! How far apart measurements usually are, and which distances are holes: pure.

use brokerscope_contract::Timestamp;

/// A distance of more than this many times the usual one is a hole.
/// Two visits may fail in a row before a line is broken; a third is no longer noise.
const FACTOR: f64 = 2.5;
/// When there is nothing to compare with, two points further apart than this are not joined. Milliseconds.
const ALONE: i64 = 150_000;
/// How many distances on each side say what is usual here. The cadence of a connection may change at any time.
const AROUND: usize = 3;

/// For each point but the last: whether nothing is known between it and the next one.
///
/// Points that are not later than the one before, as after a clock was set back, are not joined to it either.
pub(crate) fn holes(points: &[(i64, f64)]) -> Vec<bool> {
    let distances: Vec<i64> = points.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let mut holes: Vec<bool> = Vec::with_capacity(distances.len());
    for (at, distance) in distances.iter().enumerate() {
        let like_the_last = at > 0 && !holes[at - 1] && is_near(*distance, distances[at - 1]);
        holes.push(*distance <= 0 || !like_the_last && !is_near(*distance, usual_around(&distances, at)));
    }
    holes
}

fn is_near(distance: i64, usual: i64) -> bool {
    distance as f64 <= usual as f64 * FACTOR
}

/// The greater of what is usual before and after, so that a change of cadence is no hole.
fn usual_around(distances: &[i64], at: usize) -> i64 {
    let before = median(&distances[at.saturating_sub(AROUND)..at]);
    let after = median(&distances[at + 1..(at + 1 + AROUND).min(distances.len())]);
    before.max(after).unwrap_or((ALONE as f64 / FACTOR) as i64)
}

/// The lower median of those above zero.
fn median(distances: &[i64]) -> Option<i64> {
    let mut positive: Vec<i64> = distances.iter().copied().filter(|distance| *distance > 0).collect();
    let middle = positive.len().checked_sub(1)? / 2;
    Some(*positive.select_nth_unstable(middle).1)
}

/// What is usual over all of these points; `None` for fewer than two. Milliseconds.
pub(crate) fn usual(points: &[(i64, f64)]) -> Option<i64> {
    median(&points.windows(2).map(|pair| pair[1].0 - pair[0].0).collect::<Vec<_>>())
}

/// The start of the step that a time falls into; steps are counted from the epoch, so that charts agree on them.
pub(crate) fn floor(at: i64, step: i64) -> i64 {
    at - at.rem_euclid(step)
}

/// The range that is worth looking at: nothing was measured before the epoch or in 100,000 years.
pub(crate) fn sane(from: Timestamp, to: Timestamp) -> (i64, i64) {
    const END: i64 = 1 << 52;
    (from.0.clamp(0, END), to.0.clamp(0, END))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds in, holes out.
    fn check(seconds: &[i64], expected: &[bool]) {
        let points: Vec<_> = seconds.iter().map(|at| (at * 1000, 0.0)).collect();
        assert_eq!(holes(&points), expected, "{seconds:?}");
    }

    #[test]
    fn a_distance_far_beyond_the_usual_is_a_hole() {
        let (o, x) = (false, true);
        check(&[0, 5, 10, 15], &[o, o, o]);
        // Two visits missed, then many.
        check(&[0, 5, 10, 22, 27, 32], &[o, o, o, o, o]);
        check(&[0, 5, 10, 25, 30, 35], &[o, o, x, o, o]);
        // A hole is a hole on both sides of a lone point.
        check(&[0, 5, 10, 600, 1200, 1205, 1210], &[o, o, x, x, o, o]);
        // The cadence changes from 5 s to a minute and back.
        check(&[0, 5, 10, 15, 75, 135, 195, 200, 205], &[o, o, o, o, o, o, o, o]);
        // Nothing to compare with.
        check(&[0, 100], &[o]);
        check(&[0, 200], &[x]);
        // The second time is not later.
        check(&[0, 5, 10, 10, 15], &[o, o, x, o]);
        check(&[100, 105, 110, 20, 25, 30], &[o, o, x, o, o]);
        check(&[], &[]);
        check(&[7], &[]);
    }

    #[test]
    fn the_usual_distance_is_not_moved_by_a_few_odd_ones() {
        let points = |seconds: &[i64]| seconds.iter().map(|at| (*at, 0.0)).collect::<Vec<_>>();
        assert_eq!(usual(&points(&[0, 5, 10, 900, 905, 910])), Some(5));
        assert_eq!(usual(&points(&[4])), None);
        assert_eq!(usual(&points(&[4, 4])), None);
    }

    #[test]
    fn steps_are_counted_from_the_epoch() {
        assert_eq!(floor(1_700_000_003_456, 5_000), 1_700_000_000_000);
        assert_eq!(floor(-1, 5_000), -5_000);
    }
}
