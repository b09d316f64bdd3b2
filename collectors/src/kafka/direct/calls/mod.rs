//! The requests that are sent in Kafka's own protocol, one file a subject: layout of question and answer by version.
//!
//! Layouts are those of Kafka's message definitions. Each call names the versions that it can write and read.

mod cluster;
mod configs;
mod groups;
mod log_dirs;
mod logs;
mod offsets;
mod quorum;
mod sasl;
mod versions;

pub use cluster::DescribeCluster;
pub use configs::DescribeTopicConfigs;
pub use groups::{DescribeClassicGroups, DescribeConsumerGroups, ListGroups};
pub use log_dirs::DescribeLogDirs;
pub use logs::ListOffsets;
pub use offsets::FetchOffsets;
pub use quorum::DescribeQuorum;
pub use sasl::{Authenticate, Handshake};
pub use versions::{ApiVersions, Versions};

use super::super::wire::Trouble;
use super::codec::{Read, Reader, Writer};

pub trait Call: Sync {
    /// The number of the request.
    const KEY: i16;
    /// The lowest and highest version that is understood here.
    const VERSIONS: (i16, i16);
    /// The first version in the flexible encoding.
    const FLEXIBLE_FROM: i16;
    type Answer: Send;

    fn write(&self, version: i16, request: &mut Writer);
    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Self::Answer>;
}

/// Nothing for 0, otherwise the error of this number, in the broker's own words where it gives some.
fn check(code: i16, words: Option<String>) -> Result<(), Trouble> {
    if code == 0 {
        return Ok(());
    }
    let words = words.filter(|words| !words.is_empty());
    Err(Trouble::new(i32::from(code), words.unwrap_or_else(|| name(code))))
}

/// Kafka's names for the errors that these calls get, in words.
fn name(code: i16) -> String {
    let words = match code {
        -1 => "the broker failed without saying why",
        3 => "the broker does not know this topic or partition",
        5 => "the partition has no leader",
        6 => "the broker does not lead this partition any more",
        7 => "the broker took too long",
        14 => "the coordinator is still loading its groups",
        15 => "the coordinator is not available",
        16 => "the broker does not coordinate this group any more",
        29 => "not authorized for this topic",
        30 => "not authorized for this group",
        31 => "not authorized for the cluster",
        33 => "the broker does not support this login mechanism",
        34 => "a login is not possible at this point",
        35 => "this broker does not offer it",
        42 => "the broker calls the request invalid",
        56 => "the disk of this log directory fails",
        57 => "the broker cannot find the log directory",
        58 => "the login was refused",
        69 => "the group does not exist any more",
        78 => "the new leader does not know the end of the log yet",
        other => return format!("Kafka's error {other}"),
    };
    words.into()
}

#[cfg(test)]
#[path = "../calls_tests.rs"]
mod tests;
