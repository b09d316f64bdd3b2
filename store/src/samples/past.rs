//! Puts what was told late, or told again, into its place among the stored points. Pure.

use super::rate::Counter;

/// Brings points from the order in which they were stored into the order of their times.
///
/// A gauge's values are independent: they are sorted, and of one time the last stored counts. A counter's are not: one
/// of a time that is known takes back all that was told from that time on, and one of an unknown earlier time is left
/// where it is, since it comes from a clock that was set back and cannot be compared with what surrounds it in time.
pub(crate) fn settle(points: &mut Vec<(i64, f64)>, counter: Option<Counter>) {
    if points.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return;
    }
    match counter {
        None => {
            // Stable, so that of one time the last stored is the last; what is kept is the first, hence reversed.
            points.reverse();
            points.sort_by_key(|(at, _)| *at);
            points.dedup_by_key(|(at, _)| *at);
        }
        Some(_) => {
            let mut settled: Vec<(i64, f64)> = Vec::with_capacity(points.len());
            for point in points.drain(..) {
                let earlier = settled.last().is_some_and(|(last, _)| point.0 <= *last);
                if earlier && let Some(known) = settled.iter().rposition(|(at, _)| *at == point.0) {
                    settled.truncate(known);
                }
                settled.push(point);
            }
            *points = settled;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counter: Option<Counter>, stored: &[(i64, f64)], expected: &[(i64, f64)]) {
        let mut points = stored.to_vec();
        settle(&mut points, counter);
        assert_eq!(points, expected);
    }

    #[test]
    fn a_gauge_is_sorted_and_corrected() {
        check(None, &[(1, 1.0), (2, 2.0)], &[(1, 1.0), (2, 2.0)]);
        check(
            None,
            &[(9, 9.0), (1, 1.0), (5, 5.0), (5, 6.0), (10, 0.0)],
            &[(1, 1.0), (5, 6.0), (9, 9.0), (10, 0.0)],
        );
        check(None, &[], &[]);
    }

    #[test]
    fn a_counter_that_is_told_again_replaces_what_it_repeats() {
        let counter = Some(Counter::Count);
        check(
            counter,
            &[(0, 1.0), (5, 5.0), (10, 9.0), (5, 6.0), (10, 12.0), (15, 14.0)],
            &[(0, 1.0), (5, 6.0), (10, 12.0), (15, 14.0)],
        );
        // A clock that was set back, as before.
        check(
            counter,
            &[(0, 1.0), (5, 2.0), (3, 3.0), (8, 4.0)],
            &[(0, 1.0), (5, 2.0), (3, 3.0), (8, 4.0)],
        );
    }
}
