//! One consumer of a service: reads, has each message handled, and commits what has been done and acknowledged.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::KafkaResult;
use tokio::time::Instant;

use super::connect::{self, Quiet};
use super::outbox::{Outbox, Unacknowledged};
use super::received::{Received, header};
use super::spans::SpansOf;
use crate::backoff;
use crate::faults::{Fault, Faults};
use crate::shop::Shop;
use crate::telemetry::Context;
use crate::topics;

const COMMIT_EVERY: Duration = Duration::from_secs(1);
/// After an error of the client, which repeats while the broker is away.
const AFTER_ERROR: Duration = Duration::from_millis(200);
/// Messages that a commit says it is for, as many as a span has links by default.
const MOST_LINKS: usize = 128;
/// How often a message is tried in all.
const TRIES: u32 = 5;
/// The same for those who have forgotten why there is a limit.
const TRIES_IN_STORM: u32 = 60;

/// What a consumer reads, as whom.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The name of its group too.
    pub service: &'static str,
    /// Counts from 1 within the service.
    pub instance: usize,
    pub topics: &'static [&'static str],
}

/// What a service does with a message.
pub trait Handler {
    async fn handle(&self, message: &Received, out: &mut Outbox) -> Result<(), Trouble>;
}

/// Why a message was not handled.
#[derive(Debug)]
pub enum Trouble {
    /// It never will be.
    Unreadable(String),
    /// It may be later.
    Later(String),
}

impl From<crate::message::Unreadable> for Trouble {
    fn from(error: crate::message::Unreadable) -> Trouble {
        Trouble::Unreadable(error.to_string())
    }
}

