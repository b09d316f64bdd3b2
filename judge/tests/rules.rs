//! Alert rules: the states in their order, the two thresholds, the clock, and the replay.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{Comparison, Rule, RuleId, Scope, Severity, Timestamp, metrics};
use brokerscope_judge::rule::{
    Phase, Reason, Series, State, Transition, active, after_clock_jump, eval, preview, preview_sentence, problems,
    resolved,
};
use proptest::prelude::*;

fn rule(for_seconds: u32, keep_firing_seconds: u32) -> Rule {
    Rule {
        id: RuleId(1),
        name: "deep".into(),
        metric: metrics::DEPTH,
        scope: Scope::default(),
        comparison: Comparison::Above,
        fire: 100.0,
        clear: 80.0,
        for_seconds,
        keep_firing_seconds,
        severity: Severity::Critical,
        enabled: true,
        origin: Origin::Page,
    }
}

/// A point every 30 s from second 0.
fn points(values: &[f64]) -> Vec<(Timestamp, f64)> {
    values
        .iter()
        .enumerate()
        .map(|(i, value)| (Timestamp(i as i64 * 30_000), *value))
        .collect()
}

fn run(rule: &Rule, points: &[(Timestamp, f64)]) -> (State, Vec<Transition>) {
    eval(rule, Series::Points(points), State::default(), Timestamp(i64::MAX))
}

/// The transitions in short: what and at which second.
fn story(transitions: &[Transition]) -> Vec<(&'static str, i64)> {
    transitions
        .iter()
        .map(|transition| match transition {
            Transition::Pending { at } => ("pending", at.0 / 1_000),
            Transition::Dropped { at } => ("dropped", at.0 / 1_000),
            Transition::Fired { at, .. } => ("fired", at.0 / 1_000),
            Transition::Recovering { at } => ("recovering", at.0 / 1_000),
            Transition::FiringAgain { at } => ("again", at.0 / 1_000),
            Transition::Resolved { at, .. } => ("resolved", at.0 / 1_000),
        })
        .collect()
}

fn check(rule: &Rule, values: &[f64], expected: &[(&str, i64)]) {
    let (_, transitions) = run(rule, &points(values));
    assert_eq!(story(&transitions), expected, "{values:?}");
}

#[test]
fn it_fires_after_for_and_ends_after_keep_firing() {
    check(
        &rule(60, 30),
        &[50.0, 120.0, 130.0, 140.0, 90.0, 70.0, 70.0],
        &[("pending", 30), ("fired", 90), ("recovering", 150), ("resolved", 180)],
    );
}

#[test]
fn without_waits_it_fires_and_ends_at_once() {
    let expected = [("pending", 30), ("fired", 30), ("recovering", 60), ("resolved", 60)];
    check(&rule(0, 0), &[50.0, 120.0, 80.0], &expected);
}

#[test]
fn a_condition_that_stops_early_tells_nobody() {
    check(&rule(60, 0), &[120.0, 130.0, 100.0], &[("pending", 0), ("dropped", 60)]);
}

#[test]
fn between_the_thresholds_nothing_fires_and_nothing_ends() {
    check(&rule(0, 0), &[95.0, 85.0, 99.0], &[]);
    check(&rule(0, 0), &[101.0, 95.0, 81.0, 99.0], &[("pending", 0), ("fired", 0)]);
}

#[test]
fn firing_again_while_recovering_is_no_second_alert() {
    let expected = [
        ("pending", 0),
        ("fired", 0),
        ("recovering", 30),
        ("again", 60),
        ("recovering", 90),
        ("resolved", 150),
    ];
    check(&rule(0, 60), &[120.0, 70.0, 130.0, 70.0, 60.0, 50.0], &expected);
    let expected = [("pending", 0), ("fired", 0), ("recovering", 30), ("again", 60)];
    check(&rule(0, 60), &[120.0, 70.0, 90.0, 90.0], &expected);
}

#[test]
fn below_is_the_mirror_of_above() {
    let mut low = rule(0, 0);
    (low.comparison, low.fire, low.clear) = (Comparison::Below, 1.0, 2.0);
    let expected = [("pending", 30), ("fired", 30), ("recovering", 90), ("resolved", 90)];
    check(&low, &[1.0, 0.5, 1.5, 2.0], &expected);
}

