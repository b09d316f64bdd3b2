//! What ends an alert's old life and begins a new one: a changed rule, a clock that jumps, and values from long ago.

use brokerscope_judge::rule::State;

use super::*;
use crate::alerts::record::{Due, Record};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_rule_that_compares_something_else_ends_its_alerts_and_begins_anew() {
    type Change = fn(&mut Rule);
    let cases: [(&str, Change, bool); 3] = [
        (
            "another figure",
            |rule| (rule.metric, rule.fire, rule.clear) = (metrics::CONSUMERS, 0.0, 0.0),
            true,
        ),
        (
            "the other side",
            |rule| (rule.comparison, rule.fire, rule.clear) = (Comparison::Below, 500.0, 600.0),
            true,
        ),
        ("another threshold", |rule| rule.fire = 90.0, false),
    ];
    for (what, change, anew) in cases {
        let (mut world, id) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
        depths(&mut world, &[120.0]).await;
        let old = only(&world).unwrap();
        let mut changed = rule(metrics::DEPTH, 100.0, 80.0, 0);
        changed.id = id;
        change(&mut changed);
        world.alerts.save(changed.clone(), world.now()).await.unwrap();
        assert_eq!(only(&world).is_none(), anew, "{what}");
        depths(&mut world, &[120.0]).await;
        let new = only(&world).unwrap();
        assert_eq!((new.metric, new.state), (changed.metric, AlertState::Firing), "{what}");
        assert_eq!(new.id != old.id, anew, "{what}");
        let ended = ended(&world).await;
        assert_eq!(ended.len(), usize::from(anew), "{what}");
        if let Some(alert) = ended.first() {
            assert_eq!((alert.id, alert.metric), (old.id, metrics::DEPTH), "{what}");
            assert!(
                alert.sentence.starts_with("The rule no longer watches it;"),
                "{}",
                alert.sentence
            );
        }
    }
}

#[tokio::test]
async fn an_alert_whose_rule_was_changed_while_nobody_looked_ends_after_the_restart() {
    let (mut world, id) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    depths(&mut world, &[120.0]).await;
    let old = only(&world).unwrap();
    let mut changed = rule(metrics::CONSUMERS, 10.0, 10.0, 0);
    changed.id = id;
    world.store.save_rule(&changed).await.unwrap();
    let mut world = world.restart(1_000).await;
    depths(&mut world, &[120.0]).await;
    assert_eq!(only(&world), None);
    let ended = ended(&world).await;
    assert_eq!((ended.len(), ended[0].id, ended[0].value), (1, old.id, Some(120.0)));
}

#[tokio::test]
async fn what_waited_before_a_gap_or_a_step_back_leaves_no_trace() {
    for (what, ahead, moved) in [
        ("a gap of two hours", 2 * HOUR, 0),
        ("a clock that is put right by half a minute", 0, -30_000),
        ("a clock that goes back an hour", 0, -HOUR),
    ] {
        let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 600)).await;
        depths(&mut world, &[50.0, 120.0]).await;
        assert_eq!(only(&world).map(|alert| alert.state), Some(AlertState::Pending));
        world.wait(ahead);
        world.move_clock(moved);
        depths(&mut world, &[50.0]).await;
        assert_eq!(only(&world), None, "{what}");
        assert_eq!(world.store.active_alerts().await.unwrap(), [], "{what}");
    }
}

#[tokio::test]
async fn values_from_long_ago_begin_no_alert() {
    for what in ["paused and resumed", "a new rule", "a clock that went ahead"] {
        let (mut world, id) = with(rule(metrics::DEPTH, 100.0, 80.0, 60)).await;
        depths(&mut world, &[120.0]).await;
        match what {
            "paused and resumed" => {
                world.configure(|known| known.paused = true);
                world.alerts.sweep(world.now()).await.unwrap();
                world.wait(HOUR);
                world.configure(|known| known.paused = false);
            }
            "a new rule" => {
                world.alerts.delete(id, world.now()).await.unwrap();
                world.wait(24 * HOUR);
                let new = rule(metrics::DEPTH, 100.0, 80.0, 0);
                world.alerts.save(new, world.now()).await.unwrap();
            }
            _ => world.move_clock(HOUR),
        }
        for _ in 0..2 {
            world.fail().await;
            assert_eq!(only(&world), None, "{what}");
        }
        depths(&mut world, &[120.0]).await;
        let active_at = only(&world).map(|alert| alert.active_at);
        assert_eq!(active_at, Some(world.now()), "{what}: a new value begins one");
    }
}

#[tokio::test]
async fn that_a_broker_does_not_answer_is_news_however_long_it_has_been_away() {
    let mut world = World::new(System::RabbitMq).await;
    depths(&mut world, &[1.0]).await;
    world.wait(HOUR);
    world.fail().await;
    let mut away = rule(metrics::UP, 1.0, 1.0, 0);
    (away.comparison, away.scope) = (Comparison::Below, Scope::default());
    world.alerts.save(away, world.now()).await.unwrap();
    world.fail().await;
    assert_eq!(only(&world).map(|alert| alert.active_at), Some(world.now()));
}

#[tokio::test]
async fn what_is_ok_is_not_kept_even_if_nothing_says_that_it_was_given_up() {
    let rule = rule(metrics::DEPTH, 100.0, 80.0, 600);
    let (mut world, _) = with(rule.clone()).await;
    depths(&mut world, &[120.0]).await;
    let mut record = Record::restored(only(&world).unwrap(), Some(&rule), None);
    let due = record.take(&rule, State::default(), &[], world.now());
    assert_eq!(due, Due::Forget);
}

#[tokio::test]
async fn the_sentence_follows_the_value_and_counts_no_time_that_nobody_measured() {
    let mut patient = rule(metrics::DEPTH, 100.0, 80.0, 0);
    patient.keep_firing_seconds = 60;
    let (mut world, _) = with(patient).await;
    for (depth, expected) in [
        (Some(120.0), "Messages waiting is 120, above 100."),
        (Some(130.0), "Messages waiting is 130, above 100 for 15 s."),
        (None, "Messages waiting is 130, above 100 for 15 s."),
        (
            Some(95.0),
            "Messages waiting is 95, no longer above 100 and not yet down to 80.",
        ),
        (
            Some(70.0),
            "Messages waiting is back at 70; the alert ends if it stays so for 1 min more.",
        ),
        (
            Some(60.0),
            "Messages waiting is back at 60; the alert ends if it stays so for 45 s more.",
        ),
    ] {
        match depth {
            Some(depth) => depths(&mut world, &[depth]).await,
            None => world.fail().await,
        }
        let sentence = only(&world).unwrap().sentence.replace('\u{a0}', " ");
        assert_eq!(sentence, expected);
    }
}
