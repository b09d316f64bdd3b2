//! Copies librdkafka's answers into our own shapes, field by field.
#![expect(unsafe_code, reason = "reads the C library's structures")]

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int};

use rdkafka::bindings as c;

use super::super::wire::{
    Broker, Cluster, ConfigValue, Group, GroupList, ListedGroup, Member, PartitionOffset, TopicConfig, Trouble,
};
use super::numbers::{protocol, state};

// The generated bindings give these functions Rust enums as results. A number that the enum does not list (an error
// of a newer broker, a state of a newer library) would be undefined behaviour, so they are declared again here as
// what they are in C: functions that return an int.
#[allow(
    clashing_extern_declarations,
    reason = "on purpose: an int holds every number, an enum only the known ones"
)]
unsafe extern "C" {
    fn rd_kafka_event_error(event: *mut c::rd_kafka_event_t) -> c_int;
    fn rd_kafka_error_code(error: *const c::rd_kafka_error_t) -> c_int;
    fn rd_kafka_err2str(code: c_int) -> *const c_char;
    fn rd_kafka_ConsumerGroupListing_state(listing: *const c::rd_kafka_ConsumerGroupListing_t) -> c_int;
    fn rd_kafka_ConsumerGroupListing_type(listing: *const c::rd_kafka_ConsumerGroupListing_t) -> c_int;
    fn rd_kafka_ConsumerGroupDescription_state(group: *const c::rd_kafka_ConsumerGroupDescription_t) -> c_int;
    fn rd_kafka_ConsumerGroupDescription_type(group: *const c::rd_kafka_ConsumerGroupDescription_t) -> c_int;
    fn rd_kafka_ConfigResource_error(resource: *const c::rd_kafka_ConfigResource_t) -> c_int;
    fn rd_kafka_ConfigEntry_source(entry: *const c::rd_kafka_ConfigEntry_t) -> c_int;
}

/// A copy of a C string; empty for a null pointer.
///
/// # Safety
/// `pointer` is null or a zero-terminated string that is live during the call.
pub unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: by the contract above.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

/// The pointers of an array that C describes by start and length.
///
/// # Safety
/// `start` is null or points to `count` pointers that are live as long as the returned slice is used.
unsafe fn pointers<'a, T>(start: *const *const T, count: usize) -> &'a [*const T] {
    if start.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the contract above; C arrays of pointers are aligned for pointers.
    unsafe { std::slice::from_raw_parts(start, count) }
}

/// The error number of an event; 0 is success.
///
/// # Safety
/// `event` is live.
pub unsafe fn event_code(event: *mut c::rd_kafka_event_t) -> i32 {
    // SAFETY: by the contract above.
    unsafe { rd_kafka_event_error(event) }
}

/// # Safety
/// `error` is null or live.
unsafe fn trouble(error: *const c::rd_kafka_error_t) -> Option<Trouble> {
    if error.is_null() {
        return None;
    }
    // SAFETY: by the contract above; the string is copied.
    let (code, words) = unsafe { (rd_kafka_error_code(error), text(c::rd_kafka_error_string(error))) };
    (code != 0).then(|| Trouble::new(code, words))
}

/// # Safety
/// `node` is null or live.
unsafe fn broker(node: *const c::rd_kafka_Node_t) -> Option<Broker> {
    if node.is_null() {
        return None;
    }
    // SAFETY: by the contract above; strings are copied.
    unsafe {
        let rack = text(c::rd_kafka_Node_rack(node));
        let broker = Broker {
            id: c::rd_kafka_Node_id(node),
            host: text(c::rd_kafka_Node_host(node)),
            port: c::rd_kafka_Node_port(node),
            rack: Some(rack).filter(|rack| !rack.is_empty()),
        };
        // Librdkafka writes "no such node" as the number -1.
        Some(broker).filter(|broker| broker.id >= 0)
    }
}

/// The offsets of a partition list or of ListOffsets. A negative offset is one of librdkafka's placeholders.
///
/// # Safety
/// `element` is live.
unsafe fn partition_offset(element: *const c::rd_kafka_topic_partition_t) -> PartitionOffset {
    // SAFETY: by the contract above. Fields are read one by one through the pointer and the error as an integer:
    // a reference to the whole structure would claim that its error is a listed one.
    unsafe {
        let code = (&raw const (*element).err).cast::<c_int>().read();
        let offset = (*element).offset;
        PartitionOffset {
            topic: text((*element).topic),
            partition: (*element).partition,
            offset: match (code, offset) {
                (0, 0..) => Ok(offset),
                (0, _) => Err(Trouble::no_answer()),
                (code, _) => Err(Trouble::new(code, text(rd_kafka_err2str(code)))),
            },
        }
    }
}

/// # Safety
/// `list` is null or live.
unsafe fn partition_names(list: *const c::rd_kafka_topic_partition_list_t) -> Vec<(String, i32)> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: by the contract above: the list holds `cnt` elements from `elems` on.
    unsafe {
        let count = usize::try_from((*list).cnt).unwrap_or(0);
        let start = (*list).elems;
        (0..count)
            .map(|index| start.add(index))
            .map(|element| (text((*element).topic), (*element).partition))
            .collect()
    }
}