#[test]
fn missing_points_and_points_that_are_no_numbers_keep_the_last_state() {
    let (firing, _) = run(&rule(0, 0), &points(&[120.0]));
    let (later, transitions) = eval(&rule(0, 0), Series::Points(&[]), firing, Timestamp(9_000_000));
    assert_eq!((later, transitions.len()), (firing, 0));
    let nan = [(Timestamp(60_000), f64::NAN)];
    assert_eq!(
        eval(&rule(0, 0), Series::Points(&nan), firing, Timestamp(90_000)).0,
        firing
    );
}

#[test]
fn what_was_judged_is_not_judged_again() {
    let past = points(&[120.0, 130.0, 140.0]);
    let (state, first) = run(&rule(30, 0), &past);
    assert_eq!(first.len(), 2);
    let (again, none) = eval(&rule(30, 0), Series::Points(&past), state, Timestamp(i64::MAX));
    assert_eq!((again, none.len()), (state, 0));
}

#[test]
fn a_series_that_is_gone_twice_ends_its_alert_and_says_why() {
    let (firing, _) = run(&rule(0, 0), &points(&[120.0]));
    let (once, none) = eval(&rule(0, 0), Series::Gone, firing, Timestamp(60_000));
    assert_eq!((once.phase, none.len()), (firing.phase, 0));
    let (twice, ended) = eval(&rule(0, 0), Series::Gone, once, Timestamp(90_000));
    assert_eq!(twice.phase, Phase::Ok);
    let reason = Reason::SeriesGone;
    assert_eq!(
        ended,
        [Transition::Resolved {
            at: Timestamp(90_000),
            reason
        }]
    );
    let back = [(Timestamp(80_000), 120.0)];
    assert_eq!(
        eval(&rule(0, 0), Series::Points(&back), once, Timestamp(90_000)).0.gone,
        0,
        "it came back"
    );
}

#[test]
fn a_clock_that_jumps_fires_nothing() {
    let pending = run(&rule(600, 0), &points(&[120.0])).0;
    let day = 86_400_000;
    let ahead = [(Timestamp(day), 120.0), (Timestamp(day + 30_000), 120.0)];
    let (state, transitions) = eval(&rule(600, 0), Series::Points(&ahead), pending, Timestamp(day + 30_000));
    let expected = [("dropped", day / 1_000), ("pending", day / 1_000)];
    assert_eq!(story(&transitions), expected, "the wait begins anew");
    assert_eq!(
        state.phase,
        Phase::Pending {
            active_at: Timestamp(day)
        }
    );

    let back = [(Timestamp(1_000), 120.0), (Timestamp(31_000), 120.0)];
    let (state, transitions) = eval(&rule(600, 0), Series::Points(&back), state, Timestamp(31_000));
    assert_eq!(
        story(&transitions),
        [("dropped", 31)],
        "points before the jump's own time are not judged"
    );
    assert_eq!(state.phase, Phase::Ok);
    let (_, transitions) = eval(
        &rule(0, 0),
        Series::Points(&[(Timestamp(61_000), 120.0)]),
        state,
        Timestamp(61_000),
    );
    assert_eq!(
        story(&transitions),
        [("pending", 61), ("fired", 61)],
        "and it is not blind afterwards"
    );
}

#[test]
fn what_waits_is_given_up_or_fires_on_when_nobody_saw_the_time_between() {
    let (hour, ahead, back) = (3_600_000, 7_200_000, -600_000);
    let pending = run(&rule(600, 600), &points(&[120.0])).0;
    let recovering = run(&rule(0, 600), &points(&[120.0, 70.0])).0;
    for (what, before, at, value, expected) in [
        ("a gap, and it is over", pending, ahead, 50.0, &["dropped"][..]),
        ("a gap, and it holds", pending, ahead, 120.0, &["dropped", "pending"]),
        ("a step back", pending, back, 50.0, &["dropped"]),
        ("an hour is no gap", pending, hour, 50.0, &["dropped"]),
        (
            "a gap before the end",
            recovering,
            ahead,
            70.0,
            &["again", "recovering"],
        ),
        ("a step back before the end", recovering, back, 70.0, &["again"]),
    ] {
        let point = [(Timestamp(at), value)];
        let (_, transitions) = eval(&rule(600, 600), Series::Points(&point), before, Timestamp(at));
        let words: Vec<_> = story(&transitions).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words, expected, "{what}");
    }
}

