//! The questions that are put to servers: each is a page of the monitoring port and a subject of the system account.

use std::borrow::Cow;

/// Accounts that a server tells of JetStream at once.
pub const ACCOUNTS_A_PAGE: usize = 1_024;

/// One question in both of its forms.
#[derive(Debug, Clone)]
pub struct Page {
    /// After the root of a monitoring port, with its query.
    pub path: Cow<'static, str>,
    /// After `$SYS.REQ.` in the system account, put to all servers at once.
    pub subject: &'static str,
    /// The options of the query as the system account takes them.
    pub body: Cow<'static, str>,
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
    Page {
        path: Cow::Borrowed(path),
        subject,
        body: Cow::Borrowed(body),
    }
}

impl Page {
    /// For sentences: `jsz`.
    pub fn name(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The same question about the accounts after the first `offset`; for one that has options already.
    pub fn after(&self, offset: usize) -> Page {
        let body = self.body.strip_suffix('}').unwrap_or(&self.body);
        Page {
            path: format!("{}&offset={offset}&limit={ACCOUNTS_A_PAGE}", self.path).into(),
            subject: self.subject,
            body: format!("{body},\"offset\":{offset},\"limit\":{ACCOUNTS_A_PAGE}}}").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_page_is_asked_for_in_both_forms() {
        let page = JSZ.after(2_048);
        assert_eq!(page.path, "jsz?consumers=true&offset=2048&limit=1024");
        assert_eq!(page.body, r#"{"consumer":true,"offset":2048,"limit":1024}"#);
        assert_eq!((page.subject, page.name()), (JSZ.subject, "jsz"));
    }
}
