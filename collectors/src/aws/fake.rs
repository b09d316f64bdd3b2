//! A fake of SQS, SNS, CloudWatch and STS for tests: it answers in the services' own protocols, written from their
//! documentation, so that what no stand-in does can be tried: refusals, throttling, wrong clocks, a thousand queues.

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
    /// How often each action was asked.
    pub asked: BTreeMap<String, usize>,
    /// The access keys that signed the questions.
    pub keys: BTreeSet<String>,
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
        let (status, kind, answer) = answer(&head, &body, &mut world.lock().unwrap());
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

/// Status, content type and body.
fn answer(head: &str, body: &[u8], world: &mut World) -> (u16, &'static str, Vec<u8>) {
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
    let impatient =
        action == "GetQueueAttributes" && world.patience.is_some_and(|patience| world.asked[&action] > patience);
    let throttled = impatient.then_some((400, "RequestThrottled", "Slow down."));
    let answered = world.asked.get("GetQueueAttributes").copied().unwrap_or(0);
    let ended = world
        .ends_after
        .filter(|(after, _)| answered > *after)
        .map(|(_, refusal)| refusal);
    if let Some(refusal) = world
        .refused_all
        .or(ended)
        .or(throttled)
        .or_else(|| world.refused.get(action.as_str()).copied())
    {
        return (refusal.0, kind, refused(kind, refusal));
    }
    let told = match kind {
        "application/x-amz-json-1.0" => match sqs(&action, &serde_json::from_str(&text).unwrap_or_default(), world) {
            Ok(answer) => answer.to_string().into_bytes(),
            Err(refusal) => return (refusal.0, kind, refused(kind, refusal)),
        },
        "application/cbor" => figures(&cbor::read(body), world),
        _ => xml(&action, world).into_bytes(),
    };
    (200, kind, told)
}

/// `GetMetricData` in CBOR: a result for each question of which something is told.
fn figures(request: &Value, world: &World) -> Vec<u8> {
    let window = request["StartTime"].as_f64().unwrap_or(0.0)..request["EndTime"].as_f64().unwrap_or(f64::MAX);
    let queries = request["MetricDataQueries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut results: Vec<(&str, Vec<(i64, f64)>)> = Vec::new();
    for query in queries {
        let id = query["Id"].as_str().unwrap_or_default();
        let name = query["MetricStat"]["Metric"]["MetricName"].as_str().unwrap_or_default();
        let of_figure = world.figures.get(name).into_iter().flatten();
        let mut points: Vec<(i64, f64)> = of_figure.filter(|(at, _)| window.contains(&(*at as f64))).copied().collect();
        if id == "m0" {
            points.extend(&world.points);
        }
        if !points.is_empty() {
            results.push((id, points));
        }
    }
    let mut bytes = vec![0xa1];
    bytes.extend(cbor::text("MetricDataResults"));
    bytes.extend(cbor::head(4, results.len()));
    for (id, points) in results {
        bytes.push(0xa3);
        bytes.extend([cbor::text("Id"), cbor::text(id), cbor::text("Timestamps")].concat());
        bytes.extend(cbor::head(4, points.len()));
        for (at, _) in &points {
            // Tag 1: seconds since the epoch, here as a number of eight bytes.
            bytes.extend([0xc1, 0x1b]);
            bytes.extend(at.to_be_bytes());
        }
        bytes.extend(cbor::text("Values"));
        bytes.extend(cbor::head(4, points.len()));
        for (_, value) in &points {
            bytes.push(0xfb);
            bytes.extend(value.to_be_bytes());
        }
    }
    bytes
}

/// As much of CBOR (RFC 8949) as CloudWatch's protocol needs.
mod cbor {
    use serde_json::{Map, Value, json};

    pub fn text(text: &str) -> Vec<u8> {
        [&head(3, text.len())[..], text.as_bytes()].concat()
    }

    /// The beginning of a text or list of so many parts.
    pub fn head(kind: u8, length: usize) -> Vec<u8> {
        let length = u16::try_from(length).unwrap().to_be_bytes();
        vec![kind << 5 | 25, length[0], length[1]]
    }

    pub fn read(bytes: &[u8]) -> Value {
        let mut rest = bytes;
        item(&mut rest).unwrap_or_default()
    }

    /// `None` is the end of a list of unknown length, or of the bytes.
    fn item(rest: &mut &[u8]) -> Option<Value> {
        let first = take(rest, 1)?[0];
        let (kind, short) = (first >> 5, first & 31);
        if kind == 7 {
            return match short {
                20 | 21 => Some(json!(short == 21)),
                26 => Some(json!(f32::from_be_bytes(take(rest, 4)?.try_into().ok()?))),
                27 => Some(json!(f64::from_be_bytes(take(rest, 8)?.try_into().ok()?))),
                31 => None,
                _ => Some(Value::Null),
            };
        }
        let number = match short {
            0..24 => u64::from(short),
            24..28 => {
                let bytes = take(rest, 1 << (short - 24))?;
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => u64::MAX,
        };
        match kind {
            0 => Some(json!(number)),
            1 => Some(json!(-1 - i64::try_from(number).ok()?)),
            2 | 3 => {
                let bytes = take(rest, usize::try_from(number).ok()?)?;
                Some(json!(String::from_utf8_lossy(bytes)))
            }
            4 => Some((0..number).map_while(|_| item(rest)).collect()),
            5 => {
                let pairs = (0..number).map_while(|_| Some((item(rest)?.as_str()?.to_owned(), item(rest)?)));
                Some(Value::Object(pairs.collect::<Map<_, _>>()))
            }
            // A tag: what it marks is enough.
            _ => item(rest),
        }
    }

    fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
        let (taken, after) = rest.split_at_checked(length)?;
        *rest = after;
        Some(taken)
    }
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
            if names.len() > from + page {
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
        "ListDeadLetterSourceQueues" => Ok(json!({"queueUrls": []})),
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
            format!("<Topics><member><TopicArn>arn:aws:sns:eu-west-1:{ACCOUNT}:t</TopicArn></member></Topics>")
        }
        "ListSubscriptions" => format!(
            "<Subscriptions><member><SubscriptionArn>arn:aws:sns:eu-west-1:{ACCOUNT}:t:1</SubscriptionArn>\
             <TopicArn>arn:aws:sns:eu-west-1:{ACCOUNT}:t</TopicArn><Protocol>sqs</Protocol><Owner>{ACCOUNT}</Owner>\
             <Endpoint>arn:aws:sqs:eu-west-1:{ACCOUNT}:q1</Endpoint></member></Subscriptions>"
        ),
        _ => format!(
            "<Attributes><entry><key>RawMessageDelivery</key><value>true</value></entry>\
             <entry><key>FilterPolicy</key><value>{}</value></entry></Attributes>",
            world.filter
        ),
    };
    format!("<{action}Response><{action}Result>{inside}</{action}Result></{action}Response>")
}

fn refused(kind: &str, (_, code, message): Refusal) -> Vec<u8> {
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
