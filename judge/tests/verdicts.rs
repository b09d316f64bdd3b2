//! Verdicts on queues and groups: every rule, and the healthy case that looks most like it.

use brokerscope_contract::{Absence, Timestamp, Verdict};
use brokerscope_judge::verdict::{Assessment, Late, Observation, Pushed, Window, group, queue};

/// Sixteen visits at 30 s, which fill a window; `at` makes the observation of visit `i`.
fn window(visits: usize, at: impl Fn(f64) -> Observation) -> Window {
    let mut window = Window::default();
    for i in 0..visits {
        let seen = Observation {
            at: Timestamp(i as i64 * 30_000),
            ..at(i as f64)
        };
        assert_eq!(window.push(seen), Pushed::Kept);
    }
    window
}

fn seen(waiting: f64, consumers: f64) -> Observation {
    Observation {
        waiting: Some(waiting),
        consumers: Some(consumers),
        ..Observation::default()
    }
}

fn judge(window: &Window) -> Assessment {
    let case = queue::Case {
        window,
        absent: None,
        was: None,
    };
    let mut said = queue::judge(&case);
    said.sentence = said.sentence.replace('\u{a0}', " ");
    said
}

fn check(window: &Window, verdict: Verdict, sentence: &str) {
    let said = judge(window);
    assert_eq!((said.verdict, said.sentence.as_str()), (verdict, sentence));
}

#[test]
fn no_consumer() {
    let orphaned = window(2, |i| Observation {
        arrived: Some(1_650.0 * i),
        ..seen(12_480.0 + i, 0.0)
    });
    check(
        &orphaned,
        Verdict::NoConsumer,
        "12,481 messages wait, 55/s arrive and nobody reads: no consumer is connected.",
    );
    let left = window(4, |i| seen(5.0, if i < 2.0 { 3.0 } else { 0.0 }));
    check(
        &left,
        Verdict::NoConsumer,
        "5 messages wait and nobody reads: its 3 consumers left at 00:01 UTC.",
    );
    assert_eq!(judge(&left).since, Some(Timestamp(60_000)));
    check(
        &window(4, |_| seen(0.0, 0.0)),
        Verdict::Ok,
        "Nothing waits and nobody reads.",
    );
}

/// Visits of half a minute to a queue from which `fetched` messages per second are taken one by one until `end`, at
/// which a consumer that was there for the first `connected` visits has left.
fn polled(waiting: f64, fetched: f64, connected: f64, end: f64) -> impl Fn(f64) -> Observation {
    move |i| Observation {
        arrived: Some(150.0 * i),
        taken: Some(fetched * 30.0 * i.min(end)),
        ..seen(waiting, if i < connected { 1.0 } else { 0.0 })
    }
}

#[test]
fn who_fetches_one_by_one_reads_although_no_consumer_is_connected() {
    let for_ever = f64::INFINITY;
    for (visits, queue, verdict, sentence) in [
        (
            3,
            polled(12.0, 3.0, 0.0, for_ever),
            Verdict::Ok,
            "Keeps up: 3/s acknowledged, 12 messages wait or 4 s of work.",
        ),
        (
            3,
            polled(0.0, 3.0, 0.0, for_ever),
            Verdict::Ok,
            "Nothing waits; no consumer is connected, but 3/s are fetched.",
        ),
        (
            20,
            polled(900.0, 5.0, 0.0, for_ever),
            Verdict::Ok,
            "900 messages wait and no more than before: 5/s in, 5/s out.",
        ),
        (
            1,
            polled(12.0, 3.0, 0.0, for_ever),
            Verdict::NoConsumer,
            "12 messages wait and nobody reads: no consumer is connected.",
        ),
        (
            16,
            polled(12.0, 3.0, 0.0, 8.0),
            Verdict::NoConsumer,
            "12 messages wait, 5/s arrive and nobody reads: no consumer is connected.",
        ),
        (
            8,
            polled(12.0, 3.0, 6.0, 6.0),
            Verdict::NoConsumer,
            "12 messages wait, 5/s arrive and nobody reads: its last consumer left at 00:03 UTC.",
        ),
        (
            30,
            polled(12.0, 3.0, 6.0, for_ever),
            Verdict::Ok,
            "Keeps up: 3/s acknowledged, 12 messages wait or 4 s of work.",
        ),
        (
            8,
            polled(0.0, 3.0, 6.0, 6.0),
            Verdict::Ok,
            "Nothing waits and nobody reads.",
        ),
    ] {
        check(&window(visits, queue), verdict, sentence);
    }
    let behind = window(20, |i| Observation {
        waiting: Some(400.0 + 60.0 * i),
        ..polled(0.0, 3.0, 0.0, for_ever)(i)
    });
    let said = judge(&behind);
    assert_eq!(said.verdict, Verdict::Slow);
    assert!(
        said.sentence.starts_with("Readers fetch 3/s, publishers send 5/s"),
        "{}",
        said.sentence
    );
}

