//! The test of a connection, step by step.

use super::*;

async fn outcomes(collector: &mut dyn Collector) -> Vec<(String, StepOutcome)> {
    let (report, mut steps) = ProbeReport::channel(Timestamp(0));
    collector.probe(&report).await;
    drop(report);
    let mut seen = Vec::new();
    while let Some(step) = steps.recv().await {
        let remedy_needed = matches!(step.outcome, StepOutcome::Failed | StepOutcome::Limited);
        assert_eq!(step.remedy.is_some(), remedy_needed, "{step:?}");
        let title = step
            .title
            .split(" of ")
            .next()
            .unwrap()
            .split(" at ")
            .next()
            .unwrap()
            .split(" to ")
            .next()
            .unwrap();
        seen.push((title.to_string(), step.outcome));
    }
    seen
}

#[tokio::test]
async fn a_test_of_a_good_connection_passes_every_step() {
    let fake = Fake::broker("4.3.6").await;
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    let titles: Vec<_> = seen.iter().map(|(title, _)| title.as_str()).collect();
    let expected = [
        "Name lookup",
        "TCP connection",
        "Management API",
        "Login",
        "Permissions",
        "Nodes",
        "Figures per queue",
        "What will be visible",
    ];
    assert_eq!(titles, expected);
    assert!(
        seen.iter().all(|(_, outcome)| *outcome == StepOutcome::Passed),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_test_says_which_step_failed_and_tries_no_further() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let seen = outcomes(collector(&format!("http://{closed}"), json!({})).as_mut()).await;
    assert_eq!(seen[1], ("TCP connection".into(), StepOutcome::Failed));
    assert!(
        seen[2..].iter().all(|(_, outcome)| *outcome == StepOutcome::Skipped),
        "{seen:?}"
    );
    let fake = Fake::broker("4.3.6").await;
    fake.set(
        "/api/whoami",
        401,
        r#"{"error":"not_authorised","reason":"Not management user"}"#,
    );
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    assert_eq!(seen[3], ("Login".into(), StepOutcome::Failed), "{seen:?}");
}

#[tokio::test]
async fn a_test_warns_of_blindness() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/exchanges", 200, "[]");
    let seen = outcomes(fake.collector(own_prometheus(&fake)).as_mut()).await;
    assert!(seen.contains(&("Permissions".into(), StepOutcome::Limited)), "{seen:?}");
    assert!(
        seen.contains(&("What will be visible".into(), StepOutcome::Limited)),
        "{seen:?}"
    );
}
