//! Runners that start, stop and restart as the wanted connections change.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use brokerscope_contract::{Snapshot, Timestamp, metrics};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::*;
use crate::collector::ProbeReport;

/// What a scripted collector does on a visit.
#[derive(Debug, Clone, Copy)]
enum Act {
    Answer,
    Refuse,
    Panic,
    NeverEnd,
    TakeSeconds(u64),
}

/// Collectors that follow a script by visit number; the last act repeats.
#[derive(Clone)]
struct Script {
    acts: Arc<Vec<Act>>,
    visits: Arc<AtomicUsize>,
    made: Arc<AtomicUsize>,
    inside: Arc<AtomicUsize>,
    most_inside: Arc<AtomicUsize>,
}

impl Script {
    fn new(acts: &[Act]) -> Script {
        Script {
            acts: Arc::new(acts.to_vec()),
            visits: Arc::default(),
            made: Arc::default(),
            inside: Arc::default(),
            most_inside: Arc::default(),
        }
    }
}

/// Counts how many visits are under way, also when a visit is dropped half way.
struct Inside(Arc<AtomicUsize>);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait::async_trait]
impl Collector for Script {
    async fn probe(&mut self, _report: &ProbeReport) {}

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        let now_inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
        let _inside = Inside(self.inside.clone());
        self.most_inside.fetch_max(now_inside, Ordering::SeqCst);
        let visit = self.visits.fetch_add(1, Ordering::SeqCst);
        match self.acts[visit.min(self.acts.len() - 1)] {
            Act::Answer => {}
            Act::Refuse => {
                return Err(CollectError::Unreachable {
                    detail: "refused".into(),
                    remedy: "start it".into(),
                });
            }
            Act::Panic => panic!("a collector's own mistake"),
            Act::NeverEnd => std::future::pending().await,
            Act::TakeSeconds(seconds) => sleep(Duration::from_secs(seconds)).await,
        }
        Ok(Snapshot::empty(at))
    }
}

struct Stage {
    script: Script,
    supervisor: Supervisor,
    visits: mpsc::Receiver<Visit>,
    wall: Arc<AtomicI64>,
    start: Instant,
}

/// A supervisor whose collectors follow the acts, and whose clock is set by the test.
fn stage(acts: &[Act]) -> Stage {
    let script = Script::new(acts);
    let (sender, visits) = mpsc::channel(64);
    let wall = Arc::new(AtomicI64::new(1_000_000));
    let (clock_wall, built) = (wall.clone(), script.clone());
    let clock: Clock = Arc::new(move || Timestamp(clock_wall.load(Ordering::SeqCst)));
    let build = Arc::new(move |wanted: &Wanted| {
        built.made.fetch_add(1, Ordering::SeqCst);
        if wanted.settings.contains_key("nonsense") {
            return Err(CollectError::Settings {
                detail: "nonsense".into(),
                remedy: "leave it out".into(),
            });
        }
        Ok(Box::new(built.clone()) as Box<dyn Collector>)
    });
    let supervisor = Supervisor::with_build(clock, sender, build);
    Stage {
        script,
        supervisor,
        visits,
        wall,
        start: Instant::now(),
    }
}

fn wanted(id: i64) -> Wanted {
    Wanted {
        connection: ConnectionId(id),
        name: format!("connection {id}"),
        system: System::RabbitMq,
        settings: Settings::new(),
        interval: Some(Duration::from_secs(15)),
        known_until: None,
    }
}

