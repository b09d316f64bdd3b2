//! Alerts over a real store: they come, wait, survive a restart, end with a reason, and are told to the outside.

use brokerscope_contract::api::rules::PreviewRequest;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::{
    Alert, AlertState, Comparison, EntityKind, MetricId, Rule, RuleId, Scope, Severity, System, Timestamp, metrics,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::ingest::world::{INTERVAL, START, World, put, queue};

mod anew;
mod unstored;

fn rule(metric: MetricId, fire: f64, clear: f64, for_seconds: u32) -> Rule {
    Rule {
        id: RuleId(0),
        name: "backlog".into(),
        metric,
        scope: Scope {
            kind: Some(EntityKind::Queue),
            name_pattern: Some("orders*".into()),
            ..Scope::default()
        },
        comparison: Comparison::Above,
        fire,
        clear,
        for_seconds,
        keep_firing_seconds: 0,
        severity: Severity::Critical,
        enabled: true,
        origin: Origin::Page,
    }
}

/// A world with `rule` saved, and its number.
async fn with(rule: Rule) -> (World, RuleId) {
    let world = World::new(System::RabbitMq).await;
    let saved = world.alerts.save(rule, START).await.unwrap();
    (world, saved.id)
}

/// One visit for each depth of the queue `orders`.
async fn depths(world: &mut World, depths: &[f64]) {
    for depth in depths {
        let values = [(metrics::DEPTH, *depth), (metrics::CONSUMERS, 1.0)];
        world.visit(|snapshot| put(snapshot, &queue("orders"), &values)).await;
    }
}

fn only(world: &World) -> Option<Alert> {
    let mut active = world.alerts.active();
    assert!(active.len() <= 1, "{active:?}");
    active.pop()
}

async fn ended(world: &World) -> Vec<Alert> {
    world.store.ended_alerts(10).await.unwrap()
}

#[tokio::test]
async fn an_alert_waits_fires_and_ends_and_everything_is_stored() {
    let (mut world, id) = with(rule(metrics::DEPTH, 100.0, 80.0, 30)).await;
    depths(&mut world, &[50.0, 120.0]).await;
    assert_eq!(
        only(&world).map(|alert| (alert.state, alert.fired_at)),
        Some((AlertState::Pending, None))
    );
    assert_eq!(world.alerts.firing(), 0);
    depths(&mut world, &[130.0, 140.0]).await;
    let alert = only(&world).unwrap();
    assert_eq!(
        (alert.state, alert.rule, alert.fired_at),
        (AlertState::Firing, id, Some(world.now()))
    );
    assert_eq!(
        alert.sentence.replace('\u{a0}', " "),
        "Messages waiting is 140, above 100 for 30 s."
    );
    assert_eq!(world.store.active_alerts().await.unwrap(), std::slice::from_ref(&alert));
    depths(&mut world, &[90.0]).await;
    assert_eq!(world.alerts.firing(), 1, "between the thresholds it goes on");
    depths(&mut world, &[80.0]).await;
    assert_eq!(only(&world), None);
    let ended = ended(&world).await;
    assert_eq!(
        (ended.len(), ended[0].id, ended[0].ended_at),
        (1, alert.id, Some(world.now()))
    );
    let sentence = ended[0].sentence.replace('\u{a0}', " ");
    assert_eq!(sentence, "Messages waiting is back at 80; the alert fired for 30 s.");
}

#[tokio::test]
async fn a_condition_that_did_not_hold_leaves_no_trace() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 60)).await;
    depths(&mut world, &[120.0, 130.0, 90.0]).await;
    assert_eq!(only(&world), None);
    assert_eq!(ended(&world).await, []);
    assert_eq!(world.store.active_alerts().await.unwrap(), []);
}

#[tokio::test]
async fn waiting_goes_on_after_a_restart_and_firing_does_not_begin_again() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 120)).await;
    depths(&mut world, &[120.0, 120.0]).await;
    let began = only(&world).unwrap().active_at;
    let mut world = world.restart(60_000).await;
    assert_eq!(only(&world).map(|alert| alert.active_at), Some(began));
    depths(&mut world, &[120.0, 120.0, 120.0]).await;
    let fired = only(&world).unwrap();
    assert_eq!((fired.state, fired.active_at), (AlertState::Firing, began));
    let mut world = world.restart(1_000).await;
    depths(&mut world, &[120.0]).await;
    assert_eq!(
        only(&world).map(|alert| (alert.id, alert.fired_at)),
        Some((fired.id, fired.fired_at))
    );
}

