//! Owners of librdkafka's objects: each frees what it holds, exactly once, when it goes out of scope.
#![expect(unsafe_code, reason = "frees what the C library allocated")]

use std::ffi::{CString, c_char, c_int};
use std::ptr::NonNull;
use std::time::Duration;

use rdkafka::bindings as c;
use rdkafka::client::NativeClient;

use super::answers::{event_code, text};
use super::{Happening, Trouble};

/// Milliseconds as C wants them; longer than 24 days is 24 days.
fn millis(duration: Duration) -> c_int {
    c_int::try_from(duration.as_millis()).unwrap_or(c_int::MAX)
}

/// A queue on which answers arrive, or a reference to the client's main queue.
pub struct Queue(NonNull<c::rd_kafka_queue_t>);

impl Queue {
    pub fn new(client: &NativeClient) -> Option<Queue> {
        // SAFETY: the client is borrowed, so its handle is live.
        NonNull::new(unsafe { c::rd_kafka_queue_new(client.ptr()) }).map(Queue)
    }

    /// Where logs, errors and statistics arrive.
    pub fn main(client: &NativeClient) -> Option<Queue> {
        // SAFETY: as above; the call returns a counted reference that the drop gives back.
        NonNull::new(unsafe { c::rd_kafka_queue_get_main(client.ptr()) }).map(Queue)
    }

    pub fn ptr(&self) -> *mut c::rd_kafka_queue_t {
        self.0.as_ptr()
    }

    /// The next event, waiting for it at most `timeout`.
    pub fn poll(&self, timeout: Duration) -> Option<Event> {
        // SAFETY: the queue is live; the event that comes back is ours to free.
        NonNull::new(unsafe { c::rd_kafka_queue_poll(self.ptr(), millis(timeout)) }).map(Event)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: we hold the only handle. Answers still under way are discarded by librdkafka.
        unsafe { c::rd_kafka_queue_destroy(self.ptr()) }
    }
}

/// The options of one request: its timeout, and its index among its siblings.
pub struct Options(NonNull<c::rd_kafka_AdminOptions_t>);

impl Options {
    pub fn new(client: &NativeClient, op: c::rd_kafka_admin_op_t, timeout: Duration, index: usize) -> Option<Options> {
        // SAFETY: the client is borrowed, so its handle is live.
        let options = Options(NonNull::new(unsafe { c::rd_kafka_AdminOptions_new(client.ptr(), op) })?);
        let mut reason: [c_char; 128] = [0; 128];
        // SAFETY: the options are live and the buffer is as long as said. A timeout in librdkafka's range of one
        // millisecond to one hour cannot be refused, so the returned code says nothing.
        unsafe {
            c::rd_kafka_AdminOptions_set_request_timeout(
                options.ptr(),
                millis(timeout).clamp(1, 3_600_000),
                reason.as_mut_ptr(),
                reason.len(),
            );
        }
        // The opaque pointer comes back with the event, also when the request failed and nothing else tells
        // whose answer it is. It carries a number and is never followed.
        // SAFETY: the options are live; librdkafka only stores the value.
        unsafe { c::rd_kafka_AdminOptions_set_opaque(options.ptr(), std::ptr::without_provenance_mut(index)) };
        Some(options)
    }

    pub fn ptr(&self) -> *mut c::rd_kafka_AdminOptions_t {
        self.0.as_ptr()
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once; requests keep copies.
        unsafe { c::rd_kafka_AdminOptions_destroy(self.ptr()) }
    }
}

/// An event from a queue. What it points to lives exactly as long as it does.
pub struct Event(NonNull<c::rd_kafka_event_t>);

impl Event {
    pub fn ptr(&self) -> *mut c::rd_kafka_event_t {
        self.0.as_ptr()
    }

    /// The index that the request was sent with.
    pub fn index(&self) -> usize {
        // SAFETY: the event is live; the pointer is only read as a number.
        unsafe { c::rd_kafka_event_opaque(self.ptr()) }.addr()
    }

