//! TLS, greeting, login and the first answer of one server, told apart by what librdkafka reports on the way.

use std::time::Duration;

use brokerscope_contract::{ProbeStep, StepOutcome};
use tokio::pin;
use tokio::time::{Instant, sleep};

use super::super::client::{Client, Purpose};
use super::super::config::{Address, Config};
use super::super::direct::objection;
use super::super::explain::{Cause, distrusted, furthest, not_accepted, refused, told};
use super::super::happening::Happening;
use super::super::wire::{Metadata, Trouble};
use super::{PATIENCE, many};
use crate::collector::{CollectError, ProbeReport};

/// A rung on the way to the first answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    Tls,
    /// Versions of the protocol are exchanged.
    Greeting,
    Login,
    Metadata,
}

/// Connects to this server alone. Reports every rung; `None` when one of them failed.
pub async fn server(config: &Config, address: &Address, report: &ProbeReport) -> Option<Metadata> {
    let alone = Config {
        bootstrap: vec![address.clone()],
        ..config.clone()
    };
    let mut ladder = Ladder::new(&alone, address, report);
    let client = match Client::open(&alone, Purpose::Probe) {
        Ok(client) => client,
        Err(reason) => {
            ladder.settings(&refused(&reason));
            return None;
        }
    };
    match climb(&client, &mut ladder).await {
        Ok(metadata) => {
            ladder.finish(&metadata);
            Some(metadata)
        }
        Err(trouble) => {
            let distrusted = distrusted(&ladder.heard).is_some();
            let objection = match distrusted {
                true => objection(&alone, address, PATIENCE).await,
                false => None,
            };
            ladder.fail(&trouble, objection.as_deref());
            None
        }
    }
}

/// Waits for the first answer, and looks every few milliseconds how far the connection has come.
async fn climb(client: &Client, ladder: &mut Ladder<'_>) -> Result<Metadata, Trouble> {
    let answer = client.metadata(PATIENCE);
    pin!(answer);
    loop {
        tokio::select! {
            answer = &mut answer => {
                ladder.hear(client.happenings());
                return answer;
            }
            () = sleep(Duration::from_millis(20)) => {
                ladder.hear(client.happenings());
                if ladder.is_decided() {
                    return Err(Trouble::timed_out());
                }
            }
        }
    }
}

struct Ladder<'a> {
    config: &'a Config,
    address: &'a Address,
    report: &'a ProbeReport,
    heard: Vec<Happening>,
    /// The rungs of this connection that are still to be climbed.
    ahead: Vec<Rung>,
    /// When the rung before was reached.
    since: Instant,
}

