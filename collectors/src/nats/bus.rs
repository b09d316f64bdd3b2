//! A connection to NATS as a client: questions by subject, and the answers of one or of many.

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Message, StatusCode, Subscriber};
use brokerscope_contract::Timestamp;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::config::{Config, Login};
use super::failure::Failure;
use super::said::{Said, refused_subject};
use super::{refusal, tls};

/// How long after an answer another one may come, where it is not known how many there will be.
const QUIET: Duration = Duration::from_millis(400);
/// The same where it is known that more should come: a server that has just died is still counted for a while.
const STRAGGLER: Duration = Duration::from_secs(2);

/// How long a refusal may take through the client, beside an answer.
const REFUSAL: Duration = Duration::from_millis(50);

/// When a question has all of its answers.
#[derive(Debug, Clone, Copy)]
pub enum Expect {
    /// So many; a straggler is waited for until the time is up.
    Answers(usize),
    /// As many as an answer itself says; after a silence no more are waited for.
    Announced(fn(&Message) -> Option<usize>),
    /// As many as the last time, and there may be others by now: a short silence ends it once they are there, a longer
    /// one before. The longer one also where nobody was there yet.
    Like(Option<usize>),
}

impl Expect {
    fn is_enough(self, answers: &[Message]) -> bool {
        match self {
            Expect::Answers(expected) => answers.len() >= expected,
            Expect::Announced(told) => {
                let expected = answers.iter().filter_map(told).max();
                expected.is_some_and(|expected| answers.len() >= expected)
            }
            Expect::Like(_) => false,
        }
    }

    /// How long another answer is waited for, after the last one.
    fn silence(self, answers: usize) -> Option<Duration> {
        match self {
            _ if answers == 0 => None,
            Expect::Answers(_) => None,
            Expect::Announced(_) => Some(STRAGGLER),
            Expect::Like(before) => match before {
                Some(before) if answers >= before => Some(QUIET),
                _ => Some(STRAGGLER),
            },
        }
    }
}

/// A connection that was established once. It reconnects by itself for a while; see [`Bus::is_alive`].
pub struct Bus {
    client: Client,
    timeout: Duration,
    said: watch::Receiver<Said>,
    place: String,
}

impl Bus {
    /// `farewell` is what the server said when it ended the connection before this one.
    pub async fn connect(config: &Config, farewell: Option<&str>, at: Timestamp) -> Result<Bus, Failure> {
        let place = config.servers.join(", ");
        let (sender, said) = watch::channel(Said::default());
        let options = options(config, Arc::new(sender))?;
        let client = match options.connect(config.servers.clone()).await {
            Ok(client) => client,
            Err(error) => {
                return Err(match Failure::of_connecting(&error, &place) {
                    Failure::Login(why, _) => refusal::explained(&config.login, &why, farewell, at),
                    Failure::TimedOut(place) => why_silent(place, config).await,
                    other => other,
                });
            }
        };
        Ok(Bus {
            client,
            timeout: config.timeout,
            said,
            place,
        })
    }