/// 4 consumers with a prefetch of 100 hold everything; `taken` is the counter of acknowledgements.
fn held(in_flight: f64, taken: impl Fn(f64) -> Option<f64>) -> impl Fn(f64) -> Observation {
    move |i| Observation {
        in_flight: Some(in_flight),
        in_flight_limit: Some(400.0),
        arrived: Some(5_000.0),
        taken: taken(i),
        ..seen(902.0, 4.0)
    }
}

#[test]
fn connected_but_not_consuming() {
    let stuck = window(4, held(400.0, |_| Some(77.0)));
    check(
        &stuck,
        Verdict::NotConsuming,
        "4 consumers hold 400 messages unacknowledged, all that they may, and acknowledged nothing for 2 min while 902 messages wait.",
    );
    let never_acknowledged = window(4, held(400.0, |_| None));
    assert_eq!(judge(&never_acknowledged).verdict, Verdict::NotConsuming);
    let busy = window(20, held(400.0, |i| Some(30.0 * i)));
    assert_eq!(
        judge(&busy).verdict,
        Verdict::Ok,
        "a full prefetch of working consumers is no trouble"
    );
    let too_early = window(2, held(400.0, |_| Some(77.0)));
    assert_eq!(judge(&too_early).verdict, Verdict::Unknown);
}

#[test]
fn where_nothing_is_counted_a_falling_depth_proves_that_they_consume() {
    let uncounted = window(4, |i| Observation {
        in_flight: Some(400.0),
        in_flight_limit: Some(400.0),
        ..seen(902.0 - 10.0 * i, 4.0)
    });
    assert_ne!(judge(&uncounted).verdict, Verdict::NotConsuming);
    let growing = window(4, |i| Observation {
        in_flight: Some(400.0),
        in_flight_limit: Some(400.0),
        ..seen(902.0 + 10.0 * i, 4.0)
    });
    assert_ne!(
        judge(&growing).verdict,
        Verdict::NotConsuming,
        "without any counter it may as well be slow"
    );
}

#[test]
fn a_long_job_per_message_is_compared_with_its_own_pace() {
    // One message every 3 minutes with a prefetch of one: quiet for 2.5 minutes is nothing.
    let long_jobs = window(24, |i| Observation {
        in_flight: Some(1.0),
        in_flight_limit: Some(1.0),
        taken: Some((i / 6.0).floor()),
        arrived: Some(100.0),
        ..seen(96.0, 1.0)
    });
    assert_ne!(judge(&long_jobs).verdict, Verdict::NotConsuming);
}

#[test]
fn stalled() {
    let stalled = window(20, held(12.0, |_| Some(77.0)));
    check(
        &stalled,
        Verdict::Stalled,
        "Nothing was acknowledged for 10 min although 4 consumers are connected; 902 messages wait and 12 are in flight.",
    );
    assert_eq!(judge(&stalled).since, Some(Timestamp(0)));
    let short = window(6, held(12.0, |_| Some(77.0)));
    assert_eq!(judge(&short).verdict, Verdict::Unknown, "two minutes are too little");
    let moved = window(20, held(12.0, |i| Some(if i > 15.0 { 500.0 } else { 77.0 })));
    assert_eq!(judge(&moved).verdict, Verdict::Ok);
}