/// Reads until the shop stops; leaves the group while `stopped` says so.
pub async fn read<H: Handler>(shop: Rc<Shop>, reading: Reading, handler: Rc<H>, stopped: fn(Faults) -> bool) {
    let client = format!("{}-{}", reading.service, reading.instance);
    while shop.until(|faults| !stopped(faults)).await {
        let consumer = connect::consumer(&shop.bootstrap, &client, reading.service, shop.joined.clone());
        let consumer = consumer.and_then(|consumer| consumer.subscribe(reading.topics).map(|()| consumer));
        match consumer {
            Ok(consumer) => {
                let mut session = Session {
                    out: Outbox::new(shop.clone(), reading.service),
                    reading,
                    consumer,
                    client: &client,
                    done: BTreeMap::new(),
                    rebalances: 0,
                };
                session.run(&shop, handler.as_ref(), stopped).await;
                session.end().await;
            }
            Err(error) => {
                tracing::warn!(%error, client, "a consumer of the demo cannot be made");
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    }
}

/// What has been handled of a partition since the last commit.
struct Done {
    newest: i64,
    /// Where the messages were created.
    created: Vec<Context>,
}

/// What a commit is for: the messages by topic.
type Settled = BTreeMap<String, Vec<Context>>;

struct Session<'a> {
    reading: Reading,
    consumer: StreamConsumer<Quiet>,
    client: &'a str,
    out: Outbox,
    /// What has been handled and not yet committed, by topic and partition.
    done: BTreeMap<(String, i32), Done>,
    /// Rebalances as of the last look.
    rebalances: usize,
}

impl<'a> Session<'a> {
    async fn run<H: Handler>(&mut self, shop: &Rc<Shop>, handler: &H, stopped: fn(Faults) -> bool) {
        let mut commit_at = Instant::now() + COMMIT_EVERY;
        loop {
            tokio::select! {
                biased;
                _ = shop.until(stopped) => break,
                () = tokio::time::sleep_until(commit_at) => {
                    if let Err(error) = self.settle().await {
                        tracing::debug!(%error, client = self.client, "a consumer of the demo does not commit");
                        break;
                    }
                    commit_at = Instant::now() + COMMIT_EVERY;
                }
                message = self.consumer.recv() => match message {
                    Ok(message) => {
                        let start = shop.tracer.nanos();
                        let message = Received::of(&message);
                        self.notice_rebalance();
                        // The shop may stop while a handler waits for something.
                        if shop.stop.run_until_cancelled(self.handle(&message, handler, start)).await.is_none() {
                            break;
                        }
                    }
                    Err(error) => {
                        tracing::debug!(%error, client = self.client, "a consumer of the demo");
                        tokio::time::sleep(AFTER_ERROR).await;
                    }
                },
            }
        }
    }

    async fn handle<H: Handler>(&mut self, message: &Received, handler: &H, received: i64) {
        let tracer = self.out.shop.tracer.clone();
        let got = tracer.nanos();
        self.wait_for_its_time(message).await;
        let start = tracer.nanos();
        let outcome = handler.handle(message, &mut self.out).await;
        let error = outcome.as_ref().err().map(|trouble| format!("{trouble:?}"));
        let reader = self.spans();
        tracer.end(|| reader.receive(message, received, got));
        tracer.end(|| reader.process(message, start, tracer.nanos(), error));
        if let Err(trouble) = outcome {
            self.give_back(message, trouble).await;
        }
        let done = self.done.entry((message.topic.clone(), message.partition));
        let done = done.or_insert_with(|| Done {
            newest: message.offset,
            created: Vec::new(),
        });
        done.newest = message.offset;
        done.created.push(message.created);
    }

    /// After a rebalance reading begins at what was committed, whether by this consumer or another: what was handled
    /// and not committed before may not be committed any more, or the position would jump ahead and come back.
    fn notice_rebalance(&mut self) {
        let now = self.consumer.context().rebalances();
        if now != self.rebalances {
            self.rebalances = now;
            self.done.clear();
        }
    }

    /// Retries say when they are due. Those behind it in the partition are due later still, or not much earlier.
    async fn wait_for_its_time(&self, message: &Received) {
        let Some(due) = message.number::<i64>(header::NOT_BEFORE) else {
            return;
        };
        let wait = due.saturating_sub(self.out.shop.tracer.now().0);
        if let Ok(wait @ 1..) = u64::try_from(wait) {
            tokio::time::sleep(Duration::from_millis(wait)).await;
        }
    }

    /// To a retry topic with a longer wait each time, and to the dead letters after the last.
    async fn give_back(&mut self, message: &Received, trouble: Trouble) {
        let storm = self.out.shop.faults().has(Fault::RetryStorm);
        let attempt = message.number::<u32>(header::ATTEMPT).unwrap_or(0) + 1;
        let tries = if storm { TRIES_IN_STORM } else { TRIES };
        let origin = message.header(header::ORIGIN).unwrap_or(&message.topic).to_string();
        let (reason, again) = match trouble {
            Trouble::Unreadable(reason) => (reason, false),
            Trouble::Later(reason) => (reason, attempt < tries),
        };
        let dead_letters = format!("{origin}.dlq");
        let mut headers = vec![(header::ATTEMPT, attempt.to_string()), (header::ORIGIN, origin)];
        if again {
            let wait = if storm {
                Duration::ZERO
            } else {
                backoff::delay(attempt, fastrand::f64())
            };
            let due = self
                .out
                .shop
                .tracer
                .now()
                .plus_millis(i64::try_from(wait.as_millis()).unwrap_or(0));
            headers.push((header::NOT_BEFORE, due.0.to_string()));
            let topic = if attempt <= 2 {
                topics::PAYMENT_RETRY_SOON
            } else {
                topics::PAYMENT_RETRY_LATER
            };
            self.out.pass_on(message, topic, headers).await;
        } else {
            tracing::debug!(
                reason,
                topic = message.topic,
                "a message of the demo becomes a dead letter"
            );
            headers.push((header::REASON, reason));
            self.out.pass_on(message, &dead_letters, headers).await;
        }
    }

    /// Commits what was handled.
    async fn settle(&mut self) -> Result<(), Unacknowledged> {
        let settled = self.settled().await?;
        if settled.is_empty() {
            return Ok(());
        }
        let start = self.out.shop.tracer.nanos();
        let outcome = self.consumer.commit_consumer_state(CommitMode::Async);
        tell(&self.out.shop, self.spans(), &settled, start, outcome);
        Ok(())
    }

    /// Marks what was handled as ready to be committed, once everything that was sent because of it is acknowledged.
    async fn settled(&mut self) -> Result<Settled, Unacknowledged> {
        self.out.acknowledged().await?;
        self.notice_rebalance();
        let mut settled = Settled::new();
        for ((topic, partition), done) in std::mem::take(&mut self.done) {
            // Refused for a partition that now belongs to another member, which reads these messages again.
            let _ = self.consumer.store_offset(&topic, partition, done.newest);
            let links = settled.entry(topic).or_default();
            let room = MOST_LINKS.saturating_sub(links.len());
            links.extend(done.created.into_iter().take(room));
        }
        Ok(settled)
    }

    /// Commits a last time and leaves the group.
    async fn end(mut self) {
        let settled = match self.settled().await {
            Ok(settled) => settled,
            Err(error) => {
                tracing::debug!(%error, client = self.client, "a consumer of the demo does not commit");
                Settled::new()
            }
        };
        if settled.is_empty() {
            let _ = connect::end(self.consumer).await;
            return;
        }
        let (shop, spans) = (self.out.shop.clone(), self.spans());
        let start = shop.tracer.nanos();
        if let Ok(outcome) = connect::commit_and_end(self.consumer).await {
            tell(&shop, spans, &settled, start, outcome);
        }
    }

    fn spans(&self) -> SpansOf<'a> {
        SpansOf {
            service: self.reading.service,
            client: self.client,
        }
    }
}

/// The span of a commit, for each topic.
fn tell(shop: &Shop, spans: SpansOf<'_>, settled: &Settled, start: i64, outcome: KafkaResult<()>) {
    let error = outcome.err().map(|error| error.to_string());
    for (topic, links) in settled {
        let end = shop.tracer.nanos();
        shop.tracer
            .end(|| spans.settle(topic, links.clone(), start, end, error.clone()));
    }
}