    /// What an event of the main queue says; nothing for the kinds that are not ours.
    pub fn happening(&self) -> Option<Happening> {
        // SAFETY: the event is live.
        match unsafe { c::rd_kafka_event_type(self.ptr()) } {
            c::RD_KAFKA_EVENT_LOG => {
                let (mut facility, mut line, mut level) = (std::ptr::null(), std::ptr::null(), 0);
                // SAFETY: the event is live and the three places are ours to be written.
                let known = unsafe { c::rd_kafka_event_log(self.ptr(), &mut facility, &mut line, &mut level) } == 0;
                // SAFETY: both strings belong to the event, which outlives their copies.
                known.then(|| unsafe {
                    Happening::Log {
                        facility: text(facility),
                        text: text(line),
                    }
                })
            }
            // SAFETY: the event is live while its string is copied.
            c::RD_KAFKA_EVENT_ERROR => Some(unsafe {
                Happening::Error {
                    code: event_code(self.ptr()),
                    text: text(c::rd_kafka_event_error_string(self.ptr())),
                }
            }),
            // SAFETY: the event is live while its string is copied.
            c::RD_KAFKA_EVENT_STATS => Some(Happening::Statistics(unsafe {
                text(c::rd_kafka_event_stats(self.ptr()))
            })),
            _ => None,
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the poll gave the event to us, and it is freed once.
        unsafe { c::rd_kafka_event_destroy(self.ptr()) }
    }
}

/// A list of partitions, each with a number in the place of its offset.
pub struct PartitionList(NonNull<c::rd_kafka_topic_partition_list_t>);

impl PartitionList {
    /// `offset` is what is asked for each partition: an offset specification of ListOffsets.
    pub fn new(partitions: &[(String, i32)], offset: i64) -> Result<PartitionList, Trouble> {
        let size = c_int::try_from(partitions.len()).unwrap_or(c_int::MAX);
        // SAFETY: no precondition; the size is only a hint.
        let list = NonNull::new(unsafe { c::rd_kafka_topic_partition_list_new(size) })
            .map(PartitionList)
            .ok_or_else(super::out_of_memory)?;
        for (topic, partition) in partitions {
            let topic = c_string(topic)?;
            // SAFETY: the list is live and the name is copied; the returned element is valid until the next one
            // is added, and its `offset` is plain memory of the right type.
            unsafe {
                let element = c::rd_kafka_topic_partition_list_add(list.ptr(), topic.as_ptr(), *partition);
                (*element).offset = offset;
            }
        }
        Ok(list)
    }

    pub fn ptr(&self) -> *mut c::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }
}

impl Drop for PartitionList {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once; requests keep copies.
        unsafe { c::rd_kafka_topic_partition_list_destroy(self.ptr()) }
    }
}

/// The request for all committed offsets of one group.
pub struct GroupRequest(NonNull<c::rd_kafka_ListConsumerGroupOffsets_t>);

impl GroupRequest {
    pub fn new(group: &str) -> Result<GroupRequest, Trouble> {
        let group = c_string(group)?;
        // SAFETY: the name is copied; a null list means every partition that the group has committed.
        NonNull::new(unsafe { c::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), std::ptr::null()) })
            .map(GroupRequest)
            .ok_or_else(super::out_of_memory)
    }

    pub fn ptr(&self) -> *mut c::rd_kafka_ListConsumerGroupOffsets_t {
        self.0.as_ptr()
    }
}

impl Drop for GroupRequest {
    fn drop(&mut self) {
        // SAFETY: made by `new`, freed once; the request keeps a copy.
        unsafe { c::rd_kafka_ListConsumerGroupOffsets_destroy(self.ptr()) }
    }
}

/// The topics whose settings are asked for.
pub struct ConfigRequest(Vec<*mut c::rd_kafka_ConfigResource_t>);

impl ConfigRequest {
    pub fn new(topics: &[String]) -> Result<ConfigRequest, Trouble> {
        // Grown one by one so that an early return frees what was made so far.
        let mut request = ConfigRequest(Vec::with_capacity(topics.len()));
        for topic in topics {
            let topic = c_string(topic)?;
            // SAFETY: the kind is a listed one and the name is copied.
            let resource = unsafe {
                c::rd_kafka_ConfigResource_new(c::rd_kafka_ResourceType_t::RD_KAFKA_RESOURCE_TOPIC, topic.as_ptr())
            };
            if resource.is_null() {
                return Err(super::out_of_memory());
            }
            request.0.push(resource);
        }
        Ok(request)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn ptr(&mut self) -> *mut *mut c::rd_kafka_ConfigResource_t {
        self.0.as_mut_ptr()
    }
}

impl Drop for ConfigRequest {
    fn drop(&mut self) {
        for resource in &self.0 {
            // SAFETY: made by `new`, freed once; requests keep copies.
            unsafe { c::rd_kafka_ConfigResource_destroy(*resource) }
        }
    }
}

/// A name for C. Kafka's own names hold no zero byte; one that does was never the broker's.
pub fn c_string(name: &str) -> Result<CString, Trouble> {
    CString::new(name).map_err(|_| Trouble::new(-186, format!("{name:?} holds a zero byte")))
}
