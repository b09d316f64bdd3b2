//! Sends what waits, one message after the other, so that an end never overtakes its beginning.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};

use super::delivery::{self, Outcome, pause, told_of};
use super::message::Message;
use super::outbox::Outbox;
use crate::clock::Clock;

/// A receiver that is away for longer has missed what it was to be told; later messages still wait for it.
const GIVE_UP_MILLIS: i64 = 24 * 3_600_000;

/// The outside as the sender sees it, so that a test can play it.
pub trait Way: Send + Sync {
    fn attempt(&self, url: &Url, message: &Message) -> impl Future<Output = Outcome> + Send;
    fn rest(&self, pause: Duration) -> impl Future<Output = ()> + Send;
}

impl Way for Client {
    fn attempt(&self, url: &Url, message: &Message) -> impl Future<Output = Outcome> + Send {
        delivery::attempt(self, url, message)
    }

    fn rest(&self, pause: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(pause)
    }
}

/// Never ends. A message that could not be delivered is tried until it is taken, refused or too old, and those behind
/// it wait: the pauses belong to the receiver, not to the message.
pub async fn send_all(outbox: Arc<Outbox>, way: impl Way, clock: Clock) {
    let mut failures = 0;
    loop {
        let (url, message) = outbox.next().await;
        let moved = outbox.moved();
        let outcome = way.attempt(&url, &message).await;
        let now = clock.now();
        let delivery = told_of(&outcome, now);
        match outcome {
            Outcome::Delivered { .. } => {
                failures = 0;
                outbox.passed(delivery);
            }
            Outcome::Refused { text } => {
                failures = 0;
                tracing::warn!(reason = %text, "the webhook refused an alert");
                outbox.passed(delivery);
            }
            Outcome::TryAgain { text } => {
                failures += 1;
                if failures == 1 {
                    tracing::warn!(reason = %text, "an alert could not be delivered to the webhook and is tried again");
                }
                let given_up = outbox.failed(delivery, now.plus_millis(-GIVE_UP_MILLIS));
                if given_up > 0 {
                    tracing::warn!(given_up, reason = %text, "alerts could not be delivered to the webhook for a day");
                }
                tokio::select! {
                    () = way.rest(pause(failures, fastrand::f64())) => {}
                    () = moved => failures = 0,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use brokerscope_contract::Timestamp;
    use tokio::sync::mpsc;
    use tokio_util::task::AbortOnDropHandle;

    use super::super::message::Occasion;
    use super::super::message::tests::about;
    use super::super::outbox::Outbox;
    use super::*;
    use crate::clock::Hand;

    /// A receiver that is away until some time, on a clock that goes on only while the sender rests.
    struct Play {
        away_until: Timestamp,
        clock: Clock,
        hand: Hand,
        rests: Arc<Mutex<Vec<Duration>>>,
        takes: mpsc::UnboundedSender<(i64, Occasion)>,
    }

    impl Way for Play {
        async fn attempt(&self, _url: &Url, message: &Message) -> Outcome {
            let text = String::new();
            if self.clock.now() < self.away_until {
                return Outcome::TryAgain { text };
            }
            let _ = self.takes.send((message.alert.as_ref().unwrap().id, message.occasion));
            Outcome::Delivered { text }
        }

        async fn rest(&self, pause: Duration) {
            self.rests.lock().unwrap().push(pause);
            self.hand.advance_millis(i64::try_from(pause.as_millis()).unwrap());
            tokio::task::yield_now().await;
        }
    }

    const MINUTE: i64 = 60_000;

    /// What a receiver that is away for `minutes` is told in the end, and how long the sender rested each time.
    async fn told_after(
        minutes: i64,
        messages: &[(i64, Occasion, i64)],
        expected: usize,
    ) -> (Vec<(i64, Occasion)>, Vec<Duration>) {
        let (clock, hand) = Clock::manual(Timestamp(0));
        let url = Url::parse("http://hooks.example/").unwrap();
        let outbox = Arc::new(Outbox::new(Some(url), Default::default()));
        for (id, occasion, minute) in messages {
            outbox.post(about(*id, *occasion, Timestamp(minute * MINUTE)));
        }
        let (takes, mut taken) = mpsc::unbounded_channel();
        let rests = Arc::new(Mutex::new(Vec::new()));
        let play = Play {
            away_until: Timestamp(minutes * MINUTE),
            clock: clock.clone(),
            hand,
            rests: rests.clone(),
            takes,
        };
        let _sender = AbortOnDropHandle::new(tokio::spawn(send_all(outbox, play, clock)));
        let mut told = Vec::new();
        while told.len() < expected {
            told.push(taken.recv().await.unwrap());
        }
        tokio::task::yield_now().await;
        told.extend(taken.try_recv());
        let rests = rests.lock().unwrap().clone();
        (told, rests)
    }

    #[tokio::test]
    async fn a_receiver_that_is_away_for_hours_is_told_in_order_when_it_is_back() {
        let all = [(1, Occasion::Fired), (2, Occasion::Fired), (1, Occasion::Resolved)];
        let (told, rests) = told_after(180, &all.map(|(id, occasion)| (id, occasion, 0)), 3).await;
        assert_eq!(told, all);
        let longest = rests.iter().max().unwrap();
        assert!(*longest <= Duration::from_secs(300), "{longest:?}");
        assert!((36..100).contains(&rests.len()), "{} tries in three hours", rests.len());
    }

    #[tokio::test]
    async fn what_waited_for_a_day_is_given_up_and_what_came_later_is_still_told() {
        let messages = [
            (1, Occasion::Fired, 0),
            (2, Occasion::Fired, 0),
            (3, Occasion::Fired, 60),
        ];
        let (told, _) = told_after(24 * 60 + 10, &messages, 1).await;
        assert_eq!(told, [(3, Occasion::Fired)]);
    }

    /// A receiver that has moved for good; whoever waits for the old address to answer waits for ever.
    struct Moved(mpsc::UnboundedSender<String>);

    impl Way for Moved {
        async fn attempt(&self, url: &Url, _message: &Message) -> Outcome {
            let _ = self.0.send(url.to_string());
            let text = String::new();
            match url.domain() {
                Some("new.example") => Outcome::Delivered { text },
                _ => Outcome::TryAgain { text },
            }
        }

        async fn rest(&self, _pause: Duration) {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn a_new_address_is_tried_at_once() {
        let [old, new] = ["http://old.example/", "http://new.example/"].map(|url| Url::parse(url).unwrap());
        let outbox = Arc::new(Outbox::new(Some(old.clone()), Default::default()));
        outbox.post(about(1, Occasion::Fired, Timestamp(0)));
        let (tries, mut tried) = mpsc::unbounded_channel();
        let clock = Clock::manual(Timestamp(0)).0;
        let sender = send_all(outbox.clone(), Moved(tries), clock);
        let _sender = AbortOnDropHandle::new(tokio::spawn(sender));
        assert_eq!(tried.recv().await, Some(old.to_string()));
        outbox.readdress(Some(new.clone()));
        assert_eq!(tried.recv().await, Some(new.to_string()));
    }
}
