//! `cargo xtask brokers up|down|status|wipe [names]`: real brokers on loopback ports, all inside `.brokers/`.

mod apicurio;
mod aws;
mod catalogue;
mod certificates;
mod connect;
mod debian;
mod endpoints;
mod http;
mod jars;
mod kafka;
mod nats;
pub mod peers;
mod pubsub;
mod pulsar;
mod rabbitmq;
mod server;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::failure::{Failure, Outcome};
use crate::files;
use crate::progress::step;
use catalogue::{BROKERS, Broker, Kind};
use server::Server;

const USAGE: &str = "\
usage: cargo xtask brokers up|down|status|wipe [NAME...]
  up      installs what is missing, starts, waits until ready (default: rabbitmq kafka)
  down    stops, keeps data and installations (default: all)
  wipe    stops and deletes data, keeps installations (default: all)
  status  says what runs
  names:  rabbitmq rabbitmq-cluster rabbitmq-3.10 kafka kafka-cluster kafka-3.9
          kafka-secure connect apicurio pulsar pulsar-4.0 nats nats-cluster nats-2.10
          nats-secure elasticmq moto pubsub all
          (connect works on kafka, which is started with it)";

/// `cargo xtask brokers ...`.
pub fn command(words: &[&str]) -> Outcome {
    match words {
        ["up"] => up(&["rabbitmq", "kafka"]),
        ["up", names @ ..] => up(names),
        ["down"] => down(&["all"]),
        ["down", names @ ..] => down(names),
        ["wipe"] => wipe(&["all"]),
        ["wipe", names @ ..] => wipe(names),
        ["status"] => status(),
        _ => Err(Failure::new(USAGE)),
    }
}

/// Every broker there is, by name.
pub fn names() -> impl Iterator<Item = &'static str> {
    BROKERS.iter().map(|broker| broker.name)
}

/// The names as the table has them, with what they work on; an unknown one is an error, `all` is every one.
pub fn known(names: &[&str]) -> Outcome<Vec<&'static str>> {
    Ok(catalogue::named_with_needs(names)?
        .into_iter()
        .map(|broker| broker.name)
        .collect())
}

/// The brokers of which any process runs.
pub fn running() -> Outcome<Vec<&'static str>> {
    let brokers = brokers_folder()?;
    let runs = |broker: &&Broker| servers(broker, &brokers).iter().any(|server| server.pid().is_some());
    Ok(BROKERS.iter().filter(runs).map(|broker| broker.name).collect())
}

/// Starts the named brokers one after another; those that run already are left alone.
pub fn up(names: &[&str]) -> Outcome {
    let named = catalogue::named_with_needs(names)?;
    let brokers = brokers_folder()?;
    let _turn = take_turn(&brokers)?;
    let mut summaries = Vec::new();
    for broker in named {
        let endpoints = step(&format!("broker {}", broker.name), || match &broker.kind {
            Kind::RabbitMq(release) => rabbitmq::up(broker, release, &brokers),
            Kind::Kafka(version) => kafka::up(broker, version, &brokers),
            Kind::Connect(version) => connect::up(broker, version, &brokers),
            Kind::Apicurio(version) => apicurio::up(broker, version, &brokers),
            Kind::SecureKafka(version) => kafka::up_secured(broker, version, &brokers),
            Kind::Pulsar(version) => pulsar::up(broker, version, &brokers),
            Kind::Nats(version) => nats::up(broker, version, &brokers),
            Kind::SecureNats(version) => nats::secure::up(broker, version, &brokers),
            Kind::Aws(which) => aws::up(broker, *which, &brokers),
            Kind::PubSub(version) => pubsub::up(broker, version, &brokers),
        })?;
        endpoints.write(&broker.folder(&brokers))?;
        summaries.push(format!("{:17} {}", broker.name, endpoints.summary()));
    }
    println!("{}", summaries.join("\n"));
    Ok(())
}

/// Stops the named brokers, what works on another one before it.
fn down(names: &[&str]) -> Outcome {
    let brokers = brokers_folder()?;
    let _turn = take_turn(&brokers)?;
    for broker in catalogue::named(names)?.into_iter().rev() {
        let started = Instant::now();
        match stop(broker, &brokers)? {
            0 => println!("{:17} was not running", broker.name),
            n => println!(
                "{:17} stopped, {n} processes in {:.1} s",
                broker.name,
                started.elapsed().as_secs_f64()
            ),
        }
    }
    Ok(())
}

/// Stops the named brokers and says nothing about it.
pub fn stop_quietly(names: &[&str]) -> Outcome {
    let brokers = brokers_folder()?;
    let _turn = take_turn(&brokers)?;
    catalogue::named(names)?
        .into_iter()
        .rev()
        .try_for_each(|broker| stop(broker, &brokers).map(|_| ()))
}

/// Stops the named brokers and deletes what they stored.
fn wipe(names: &[&str]) -> Outcome {
    let named = catalogue::named(names)?;
    let brokers = brokers_folder()?;
    let _turn = take_turn(&brokers)?;
    for broker in named.into_iter().rev() {
        stop(broker, &brokers)?;
        files::remove_folder(&broker.folder(&brokers))?;
        if let Kind::RabbitMq(release) = &broker.kind {
            files::remove_folder(&rabbitmq::data_folder(broker, release, &brokers))?;
        }
        println!("{}: data deleted", broker.name);
    }
    Ok(())
}

/// Says of every broker whether it runs.
fn status() -> Outcome {
    let brokers = brokers_folder()?;
    for broker in &BROKERS {
        let servers = servers(broker, &brokers);
        let pids: Vec<_> = servers.iter().filter_map(Server::pid).collect();
        let state = match pids.len() {
            0 => "stopped".to_owned(),
            n if n == servers.len() => format!("runs, pids {pids:?}, clients at {}", clients(broker)),
            n => format!("{n} of {} processes run, pids {pids:?}", servers.len()),
        };
        println!("{:17} {state}", broker.name);
    }
    Ok(())
}

fn clients(broker: &Broker) -> String {
    broker.addresses(catalogue::Listener::Clients).join(",")
}

/// Stops all processes of a broker and returns how many there were.
fn stop(broker: &Broker, brokers: &Path) -> Outcome<usize> {
    let stopped = server::stop(&servers(broker, brokers))?;
    // Gone with the broker, so that no test trusts an address nobody listens on.
    let _ = std::fs::remove_file(broker.folder(brokers).join("endpoints.json"));
    Ok(stopped)
}

/// All processes of a broker.
fn servers(broker: &Broker, brokers: &Path) -> Vec<Server> {
    match &broker.kind {
        Kind::RabbitMq(_) => rabbitmq::servers(broker, brokers),
        Kind::Kafka(_) | Kind::SecureKafka(_) => kafka::servers(broker, brokers),
        Kind::Connect(_) => connect::servers(broker, brokers),
        Kind::Apicurio(_) => apicurio::servers(broker, brokers),
        Kind::Pulsar(_) => pulsar::servers(broker, brokers),
        Kind::Nats(_) | Kind::SecureNats(_) => nats::servers(broker, brokers),
        Kind::Aws(which) => aws::servers(broker, *which, brokers),
        Kind::PubSub(_) => pubsub::servers(broker, brokers),
    }
}

fn brokers_folder() -> Outcome<PathBuf> {
    let folder = files::root()?.join(".brokers");
    files::make_folder(&folder)?;
    Ok(folder)
}

fn take_turn(brokers: &Path) -> Outcome<File> {
    files::take_turn(&brokers.join("lock"), "cargo xtask brokers")
}