#[test]
fn an_outage_of_less_than_an_hour_goes_on_waiting() {
    let pending = run(&rule(600, 0), &points(&[120.0])).0;
    let later = [(Timestamp(1_200_000), 120.0)];
    let (_, transitions) = eval(&rule(600, 0), Series::Points(&later), pending, Timestamp(1_200_000));
    assert_eq!(story(&transitions), [("fired", 1_200)]);
}

#[test]
fn a_preview_counts_and_says_what_one_threshold_would_have_done() {
    let values = [50.0, 120.0, 95.0, 120.0, 95.0, 120.0, 70.0, 60.0, 150.0];
    let past = preview(&rule(0, 0), &points(&values), Timestamp(300_000));
    assert_eq!(past.firings.len(), 2);
    assert_eq!(past.firings[1].to, None, "still firing at the end");
    assert_eq!(past.firing_seconds, 150.0 + 60.0);
    assert_eq!(past.fired_with_one_threshold, 4);
    let sentence = preview_sentence(&past, 300.0, 1, 1, values.len()).replace('\u{a0}', " ");
    assert_eq!(
        sentence,
        "Would have fired 2 times in 5 min, 4 min in all; with one threshold 4 times."
    );
    let none = preview(&rule(0, 0), &points(&[1.0]), Timestamp(60_000));
    assert_eq!(
        preview_sentence(&none, 60.0, 1, 1, 1).replace('\u{a0}', " "),
        "Would not have fired in the last 1 min."
    );
    assert!(preview_sentence(&none, 60.0, 1, 1, 0).starts_with("Nothing was stored"));
    assert!(preview_sentence(&none, 60.0, 0, 0, 0).starts_with("No entity matches"));
}

#[test]
fn an_alert_says_what_how_much_and_for_how_long() {
    let text = resolved(&rule(0, 0), Some(70.0), Reason::Cleared, 2_460.0).replace('\u{a0}', " ");
    assert_eq!(text, "Messages waiting is back at 70; the alert fired for 41 min.");
    let (above, mut below, mut publish) = (rule(60, 180), rule(0, 60), rule(0, 0));
    (below.comparison, below.fire, below.clear) = (Comparison::Below, 1.0, 2.0);
    publish.metric = metrics::PUBLISHED;
    let back = "Messages waiting is back at 70; the alert ends if it stays so for";
    for (rule, values, expected) in [
        (&above, &[120.0][..], "Messages waiting is 120, above 100."),
        (
            &above,
            &[50.0, 120.0, 130.0],
            "Messages waiting is 130, above 100 for 30 s.",
        ),
        (
            &above,
            &[120.0, 120.0, 12_480.0],
            "Messages waiting is 12,480, above 100 for 1 min.",
        ),
        (
            &above,
            &[120.0, 120.0, 120.0, 95.0],
            "Messages waiting is 95, no longer above 100 and not yet down to 80.",
        ),
        (
            &above,
            &[120.0, 120.0, 120.0, 95.0, 120.0, 125.0],
            "Messages waiting is 125, above 100 for 30 s.",
        ),
        (&above, &[120.0, 120.0, 120.0, 70.0], &format!("{back} 3 min more.")),
        (
            &above,
            &[120.0, 120.0, 120.0, 70.0, 70.0, 70.0],
            &format!("{back} 2 min more."),
        ),
        (
            &below,
            &[0.0, 1.0],
            "Messages waiting is 1, no longer below 1 and not yet up to 2.",
        ),
        (&publish, &[120.0], "Published is 120/s, above 100/s."),
    ] {
        let state = run(rule, &points(values)).0;
        assert_ne!(state.phase, Phase::Ok, "{values:?}");
        assert_eq!(active(rule, &state).replace('\u{a0}', " "), expected, "{values:?}");
    }
}