/// Visits of half a minute to a queue of a cloud, whose counters are told every five minutes and five minutes late.
fn counted_late(waiting: f64, consumers: f64, out: impl Fn(i64) -> f64) -> impl Fn(f64) -> Observation {
    move |i| {
        let now = i as i64 * 30_000;
        let until = (now - 300_000).div_euclid(300_000) * 300_000;
        Observation {
            in_flight: Some(12.0),
            in_flight_limit: Some(120_000.0),
            late: Some(Late {
                at: Timestamp(until),
                taken: Some(out(until / 1_000)),
                arriving: Some(2.0),
                taking: Some((out(until / 1_000) - out(until / 1_000 - 300)) / 300.0),
            }),
            ..seen(waiting, consumers)
        }
    }
}

#[test]
fn what_is_counted_late_stands_still_only_as_far_as_it_was_counted() {
    let still = counted_late(902.0, 1.0, |_| 77.0);
    // The same count, told on each of ten visits, is of one moment.
    assert_ne!(judge(&window(10, &still)).verdict, Verdict::Stalled);
    check(
        &window(22, &still),
        Verdict::Stalled,
        "Nothing was acknowledged for 10 min although 1 consumer is connected; 902 messages wait and 12 are in flight. \
         Counted until 00:05 UTC.",
    );
    let moving = counted_late(902.0, 1.0, |second| 2.0 * second as f64);
    for visits in 12..60 {
        let said = judge(&window(visits, &moving));
        assert_eq!(said.verdict, Verdict::Ok, "{visits}: {}", said.sentence);
    }
    check(
        &window(22, &moving),
        Verdict::Ok,
        "902 messages wait and no more than before: 2/s in, 2/s out. Counted until 00:05 UTC.",
    );
    check(
        &window(22, counted_late(902.0, 0.0, |_| 77.0)),
        Verdict::NoConsumer,
        "902 messages wait, 2/s arrive and nobody reads: nobody asks for them. Counted until 00:05 UTC.",
    );
    // Stood still for one period after it had moved in each.
    let stopped = counted_late(902.0, 1.0, |second| 2.0 * second.min(1_200) as f64);
    assert_eq!(judge(&window(60, &stopped)).verdict, Verdict::Ok);
    assert_eq!(judge(&window(64, &stopped)).verdict, Verdict::Stalled);
}

/// 55/s arrive and `out` are acknowledged per second.
fn flowing(depth: f64, out: f64) -> impl Fn(f64) -> Observation {
    move |i| Observation {
        arrived: Some(55.0 * 30.0 * i),
        taken: Some(out * 30.0 * i),
        in_flight: Some(60.0),
        ..seen(depth + (55.0 - out) * 30.0 * i, 6.0)
    }
}

#[test]
fn slow() {
    let slow = window(20, flowing(4_500.0, 41.0));
    check(
        &slow,
        Verdict::Slow,
        "Consumers acknowledge 41/s, publishers send 55/s: 14/s stay behind; 12,480 messages wait, at this rate 100,000 messages at 01:53 UTC.",
    );
    assert_eq!(
        judge(&window(20, flowing(4_500.0, 55.0))).verdict,
        Verdict::Ok,
        "a backlog that does not grow"
    );
    assert_eq!(
        judge(&window(20, flowing(0.0, 54.9))).verdict,
        Verdict::Ok,
        "a second of work is no lag"
    );
    let shrinking = window(20, flowing(50_000.0, 75.0));
    let sentence = "38,600 messages wait and are being worked off: 75/s acknowledged, empty in 32 min.";
    check(&shrinking, Verdict::Ok, sentence);
    assert_eq!(judge(&window(5, flowing(4_500.0, 41.0))).verdict, Verdict::Unknown);
}

