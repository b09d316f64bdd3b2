//! The questions that are put to servers: each is a page of the monitoring port and a subject of the system account.

/// One question in both of its forms.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// After the root of a monitoring port, with its query.
    pub path: &'static str,
    /// After `$SYS.REQ.` in the system account, put to all servers at once.
    pub subject: &'static str,
    /// The options of the query as the system account takes them.
    pub body: &'static str,
}

pub const STATSZ: Page = page("varz", "SERVER.PING.STATSZ", "");
pub const VARZ: Page = page("varz", "SERVER.PING.VARZ", "");
pub const ROUTEZ: Page = page("routez", "SERVER.PING.ROUTEZ", "");
pub const LEAFZ: Page = page("leafz", "SERVER.PING.LEAFZ", "");
pub const GATEWAYZ: Page = page("gatewayz", "SERVER.PING.GATEWAYZ", "");
/// Those for which most waits come first; a server tells no more of them unless it is asked page by page.
pub const CONNZ: Page = page(
    "connz?auth=true&subs=detail&sort=pending&limit=1024",
    "SERVER.PING.CONNZ",
    r#"{"auth":true,"subscriptions_detail":true,"sort":"pending","limit":1024}"#,
);
pub const CLOSED: Page = page(
    "connz?auth=true&state=closed&sort=stop&limit=256",
    "SERVER.PING.CONNZ",
    r#"{"auth":true,"state":1,"sort":"stop","limit":256}"#,
);
pub const ACCSTATZ: Page = page("accstatz?unused=1", "ACCOUNT.PING.STATZ", r#"{"include_unused":true}"#);
/// Never with `stream-leader-only`: the leader of a consumer is often another server than that of its stream, and a
/// follower's figures are stale.
pub const JSZ: Page = page("jsz?consumers=true", "SERVER.PING.JSZ", r#"{"consumer":true}"#);
pub const JSZ_WITH_CONFIG: Page = page(
    "jsz?consumers=true&config=true",
    "SERVER.PING.JSZ",
    r#"{"consumer":true,"config":true}"#,
);
/// Without the assets, whose check logs a warning for each that is not well; those are judged from `jsz`.
pub const HEALTHZ: Page = page(
    "healthz?js-server-only=true",
    "SERVER.PING.HEALTHZ",
    r#"{"js-server-only":true}"#,
);

const fn page(path: &'static str, subject: &'static str, body: &'static str) -> Page {
    Page { path, subject, body }
}

impl Page {
    /// For sentences: `jsz`.
    pub fn name(&self) -> &'static str {
        match self.path.find('?') {
            Some(end) => self.path.split_at(end).0,
            None => self.path,
        }
    }
}
