//! Where a redirect may lead: a login goes to brokers of this connection and to nobody else.

use reqwest::Url;

/// More hops than this are a loop: a topic moves once at most while a question is on its way.
pub const MOST_HOPS: usize = 3;

/// What to do about a redirect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// To a broker that this connection knows.
    Follow(Url),
    /// To a host that this connection does not know. Holds its address.
    Foreign(String),
    /// From TLS to plain HTTP, which would show the login to everybody on the way.
    Unencrypted(String),
    /// To no address at all.
    Nowhere,
}

/// Judges the `Location` of an answer from `asked`. `known` are the roots of the connection's brokers.
pub fn step(asked: &Url, location: Option<&str>, known: &[Url]) -> Step {
    // What is relative stays with the broker that said it.
    let Some(target) = location.and_then(|location| asked.join(location).ok()) else {
        return Step::Nowhere;
    };
    if !["http", "https"].contains(&target.scheme()) || target.host_str().is_none() {
        return Step::Nowhere;
    }
    let shown = || place(&target);
    if asked.scheme() == "https" && target.scheme() == "http" {
        return Step::Unencrypted(shown());
    }
    let is_known = known.iter().chain([asked]).any(|root| same_server(root, &target));
    match is_known {
        true => Step::Follow(target),
        false => Step::Foreign(shown()),
    }
}

/// The port counts too: another program on the same machine is somebody else.
fn same_server(a: &Url, b: &Url) -> bool {
    a.host_str() == b.host_str() && a.port_or_known_default() == b.port_or_known_default()
}

/// An address as people write it in a sentence: host and port.
pub fn place(root: &Url) -> String {
    let host = root.host_str().unwrap_or_default();
    match root.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn only_known_brokers_are_followed() {
        let known = [url("http://b-1:8080/"), url("http://b-2:8080/")];
        let asked = url("http://b-1:8080/admin/v2/persistent/a/b/c/stats");
        let follow = |text: &str| Step::Follow(url(text));
        for (location, expected) in [
            (Some("http://b-2:8080/admin/v2/x"), follow("http://b-2:8080/admin/v2/x")),
            (Some("/admin/v2/y"), follow("http://b-1:8080/admin/v2/y")),
            (Some("http://b-3:8080/admin/v2/x"), Step::Foreign("b-3:8080".into())),
            (Some("http://b-2:9090/admin/v2/x"), Step::Foreign("b-2:9090".into())),
            (Some("//evil.example/x"), Step::Foreign("evil.example:80".into())),
            (
                Some("http://b-2:8080@evil.example/x"),
                Step::Foreign("evil.example:80".into()),
            ),
            (Some("pulsar://b-2:6650"), Step::Nowhere),
            (Some("http://"), Step::Nowhere),
            (None, Step::Nowhere),
        ] {
            assert_eq!(step(&asked, location, &known), expected, "{location:?}");
        }
    }

    #[test]
    fn a_login_never_leaves_tls() {
        let known = [url("https://b-1:8443/"), url("http://b-1:8080/")];
        let asked = url("https://b-1:8443/admin/v2/x");
        assert_eq!(
            step(&asked, Some("http://b-1:8080/admin/v2/x"), &known),
            Step::Unencrypted("b-1:8080".into())
        );
        assert!(matches!(
            step(&asked, Some("https://b-1:8443/y"), &known),
            Step::Follow(_)
        ));
    }
}