#[tokio::test]
async fn only_what_is_in_the_scope_and_has_the_figure_is_watched() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    assert_eq!(world.alerts.rules(world.now())[0].matches, 0);
    assert!(world.alerts.rules(world.now())[0].problem.is_some());
    world
        .visit(|snapshot| {
            for name in ["orders", "orders.paid", "payments"] {
                put(snapshot, &queue(name), &[(metrics::DEPTH, 500.0)]);
            }
            put(snapshot, &queue("orders.empty"), &[(metrics::CONSUMERS, 1.0)]);
        })
        .await;
    let names: Vec<String> = world
        .alerts
        .active()
        .into_iter()
        .map(|alert| alert.entity.name)
        .collect();
    assert_eq!(names, ["orders", "orders.paid"]);
    let view = world.alerts.rules(world.now()).remove(0);
    assert_eq!((view.matches, view.firing, view.problem), (2, 2, None));
}

#[tokio::test]
async fn a_counter_is_compared_as_its_rate() {
    let (mut world, _) = with(rule(metrics::PUBLISHED, 10.0, 10.0, 0)).await;
    for (count, firing) in [(1_000.0, 0), (1_100.0, 0), (1_400.0, 1), (0.0, 1), (30.0, 0)] {
        world
            .visit(|snapshot| put(snapshot, &queue("orders"), &[(metrics::PUBLISHED, count)]))
            .await;
        assert_eq!(world.alerts.firing(), firing, "at {count}");
    }
}

#[tokio::test]
async fn an_alert_on_something_that_is_gone_ends_after_two_visits_and_says_so() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    depths(&mut world, &[120.0]).await;
    world.visit(|snapshot| snapshot.complete.push(EntityKind::Queue)).await;
    assert_eq!(world.alerts.firing(), 1, "once may be a mistake");
    world.visit(|snapshot| snapshot.complete.push(EntityKind::Queue)).await;
    assert_eq!(world.alerts.firing(), 0);
    assert!(
        ended(&world).await[0]
            .sentence
            .starts_with("The broker no longer has it;")
    );
}

#[tokio::test]
async fn visits_that_bring_nothing_keep_an_alert_as_it_is() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 30)).await;
    depths(&mut world, &[120.0]).await;
    for _ in 0..5 {
        world.fail().await;
        world.visit(|_| {}).await;
    }
    assert_eq!(
        only(&world).map(|alert| alert.state),
        Some(AlertState::Pending),
        "only stored points are judged"
    );
    depths(&mut world, &[120.0]).await;
    assert_eq!(only(&world).map(|alert| alert.state), Some(AlertState::Firing));
}

#[tokio::test]
async fn alerts_end_with_their_rule_and_with_their_connection() {
    for (change, expected) in [
        (0, "The rule no longer watches it;"),
        (1, "The rule no longer watches it;"),
        (2, "Its connection was removed or paused;"),
    ] {
        let (mut world, id) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
        depths(&mut world, &[120.0]).await;
        let now = world.now();
        match change {
            0 => world.alerts.delete(id, now).await.unwrap(),
            1 => {
                let mut off = rule(metrics::DEPTH, 100.0, 80.0, 0);
                (off.id, off.enabled) = (id, false);
                world.alerts.save(off, now).await.unwrap();
            }
            _ => {
                world.configure(|known| known.paused = true);
                world.alerts.sweep(now).await.unwrap();
            }
        }
        assert_eq!(world.alerts.firing(), 0);
        let ended = ended(&world).await;
        assert!(ended[0].sentence.starts_with(expected), "{}", ended[0].sentence);
    }
}

#[tokio::test]
async fn rules_of_the_file_are_taken_over_by_name() {
    let (world, page) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    let declared = |name: &str, fire| Rule {
        name: name.into(),
        ..rule(metrics::DEPTH, fire, 1.0, 0)
    };
    world
        .alerts
        .set_declared(vec![declared("a", 5.0), declared("b", 6.0)], &[], START)
        .await
        .unwrap();
    let ids = |world: &World| -> Vec<(String, RuleId, f64)> {
        let rules = world.alerts.rules(world.now()).into_iter().map(|view| view.rule);
        rules
            .filter(|rule| rule.origin == Origin::File)
            .map(|rule| (rule.name, rule.id, rule.fire))
            .collect()
    };
    let before = ids(&world);
    world
        .alerts
        .set_declared(vec![declared("a", 7.0)], &[], START)
        .await
        .unwrap();
    assert_eq!(
        ids(&world),
        [("a".to_string(), before[0].1, 7.0)],
        "the same number, so that its alerts go on"
    );
    assert!(
        world.alerts.rules(world.now()).iter().any(|view| view.rule.id == page),
        "the page's own rules stay"
    );
}