/// # Safety
/// `list` is null or live.
unsafe fn partition_offsets(list: *const c::rd_kafka_topic_partition_list_t) -> Vec<PartitionOffset> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: by the contract above: the list holds `cnt` elements from `elems` on.
    unsafe {
        let count = usize::try_from((*list).cnt).unwrap_or(0);
        let start = (*list).elems;
        (0..count).map(|index| partition_offset(start.add(index))).collect()
    }
}

/// # Safety
/// `event` is the live result of ListOffsets.
pub unsafe fn listed_offsets(event: *mut c::rd_kafka_event_t) -> Option<Vec<PartitionOffset>> {
    // SAFETY: by the contract above; the infos live as long as the event.
    unsafe {
        let result = c::rd_kafka_event_ListOffsets_result(event);
        if result.is_null() {
            return None;
        }
        let mut count = 0;
        let infos = c::rd_kafka_ListOffsets_result_infos(result, &mut count);
        let infos = pointers(infos.cast_const(), count);
        Some(
            infos
                .iter()
                .map(|info| partition_offset(c::rd_kafka_ListOffsetsResultInfo_topic_partition(*info)))
                .collect(),
        )
    }
}

/// # Safety
/// `event` is the live result of ListConsumerGroupOffsets, which holds exactly one group.
pub unsafe fn group_offsets(event: *mut c::rd_kafka_event_t) -> Result<Vec<PartitionOffset>, Trouble> {
    // SAFETY: by the contract above; groups and lists live as long as the event.
    unsafe {
        let result = c::rd_kafka_event_ListConsumerGroupOffsets_result(event);
        if result.is_null() {
            return Err(Trouble::no_answer());
        }
        let mut count = 0;
        let groups = c::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count);
        let Some(group) = pointers(groups.cast_const(), count).first() else {
            return Err(Trouble::no_answer());
        };
        match trouble(c::rd_kafka_group_result_error(*group)) {
            Some(trouble) => Err(trouble),
            None => Ok(partition_offsets(c::rd_kafka_group_result_partitions(*group))),
        }
    }
}

/// # Safety
/// `event` is the live result of ListConsumerGroups.
pub unsafe fn group_list(event: *mut c::rd_kafka_event_t) -> Option<GroupList> {
    // SAFETY: by the contract above; listings and errors live as long as the event.
    unsafe {
        let result = c::rd_kafka_event_ListConsumerGroups_result(event);
        if result.is_null() {
            return None;
        }
        let (mut count, mut failed) = (0, 0);
        let listings = c::rd_kafka_ListConsumerGroups_result_valid(result, &mut count);
        let errors = c::rd_kafka_ListConsumerGroups_result_errors(result, &mut failed);
        let mut groups: Vec<ListedGroup> = pointers(listings.cast_const(), count)
            .iter()
            .map(|listing| {
                let protocol = protocol(rd_kafka_ConsumerGroupListing_type(*listing));
                ListedGroup {
                    name: text(c::rd_kafka_ConsumerGroupListing_group_id(*listing)),
                    state: state(rd_kafka_ConsumerGroupListing_state(*listing), protocol),
                    protocol,
                }
            })
            .collect();
        // Librdkafka before 2.14.2 lists a group twice while its coordinator moves.
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        groups.dedup_by(|a, b| a.name == b.name);
        let troubles = pointers(errors.cast_const(), failed)
            .iter()
            .filter_map(|error| trouble(*error))
            .collect();
        Some(GroupList { groups, troubles })
    }
}

/// One entry per group that was asked for, in the order asked.
///
/// # Safety
/// `event` is the live result of DescribeConsumerGroups.
pub unsafe fn groups(event: *mut c::rd_kafka_event_t) -> Option<Vec<(String, Result<Group, Trouble>)>> {
    // SAFETY: by the contract above; descriptions live as long as the event.
    unsafe {
        let result = c::rd_kafka_event_DescribeConsumerGroups_result(event);
        if result.is_null() {
            return None;
        }
        let mut count = 0;
        let described = c::rd_kafka_DescribeConsumerGroups_result_groups(result, &mut count);
        Some(
            pointers(described.cast_const(), count)
                .iter()
                .map(|description| {
                    let name = text(c::rd_kafka_ConsumerGroupDescription_group_id(*description));
                    match trouble(c::rd_kafka_ConsumerGroupDescription_error(*description)) {
                        Some(trouble) => (name, Err(trouble)),
                        None => (name.clone(), Ok(group(name, *description))),
                    }
                })
                .collect(),
        )
    }
}

