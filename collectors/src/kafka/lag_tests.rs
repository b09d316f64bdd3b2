//! Lag in time: where it is known, where it is not, and that it never is nonsense.

use proptest::prelude::*;

use super::*;

fn seconds(s: i64) -> Timestamp {
    Timestamp(s * 1000)
}

fn history(points: &[(i64, i64)]) -> History {
    let mut history = History::default();
    for (at, end) in points {
        history.observe(*end, seconds(*at));
    }
    history
}

fn known(seconds: f64, method: Method) -> Behind {
    Behind::Known { seconds, method }
}

#[test]
fn the_time_of_a_message_lies_between_the_visits_around_it() {
    for (name, points, committed, now, expected) in [
        (
            "at the end",
            &[(0, 0), (10, 100)][..],
            100,
            10,
            known(0.0, Method::Exact),
        ),
        (
            "beyond the end",
            &[(0, 0), (10, 100)],
            120,
            10,
            known(0.0, Method::Exact),
        ),
        (
            "at the end of a single visit",
            &[(0, 100)],
            100,
            0,
            known(0.0, Method::Exact),
        ),
        (
            "half way",
            &[(0, 0), (10, 100)],
            50,
            10,
            known(5.0, Method::Interpolated),
        ),
        (
            "at the first point",
            &[(0, 0), (10, 100)],
            0,
            10,
            known(10.0, Method::Interpolated),
        ),
        (
            "in an older stretch",
            &[(0, 0), (10, 100), (20, 1000)],
            50,
            20,
            known(15.0, Method::Interpolated),
        ),
        (
            "some time after the last visit",
            &[(0, 0), (10, 100)],
            50,
            60,
            known(55.0, Method::Interpolated),
        ),
        (
            "on a flat stretch, its end counts",
            &[(0, 0), (10, 100), (20, 100), (30, 100), (40, 200)],
            100,
            40,
            known(10.0, Method::Interpolated),
        ),
        (
            "before a flat stretch, which must not stretch the rise",
            &[(0, 0), (10, 100), (20, 100), (90, 100)],
            50,
            90,
            known(85.0, Method::Interpolated),
        ),
        ("one visit only", &[(0, 100)], 50, 0, Behind::Unknown(Why::JustStarted)),
        ("no visit", &[], 50, 0, Behind::Unknown(Why::JustStarted)),
        (
            "older than history, nothing produced",
            &[(0, 100), (10, 100), (300, 100)],
            50,
            300,
            Behind::Unknown(Why::Idle),
        ),
        (
            "older than history, production has ceased",
            &[(0, 100), (10, 200), (20, 200), (300, 200)],
            50,
            300,
            Behind::Unknown(Why::Idle),
        ),
        (
            "a little older than history",
            &[(0, 1000), (100, 2000)],
            500,
            100,
            known(150.0, Method::Estimated),
        ),
        (
            "much older than history",
            &[(0, 100_000), (100, 100_010)],
            0,
            100,
            Behind::Unknown(Why::BeforeHistory),
        ),
        (
            "older than a history too short for a rate",
            &[(0, 1000), (10, 2000)],
            500,
            10,
            Behind::Unknown(Why::BeforeHistory),
        ),
    ] {
        assert_eq!(history(points).behind(committed, seconds(now)), expected, "{name}");
    }
}

#[test]
fn a_topic_made_again_starts_a_new_history() {
    let mut history = history(&[(0, 1000), (10, 2000)]);
    history.observe(5, seconds(20));
    assert_eq!(history.behind(3, seconds(20)), Behind::Unknown(Why::JustStarted));
    history.observe(15, seconds(30));
    assert_eq!(history.behind(10, seconds(30)), known(5.0, Method::Interpolated));
}

#[test]
fn a_clock_set_back_a_little_is_waited_for_and_a_lot_starts_again() {
    let mut history = history(&[(100, 0), (110, 100)]);
    history.observe(200, seconds(105));
    assert_eq!(history.behind(50, seconds(110)), known(5.0, Method::Interpolated));
    history.observe(300, seconds(10));
    assert_eq!(history.behind(50, seconds(10)), Behind::Unknown(Why::JustStarted));
}

#[test]
fn a_long_history_stays_small_and_keeps_its_beginning() {
    let mut history = History::default();
    for visit in 0..100_000_i64 {
        history.observe(visit * 10, seconds(visit * 15));
        assert!(history.points.len() <= MAX_POINTS);
    }
    // Production was steady, so the thinned-out past still tells the exact time.
    for visit in [0, 1, 77, 50_000, 99_998] {
        let Behind::Known { seconds: behind, .. } = history.behind(visit * 10, seconds(99_999 * 15)) else {
            panic!("visit {visit} is within the history");
        };
        let expected = ((99_999 - visit) * 15) as f64;
        assert!(
            (behind - expected).abs() < 1.0,
            "visit {visit}: {behind} for {expected}"
        );
    }
}

proptest! {
    #[test]
    fn lag_is_never_negative_nor_beyond_what_was_watched_unless_it_says_estimated(
        visits in prop::collection::vec((0_i64..100_000, 0_i64..60_000), 0..200),
        committed in -10_i64..200_000,
        wait in 0_i64..100_000,
    ) {
        let (mut history, mut at, mut first) = (History::default(), Timestamp(0), None);
        for (end, step) in visits {
            at = at.plus_millis(step);
            history.observe(end, at);
            first = first.or(Some(at));
        }
        let now = at.plus_millis(wait);
        if let Behind::Known { seconds, method } = history.behind(committed, now) {
            prop_assert!(seconds.is_finite() && seconds >= 0.0);
            let watched = now.seconds_since(first.unwrap_or(now));
            match method {
                Method::Exact => prop_assert!(seconds == 0.0),
                Method::Interpolated => prop_assert!(seconds <= watched + 0.001),
                Method::Estimated => prop_assert!(seconds <= watched * ESTIMATE_REACH + 0.001),
            }
        }
    }

    #[test]
    fn who_has_read_more_is_never_further_behind(
        steps in prop::collection::vec((0_i64..1_000, 1_i64..60_000), 2..150),
        a in 0_i64..150_000,
        b in 0_i64..150_000,
    ) {
        let (mut history, mut at, mut end) = (History::default(), Timestamp(0), 0);
        for (growth, step) in steps {
            history.observe(end, at);
            at = at.plus_millis(step);
            end += growth;
        }
        let (less, more) = (a.min(b), a.max(b));
        if let (Behind::Known { seconds: older, .. }, Behind::Known { seconds: newer, .. }) =
            (history.behind(less, at), history.behind(more, at))
        {
            prop_assert!(newer <= older + 0.001, "{newer} > {older}");
        }
    }
}
