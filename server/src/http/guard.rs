//! Refuses requests from foreign pages: by the Host against DNS rebinding, by Origin and header against forgery.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::extract::is_json;

/// A header that a foreign page's form cannot send.
pub const OWN_HEADER: &str = "x-brokerscope";

/// Under which names the server may be addressed.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// An address that other machines reach is also addressed by its number, whichever of the machine's it is:
    /// a number cannot be rebound.
    any_number: bool,
    names: Arc<[String]>,
}

impl Hosts {
    pub fn new(listen: SocketAddr, names: &[String]) -> Hosts {
        Hosts {
            any_number: !listen.ip().is_loopback(),
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    fn allow(&self, authority: &str) -> bool {
        let host = without_port(authority);
        match host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(number) => self.any_number || number.is_loopback(),
            Err(_) => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                host == "localhost" || self.names.contains(&host)
            }
        }
    }
}

/// The middleware around everything but the probes of `/healthz` and `/readyz`.
pub async fn guard(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match admit(&hosts, request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn admit(hosts: &Hosts, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    let host = uri
        .authority()
        .map(|authority| authority.as_str())
        .or_else(|| text(headers, HOST.as_str()));
    let host = host.unwrap_or_default();
    if !hosts.allow(host) {
        return Err(ApiError::Foreign {
            detail: format!("This server is not addressed as \"{host}\"."),
            remedy: "Use its own address, or start it with --allowed-host for each other name it has.".to_string(),
        });
    }
    if method.is_safe() {
        return Ok(());
    }
    let same_origin = text(headers, ORIGIN.as_str()).is_none_or(|origin| authority_of(origin) == Some(host));
    let same_site = text(headers, "sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    if !same_origin || !same_site {
        return Err(ApiError::Foreign {
            detail: "Another web page tried to change something here.".to_string(),
            remedy: "Make changes on this server's own page, or from a program without an Origin header.".to_string(),
        });
    }
    if !headers.contains_key(OWN_HEADER) && !is_json(headers) {
        return Err(ApiError::Foreign {
            detail: "A request that changes something needs a sign that no foreign form sent it.".to_string(),
            remedy: format!("Send the header {OWN_HEADER}: 1."),
        });
    }
    Ok(())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // A value that is no text is as foreign as a wrong one.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn authority_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, authority)| authority)
}

fn without_port(authority: &str) -> &str {
    match authority.rfind(':') {
        // The colons inside the brackets of an IPv6 address are not followed by a port.
        Some(colon) if !authority[colon..].contains(']') => &authority[..colon],
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(listen: &str) -> Hosts {
        Hosts::new(listen.parse().unwrap(), &["Scope.example".to_string()])
    }

    fn refused(method: Method, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: axum::http::HeaderName = name.parse().unwrap();
            map.insert(name, value.parse().unwrap());
        }
        admit(&hosts("127.0.0.1:7070"), &method, &Uri::from_static("/x"), &map).is_err()
    }

    #[test]
    fn only_own_names_are_answered() {
        for (host, on_loopback, on_all) in [
            ("127.0.0.1:7070", true, true),
            ("127.8.9.1", true, true),
            ("[::1]:7070", true, true),
            ("localhost:7070", true, true),
            ("LOCALHOST", true, true),
            ("localhost.:7070", true, true),
            ("scope.example", true, true),
            ("192.168.1.5:7070", false, true),
            ("[fe80::1]:7070", false, true),
            ("evil.example", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("localhost.evil.example:7070", false, false),
            ("", false, false),
            ("?", false, false),
        ] {
            assert_eq!(hosts("127.0.0.1:7070").allow(host), on_loopback, "{host} on loopback");
            assert_eq!(hosts("0.0.0.0:7070").allow(host), on_all, "{host} on all addresses");
        }
    }

    #[test]
    fn reading_needs_only_the_right_host() {
        assert!(!refused(
            Method::GET,
            &[("host", "localhost"), ("origin", "https://evil.example")]
        ));
        assert!(refused(Method::GET, &[("host", "evil.example")]));
        assert!(refused(Method::GET, &[]));
    }

    #[test]
    fn changing_needs_the_own_page_or_a_program() {
        let own = ("host", "localhost:7070");
        let marked = ("x-brokerscope", "1");
        let json = ("content-type", "application/json; charset=utf-8");
        for (headers, expected) in [
            (vec![own, marked], false),
            (vec![own, json], false),
            (
                vec![
                    own,
                    marked,
                    ("origin", "http://localhost:7070"),
                    ("sec-fetch-site", "same-origin"),
                ],
                false,
            ),
            (vec![own, marked, ("sec-fetch-site", "none")], false),
            (vec![own], true),
            (vec![own, ("content-type", "text/plain")], true),
            (vec![own, marked, ("origin", "null")], true),
            (vec![own, marked, ("origin", "http://localhost:7071")], true),
            (vec![own, marked, ("origin", "https://evil.example")], true),
            (vec![own, marked, ("sec-fetch-site", "cross-site")], true),
            (vec![own, marked, ("sec-fetch-site", "same-site")], true),
            (
                vec![("host", "evil.example"), marked, ("origin", "http://evil.example")],
                true,
            ),
        ] {
            for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                assert_eq!(refused(method.clone(), &headers), expected, "{method} {headers:?}");
            }
        }
    }
}