#[test]
fn a_slow_queue_stays_slow_until_it_no_longer_grows() {
    let noisy = window(20, |i| seen(1_000.0 + i + if i % 2.0 == 0.0 { 0.0 } else { 40.0 }, 2.0));
    assert_eq!(judge(&noisy).verdict, Verdict::Ok, "noise does not start it");
    let case = queue::Case {
        window: &noisy,
        absent: None,
        was: Some(Verdict::Slow),
    };
    assert_eq!(queue::judge(&case).verdict, Verdict::Slow, "and does not end it");
}

#[test]
fn ok_says_what_flows() {
    check(
        &window(3, |_| seen(0.0, 1.0)),
        Verdict::Ok,
        "Nothing waits; 1 consumer is connected.",
    );
    let empty = window(3, |i| Observation {
        taken: Some(1_230.0 * i),
        ..seen(0.0, 6.0)
    });
    check(&empty, Verdict::Ok, "Nothing waits: 6 consumers acknowledge 41/s.");
    let busy = window(2, |i| Observation {
        taken: Some(1_230.0 * i),
        ..seen(3.0, 6.0)
    });
    check(
        &busy,
        Verdict::Ok,
        "Keeps up: 41/s acknowledged, 3 messages wait or 73 ms of work.",
    );
}

#[test]
fn too_few_visits_say_how_many_are_missing() {
    let said = judge(&window(4, flowing(4_500.0, 41.0)));
    assert_eq!(said.absent, Some(Absence::NoData));
    assert!(said.undecided);
    assert_eq!(
        said.sentence,
        "5,760 messages wait; watching since 00:00 UTC, needs 6 more visits to judge."
    );
}

#[test]
fn an_unknown_depth_says_why() {
    let window = window(3, |_| Observation::default());
    for (absent, expected) in [
        (None, Absence::NoData),
        (Some(Absence::NotPermitted), Absence::NotPermitted),
    ] {
        let said = queue::judge(&queue::Case {
            window: &window,
            absent,
            was: None,
        });
        assert_eq!((said.verdict, said.absent), (Verdict::Unknown, Some(expected)));
    }
}

#[test]
fn a_jump_of_the_clock_or_a_restart_of_the_broker_begins_a_new_window() {
    for (next, arrived, expected) in [
        (630_000, 100.0, Pushed::Kept),
        (599_999 - 30_000, 100.0, Pushed::ClockJumped),
        (600_000 + 3_600_001, 100.0, Pushed::ClockJumped),
        (630_000, 99.0, Pushed::Restarted),
    ] {
        let mut window = window(20, |_| Observation {
            arrived: Some(100.0),
            taken: Some(1.0),
            ..seen(9.0, 1.0)
        });
        assert_eq!(judge(&window).verdict, Verdict::Stalled);
        let pushed = window.push(Observation {
            at: Timestamp(next),
            arrived: Some(arrived),
            taken: Some(1.0),
            ..seen(9.0, 1.0)
        });
        assert_eq!(pushed, expected);
        let verdict = if pushed == Pushed::Kept {
            Verdict::Stalled
        } else {
            Verdict::Unknown
        };
        assert_eq!(judge(&window).verdict, verdict, "{expected:?}");
    }
}

#[test]
fn visits_every_five_seconds_fill_the_same_window() {
    let mut window = Window::default();
    for i in 0..70 {
        let waiting = if i == 40 { 0.0 } else { 9.0 };
        window.push(Observation {
            at: Timestamp(i * 5_000),
            taken: Some(1.0),
            ..seen(waiting, 1.0)
        });
    }
    assert!(window.is_full() && window.span().count() <= 12);
    assert_eq!(
        window.lowest(),
        Some(0.0),
        "thinning does not hide that it was empty once"
    );
}

// Groups.

/// A partition with lag: `end` and `committed` by visit.
fn partition(visits: usize, members: f64, end: impl Fn(f64) -> f64, committed: impl Fn(f64) -> f64) -> Window {
    window(visits, |i| Observation {
        arrived: Some(end(i)),
        taken: Some(committed(i)),
        ..seen(end(i) - committed(i), members)
    })
}

