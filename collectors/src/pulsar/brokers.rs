//! Which brokers there are, and at which address each answers.

use reqwest::Url;

/// A broker of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// How Pulsar names it: host and port of its web service.
    pub id: String,
    /// Root of its admin API.
    pub root: Url,
}

/// The brokers that the cluster names, at addresses that this connection may ask.
///
/// The name holds the port for plain HTTP wherever there is one, also when TLS is spoken on another: with `https` a
/// broker is asked at its configured address or, on its host, at the port of the configured ones.
pub fn brokers(named: &[String], configured: &[Url]) -> Vec<Broker> {
    let mut brokers: Vec<Broker> = named
        .iter()
        .filter_map(|id| {
            Some(Broker {
                id: id.clone(),
                root: root(id, configured)?,
            })
        })
        .collect();
    brokers.sort_by(|a, b| a.id.cmp(&b.id));
    brokers.dedup_by(|a, b| a.id == b.id);
    brokers
}

/// The configured addresses as brokers of unknown names, for roles that may not ask for the list.
pub fn unnamed(configured: &[Url]) -> Vec<Broker> {
    let named = configured.iter().map(|root| Broker {
        id: super::redirect::place(root),
        root: root.clone(),
    });
    named.collect()
}

fn root(id: &str, configured: &[Url]) -> Option<Url> {
    let first = configured.first()?;
    let plain = Url::parse(&format!("http://{id}/")).ok()?;
    let exact = configured.iter().find(|root| {
        root.host_str() == plain.host_str() && root.port_or_known_default() == plain.port_or_known_default()
    });
    if let Some(exact) = exact {
        return Some(exact.clone());
    }
    if first.scheme() == "http" {
        return Some(plain);
    }
    let same_host = configured.iter().find(|root| root.host_str() == plain.host_str());
    if let Some(same_host) = same_host {
        return Some(same_host.clone());
    }
    let mut root = first.clone();
    root.set_host(plain.host_str()).ok()?;
    root.set_path("/");
    Some(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(named: &[&str], configured: &[&str]) -> Vec<String> {
        let named: Vec<String> = named.iter().map(|name| name.to_string()).collect();
        let configured: Vec<Url> = configured.iter().map(|url| Url::parse(url).unwrap()).collect();
        brokers(&named, &configured)
            .into_iter()
            .map(|broker| broker.root.to_string())
            .collect()
    }

    #[test]
    fn brokers_are_asked_where_they_say_they_are() {
        assert_eq!(
            roots(&["b-2:8080", "b-1:8080", "b-1:8080"], &["http://gate:8080/"]),
            ["http://b-1:8080/", "http://b-2:8080/"]
        );
        assert_eq!(
            roots(&["b-1:8080"], &["http://b-1:8080/prefix/"]),
            ["http://b-1:8080/prefix/"]
        );
        assert!(roots(&["not an address"], &["http://b-1:8080/"]).is_empty());
    }

    #[test]
    fn with_tls_the_port_in_a_name_is_not_believed() {
        assert_eq!(
            roots(&["b-1:8080", "b-2:8080"], &["https://b-1:8443/"]),
            ["https://b-1:8443/", "https://b-2:8443/"]
        );
        assert_eq!(
            roots(&["b-1:8443", "b-2:9443"], &["https://b-1:8443/", "https://b-2:9443/"]),
            ["https://b-1:8443/", "https://b-2:9443/"]
        );
    }
}
