//! The admin requests: what each sends, and which answer it reads.
#![expect(unsafe_code, reason = "calls the C library's request functions")]

use rdkafka::bindings as c;

use super::super::wire::{Cluster, LogEnd, PartitionOffset, TopicConfig, Trouble};
use super::Question;
use super::answers;
use super::handles::{ConfigRequest, PartitionList};

/// First or next offset of some partitions. Partitions of one leader take one request.
pub struct ListOffsets<'a> {
    pub partitions: &'a [(String, i32)],
    pub end: LogEnd,
}

impl Question for ListOffsets<'_> {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTOFFSETS;
    type Answer = Vec<PartitionOffset>;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        // The numbers of `rd_kafka_OffsetSpec_t`.
        let specification = match self.end {
            LogEnd::Latest => -1,
            LogEnd::Earliest => -2,
        };
        let list = PartitionList::new(self.partitions, specification)?;
        // SAFETY: the trait's contract; the list lives until the end of this function and is copied.
        unsafe { c::rd_kafka_ListOffsets(client, list.ptr(), options, queue) };
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Self::Answer, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::listed_offsets(event) }.ok_or_else(Trouble::no_answer)
    }
}

/// Cluster id, controller and brokers with their racks.
pub struct DescribeCluster {
    /// Whether to ask what the login may do on the cluster as well.
    pub operations: bool,
}

impl Question for DescribeCluster {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER;
    type Answer = Cluster;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        // SAFETY: the trait's contract. Setting the flag fails only for requests that have none, with an error
        // that is null here and that destroying accepts as such.
        unsafe {
            let flag = i32::from(self.operations);
            let refused = c::rd_kafka_AdminOptions_set_include_authorized_operations(options, flag);
            if !refused.is_null() {
                c::rd_kafka_error_destroy(refused);
            }
            c::rd_kafka_DescribeCluster(client, options, queue);
        }
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Cluster, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::cluster(event) }.ok_or_else(Trouble::no_answer)
    }
}

/// The settings of some topics.
pub struct DescribeTopicConfigs<'a> {
    pub topics: &'a [String],
    /// Names of the settings to keep; Kafka sends some thirty per topic.
    pub keep: &'a [&'a str],
}

impl Question for DescribeTopicConfigs<'_> {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS;
    type Answer = Vec<(String, Result<TopicConfig, Trouble>)>;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        let mut request = ConfigRequest::new(self.topics)?;
        // SAFETY: the trait's contract; the request lives until the end of this function and is copied.
        unsafe { c::rd_kafka_DescribeConfigs(client, request.ptr(), request.len(), options, queue) };
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Self::Answer, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::topic_configs(event, self.keep) }.ok_or_else(Trouble::no_answer)
    }
}