    /// Whether it can be used on this visit; otherwise a new one tells best what is wrong.
    pub fn is_alive(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// How often subscriptions may have missed something.
    pub fn gaps(&self) -> u32 {
        self.said.borrow().gaps
    }

    /// What the server said when it ended the connection because of the login.
    pub fn farewell(&self) -> Option<String> {
        self.said.borrow().farewell.clone()
    }

    /// Version and name of the server behind the connection.
    pub fn server(&self) -> (String, String) {
        let info = self.client.server_info();
        (info.version, info.server_name)
    }

    /// Whether it is encrypted: where the server asks for TLS, or where it was asked for here.
    pub fn is_encrypted(&self) -> bool {
        self.client.server_info().tls_required || self.place.contains("tls://")
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.client
            .statistics()
            .in_bytes
            .load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The one answer to a question.
    pub async fn ask(&self, subject: &str, body: &str) -> Result<Message, Failure> {
        let mut answers = self.gather(subject, body, Expect::Answers(1)).await?;
        answers.pop().ok_or_else(|| Failure::TimedOut(subject.to_string()))
    }

    /// The answers of all who listen. Fails only when there is none.
    pub async fn gather(&self, subject: &str, body: &str, expected: Expect) -> Result<Vec<Message>, Failure> {
        let mut said = self.said.clone();
        let refused_before = said.borrow_and_update().refused();
        let inbox = self.client.new_inbox();
        let mut replies = self.subscribe(&inbox).await?;
        self.client
            .publish_with_reply(subject.to_string(), inbox.clone(), body.to_string().into())
            .await
            .map_err(|error| Failure::Unreachable(self.place.clone(), error.to_string()))?;
        let mut answers = Vec::new();
        let deadline = Instant::now() + self.timeout;
        loop {
            if expected.is_enough(&answers) {
                return Ok(answers);
            }
            let patience = match expected.silence(answers.len()) {
                Some(silence) => deadline.min(Instant::now() + silence),
                None => deadline,
            };
            tokio::select! {
                next = timeout_at(patience, replies.next()) => match next {
                    Ok(Some(message)) if message.status == Some(StatusCode::NO_RESPONDERS) => {
                        return Err(Failure::NobodyAnswers(subject.to_string()));
                    }
                    Ok(Some(message)) => answers.push(message),
                    Ok(None) => return Err(Failure::Unreachable(self.place.clone(), "the connection was closed".into())),
                    Err(_) if answers.is_empty() => return Err(self.why_silent(subject)),
                    Err(_) => return Ok(answers),
                },
                // Refusals come beside the answers, and nothing else will come after one.
                Ok(()) = said.changed() => {
                    let said = said.borrow_and_update();
                    let mut new = said.refused_since(refused_before);
                    if let Some(refused) = new.find_map(|text| refused_subject(text, subject, &inbox)) {
                        return Err(Failure::NotPermitted(refused));
                    }
                }
            }
        }
    }

    pub async fn subscribe(&self, subject: &str) -> Result<Subscriber, Failure> {
        let subscribed = self.client.subscribe(subject.to_string()).await;
        subscribed.map_err(|error| Failure::Unreachable(self.place.clone(), error.to_string()))
    }

    /// Waits until the server has seen all that was sent, refusals included: it answers in order, so that whatever
    /// comes of one more question comes after them.
    pub async fn settle(&self) -> Result<(), Failure> {
        match self.ask("$SYS.REQ.USER.INFO", "").await {
            Err(failure @ (Failure::Unreachable(..) | Failure::TimedOut(_))) => Err(failure),
            _ => {
                // The client hands on refusals and answers by different ways.
                tokio::time::sleep(REFUSAL).await;
                Ok(())
            }
        }
    }

    /// Whether the server refused to let the user listen to the subject.
    pub fn is_refused(&self, subject: &str) -> bool {
        self.said.borrow().is_deaf_to(subject)
    }

    fn why_silent(&self, subject: &str) -> Failure {
        if self.is_alive() {
            Failure::TimedOut(subject.to_string())
        } else {
            Failure::Unreachable(self.place.clone(), "the connection was lost".into())
        }
    }
}

/// What the client's error leaves open: whether anything accepts connections there.
async fn why_silent(place: String, config: &Config) -> Failure {
    let places = config
        .servers
        .iter()
        .map(|server| server.split_once("://").map_or(server.as_str(), |s| s.1));
    for place in places {
        let connected = timeout(config.timeout, TcpStream::connect(place)).await;
        if matches!(connected, Ok(Ok(_))) {
            return Failure::Silent(place.to_string());
        }
    }
    Failure::TimedOut(place)
}

fn options(config: &Config, said: Arc<watch::Sender<Said>>) -> Result<ConnectOptions, Failure> {
    let options = match &config.login {
        Login::Nobody => ConnectOptions::new(),
        Login::Password { user, password } => ConnectOptions::with_user_and_password(user.clone(), password.clone()),
        Login::Token(token) => ConnectOptions::with_token(token.clone()),
        Login::NkeySeed(seed) => ConnectOptions::with_nkey(seed.clone()),
        Login::Credentials(text) => ConnectOptions::with_credentials(text)
            .map_err(|error| Failure::Settings(format!("the credentials file cannot be read: {error}")))?,
    };
    let inboxes = config.inbox_prefix.clone().unwrap_or_else(|| "_INBOX".into());
    let mut options = options
        .name(concat!("brokerscope/", env!("CARGO_PKG_VERSION")))
        .connection_timeout(config.timeout)
        .request_timeout(Some(config.timeout))
        // Between two visits the library may try again; a visit that finds it down starts anew and can say why.
        .max_reconnects(Some(3))
        .tls_client_config(tls::client_config(&config.tls)?)
        .event_callback(move |event| {
            said.send_modify(|said| said.note(&event, &inboxes));
            async {}
        });
    if config.tls_first {
        options = options.tls_first();
    }
    if let Some(prefix) = &config.inbox_prefix {
        options = options.custom_inbox_prefix(prefix.clone());
    }
    Ok(options)
}