impl<'a> Ladder<'a> {
    fn new(config: &'a Config, address: &'a Address, report: &'a ProbeReport) -> Ladder<'a> {
        let ahead = [Rung::Tls, Rung::Greeting, Rung::Login, Rung::Metadata];
        let applies = |rung: &Rung| match rung {
            Rung::Tls => config.tls.is_some(),
            Rung::Login => config.sasl.is_some(),
            Rung::Greeting | Rung::Metadata => true,
        };
        Ladder {
            config,
            address,
            report,
            heard: Vec::new(),
            ahead: ahead.into_iter().filter(applies).collect(),
            since: Instant::now(),
        }
    }

    fn hear(&mut self, happenings: Vec<Happening>) {
        let reached = reached(&happenings);
        self.heard.extend(happenings);
        // A rung above that of the failure is not reached, whatever the states say: a broker that wants a client
        // certificate refuses it only after the handshake.
        let bound = furthest(&self.heard).map(|(cause, _)| failed_rung(cause));
        while let Some(rung) = self.ahead.first().copied() {
            if Some(rung) > reached || bound.is_some_and(|bound| bound.is_none_or(|bound| rung >= bound)) {
                break;
            }
            // TLS is done only when the greeting got through.
            if rung == Rung::Tls && reached == Some(Rung::Tls) {
                break;
            }
            let detail = self.success(rung);
            let outcome = match (&self.config.tls, rung) {
                (Some(tls), Rung::Tls) if !tls.check_hostname => StepOutcome::Limited,
                _ => StepOutcome::Passed,
            };
            self.tell(rung, outcome, detail, None);
        }
    }

    /// A failure that another attempt would only repeat.
    fn is_decided(&self) -> bool {
        furthest(&self.heard).is_some_and(|(cause, _)| failed_rung(cause).is_some())
    }

    fn finish(mut self, metadata: &Metadata) {
        while let Some(rung) = self.ahead.first().copied() {
            let detail = match rung {
                Rung::Metadata => {
                    let (brokers, topics) = (metadata.brokers.len(), metadata.topics.len());
                    format!("{} and {}", many(brokers, "broker"), many(topics, "topic"))
                }
                _ => self.success(rung),
            };
            self.tell(rung, StepOutcome::Passed, detail, None);
        }
    }

    /// `objection` is what is wrong with the certificate, where that is known.
    fn fail(mut self, trouble: &Trouble, objection: Option<&str>) {
        let heard = std::mem::take(&mut self.heard);
        let (error, at) = match furthest(&heard) {
            Some((cause, line)) => {
                let not_accepted = objection.map(|objection| not_accepted(self.address, objection));
                let error = not_accepted.unwrap_or_else(|| told(cause, line, self.config));
                (error, failed_rung(cause))
            }
            None => {
                let error = CollectError::TimedOut {
                    detail: format!("{} did not answer in time ({}).", self.address, trouble.text),
                    remedy: "Check that the port is a Kafka listener, and the load of the broker.".into(),
                };
                (error, None)
            }
        };
        while let Some(rung) = self.ahead.first().copied() {
            if at.is_some_and(|at| rung < at) {
                let detail = self.success(rung);
                self.tell(rung, StepOutcome::Passed, detail, None);
                continue;
            }
            self.tell(
                rung,
                StepOutcome::Failed,
                error.to_string(),
                Some(error.remedy().to_string()),
            );
            break;
        }
        self.skip_rest();
    }

    /// Librdkafka objects to certificate or key before anything is sent.
    fn settings(mut self, error: &CollectError) {
        if let Some(rung) = self.ahead.first().copied() {
            self.tell(
                rung,
                StepOutcome::Failed,
                error.to_string(),
                Some(error.remedy().into()),
            );
        }
        self.skip_rest();
    }

    fn skip_rest(&mut self) {
        while let Some(rung) = self.ahead.first().copied() {
            self.tell(rung, StepOutcome::Skipped, "an earlier step failed".into(), None);
        }
    }

    fn success(&self, rung: Rung) -> String {
        match (rung, &self.config.tls) {
            (Rung::Tls, Some(tls)) if !tls.check_hostname => {
                "encrypted; the certificate is trusted, but the host name is not checked".into()
            }
            (Rung::Tls, _) => "encrypted, and the certificate is trusted".into(),
            (Rung::Greeting, _) => "speaks Kafka's protocol".into(),
            (Rung::Login, _) => "accepted".into(),
            (Rung::Metadata, _) => "answered".into(),
        }
    }

    /// Reports the lowest rung ahead and takes it off.
    fn tell(&mut self, rung: Rung, outcome: StepOutcome, detail: String, remedy: Option<String>) {
        let address = self.address;
        let title = match (rung, &self.config.sasl) {
            (Rung::Tls, _) => format!("TLS with {address}"),
            (Rung::Login, Some(sasl)) => format!("Login at {address} as {} with {}", sasl.user, sasl.mechanism.name()),
            (Rung::Login, None) => format!("Login at {address}"),
            (Rung::Greeting, _) => format!("Kafka at {address}"),
            (Rung::Metadata, _) => format!("First answer of {address}"),
        };
        self.report.step(ProbeStep {
            title,
            outcome,
            detail,
            remedy,
            millis: u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        self.since = Instant::now();
        self.ahead.retain(|ahead| *ahead != rung);
    }
}

/// The highest rung that these lines show as climbed. Librdkafka writes "Broker changed state A -> B".
fn reached(happenings: &[Happening]) -> Option<Rung> {
    let climbed = |text: &str| {
        let (_, state) = text.split_once("Broker changed state ")?.1.split_once(" -> ")?;
        match state.trim() {
            "APIVERSION_QUERY" => Some(Rung::Tls),
            "AUTH_HANDSHAKE" | "AUTH_REQ" => Some(Rung::Greeting),
            "UP" => Some(Rung::Login),
            _ => None,
        }
    };
    let texts = happenings.iter().filter_map(|happening| match happening {
        Happening::Log { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.filter_map(climbed).max()
}

/// The rung at which a cause shows; `None` for those that may be gone at the next address or attempt.
fn failed_rung(cause: Cause) -> Option<Rung> {
    match cause {
        Cause::NameLookup | Cause::Refused | Cause::Unroutable | Cause::ConnectTimeout | Cause::Closed => None,
        Cause::NoTls | Cause::TlsRefused | Cause::Certificate => Some(Rung::Tls),
        Cause::ClosedAtOnce | Cause::Mute | Cause::NotKafka => Some(Rung::Greeting),
        Cause::NoLogin | Cause::Mechanism | Cause::Login => Some(Rung::Login),
        Cause::ClosedWithoutLogin => Some(Rung::Metadata),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> Happening {
        Happening::Log {
            facility: "STATE".into(),
            text: format!("[thrd:a:1/bootstrap]: a:1/bootstrap: Broker changed state {text}"),
        }
    }

    #[test]
    fn the_states_of_librdkafka_are_rungs() {
        for (states, expected) in [
            (&[][..], None),
            (&["INIT -> TRY_CONNECT", "TRY_CONNECT -> CONNECT"], None),
            (&["CONNECT -> SSL_HANDSHAKE"], None),
            (&["CONNECT -> APIVERSION_QUERY"], Some(Rung::Tls)),
            (&["APIVERSION_QUERY -> AUTH_HANDSHAKE"], Some(Rung::Greeting)),
            (&["AUTH_REQ -> UP", "UP -> DOWN"], Some(Rung::Login)),
        ] {
            let heard: Vec<_> = states.iter().map(|text| state(text)).collect();
            assert_eq!(reached(&heard), expected, "{states:?}");
        }
    }
}
