//! A fake of SQS, SNS, CloudWatch and STS for tests: it answers in the services' own protocols, written from their
//! documentation, so that what no stand-in does can be tried: refusals, throttling, wrong clocks, a thousand queues.

mod cbor;
mod clock;
mod cloudwatch;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub const ACCOUNT: &str = "111122223333";

/// An error answer: status, code and message.
pub type Refusal = (u16, &'static str, &'static str);

/// What it holds and how it behaves; tests change it between visits.
#[derive(Debug, Default)]
pub struct World {
    /// Attributes by name.
    pub queues: BTreeMap<String, BTreeMap<String, String>>,
    /// Refused actions, such as `GetQueueAttributes`.
    pub refused: BTreeMap<&'static str, Refusal>,
    /// Every action is refused.
    pub refused_all: Option<Refusal>,
    /// After so many answers about queues in a visit, all others are throttled.
    pub patience: Option<usize>,
    /// After so many answers about queues every question is refused.
    pub ends_after: Option<(usize, Refusal)>,
    /// Listed, and gone when it is asked.
    pub ghosts: Vec<String>,
    /// What CloudWatch tells of the first figure that it is asked for: seconds since the epoch, and values.
    pub points: Vec<(i64, f64)>,
    /// What it tells of a figure of every queue, by CloudWatch's name, within the time that it is asked for.
    pub figures: BTreeMap<&'static str, Vec<(i64, f64)>>,
    /// Names on one page of the list of queues, unless all of them fit.
    pub page: Option<usize>,
    /// Queues that are deleted, one after each page of the list.
    pub vanishing: VecDeque<String>,
    /// The filter policy of every subscription.
    pub filter: String,
    /// What `ListMessageMoveTasks` tells of every queue.
    pub moves: Vec<Value>,
    /// A clock in seconds, and by how many its own is ahead of it. Without one, any time is believed.
    pub clock: Option<(fn() -> i64, i64)>,
    /// Actions that are never answered.
    pub silent: BTreeSet<&'static str>,
    /// Actions that a proxy answers, with a page of its own.
    pub proxied: BTreeMap<&'static str, u16>,
    /// Every page of the list of queues leads to the same one.
    pub circles: bool,
    /// What has this in its question is refused.
    pub refused_of: BTreeMap<&'static str, Refusal>,
    /// Topics `t0`, `t1` and so on beside `t`, each with a subscription.
    pub more_topics: usize,
    /// A subscription by mail that nobody has confirmed.
    pub pending: bool,
    /// Names of queues whose dead letters go to any queue that is asked about.
    pub sources: Vec<&'static str>,
    /// How often each action was asked.
    pub asked: BTreeMap<String, usize>,
    /// The access keys that signed the questions.
    pub keys: BTreeSet<String>,
}

impl World {
    /// After three times a message that is received from `queue` goes to `dead_letters`.
    pub fn give_up(&mut self, queue: &str, dead_letters: &str) {
        let target = format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:{dead_letters}");
        let policy = json!({"deadLetterTargetArn": target, "maxReceiveCount": 3}).to_string();
        let queue = self.queues.get_mut(queue).expect("the queue is there");
        queue.insert("RedrivePolicy".into(), policy);
    }
}

#[derive(Clone)]
pub struct Fake {
    pub url: String,
    pub world: Arc<Mutex<World>>,
}

impl Fake {
    pub async fn start() -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let world = Arc::new(Mutex::new(World::default()));
        let shared = world.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Fake { url, world }
    }

    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    pub fn asked(&self, action: &str) -> usize {
        self.world.lock().unwrap().asked.get(action).copied().unwrap_or(0)
    }

    /// Queues `q0`, `q1` and so on, each with as many messages as its number.
    pub fn with_queues(&self, count: usize) {
        self.change(|world| {
            for n in 0..count {
                let name = format!("q{n}");
                world.queues.insert(name.clone(), attributes(&name, n));
            }
        });
    }
}

