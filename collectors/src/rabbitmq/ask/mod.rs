//! The questions, one file each: what is asked, and what is kept of the answer.
//!
//! - [`counts`]: depth, in flight, consumers and rates of every queue
//! - [`inventory`]: what exists, and how it is connected
//! - [`bridges`]: shovels and federation links
//! - [`clients`]: who reads and publishes
//! - [`streams`]: who reads and writes streams
//! - [`features`]: feature flags and deprecated features
//! - [`health`]: the broker's own checks, counters of nodes, addresses

mod bridges;
mod clients;
mod counts;
mod features;
mod health;
mod inventory;
mod streams;

use super::client::{Client, place};
use super::failure::Failure;
use super::wire::{Node, Overview};

/// The first question of every visit. Whatever answers it must be RabbitMQ.
pub async fn overview(client: &Client) -> Result<Overview, Failure> {
    let overview: Overview = client.first_answer("overview").await?;
    if overview.rabbitmq_version.is_none() && overview.management_version.is_none() {
        return Err(Failure::NotRabbitMq(
            place(client.current()),
            "it names no version of RabbitMQ".into(),
        ));
    }
    Ok(overview)
}

/// The columns leave out what is most of the answer: every Erlang application with its description.
pub async fn nodes(client: &Client) -> Result<Vec<Node>, Failure> {
    client
        .ask(
            "nodes?columns=name,running,being_drained,type,rabbitmq_version,erlang_version,uptime,mem_used,mem_limit,\
             mem_alarm,disk_free,disk_free_limit,disk_free_alarm,fd_used,fd_total,partitions,connection_created,\
             connection_closed,enabled_plugins",
        )
        .await
}
