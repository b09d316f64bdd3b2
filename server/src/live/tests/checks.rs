//! Health checks, their history, and when they are made no more.

use super::*;

#[tokio::test]
async fn checks_keep_their_history_and_are_unknown_when_nobody_answers() {
    let mut world = World::new(System::RabbitMq).await;
    let node = EntityKey::new(EntityKind::Node, ["rabbit@a"]);
    let check = |status, text: &str| CheckResult {
        entity: EntityKey::new(EntityKind::Node, ["rabbit@a"]),
        check: CheckId("made_up".into()),
        status,
        text: text.into(),
        absent: None,
    };
    for (status, text) in [
        (Status::Ok, "cool"),
        (Status::Critical, "hot"),
        (Status::Critical, "hotter"),
    ] {
        world
            .visit(|snapshot| {
                put(snapshot, &node, &[]);
                snapshot.checks.push(check(status, text));
            })
            .await;
    }
    let view = world.live.health(world.now()).remove(0).checks.remove(0);
    assert_eq!(
        (view.status, view.text.as_str(), view.checked_at),
        (Status::Critical, "hotter", world.now())
    );
    assert_eq!(view.since, START.plus_millis(2 * INTERVAL));
    let history: Vec<_> = view
        .history
        .iter()
        .map(|change| (change.status, change.text.as_str()))
        .collect();
    assert_eq!(history, [(Status::Critical, "hot"), (Status::Ok, "cool")]);
    let connection = world.live.connections(world.now()).remove(0);
    assert_eq!(connection.judgement.verdict, Verdict::Broken);
    assert!(
        connection.judgement.sentence.starts_with("made_up on rabbit@a: hotter"),
        "{}",
        connection.judgement.sentence
    );
    assert_eq!(connection.beats.last().unwrap().status, Status::Critical);
    world.wait(4 * INTERVAL);
    let view = world.live.health(world.now()).remove(0).checks.remove(0);
    assert_eq!((view.status, view.absent), (Status::Unknown, Some(Absence::Stale)));
}

#[tokio::test]
async fn a_check_that_is_no_longer_made_says_nothing_any_more() {
    let mut world = World::new(System::Kafka).await;
    let check = |id: &str, status| CheckResult {
        entity: EntityKey::cluster(),
        check: CheckId(id.into()),
        status,
        text: String::new(),
        absent: None,
    };
    let both = vec![check("of_a_part", Status::Critical), check("of_the_whole", Status::Ok)];
    let whole = vec![check("of_the_whole", Status::Ok)];
    // The part is taken out of the settings, and what it said last stands no longer than two hours.
    for (made, passed, seen, verdict) in [
        (&both, 0, vec!["of_a_part", "of_the_whole"], Verdict::Broken),
        (&whole, 2 * 60 * 60 * 1_000, vec!["of_the_whole"], Verdict::Ok),
    ] {
        world.wait(passed);
        // A verdict stands when several visits have said the same.
        for _ in 0..4 {
            world
                .visit(|snapshot| {
                    put(snapshot, &EntityKey::cluster(), &[]);
                    snapshot.checks.clone_from(made);
                })
                .await;
        }
        let view = world.live.health(world.now()).remove(0);
        let checks: Vec<_> = view.checks.iter().map(|check| check.def.id.0.as_str()).collect();
        assert_eq!(checks, seen);
        let connection = world.live.connections(world.now()).remove(0);
        assert_eq!(
            connection.judgement.verdict, verdict,
            "{}",
            connection.judgement.sentence
        );
    }
}
