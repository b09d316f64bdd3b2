//! The one place that calls librdkafka's C interface: admin requests that the safe client lacks.
//!
//! Every question goes the same way: options and a queue are made, the request is sent, the event that
//! comes back on the queue is copied into our own shapes, and only then freed. Nothing that C owns leaves
//! this module and its children, which are the only modules of the crate where `unsafe` is allowed.
//! Blocking: callers run these functions on a thread that may wait.
#![expect(
    unsafe_code,
    reason = "rdkafka wraps no call to list or describe groups, read other groups' offsets, or list offsets in batches"
)]

#[path = "ffi_answers.rs"]
mod answers;
#[path = "ffi_handles.rs"]
mod handles;
#[path = "ffi_numbers.rs"]
mod numbers;
#[path = "ffi_questions.rs"]
mod questions;

use std::time::{Duration, Instant};

use rdkafka::bindings as c;
use rdkafka::client::NativeClient;

use self::answers::{event_code, text};
use self::handles::{Event, Options, Queue};
pub use self::questions::{
    DescribeCluster, DescribeGroups, DescribeTopicConfigs, GroupOffsets, ListGroups, ListOffsets,
};
use super::wire::Trouble;

/// A request to the brokers: how it is sent and how its event is read.
pub trait Question {
    const OP: c::rd_kafka_admin_op_t;
    type Answer;

    /// Puts the request on its way. Librdkafka copies every argument before it returns.
    ///
    /// # Safety
    /// The three pointers are live for the call and belong to the same client.
    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble>;

    /// Copies the answer out of the event.
    ///
    /// # Safety
    /// `event` is live, is the result of a request of this type, and carries no error.
    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Self::Answer, Trouble>;
}

/// Asks one question and waits for its answer.
pub fn ask<Q: Question>(client: &NativeClient, question: &Q, timeout: Duration) -> Result<Q::Answer, Trouble> {
    ask_all(client, std::slice::from_ref(question), 1, timeout)
        .pop()
        .unwrap_or_else(|| Err(Trouble::timed_out()))
}

/// Asks many questions over one queue, at most `in_flight` at once, all of them within `timeout`.
///
/// The answers come in the order of the questions. A question that was not answered in time, or not even
/// sent because others took all the time, is a timeout.
pub fn ask_all<Q: Question>(
    client: &NativeClient,
    questions: &[Q],
    in_flight: usize,
    timeout: Duration,
) -> Vec<Result<Q::Answer, Trouble>> {
    let mut answers: Vec<Option<Result<Q::Answer, Trouble>>> = questions.iter().map(|_| None).collect();
    let Some(queue) = Queue::new(client) else {
        return questions.iter().map(|_| Err(out_of_memory())).collect();
    };
    let deadline = Instant::now() + timeout;
    let (mut sent, mut open) = (0, 0);
    loop {
        while open < in_flight && sent < questions.len() {
            match send(client, &questions[sent], sent, deadline, &queue) {
                Ok(()) => open += 1,
                Err(trouble) => answers[sent] = Some(Err(trouble)),
            }
            sent += 1;
        }
        if open == 0 {
            break;
        }
        // Librdkafka answers every request by its own timeout, which `send` sets to what is left; the second on
        // top only covers the way back through its threads.
        let patience = deadline.saturating_duration_since(Instant::now()) + Duration::from_secs(1);
        let Some(event) = queue.poll(patience) else { break };
        let index = event.index();
        if let (Some(question), Some(slot)) = (questions.get(index), answers.get_mut(index)) {
            *slot = Some(read(question, &event));
            open -= 1;
        }
    }
    answers
        .into_iter()
        .map(|answer| answer.unwrap_or_else(|| Err(Trouble::timed_out())))
        .collect()
}

fn send<Q: Question>(
    client: &NativeClient,
    question: &Q,
    index: usize,
    deadline: Instant,
    queue: &Queue,
) -> Result<(), Trouble> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(Trouble::timed_out());
    }
    let options = Options::new(client, Q::OP, left, index).ok_or_else(out_of_memory)?;
    // SAFETY: `client` is borrowed and so alive, `options` and `queue` were made from it and live until the
    // end of this call; librdkafka copies the options and takes its own reference to the queue.
    unsafe { question.send(client.ptr(), options.ptr(), queue.ptr()) }
}

fn read<Q: Question>(question: &Q, event: &Event) -> Result<Q::Answer, Trouble> {
    // SAFETY: the event is live until dropped by our caller, after this function.
    let code = unsafe { event_code(event.ptr()) };
    if code != 0 {
        // SAFETY: as above; the string is copied before the event goes.
        return Err(Trouble::new(code, unsafe {
            text(c::rd_kafka_event_error_string(event.ptr()))
        }));
    }
    // SAFETY: the event is live and without error, and the queue only ever got requests of type `Q`.
    unsafe { question.read(event.ptr()) }
}

fn out_of_memory() -> Trouble {
    Trouble::new(-196, "librdkafka could not allocate the request")
}

/// Something that librdkafka reported on its own, outside any request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    Log {
        facility: String,
        text: String,
    },
    Error {
        code: i32,
        text: String,
    },
    /// The statistics document, JSON.
    Statistics(String),
}

/// Takes everything that librdkafka reported since the last call, without waiting.
pub fn drain(client: &NativeClient) -> Vec<Happening> {
    let mut happenings = Vec::new();
    let Some(queue) = Queue::main(client) else {
        return happenings;
    };
    // The bound keeps a flood of log lines from holding the visit up; the rest is taken next time.
    while happenings.len() < 2_000 {
        let Some(event) = queue.poll(Duration::ZERO) else { break };
        happenings.extend(event.happening());
    }
    happenings
}
