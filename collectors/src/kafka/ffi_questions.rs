//! The admin requests: what each sends, and which answer it reads.
#![expect(unsafe_code, reason = "calls the C library's request functions")]

use rdkafka::bindings as c;

use super::super::wire::{Cluster, Group, GroupList, LogEnd, PartitionOffset, TopicConfig, Trouble};
use super::Question;
use super::answers;
use super::handles::{ConfigRequest, GroupRequest, PartitionList, c_string};

/// All consumer groups, from every broker.
pub struct ListGroups;

impl Question for ListGroups {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS;
    type Answer = GroupList;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { c::rd_kafka_ListConsumerGroups(client, options, queue) };
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<GroupList, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::group_list(event) }.ok_or_else(Trouble::no_answer)
    }
}

/// Members and assignments of some groups; librdkafka sends one request (for classic groups two) for each.
pub struct DescribeGroups<'a>(pub &'a [String]);

impl Question for DescribeGroups<'_> {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
    type Answer = Vec<(String, Result<Group, Trouble>)>;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        let names = self
            .0
            .iter()
            .map(|name| c_string(name))
            .collect::<Result<Vec<_>, _>>()?;
        let mut pointers: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        // SAFETY: the trait's contract, and `names` outlives the call, which copies them.
        unsafe { c::rd_kafka_DescribeConsumerGroups(client, pointers.as_mut_ptr(), pointers.len(), options, queue) };
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Self::Answer, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::groups(event) }.ok_or_else(Trouble::no_answer)
    }
}

/// Every offset that one group has committed.
pub struct GroupOffsets<'a>(pub &'a str);

impl Question for GroupOffsets<'_> {
    const OP: c::rd_kafka_admin_op_t = c::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
    type Answer = Vec<PartitionOffset>;

    unsafe fn send(
        &self,
        client: *mut c::rd_kafka_t,
        options: *mut c::rd_kafka_AdminOptions_t,
        queue: *mut c::rd_kafka_queue_t,
    ) -> Result<(), Trouble> {
        let request = GroupRequest::new(self.0)?;
        let mut requests = [request.ptr()];
        // SAFETY: the trait's contract; the one request lives until the end of this function and is copied.
        unsafe { c::rd_kafka_ListConsumerGroupOffsets(client, requests.as_mut_ptr(), 1, options, queue) };
        Ok(())
    }

    unsafe fn read(&self, event: *mut c::rd_kafka_event_t) -> Result<Self::Answer, Trouble> {
        // SAFETY: the trait's contract is the function's.
        unsafe { answers::group_offsets(event) }
    }
}

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