#[test]
fn a_value_that_came_back_before_the_clock_jumped_is_not_called_too_high() {
    let recovering = run(&rule(0, 120), &points(&[120.0, 120.0, 70.0])).0;
    let (state, _) = after_clock_jump(recovering, Timestamp(90_000_000));
    assert!(matches!(state.phase, Phase::Firing { .. }));
    assert_eq!(
        active(&rule(0, 120), &state).replace('\u{a0}', " "),
        "Messages waiting is back at 70; the alert ends if it stays so for 2 min more."
    );
}

#[test]
fn every_wrong_field_is_named_and_a_right_rule_has_none() {
    assert_eq!(problems(&rule(60, 60)), []);
    type Change = fn(&mut Rule);
    let cases: [(Change, &str); 12] = [
        (|rule| rule.name = "  ".into(), "name"),
        (|rule| rule.name = "a\nb".into(), "name"),
        (|rule| rule.name = "x".repeat(201), "name"),
        (|rule| rule.fire = f64::NAN, "fire"),
        (|rule| rule.clear = f64::INFINITY, "clear"),
        (|rule| rule.clear = 100.1, "clear"),
        (
            |rule| (rule.comparison, rule.clear) = (Comparison::Below, 99.0),
            "clear",
        ),
        (
            |rule| (rule.comparison, rule.fire, rule.clear) = (Comparison::Below, 0.0, 1.0),
            "fire",
        ),
        (|rule| (rule.fire, rule.clear) = (-1.0, -2.0), "fire"),
        (|rule| rule.for_seconds = 604_801, "for_seconds"),
        (|rule| rule.keep_firing_seconds = u32::MAX, "keep_firing_seconds"),
        (|rule| rule.scope.name_pattern = Some(" ".into()), "scope.name_pattern"),
    ];
    for (change, field) in cases {
        let mut wrong = rule(0, 0);
        change(&mut wrong);
        let fields: Vec<_> = problems(&wrong).into_iter().map(|problem| problem.field).collect();
        assert!(fields.contains(&field.to_owned()), "{fields:?} lacks {field}");
    }
}

/// Series with irregular steps, gaps and steps back of the clock.
fn any_points() -> impl Strategy<Value = Vec<(Timestamp, f64)>> {
    prop::collection::vec((1_i64..200_000, 0.0..200.0_f64), 0..80).prop_map(|steps| {
        let mut now = 0;
        steps
            .into_iter()
            .map(|(step, value)| {
                now += if step > 198_000 { 4_000_000 } else { step };
                (Timestamp(now), value)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn it_never_fires_before_the_condition_held_without_interruption(
        points in any_points(), wait in 0_u32..300, keep in 0_u32..300
    ) {
        let (_, transitions) = run(&rule(wait, keep), &points);
        for transition in transitions {
            let Transition::Fired { at, .. } = transition else { continue };
            let held: Vec<_> = points.iter().rev().skip_while(|(t, _)| *t > at).take_while(|(_, v)| *v > 100.0).collect();
            let since = held.last().unwrap().0;
            prop_assert!(at.millis_since(since) >= i64::from(wait) * 1_000);
        }
    }

    #[test]
    fn it_never_fires_twice_without_ending_in_between(points in any_points(), wait in 0_u32..300, keep in 0_u32..300) {
        let (_, transitions) = run(&rule(wait, keep), &points);
        let mut open = false;
        for transition in transitions {
            match transition {
                Transition::Fired { .. } => { prop_assert!(!open); open = true; }
                Transition::Resolved { .. } => { prop_assert!(open); open = false; }
                _ => {}
            }
        }
    }

    #[test]
    fn a_preview_is_the_same_as_having_watched(points in any_points(), wait in 0_u32..300, keep in 0_u32..300, cut in 1_usize..10) {
        let rule = rule(wait, keep);
        let mut state = State::default();
        let mut watched = Vec::new();
        for visit in points.chunks(cut) {
            let (next, transitions) = eval(&rule, Series::Points(visit), state, visit[visit.len() - 1].0);
            state = next;
            watched.extend(transitions.into_iter().filter_map(|transition| match transition {
                Transition::Fired { at, .. } => Some(at),
                _ => None,
            }));
        }
        let previewed: Vec<_> = preview(&rule, &points, Timestamp(i64::MAX)).firings.iter().map(|firing| firing.from).collect();
        prop_assert_eq!(watched, previewed);
    }
}
