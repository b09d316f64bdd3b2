//! A fake of Google Cloud: the admin API of Pub/Sub, Cloud Monitoring v3 and the token endpoint, over HTTP.
//!
//! Written from Google's documentation, not from its code: what is tested against it is how we understand that. It
//! imitates what matters for reading: pages with tokens, points newest first and hidden for their time, no series
//! where nothing happened, refusals as Google words them, and a clock of its own. The tests of the collector include
//! this file too.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A running fake. It lives as long as the runtime that it was started in.
pub struct PubSubFake {
    pub address: SocketAddr,
    cloud: Arc<Mutex<Cloud>>,
}

/// Everything that the fake knows; tests change it while it runs.
pub struct Cloud {
    /// Google's time in milliseconds; `None` is this machine's.
    pub now: Option<i64>,
    /// Entries of a list on one page.
    pub page: usize,
    /// A request needs a token that was handed out.
    pub needs_token: bool,
    /// Tokens that were handed out and are still good.
    pub tokens: Vec<String>,
    /// What is refused: a part of the address, status and body, `Retry-After`. The first that fits counts.
    pub refusals: Vec<(String, u16, Value, Option<u64>)>,
    /// The address of each request, in order.
    pub asked: Vec<String>,
    lists: BTreeMap<String, BTreeMap<String, Value>>,
    series: BTreeMap<String, Vec<Series>>,
    handed_out: usize,
}

struct Series {
    metric: String,
    body: Value,
    /// End in milliseconds, and the value.
    points: Vec<(i64, Value)>,
}

impl PubSubFake {
    pub async fn start() -> PubSubFake {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let cloud = Arc::new(Mutex::new(Cloud {
            now: None,
            page: 1_000,
            needs_token: false,
            tokens: Vec::new(),
            refusals: Vec::new(),
            asked: Vec::new(),
            lists: BTreeMap::new(),
            series: BTreeMap::new(),
            handed_out: 0,
        }));
        let shared = cloud.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        PubSubFake { address, cloud }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Looks at the cloud, or changes it.
    pub fn cloud<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        change(&mut self.cloud.lock().expect("no test panicked while it held the cloud"))
    }
}