fn group_says(members: Option<f64>, rebalancing: bool, windows: &[&Window]) -> group::Judged {
    let numbers: Vec<String> = (0..windows.len()).map(|n| n.to_string()).collect();
    let partitions = windows
        .iter()
        .zip(&numbers)
        .map(|(window, number)| group::Partition {
            topic: "orders",
            number,
            window,
        })
        .collect();
    let mut judged = group::judge(&group::Case {
        now: Timestamp(19 * 30_000),
        members,
        rebalancing,
        partitions,
        was: None,
        absent: None,
    });
    judged.whole.sentence = judged.whole.sentence.replace('\u{a0}', " ");
    judged
}

fn check_group(members: f64, windows: &[&Window], verdict: Verdict, sentence: &str) {
    let said = group_says(Some(members), false, windows).whole;
    assert_eq!((said.verdict, said.sentence.as_str()), (verdict, sentence));
}

#[test]
fn a_group_without_members_is_stopped_when_messages_arrive_and_has_no_consumer_when_not() {
    let left = window(20, |i| Observation {
        arrived: Some(100.0 + 10.0 * i),
        taken: Some(90.0),
        ..seen(10.0 + 10.0 * i, if i < 2.0 { 2.0 } else { 0.0 })
    });
    check_group(
        0.0,
        &[&left],
        Verdict::Stopped,
        "Has not moved for 10 min while 190 messages arrived; its 2 members left at 00:01 UTC.",
    );
    let idle = partition(20, 0.0, |_| 50.0, |_| 10.0);
    check_group(
        0.0,
        &[&idle],
        Verdict::NoConsumer,
        "40 messages wait and nobody reads: the group has no members.",
    );
    let early = partition(2, 0.0, |i| 50.0 + i, |_| 10.0);
    let said = group_says(Some(0.0), false, &[&early]).whole;
    assert_eq!((said.verdict, said.early), (Verdict::NoConsumer, true));
    let caught_up = partition(20, 0.0, |_| 50.0, |_| 50.0);
    check_group(0.0, &[&caught_up], Verdict::Ok, "Nothing waits; it has no members.");
}

#[test]
fn one_partition_that_stands_still_while_others_move_stalls_the_group() {
    let moving = partition(20, 3.0, |i| 600.0 * i, |i| 600.0 * i);
    let stuck = partition(20, 3.0, |i| 100.0 + 30.0 * i, |_| 90.0);
    check_group(
        3.0,
        &[&moving, &stuck, &moving],
        Verdict::Stalled,
        "Partition 1 of orders has not moved for 10 min while 570 messages arrived; 2 others move on.",
    );
    let slow_committer = partition(20, 3.0, |i| 100.0 + 30.0 * i, |i| 90.0 + (i / 4.0).floor() * 120.0);
    assert_eq!(
        group_says(Some(3.0), false, &[&moving, &slow_committer]).whole.verdict,
        Verdict::Ok
    );
}

#[test]
fn members_that_stopped_are_stalled_and_members_that_never_moved_do_not_consume() {
    let stopped = partition(20, 3.0, |i| 100.0 + 30.0 * i, |i| if i < 3.0 { 90.0 + i } else { 93.0 });
    check_group(
        3.0,
        &[&stopped],
        Verdict::Stalled,
        "Has not moved for 8 min while 480 messages arrived, although 3 members are connected.",
    );
    let never = partition(20, 1.0, |_| 4_400.0, |_| 90.0);
    check_group(
        1.0,
        &[&never],
        Verdict::NotConsuming,
        "1 member is connected and committed nothing for 10 min while 4,310 messages wait.",
    );
}

#[test]
fn unknown_members_make_a_standstill_stopped() {
    let stuck = partition(20, 0.0, |i| 100.0 + 30.0 * i, |_| 90.0);
    assert_eq!(group_says(None, false, &[&stuck]).whole.verdict, Verdict::Stopped);
}

