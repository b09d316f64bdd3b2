//! Whether log directories are in use and have room.

use brokerscope_contract::{Absence, CheckResult, Status};
use brokerscope_figures::format::{bytes, percent};

use super::super::vendor::Vendor;
use super::super::wire::{LogDir, Survey};
use super::{LOG_DIRECTORIES, node, result, unknown};

/// Less than this share of a volume free is worth a warning, and less than a third of it more than that.
const DISK_LOW: f64 = 0.10;

/// Of a broker that the cluster does not list any more: what its disks were like says nothing about now.
pub fn gone(broker: i32) -> CheckResult {
    let text = "could not be asked: the cluster does not list the broker".to_owned();
    CheckResult {
        absent: Some(Absence::Failed),
        ..result(node(broker), LOG_DIRECTORIES, Status::Unknown, text)
    }
}

pub fn log_directories(broker: i32, survey: &Survey, vendor: Vendor) -> Option<CheckResult> {
    let node = node(broker);
    let dirs = match survey.log_dirs(broker)? {
        Ok(dirs) => dirs,
        Err(trouble) => return Some(unknown(node, LOG_DIRECTORIES, trouble, vendor)),
    };
    if let Some((dir, trouble)) = dirs.iter().find_map(|dir| Some((dir, dir.trouble.as_ref()?))) {
        let text = format!("{} is offline: {}", dir.path, trouble.text);
        return Some(result(node, LOG_DIRECTORIES, Status::Critical, text));
    }
    let free = |dir: &LogDir| {
        Some((
            dir.usable_bytes? as f64,
            dir.total_bytes.filter(|total| *total > 0)? as f64,
        ))
    };
    let fullest = dirs
        .iter()
        .filter_map(|dir| Some((dir, free(dir)?)))
        .min_by(|(_, a), (_, b)| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let Some((dir, (usable, total))) = fullest else {
        let local = dirs.iter().filter(|dir| !dir.is_remote()).count();
        let untold = match vendor {
            Vendor::Kafka => "before Kafka 3.3",
            Vendor::Redpanda => "by Redpanda",
        };
        let text = format!(
            "{} in use; how full is not told {untold}",
            many(local, "directory", "directories")
        );
        return Some(result(node, LOG_DIRECTORIES, Status::Ok, text));
    };
    let share = usable / total;
    let status = match share {
        share if share < DISK_LOW / 3.0 => Status::Critical,
        share if share < DISK_LOW => Status::Warning,
        _ => Status::Ok,
    };
    let text = format!("{} free ({}) at {}", bytes(usable), percent(share), dir.path);
    Some(result(node, LOG_DIRECTORIES, status, text))
}

fn many(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}
