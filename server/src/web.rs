//! The page: files built by `cargo xtask page`, inside the binary, sent as they were compressed at build time.

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::error::ApiError;

const INDEX: &str = "index.html";
/// A year: the name of such a file changes with its content.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// In a debug build the folder is read at run time, so that a rebuilt page needs no rebuilt server.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Site;

/// Everything that is not the API: a file of the page, or the page itself for the addresses that it draws.
pub async fn page(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return ApiError::NotFound("path in the API").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::MethodNotAllowed.into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match (file(path, &headers), is_file) {
        (Some(found), _) if !path.is_empty() => found,
        (_, true) => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
        _ => file(INDEX, &headers).unwrap_or_else(not_built),
    }
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // The compressed copies are not files of their own.
    if path.ends_with(".br") || path.ends_with(".gz") {
        return None;
    }
    let plain = Site::get(path)?;
    let (found, encoding) = compressed(path, headers).unwrap_or((plain, None));
    let tag = tag(&found);
    let mut response = if tag.is_some() && headers.get(IF_NONE_MATCH) == tag.as_ref() {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(found.data).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(kind(path)));
    answer.insert(CACHE_CONTROL, if is_hashed(path) { FOR_EVER } else { ASK_AGAIN });
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(tag) = tag {
        answer.insert(ETAG, tag);
    }
    if let Some(encoding) = encoding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The best stored copy that the browser takes.
fn compressed(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let accepted = headers.get(ACCEPT_ENCODING)?.to_str().ok()?;
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .find_map(|(encoding, ending)| {
            let taken = accepted.split(',').any(|one| takes(one, encoding));
            let found = taken.then(|| Site::get(&format!("{path}.{ending}"))).flatten()?;
            Some((found, Some(encoding)))
        })
}

/// Whether one part of an Accept-Encoding header, such as `br;q=0.8`, takes this encoding.
fn takes(part: &str, encoding: &str) -> bool {
    let (name, quality) = part.split_once(';').unwrap_or((part, ""));
    let refused = quality
        .trim()
        .strip_prefix("q=")
        .and_then(|q| q.trim().parse::<f32>().ok())
        == Some(0.0);
    name.trim().eq_ignore_ascii_case(encoding) && !refused
}

fn tag(file: &EmbeddedFile) -> Option<HeaderValue> {
    let digits: String = file.metadata.sha256_hash()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    HeaderValue::from_str(&format!("\"{digits}\"")).ok()
}

/// Whether the name holds its content's hash: `app-1f2e3d4c.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response {
    let text = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Brokerscope</title>\
        <body style=\"font: 1rem/1.5 system-ui; margin: 3rem auto; max-width: 40rem\">\
        <h1>UI not built</h1><p>This binary was built without its page. Run <code>cargo xtask page</code> and build \
        it again; <code>cargo xtask run</code> does both.</p>\
        <p>The API works: <a href=\"/api/v1/overview\">/api/v1/overview</a>.</p></body></html>";
    (StatusCode::SERVICE_UNAVAILABLE, Html(text)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_is_told_from_a_plain_one() {
        for (path, expected) in [
            ("app-1f2e3d4c5b6a7988.wasm", true),
            ("fonts/inter-latin-0a1b2c3d.woff2", true),
            ("index.html", false),
            ("app-long.js", false),
            ("inter-latin.woff2", false),
            ("a-12345678", true),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }

    #[test]
    fn an_encoding_is_taken_unless_it_is_refused() {
        for (part, expected) in [
            ("br", true),
            (" BR ", true),
            ("br;q=0.5", true),
            ("br;q=0", false),
            ("gzip", false),
        ] {
            assert_eq!(takes(part, "br"), expected, "{part}");
        }
    }
}