fn attributes(name: &str, depth: usize) -> BTreeMap<String, String> {
    let told = [
        ("QueueArn", format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:{name}")),
        ("ApproximateNumberOfMessages", depth.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", "0".into()),
        ("ApproximateNumberOfMessagesDelayed", "0".into()),
        ("MessageRetentionPeriod", "345600".into()),
        ("CreatedTimestamp", "1700000000".into()),
        ("SqsManagedSseEnabled", "true".into()),
    ];
    told.map(|(name, value)| (name.to_owned(), value)).into()
}

async fn serve(mut stream: TcpStream, world: Arc<Mutex<World>>) {
    while let Some((head, body)) = request(&mut stream).await {
        let answered = answer(&head, &body, &mut world.lock().unwrap());
        let Some((status, kind, answer)) = answered else {
            return std::future::pending().await;
        };
        let protocol = if kind == "application/cbor" {
            "smithy-protocol: rpc-v2-cbor\r\n"
        } else {
            ""
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\n{protocol}Content-Length: {}\r\n\r\n",
            answer.len()
        );
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length: usize = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned))
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or(0);
            let mut body = bytes.split_off(end + 4);
            while body.len() < length {
                stream.read_buf(&mut body).await.ok().filter(|read| *read > 0)?;
            }
            return Some((head, body));
        }
        stream.read_buf(&mut bytes).await.ok().filter(|read| *read > 0)?;
    }
}

