//! The "test connection" button: from the name of the host to each single right, and what will be visible.

mod reach;
mod rights;

use std::sync::Arc;
use std::time::Instant;

use super::access::{Access, Level};
use super::config::Config;
use super::failure::Failure;
use super::map::described;
use crate::collector::ProbeReport;
use crate::steps::Steps;

pub async fn run(config: &Config, report: &ProbeReport) {
    let steps = Steps { report };
    for address in &config.servers {
        reach::server(address, config.timeout, &steps).await;
    }
    let since = Instant::now();
    let access = match Access::open(config, None, &Arc::default(), report.at()).await {
        Ok(access) => access,
        Err(failure) => {
            let title = step_of(&failure);
            steps.fail(title, &failure, since);
            for later in ["Login", "Way in", "Rights", "What will be visible"] {
                if later != title {
                    steps.skip(later, "not tried, because there is no connection");
                }
            }
            return;
        }
    };
    login(config, &access, &steps, since);
    if access.ports.is_some() {
        reach::ports(config, &access, &steps).await;
    }
    match access.level {
        Level::System => rights::of_system(access, &steps).await,
        Level::Monitoring => rights::of_monitoring(access, &steps).await,
        Level::Account => rights::of_account(config, access, &steps).await,
    }
}

/// The step at which a connection failed.
fn step_of(failure: &Failure) -> &'static str {
    if failure.is_about_tls() { "TLS" } else { "Login" }
}

fn login(config: &Config, access: &Access, steps: &Steps<'_>, since: Instant) {
    for failure in &access.limits {
        steps.limit(step_of(failure), failure.to_string(), &failure.remedy(), since);
    }
    if let Some(bus) = &access.bus {
        match (bus.is_encrypted(), config.tls.insecure) {
            (false, _) => {}
            (true, false) => steps.pass("TLS", "encrypted, and the certificate is accepted", since),
            (true, true) => steps.limit(
                "TLS",
                "encrypted, but any certificate is accepted",
                "Give the certificate of the authority instead.",
                since,
            ),
        }
        let (version, server) = bus.server();
        let login = config.login.described();
        steps.pass(
            "Login",
            format!("connected {login} to {server}, nats-server {version}"),
            since,
        );
    }
    let title = "Way in";
    match access.level {
        Level::System => steps.pass(title, described(access.level), since),
        Level::Monitoring => steps.limit(
            title,
            described(access.level),
            "Messages that were given up are counted only through a server address with a user of the account or of the \
             system account.",
            since,
        ),
        Level::Account => steps.limit(
            title,
            described(access.level),
            "Use a user of the system account, or add monitoring addresses, to see servers and other accounts.",
            since,
        ),
    }
}
