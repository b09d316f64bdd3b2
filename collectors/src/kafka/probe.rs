//! The steps of "test connection".

use crate::collector::ProbeReport;

use super::config::Config;

pub async fn run(_config: &Config, _report: &ProbeReport) {}
