//! Reads settings that only Pub/Sub has: projects, the detail of the figures, roots of interfaces.

use reqwest::Url;

use crate::given::Given;
use crate::pubsub::questions::Detail;

/// Ids of projects, each once. An id may begin with a domain: `example.com:shop`.
pub fn projects(given: &mut Given<'_>) -> Vec<String> {
    let mut projects: Vec<String> = Vec::new();
    for text in given.list("projects") {
        let id = text.strip_prefix("projects/").unwrap_or(&text);
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:".contains(c);
        if !id.chars().all(fits) {
            let detail = format!("{id:?} is not the id of a project");
            let remedy = "Ids are of lower-case letters, digits and hyphens: gcloud projects list shows them.";
            given.wrong("projects", detail, remedy);
        } else if !projects.iter().any(|known| known == id) {
            projects.push(id.to_string());
        }
    }
    if projects.is_empty() && given.problems.is_empty() {
        given.wrong("projects", "names no project", "Give the id of a project.");
    }
    projects
}

pub fn detail(given: &mut Given<'_>) -> Detail {
    let Some(text) = given.text("detail") else {
        return Detail::Standard;
    };
    let known = Detail::ALL.into_iter().find(|detail| detail.slug() == text.trim());
    known.unwrap_or_else(|| {
        given.wrong("detail", "is none of the choices", "Choose basic, standard or full.");
        Detail::Standard
    })
}

/// The root of an interface, ending with a slash; `None` when it is left empty or wrong.
pub fn address(given: &mut Given<'_>, key: &str) -> Option<Url> {
    let text = given.text(key)?;
    let read = root(text.trim()).map_err(|why| {
        given.wrong(key, why, "Write it like https://europe-west1-pubsub.googleapis.com.");
    });
    read.ok()
}

/// Reads an address and normalises it to the root of an interface. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    // The variable of the emulator is written without a scheme.
    let with_scheme = match text.contains("://") {
        true => text.to_string(),
        false => format!("http://{text}"),
    };
    let mut url = Url::parse(&with_scheme).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which is not used here");
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/v1").or(path.strip_suffix("/v3")).unwrap_or(path);
    let path = format!("{path}/");
    url.set_path(&path);
    Ok(url)
}