/// Status, content type and body; `None` is silence.
fn answer(head: &str, body: &[u8], world: &mut World) -> Option<(u16, &'static str, Vec<u8>)> {
    let header = |name: &str| {
        head.lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    let text = String::from_utf8_lossy(body).into_owned();
    let (kind, action) = match header("x-amz-target") {
        Some(target) => (
            "application/x-amz-json-1.0",
            target.rsplit('.').next().unwrap_or_default().to_owned(),
        ),
        None if head.contains("/operation/") => {
            let rest = head.split("/operation/").nth(1).unwrap_or_default();
            (
                "application/cbor",
                rest.split_whitespace().next().unwrap_or_default().to_owned(),
            )
        }
        None => {
            let action = text.split('&').find_map(|pair| pair.strip_prefix("Action="));
            ("text/xml", action.unwrap_or_default().to_owned())
        }
    };
    *world.asked.entry(action.clone()).or_default() += 1;
    // "AWS4-HMAC-SHA256 Credential=AKIA.../20260101/..."
    let signed = header("authorization").unwrap_or_default();
    let key = signed
        .split_once("Credential=")
        .and_then(|(_, rest)| rest.split_once('/'));
    world.keys.extend(key.map(|(key, _)| key.to_owned()));
    if world.silent.contains(action.as_str()) {
        return None;
    }
    if let Some(status) = world.proxied.get(action.as_str()) {
        return Some((*status, "text/html", b"<html>proxy</html>".to_vec()));
    }
    let now = world.clock.map(|(clock, ahead)| clock() + ahead);
    let skewed = header("x-amz-date").and_then(|signed| clock::too_far(&signed, now?));
    let named = world.refused_of.iter().find(|(part, _)| text.contains(**part));
    let impatient =
        action == "GetQueueAttributes" && world.patience.is_some_and(|patience| world.asked[&action] > patience);
    let throttled = impatient.then_some((400, "RequestThrottled", "Slow down."));
    let answered = world.asked.get("GetQueueAttributes").copied().unwrap_or(0);
    let ended = world
        .ends_after
        .filter(|(after, _)| answered > *after)
        .map(|(_, refusal)| refusal);
    if let Some(message) = skewed {
        let refused = refused(kind, (403, "SignatureDoesNotMatch", &message));
        return Some((403, kind, refused));
    }
    if let Some(refusal) = world
        .refused_all
        .or(ended)
        .or(throttled)
        .or_else(|| world.refused.get(action.as_str()).copied())
        .or(named.map(|(_, refusal)| *refusal))
    {
        return Some((refusal.0, kind, refused(kind, refusal)));
    }
    let told = match kind {
        "application/x-amz-json-1.0" => match sqs(&action, &serde_json::from_str(&text).unwrap_or_default(), world) {
            Ok(answer) => answer.to_string().into_bytes(),
            Err(refusal) => return Some((refusal.0, kind, refused(kind, refusal))),
        },
        "application/cbor" => cloudwatch::figures(&cbor::read(body), world),
        _ => xml(&action, world).into_bytes(),
    };
    Some((200, kind, told))
}

fn sqs(action: &str, request: &Value, world: &mut World) -> Result<Value, Refusal> {
    let url = |name: &String| format!("https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{name}");
    match action {
        "ListQueues" => {
            let names: Vec<String> = world.queues.keys().chain(&world.ghosts).cloned().collect();
            // The token is a place in the list: what is deleted before it shifts what follows.
            let from = request["NextToken"]
                .as_str()
                .and_then(|token| token.parse().ok())
                .unwrap_or(0);
            let page = world.page.unwrap_or(1_000);
            let mut answer = json!({"QueueUrls": names.iter().skip(from).take(page).map(url).collect::<Vec<_>>()});
            if world.circles {
                answer["NextToken"] = json!("0");
            } else if names.len() > from + page {
                answer["NextToken"] = json!((from + page).to_string());
            }
            if let Some(name) = world.vanishing.pop_front() {
                world.queues.remove(&name);
            }
            Ok(answer)
        }
        "GetQueueAttributes" => {
            let name = request["QueueUrl"]
                .as_str()
                .unwrap_or_default()
                .rsplit('/')
                .next()
                .unwrap_or_default();
            match world.queues.get(name) {
                Some(attributes) => Ok(json!({"Attributes": attributes})),
                None => Err((
                    400,
                    "AWS.SimpleQueueService.NonExistentQueue",
                    "The specified queue does not exist.",
                )),
            }
        }
        "ListMessageMoveTasks" => Ok(json!({"Results": world.moves})),
        "ListDeadLetterSourceQueues" => {
            let sources = world.sources.iter().map(|name| url(&(*name).to_owned()));
            Ok(json!({"queueUrls": sources.collect::<Vec<_>>()}))
        }
        _ => Err((400, "InvalidAction", "unknown")),
    }
}

fn xml(action: &str, world: &World) -> String {
    let inside = match action {
        "GetCallerIdentity" => format!("<Account>{ACCOUNT}</Account>"),
        "AssumeRole" | "AssumeRoleWithWebIdentity" => format!(
            "<Credentials><AccessKeyId>ASIA{action}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        ),
        "ListTopics" => {
            let topic = |name: &String| format!("<member><TopicArn>{}</TopicArn></member>", topic_arn(name));
            format!(
                "<Topics>{}</Topics>",
                topics(world).iter().map(topic).collect::<String>()
            )
        }
        "ListSubscriptions" => {
            let member = |arn: &str, topic: &str, protocol: &str, endpoint: &str| {
                format!(
                    "<member><SubscriptionArn>{arn}</SubscriptionArn><TopicArn>{topic}</TopicArn>\
                     <Protocol>{protocol}</Protocol><Owner>{ACCOUNT}</Owner><Endpoint>{endpoint}</Endpoint></member>"
                )
            };
            let queue = format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:q1");
            let of = |name: &String| member(&format!("{}:1", topic_arn(name)), &topic_arn(name), "sqs", &queue);
            let mut all: String = topics(world).iter().map(of).collect();
            if world.pending {
                all += &member("PendingConfirmation", &topic_arn("t"), "email", "a@shop.example");
            }
            format!("<Subscriptions>{all}</Subscriptions>")
        }
        _ => format!(
            "<Attributes><entry><key>RawMessageDelivery</key><value>true</value></entry>\
             <entry><key>FilterPolicy</key><value>{}</value></entry></Attributes>",
            world.filter
        ),
    };
    format!("<{action}Response><{action}Result>{inside}</{action}Result></{action}Response>")
}

fn topics(world: &World) -> Vec<String> {
    let more = (0..world.more_topics).map(|n| format!("t{n}"));
    std::iter::once("t".to_owned()).chain(more).collect()
}

fn topic_arn(name: &str) -> String {
    format!("arn:aws:sns:eu-west-1:{ACCOUNT}:{name}")
}

fn refused(kind: &str, (_, code, message): (u16, &str, &str)) -> Vec<u8> {
    match kind {
        "application/x-amz-json-1.0" => json!({"__type": code, "message": message}).to_string().into_bytes(),
        "application/cbor" => {
            let mut bytes = vec![0xa1, 0x66];
            bytes.extend(b"__type");
            // A text of 24 to 255 bytes.
            bytes.extend([0x78, u8::try_from(code.len()).unwrap()]);
            bytes.extend(code.as_bytes());
            bytes
        }
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
        .into_bytes(),
    }
}