impl Stage {
    /// The next visit and the seconds since the test began.
    async fn visit(&mut self) -> (Visit, f64) {
        let visit = self.visits.recv().await.expect("a runner is at work");
        (visit, self.start.elapsed().as_secs_f64())
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_visit_is_at_once_and_the_others_keep_the_interval() {
    let mut stage = stage(&[Act::Answer]);
    stage.supervisor.apply(vec![wanted(1)]);
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(stage.visit().await.1);
    }
    assert!(times[0] <= 0.51, "{times:?}");
    assert!(
        (7.4..=15.6).contains(&(times[1] - times[0])),
        "the phase is random: {times:?}"
    );
    for pair in times[1..].windows(2) {
        assert!((pair[1] - pair[0] - 15.0).abs() < 0.01, "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_visit_leaves_ticks_out_and_never_overlaps_the_next() {
    let mut stage = stage(&[Act::TakeSeconds(8)]);
    let every_5_s = Wanted {
        interval: Some(Duration::from_secs(5)),
        ..wanted(1)
    };
    stage.supervisor.apply(vec![every_5_s]);
    let mut ends = Vec::new();
    for _ in 0..4 {
        let (visit, end) = stage.visit().await;
        assert!(visit.outcome.is_ok());
        assert!((visit.seconds - 8.0).abs() < 0.01);
        ends.push(end);
    }
    assert!(
        (ends[3] - ends[2] - 10.0).abs() < 0.01,
        "every second tick of 5 s: {ends:?}"
    );
    assert_eq!(stage.script.most_inside.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_never_answers_ends_at_the_deadline() {
    let mut stage = stage(&[Act::NeverEnd]);
    stage.supervisor.apply(vec![Wanted {
        interval: Some(Duration::from_secs(2)),
        ..wanted(1)
    }]);
    let (visit, _) = stage.visit().await;
    assert!(
        matches!(&visit.outcome, Err(CollectError::TimedOut { detail, .. }) if detail.contains("10 s")),
        "{visit:?}"
    );
    assert!((visit.seconds - 10.0).abs() < 0.01);
    stage.visit().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_becomes_a_failed_visit_and_a_new_collector_goes_on() {
    let mut stage = stage(&[Act::Panic, Act::Answer]);
    stage.supervisor.apply(vec![wanted(1)]);
    assert!(matches!(
        stage.visit().await.0.outcome,
        Err(CollectError::Defect { .. })
    ));
    assert!(stage.visit().await.0.outcome.is_ok());
    assert_eq!(stage.script.made.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn failures_wait_longer_and_longer_and_say_when_it_goes_on() {
    let mut stage = stage(&[Act::Refuse, Act::Refuse, Act::Refuse, Act::Refuse, Act::Answer]);
    stage.supervisor.apply(vec![wanted(1)]);
    let mut ends = Vec::new();
    for _ in 0..5 {
        let (visit, end) = stage.visit().await;
        ends.push((end, visit.next_at.millis_since(Timestamp(1_000_000)) as f64 / 1000.0));
    }
    for (nth, pair) in ends.windows(2).enumerate() {
        let (waited, announced) = (pair[1].0 - pair[0].0, pair[0].1);
        assert!(
            (waited - announced).abs() < 0.05,
            "announced {announced} s, waited {waited} s"
        );
        let doubled = 15.0 * f64::from(1 << nth);
        assert!(
            waited <= doubled + 0.1 && waited >= 15.0 + (doubled - 15.0) / 2.0 - 0.1,
            "failure {nth}: {waited} s"
        );
    }
    assert!(ends[4].1 <= 15.1, "after a success the schedule is kept again");
}

#[tokio::test(start_paused = true)]
async fn a_success_carries_its_own_cost_as_figures() {
    let mut stage = stage(&[Act::TakeSeconds(1)]);
    stage.supervisor.apply(vec![wanted(1)]);
    let snapshot = stage.visit().await.0.outcome.expect("it answers");
    let value = |metric| {
        snapshot
            .samples
            .iter()
            .find(|sample| sample.metric == metric)
            .map(|sample| sample.value)
    };
    assert_eq!(value(metrics::UP), Some(1.0));
    assert!(value(metrics::VISIT_SECONDS).is_some_and(|seconds| (seconds - 1.0).abs() < 0.01));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_changes_no_schedule() {
    let mut stage = stage(&[Act::Answer]);
    stage.supervisor.apply(vec![wanted(1)]);
    stage.visit().await;
    let (_, second) = stage.visit().await;
    stage.wall.store(-5_000_000, Ordering::SeqCst);
    let (visit, third) = stage.visit().await;
    assert_eq!(visit.at, Timestamp(-5_000_000));
    assert!((third - second - 15.0).abs() < 0.01);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_longer_wanted_stops_at_once_even_in_the_middle_of_a_visit() {
    let mut stage = stage(&[Act::NeverEnd]);
    stage.supervisor.apply(vec![wanted(1), wanted(2)]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.script.inside.load(Ordering::SeqCst), 2);
    stage.supervisor.apply(vec![wanted(2)]);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(stage.script.inside.load(Ordering::SeqCst), 1);
    stage.supervisor.shutdown().await;
    assert_eq!(stage.script.inside.load(Ordering::SeqCst), 0);
    assert!(stage.visits.recv().await.is_none(), "nobody holds a sender any more");
}

#[tokio::test(start_paused = true)]
async fn changed_settings_start_anew_and_a_new_name_does_not() {
    let mut stage = stage(&[Act::Answer]);
    stage.supervisor.apply(vec![wanted(1)]);
    stage.visit().await;
    stage.supervisor.apply(vec![Wanted {
        name: "another name".into(),
        ..wanted(1)
    }]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.script.made.load(Ordering::SeqCst), 1);
    let settings = Settings::from([("user".to_string(), json!("somebody else"))]);
    stage.supervisor.apply(vec![Wanted { settings, ..wanted(1) }]);
    let before = stage.start.elapsed().as_secs_f64();
    let (_, at) = stage.visit().await;
    assert!(at - before <= 0.51, "the new settings are tried at once");
    assert_eq!(stage.script.made.load(Ordering::SeqCst), 2);
    assert_eq!(stage.script.most_inside.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn settings_that_cannot_be_used_are_a_failed_visit_and_others_go_on() {
    let mut stage = stage(&[Act::Answer]);
    let settings = Settings::from([("nonsense".to_string(), json!(1))]);
    stage
        .supervisor
        .apply(vec![Wanted { settings, ..wanted(1) }, wanted(2)]);
    let mut outcomes = HashMap::new();
    while outcomes.len() < 2 {
        let (visit, _) = stage.visit().await;
        outcomes.insert(visit.connection.0, visit.outcome);
    }
    assert!(matches!(outcomes[&1], Err(CollectError::Settings { .. })));
    assert!(outcomes[&2].is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_full_channel_holds_visits_back_instead_of_piling_them_up() {
    let script = Script::new(&[Act::Answer]);
    let (sender, mut visits) = mpsc::channel(1);
    let built = script.clone();
    let build = Arc::new(move |_: &Wanted| Ok(Box::new(built.clone()) as Box<dyn Collector>));
    let mut supervisor = Supervisor::with_build(Arc::new(|| Timestamp(0)), sender, build);
    supervisor.apply(vec![wanted(1)]);
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(
        script.visits.load(Ordering::SeqCst),
        2,
        "one in the channel, one waiting to get in"
    );
    visits.recv().await.expect("the first");
    supervisor.shutdown().await;
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let settings = Settings::from([("password".to_string(), json!("correct-horse"))]);
    assert!(!format!("{:?}", Wanted { settings, ..wanted(1) }).contains("correct-horse"));
}

#[test]
fn a_wanted_connection_is_shown_without_its_secrets() {
    let wanted = Wanted {
        connection: ConnectionId(7),
        name: "shop".into(),
        system: System::RabbitMq,
        settings: [("password".to_string(), json!("secret-word"))].into(),
        interval: None,
        known_until: None,
    };
    let shown = format!("{wanted:?} {:?}", Some(&wanted));
    assert!(shown.contains("shop") && !shown.contains("secret-word"), "{shown}");
}