impl Cloud {
    pub fn now(&self) -> i64 {
        let own = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map(|since| since.as_millis() as i64)
        };
        self.now.unwrap_or_else(|| own().expect("it is after 1970"))
    }

    pub fn topic(&mut self, project: &str, topic: &str, settings: Value) {
        self.put(project, "topics", topic, settings);
    }

    /// `topic` is a full name, or the id of a topic of the same project.
    pub fn subscription(&mut self, project: &str, id: &str, topic: &str, mut settings: Value) {
        let full = match topic.contains('/') || topic.starts_with('_') {
            true => topic.to_string(),
            false => format!("projects/{project}/topics/{topic}"),
        };
        settings["topic"] = json!(full);
        settings["ackDeadlineSeconds"] = json!(10);
        settings["state"] = settings.get("state").cloned().unwrap_or(json!("ACTIVE"));
        self.put(project, "subscriptions", id, settings);
    }

    /// Into one of the lists of a project.
    pub fn put(&mut self, project: &str, list: &str, id: &str, mut settings: Value) {
        settings["name"] = json!(format!("projects/{project}/{list}/{id}"));
        let list = self.lists.entry(format!("{project}/{list}")).or_default();
        list.insert(id.to_string(), settings);
    }

    pub fn remove(&mut self, project: &str, list: &str, id: &str) {
        if let Some(list) = self.lists.get_mut(&format!("{project}/{list}")) {
            list.remove(id);
        }
    }

    /// Adds a point. `metric` is what follows `pubsub.googleapis.com/`, `id` the topic or subscription.
    pub fn point(
        &mut self,
        project: &str,
        (metric, id): (&str, &str),
        labels: Value,
        kind: &str,
        end: i64,
        value: Value,
    ) {
        let of = metric.split('/').next().unwrap_or_default();
        let body = json!({
            "metric": {"type": format!("pubsub.googleapis.com/{metric}"), "labels": labels},
            "resource": {"type": format!("pubsub_{of}"),
                "labels": {"project_id": project, format!("{of}_id"): id}},
            "metricKind": kind,
        });
        let all = self.series.entry(project.to_string()).or_default();
        match all.iter_mut().find(|series| series.body == body) {
            Some(series) => series.points.push((end, value)),
            None => all.push(Series {
                metric: metric.to_string(),
                body,
                points: vec![(end, value)],
            }),
        }
    }

    /// A level of a subscription.
    pub fn level(&mut self, project: &str, metric: &str, id: &str, end: i64, value: i64) {
        let value = json!({"int64Value": value.to_string()});
        let metric = format!("subscription/{metric}");
        self.point(project, (&metric, id), json!({}), "GAUGE", end, value);
    }

    /// Events of a subscription since a minute before.
    pub fn count(&mut self, project: &str, metric: &str, id: &str, end: i64, value: i64) {
        let value = json!({"int64Value": value.to_string()});
        let metric = format!("subscription/{metric}");
        self.point(project, (&metric, id), json!({}), "DELTA", end, value);
    }

    /// Refuses what has `part` in its address, in Google's words.
    pub fn refuse(&mut self, part: &str, status: u16, word: &str, reason: &str) {
        let body = json!({"error": {"code": status, "status": word, "message": format!("Refused: {reason}."),
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
                "domain": "googleapis.com"}]}});
        self.refusals.push((part.to_string(), status, body, None));
    }

    fn answer(&mut self, method: &str, target: &str, token: Option<&str>, body: &str) -> (u16, Value, Option<u64>) {
        self.asked.push(target.to_string());
        let refusal = self
            .refusals
            .iter()
            .find(|(part, ..)| decoded(target).contains(part.as_str()));
        if let Some((_, status, body, after)) = refusal {
            return (*status, body.clone(), *after);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if method == "POST" && path == "/token" {
            let (status, answer) = self.hand_out(&form(body));
            return (status, answer, None);
        }
        if self.needs_token && !token.is_some_and(|token| self.tokens.iter().any(|known| known == token)) {
            return (
                401,
                json!({"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "No."}}),
                None,
            );
        }
        let query = form(query);
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let answer = match parts.as_slice() {
            ["v1", "projects", project, list] => self.list(project, list, &query),
            ["v3", "projects", project, "timeSeries"] => self.time_series(project, &query),
            _ => return (404, json!("not found"), None),
        };
        (200, answer, None)
    }

    fn list(&self, project: &str, list: &str, query: &BTreeMap<String, String>) -> Value {
        let empty = BTreeMap::new();
        let all = self.lists.get(&format!("{project}/{list}")).unwrap_or(&empty);
        // The token is the first id of the next page: what changes before it does not shift what follows.
        let from = query.get("pageToken").cloned().unwrap_or_default();
        let mut rest = all.range(from..);
        let items: Vec<&Value> = rest.by_ref().take(self.page).map(|(_, item)| item).collect();
        let mut answer = Map::new();
        if !items.is_empty() {
            answer.insert(list.to_string(), json!(items));
        }
        if let Some((next, _)) = rest.next() {
            answer.insert("nextPageToken".into(), json!(next));
        }
        Value::Object(answer)
    }

    fn time_series(&self, project: &str, query: &BTreeMap<String, String>) -> Value {
        let filter = query.get("filter").cloned().unwrap_or_default();
        let metric = filter
            .trim_start_matches("metric.type=\"pubsub.googleapis.com/")
            .trim_end_matches('"');
        let text = |name: &str| query.get(name).cloned().unwrap_or_default();
        let (start, end) = (text("interval.startTime"), text("interval.endTime"));
        // As Google documents them; metrics of topics are not documented.
        let hidden = match metric {
            m if m.ends_with("health_score") || m.ends_with("nack_requests") => 360,
            m if m.contains("num_und") || m.contains("oldest") || m.contains("pull_req") || m.contains("push_req") => {
                120
            }
            m if m.contains("open_streaming") => 120,
            m if m.contains("sent_message") => 181,
            _ => 240,
        };
        let visible = rfc3339(self.now() - hidden * 1_000);
        let mut all = Vec::new();
        for series in self
            .series
            .get(project)
            .into_iter()
            .flatten()
            .filter(|s| s.metric == metric)
        {
            let mut points: Vec<&(i64, Value)> = series
                .points
                .iter()
                .filter(|(at, _)| {
                    let at = rfc3339(*at);
                    at > start && at <= end && at <= visible
                })
                .collect();
            points.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
            for (at, value) in points {
                // One point an entry, so that pages may split a series anywhere.
                all.push((series, *at, value));
            }
        }
        let skip: usize = text("pageToken").parse().unwrap_or(0);
        let mut answer = json!({});
        let mut listed: Vec<Value> = Vec::new();
        for (series, at, value) in all.iter().skip(skip).take(self.page) {
            // A level has no beginning.
            let mut interval = json!({"endTime": rfc3339(*at)});
            if series.body["metricKind"] == "DELTA" {
                interval["startTime"] = json!(rfc3339(*at - 60_000));
            }
            let point = json!({"interval": interval, "value": value});
            match listed.last_mut() {
                Some(last)
                    if last["metric"] == series.body["metric"] && last["resource"] == series.body["resource"] =>
                {
                    last["points"].as_array_mut().expect("a list").push(point);
                }
                _ => {
                    let mut body = series.body.clone();
                    body["points"] = json!([point]);
                    listed.push(body);
                }
            }
        }
        if !listed.is_empty() {
            answer["timeSeries"] = json!(listed);
        }
        if all.len() > skip + self.page {
            answer["nextPageToken"] = json!((skip + self.page).to_string());
        }
        answer
    }

    /// A token, unless the login was signed at a time that is not believed.
    fn hand_out(&mut self, form: &BTreeMap<String, String>) -> (u16, Value) {
        if let Some(assertion) = form.get("assertion") {
            let claims = assertion.split('.').nth(1).map(base64url).unwrap_or_default();
            let claims: Value = serde_json::from_slice(&claims).unwrap_or_default();
            let issued = claims["iat"].as_i64().unwrap_or(0);
            if (issued - self.now() / 1_000).abs() > 300 {
                let why = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
                           Check your iat and exp values in the JWT claim.";
                return (400, json!({"error": "invalid_grant", "error_description": why}));
            }
        }
        self.handed_out += 1;
        let token = format!("token-{}", self.handed_out);
        self.tokens.push(token.clone());
        (
            200,
            json!({"access_token": token, "expires_in": 3_600, "token_type": "Bearer"}),
        )
    }
}

async fn serve(mut stream: TcpStream, cloud: Arc<Mutex<Cloud>>) {
    let mut read = Vec::new();
    let (head, body) = loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length")
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                break (head.to_string(), body.to_string());
            }
        }
        let mut some = [0; 4_096];
        match stream.read(&mut some).await {
            Ok(n) if n > 0 => read.extend_from_slice(&some[..n]),
            _ => return,
        }
    };
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let token = header(&head, "authorization").and_then(|text| text.strip_prefix("Bearer ").map(str::to_string));
    let (status, answer, date, after) = {
        let mut cloud = cloud.lock().expect("no test panicked while it held the cloud");
        let (status, answer, after) = cloud.answer(method, target, token.as_deref(), &body);
        (status, answer.to_string(), http_date(cloud.now()), after)
    };
    let after = after
        .map(|seconds| format!("retry-after: {seconds}\r\n"))
        .unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} X\r\ndate: {date}\r\ncontent-type: application/json\r\n{after}content-length: {}\r\n\
         connection: close\r\n\r\n",
        answer.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), answer.as_bytes()].concat()).await;
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.to_string())
}

/// The pairs of a query or a form.
fn form(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn base64url(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        bits = bits << 6 | u32::from(value(byte));
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

/// Year, month, day, and the second of the day, in UTC.
fn civil(millis: i64) -> (i64, i64, i64, i64) {
    let (mut day, second) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000) / 1_000);
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(is_leap(year)) {
        day -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(is_leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1, second)
}

pub fn rfc3339(millis: i64) -> String {
    let (year, month, day, second) = civil(millis);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn http_date(millis: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (year, month, day, second) = civil(millis);
    let weekday = DAYS[millis.div_euclid(86_400_000).rem_euclid(7) as usize];
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let month = MONTHS[month as usize - 1];
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}