#[test]
fn a_position_that_went_back_is_rewound_until_it_is_regained() {
    let back = partition(
        20,
        1.0,
        |_| 50_000.0,
        |i| {
            if i < 15.0 {
                50_000.0
            } else {
                38_000.0 + 100.0 * (i - 15.0)
            }
        },
    );
    check_group(
        1.0,
        &[&back],
        Verdict::Rewound,
        "Partition 0 of orders went back by 12,000 messages at 00:07 UTC, from offset 50,000 to 38,000: what lies between is read again.",
    );
    let regained = partition(20, 1.0, |_| 50_000.0, |i| if i == 15.0 { 38_000.0 } else { 50_000.0 });
    assert_eq!(group_says(Some(1.0), false, &[&regained]).whole.verdict, Verdict::Ok);
}

#[test]
fn a_group_that_falls_behind_is_slow() {
    let behind = partition(20, 2.0, |i| 55.0 * 30.0 * i + 4_500.0, |i| 41.0 * 30.0 * i);
    check_group(
        2.0,
        &[&behind],
        Verdict::Slow,
        "Members commit 41/s, publishers send 55/s: 14/s stay behind; 12,480 messages wait, at this rate 100,000 messages at 01:53 UTC.",
    );
}

#[test]
fn standing_still_means_nothing_during_a_rebalance() {
    let stuck = partition(20, 3.0, |i| 100.0 + 30.0 * i, |_| 90.0);
    let said = group_says(Some(3.0), true, &[&stuck]).whole;
    assert!(said.undecided, "{said:?}");
    let gone = partition(2, 0.0, |_| 50.0, |_| 10.0);
    assert!(group_says(Some(0.0), true, &[&gone]).whole.undecided);
    let fine = partition(20, 3.0, |i| 600.0 * i, |i| 600.0 * i);
    assert_eq!(group_says(Some(3.0), true, &[&fine]).whole.verdict, Verdict::Ok);
}

#[test]
fn the_marker_of_a_transaction_is_no_lag() {
    let marker = partition(20, 1.0, |_| 101.0, |_| 100.0);
    assert_eq!(group_says(Some(1.0), false, &[&marker]).whole.verdict, Verdict::Ok);
    let real = partition(20, 1.0, |i| 101.0 + i, |_| 100.0);
    assert_eq!(
        group_says(Some(1.0), false, &[&real]).whole.verdict,
        Verdict::NotConsuming
    );
}

#[test]
fn low_traffic_is_no_stop() {
    // One message every ten minutes, committed within two visits.
    let rare = partition(
        60,
        1.0,
        |i| 100.0 + (i / 20.0).floor(),
        |i| 100.0 + ((i - 1.0).max(0.0) / 20.0).floor(),
    );
    assert_eq!(group_says(Some(1.0), false, &[&rare]).whole.verdict, Verdict::Ok);
}

#[test]
fn a_group_that_never_committed_is_unknown_and_says_why() {
    let nothing = window(5, |_| Observation {
        consumers: Some(1.0),
        ..Observation::default()
    });
    let said = group_says(Some(1.0), false, &[&nothing]).whole;
    assert_eq!((said.verdict, said.absent), (Verdict::Unknown, Some(Absence::NoData)));
    assert_eq!(
        said.sentence,
        "1 member is connected and nothing was committed yet, so the lag is not known."
    );
}

#[test]
fn each_topic_of_a_group_has_its_own_verdict() {
    let moving = partition(20, 3.0, |i| 600.0 * i, |i| 600.0 * i);
    let stuck = partition(20, 3.0, |i| 100.0 + 30.0 * i, |_| 90.0);
    let judged = group::judge(&group::Case {
        now: Timestamp(19 * 30_000),
        members: Some(3.0),
        rebalancing: false,
        partitions: vec![
            group::Partition {
                topic: "orders",
                number: "0",
                window: &moving,
            },
            group::Partition {
                topic: "audit",
                number: "0",
                window: &stuck,
            },
        ],
        was: None,
        absent: None,
    });
    let topics: Vec<_> = judged
        .topics
        .iter()
        .map(|(topic, said)| (topic.as_str(), said.verdict))
        .collect();
    assert_eq!(topics, [("audit", Verdict::NotConsuming), ("orders", Verdict::Ok)]);
    assert_eq!(judged.whole.verdict, Verdict::Stalled);
}
