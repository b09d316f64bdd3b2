//! The ways into NATS, and which of them a connection has: the system account, monitoring ports, an ordinary account.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use async_nats::Message;
use brokerscope_contract::{Cost, Timestamp};
use serde::de::DeserializeOwned;

use super::bus::{Bus, Expect};
use super::config::Config;
use super::failure::Failure;
use super::page::{Page, STATSZ};
use super::ports::{Ports, place};
use super::wire::{Envelope, Statsz, Varz};
use super::witnesses::Witnesses;

/// How much can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A user of the system account: all servers and accounts, through one connection.
    System,
    /// Monitoring ports: the servers that are listed, with all their accounts.
    Monitoring,
    /// An ordinary user: its own account.
    Account,
}

/// A page of one server, or why it is missing.
pub type Answers<T> = Vec<(String, Result<T, Failure>)>;

pub struct Access {
    pub bus: Option<Bus>,
    pub ports: Option<Ports>,
    pub level: Level,
    /// What failed although another way in works.
    pub limits: Vec<Failure>,
    /// Names of the servers behind the monitoring ports, in the order of their addresses.
    names: Vec<String>,
    /// Of an ordinary account: outlives a connection.
    witnesses: Arc<Witnesses>,
    requests: AtomicU32,
    received_before: u64,
}

impl Access {
    /// Logs in and finds out what the login is worth. Fails when no way in works. `farewell` is what the server said when
    /// it ended the connection before.
    pub async fn open(
        config: &Config,
        farewell: Option<&str>,
        witnesses: &Arc<Witnesses>,
        at: Timestamp,
    ) -> Result<Access, Failure> {
        let mut limits = Vec::new();
        let ports = match config.monitoring.is_empty() {
            true => None,
            false => Some(Ports::new(config)?),
        };
        let bus = match config.servers.is_empty() {
            true => None,
            false => match Bus::connect(config, farewell, at).await {
                Ok(bus) => Some(bus),
                Err(failure) if ports.is_some() => {
                    limits.push(failure);
                    None
                }
                Err(failure) => return Err(failure),
            },
        };
        let mut access = Access {
            bus,
            ports,
            level: Level::Account,
            limits,
            names: Vec::new(),
            witnesses: witnesses.clone(),
            requests: AtomicU32::new(0),
            received_before: 0,
        };
        access.level = access.find_level().await;
        Ok(access)
    }

    /// Whether the next visit can go on with it.
    pub fn is_alive(&self) -> bool {
        self.limits.is_empty() && self.bus.as_ref().is_none_or(Bus::is_alive)
    }

    async fn find_level(&self) -> Level {
        // Ordinary accounts get "nobody answers", restricted users a refusal; both at once.
        if self.bus.is_some() && self.ping().await.is_ok() {
            Level::System
        } else if self.ports.is_some() {
            Level::Monitoring
        } else {
            Level::Account
        }
    }

    /// The servers that answer the system account, by name. The first answer says how many there are.
    async fn ping(&self) -> Result<Vec<String>, Failure> {
        let bus = self.bus()?;
        self.count();
        let answers = bus
            .gather(&subject(&STATSZ), &STATSZ.body, Expect::Announced(announced))
            .await?;
        Ok(answers
            .iter()
            .filter_map(|answer| Some(envelope::<Statsz>(answer).ok()?.0))
            .collect())
    }

    /// What every server says about itself, in the order in which the others of [`Access::ask_all`] follow. Fails when
    /// none answers.
    pub async fn servers(&mut self) -> Result<Answers<Varz>, Failure> {
        match self.level {
            Level::System => {
                self.names = self.ping().await?;
                Ok(self.ask_all(&super::page::VARZ).await)
            }
            Level::Monitoring => {
                let ports = self.ports.as_ref().ok_or_else(no_way)?;
                let asked = ports.ask_all::<Varz>(&super::page::VARZ).await;
                self.requests.fetch_add(asked.len() as u32, Ordering::Relaxed);
                let roots = ports.roots().iter();
                let named: Answers<Varz> = roots
                    .zip(asked)
                    .map(|(root, answer)| match answer {
                        Ok(varz) if !varz.server_id.is_empty() => (varz.server_name.clone(), Ok(varz)),
                        Ok(_) => {
                            let why = "its page varz names no server".to_string();
                            (place(root), Err(Failure::NotNats(place(root), why)))
                        }
                        Err(failure) => (place(root), Err(failure)),
                    })
                    .collect();
                self.names = named.iter().map(|(name, _)| name.clone()).collect();
                match named.iter().find_map(|(_, answer)| answer.as_ref().err()) {
                    Some(failure) if named.iter().all(|(_, answer)| answer.is_err()) => Err(failure.clone()),
                    _ => Ok(named),
                }
            }
            Level::Account => Ok(Vec::new()),
        }
    }