#[tokio::test]
async fn a_preview_says_what_watching_would_have_said() {
    let values = [50.0, 120.0, 95.0, 120.0, 70.0, 60.0, 150.0, 60.0];
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    let mut fired = 0;
    for depth in values {
        let before = world.alerts.firing();
        depths(&mut world, &[depth]).await;
        fired += usize::from(world.alerts.firing() > before);
    }
    let request = PreviewRequest {
        rule: rule(metrics::DEPTH, 100.0, 80.0, 0),
        from: START,
        to: world.now(),
        points: None,
    };
    let preview = world.alerts.preview(&request).await.unwrap();
    assert_eq!((preview.matches, preview.evaluated), (1, 1));
    assert_eq!((preview.fired, fired), (2, 2), "{}", preview.sentence);
    assert_eq!(preview.fired_with_one_threshold, 3);
    assert_eq!(preview.entities[0].firings.len(), 2);
    assert!(
        preview.entities[0]
            .line
            .values
            .iter()
            .flatten()
            .any(|value| *value == 150.0)
    );
}

/// Listens once per answer and gives out what it was sent.
async fn receiver(answers: &'static [&'static str]) -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?token=secret", listener.local_addr().unwrap());
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = Vec::new();
            let body = loop {
                let mut some = [0; 4096];
                let n = stream.read(&mut some).await.unwrap();
                text.extend_from_slice(&some[..n]);
                let said = String::from_utf8_lossy(&text).into_owned();
                let body = said
                    .split_once("\r\n\r\n")
                    .and_then(|(_, body)| serde_json::from_str(body).ok());
                if let Some(body) = body {
                    break (said.lines().next().unwrap_or("").to_string(), body);
                }
            };
            let _ = heard.send(body);
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, hears)
}

#[tokio::test]
async fn the_webhook_is_told_of_the_firing_and_of_the_end_and_again_after_a_failure() {
    let (url, mut hears) = receiver(&["503 Busy", "200 OK", "204 No Content"]).await;
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    world.webhook.set(Some(url), START).await.unwrap();
    depths(&mut world, &[120.0, 130.0]).await;
    let (request, first) = hears.recv().await.unwrap();
    assert_eq!(request, "POST /hook?token=secret HTTP/1.1");
    assert_eq!(first["occasion"], "fired");
    assert_eq!(first["alert"]["entity"]["name"], "orders");
    let (_, again) = hears.recv().await.unwrap();
    assert_eq!(again, first, "the same message, until it is taken");
    depths(&mut world, &[10.0]).await;
    let (_, end) = hears.recv().await.unwrap();
    assert_eq!(end["occasion"], "resolved");
    let view = world.webhook.view();
    assert!(!format!("{view:?}").contains("secret"), "{view:?}");
    let sealed = world.store.setting("webhook").await.unwrap().unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"secret"));
}

#[tokio::test]
async fn the_test_button_says_what_the_receiver_answered() {
    let (url, mut hears) = receiver(&["200 OK", "404 Not Found"]).await;
    let world = World::new(System::RabbitMq).await;
    assert!(!world.webhook.test(START).await.delivered, "no address is set");
    world.webhook.set(Some(url), START).await.unwrap();
    let delivery = world.webhook.test(START).await;
    assert!(delivery.delivered, "{}", delivery.text);
    assert_eq!(hears.recv().await.unwrap().1["occasion"], "test");
    let delivery = world.webhook.test(START).await;
    assert!(
        !delivery.delivered && delivery.text.contains("404"),
        "{}",
        delivery.text
    );
    assert_eq!(world.webhook.view().last_delivery, Some(delivery));
}

#[tokio::test]
async fn points_that_were_judged_are_not_judged_again() {
    let (mut world, _) = with(rule(metrics::DEPTH, 100.0, 80.0, 40)).await;
    depths(&mut world, &[120.0]).await;
    let at = Timestamp(world.now().0);
    for _ in 0..3 {
        world.wait(INTERVAL);
        world.alerts.evaluate(world.id, world.now()).await.unwrap();
    }
    let alert = only(&world).unwrap();
    assert_eq!((alert.state, alert.active_at), (AlertState::Pending, at));
}