/// # Safety
/// `description` is live.
unsafe fn group(name: String, description: *const c::rd_kafka_ConsumerGroupDescription_t) -> Group {
    // SAFETY: by the contract above; every string is copied.
    unsafe {
        let protocol = protocol(rd_kafka_ConsumerGroupDescription_type(description));
        let members = c::rd_kafka_ConsumerGroupDescription_member_count(description);
        Group {
            name,
            state: state(rd_kafka_ConsumerGroupDescription_state(description), protocol),
            protocol,
            assignor: text(c::rd_kafka_ConsumerGroupDescription_partition_assignor(description)),
            coordinator: broker(c::rd_kafka_ConsumerGroupDescription_coordinator(description)).map(|node| node.id),
            members: (0..members)
                .map(|index| member(c::rd_kafka_ConsumerGroupDescription_member(description, index)))
                .collect(),
        }
    }
}

/// # Safety
/// `member` is live.
unsafe fn member(member: *const c::rd_kafka_MemberDescription_t) -> Member {
    // SAFETY: by the contract above; every string is copied, and the assignment may be null.
    unsafe {
        let assigned = c::rd_kafka_MemberDescription_assignment(member);
        let list = if assigned.is_null() {
            std::ptr::null()
        } else {
            c::rd_kafka_MemberAssignment_partitions(assigned)
        };
        let mut assignment: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        for (topic, partition) in partition_names(list) {
            assignment.entry(topic).or_default().push(partition);
        }
        assignment
            .values_mut()
            .for_each(|partitions| partitions.sort_unstable());
        Member {
            id: text(c::rd_kafka_MemberDescription_consumer_id(member)),
            client: text(c::rd_kafka_MemberDescription_client_id(member)),
            host: text(c::rd_kafka_MemberDescription_host(member)),
            instance: Some(text(c::rd_kafka_MemberDescription_group_instance_id(member))).filter(|id| !id.is_empty()),
            assignment,
        }
    }
}

/// # Safety
/// `event` is the live result of DescribeCluster.
pub unsafe fn cluster(event: *mut c::rd_kafka_event_t) -> Option<Cluster> {
    // SAFETY: by the contract above; nodes live as long as the event. The operations are C enums, read as the
    // integers that they are.
    unsafe {
        let result = c::rd_kafka_event_DescribeCluster_result(event);
        if result.is_null() {
            return None;
        }
        let (mut count, mut allowed) = (0, 0);
        let nodes = c::rd_kafka_DescribeCluster_result_nodes(result, &mut count);
        let operations = c::rd_kafka_DescribeCluster_result_authorized_operations(result, &mut allowed);
        let id = text(c::rd_kafka_DescribeCluster_result_cluster_id(result));
        Some(Cluster {
            id: Some(id).filter(|id| !id.is_empty()),
            controller: broker(c::rd_kafka_DescribeCluster_result_controller(result)).map(|node| node.id),
            brokers: pointers(nodes.cast_const(), count)
                .iter()
                .filter_map(|node| broker(*node))
                .collect(),
            operations: match allowed {
                // Librdkafka's -1: not asked for, or not told by this broker.
                usize::MAX => None,
                _ if operations.is_null() => Some(Vec::new()),
                count => Some(std::slice::from_raw_parts(operations.cast::<c_int>(), count).to_vec()),
            },
        })
    }
}

/// # Safety
/// `event` is the live result of DescribeConfigs on topics.
pub unsafe fn topic_configs(
    event: *mut c::rd_kafka_event_t,
    keep: &[&str],
) -> Option<Vec<(String, Result<TopicConfig, Trouble>)>> {
    /// `RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG`: set on the topic itself.
    const ON_THE_TOPIC: c_int = 1;
    // SAFETY: by the contract above; resources and entries live as long as the event, strings are copied.
    unsafe {
        let result = c::rd_kafka_event_DescribeConfigs_result(event);
        if result.is_null() {
            return None;
        }
        let mut count = 0;
        let resources = c::rd_kafka_DescribeConfigs_result_resources(result, &mut count);
        let config_of = |resource: *const c::rd_kafka_ConfigResource_t| {
            let mut count = 0;
            let entries = c::rd_kafka_ConfigResource_configs(resource, &mut count);
            let entries = pointers(entries.cast_const(), count).iter().filter_map(|entry| {
                let name = text(c::rd_kafka_ConfigEntry_name(*entry));
                let value = c::rd_kafka_ConfigEntry_value(*entry);
                if value.is_null() || !keep.contains(&name.as_str()) {
                    return None;
                }
                let value = ConfigValue {
                    value: text(value),
                    own: rd_kafka_ConfigEntry_source(*entry) == ON_THE_TOPIC,
                };
                Some((name, value))
            });
            TopicConfig {
                entries: entries.collect(),
            }
        };
        Some(
            pointers(resources.cast_const(), count)
                .iter()
                .map(|resource| {
                    let name = text(c::rd_kafka_ConfigResource_name(*resource));
                    match rd_kafka_ConfigResource_error(*resource) {
                        0 => (name, Ok(config_of(*resource))),
                        code => {
                            let words = text(c::rd_kafka_ConfigResource_error_string(*resource));
                            (name, Err(Trouble::new(code, words)))
                        }
                    }
                })
                .collect(),
        )
    }
}