    /// A page of every server that is known from [`Access::servers`]. An ordinary account is told of its own
    /// connections only, by as many servers as answer.
    pub async fn ask_all<T: DeserializeOwned + Send>(&self, page: &Page) -> Answers<T> {
        if self.level == Level::Monitoring {
            let Some(ports) = &self.ports else { return Vec::new() };
            let asked = ports.ask_all(page).await;
            self.requests.fetch_add(asked.len() as u32, Ordering::Relaxed);
            return self.names.iter().cloned().zip(asked).collect();
        }
        let expected = match self.level {
            Level::System => Expect::Answers(self.names.len()),
            Level::Monitoring | Level::Account => Expect::Like(self.witnesses.servers(page.subject, Instant::now())),
        };
        let gathered = match self.bus() {
            Ok(bus) => {
                self.count();
                bus.gather(&subject(page), &page.body, expected).await
            }
            Err(failure) => Err(failure),
        };
        let mut answers: Answers<T> = match gathered {
            Ok(messages) => messages.iter().filter_map(|message| envelope(message).ok()).collect(),
            Err(failure) if self.level == Level::Account => vec![(String::new(), Err(failure))],
            Err(failure) => self
                .names
                .iter()
                .map(|name| (name.clone(), Err(failure.clone())))
                .collect(),
        };
        let missing = match self.level {
            Level::Account if answers.iter().all(|(server, _)| server.is_empty()) => Vec::new(),
            Level::Account => {
                let heard = answers.iter().map(|(server, _)| server.as_str());
                self.witnesses.answered(page.subject, Instant::now(), heard)
            }
            Level::System | Level::Monitoring => {
                let heard = |name: &&String| answers.iter().any(|(server, _)| server == *name);
                self.names.iter().filter(|name| !heard(name)).cloned().collect()
            }
        };
        answers.extend(
            missing
                .into_iter()
                .map(|name| (name.clone(), Err(Failure::TimedOut(name)))),
        );
        answers
    }

    /// One question by subject, and its answer as JSON.
    pub async fn ask<T: DeserializeOwned>(&self, subject: &str, body: &str) -> Result<T, Failure> {
        self.count();
        let answer = self.bus()?.ask(subject, body).await?;
        read(&answer, subject)
    }

    /// One question by subject to all who listen; what cannot be read is left out.
    pub async fn ask_everybody<T: DeserializeOwned>(&self, subject: &str) -> Result<Vec<T>, Failure> {
        self.count();
        let before = self.witnesses.services();
        let gathered = self.bus()?.gather(subject, "", Expect::Like(before)).await;
        let answers = match gathered {
            Ok(answers) => answers,
            Err(failure) => {
                self.witnesses.services_answered(0);
                return Err(failure);
            }
        };
        self.witnesses.services_answered(answers.len());
        Ok(answers.iter().filter_map(|answer| read(answer, subject).ok()).collect())
    }

    /// What was spent since the last call.
    pub fn take_cost(&mut self) -> Cost {
        let of_bus = self.bus.as_ref().map_or(0, Bus::received);
        let received = of_bus + self.ports.as_ref().map_or(0, Ports::received);
        let bytes = received.saturating_sub(self.received_before);
        self.received_before = received;
        Cost {
            requests: self.requests.swap(0, Ordering::Relaxed),
            bytes,
            seconds: 0.0,
        }
    }

    fn bus(&self) -> Result<&Bus, Failure> {
        self.bus.as_ref().ok_or_else(no_way)
    }

    fn count(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
}

fn no_way() -> Failure {
    Failure::Settings("no server address is given".into())
}

fn subject(page: &Page) -> String {
    format!("$SYS.REQ.{}", page.subject)
}

fn read<T: DeserializeOwned>(message: &Message, subject: &str) -> Result<T, Failure> {
    serde_json::from_slice(&message.payload).map_err(|error| Failure::NotNats(subject.to_string(), error.to_string()))
}

/// How many servers there are, as an answer to a ping tells.
fn announced(answer: &Message) -> Option<usize> {
    let (_, statsz) = envelope::<Statsz>(answer).ok()?;
    Some(statsz.ok()?.active_servers).filter(|active| *active > 0)
}

/// Who answers in the system account, and what.
fn envelope<T: DeserializeOwned>(message: &Message) -> Result<(String, Result<T, Failure>), Failure> {
    let envelope: Envelope<T> = read(message, &message.subject)?;
    let name = envelope.server.name;
    let answer = match (envelope.data, envelope.error) {
        (Some(data), _) => Ok(data),
        (None, Some(refusal)) => Err(Failure::Answered(name.clone(), refusal.description)),
        (None, None) => Err(Failure::NotNats(name.clone(), "the answer is empty".into())),
    };
    Ok((name, answer))
}
