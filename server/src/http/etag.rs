//! Answers that did not change since the page last asked are not sent again.

use std::hash::{DefaultHasher, Hasher};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::ApiError;

/// Around the API's GET answers. The tag is taken from the body itself: an answer also depends on the time (data
/// becomes stale) and on the query, and the body is the one thing that cannot be forgotten in a list of inputs.
pub async fn etag(request: Request, next: Next) -> Response {
    let asked = request.headers().get(IF_NONE_MATCH).cloned();
    let tagged = request.method() == Method::GET;
    let response = next.run(request).await;
    if !tagged || response.status() != StatusCode::OK || !is_json(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Its length is bounded by what handlers put together in memory anyway.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return ApiError::Internal("an answer ended early".to_string()).into_response();
    };
    let Some(tag) = tag(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    let known = asked.is_some_and(|asked| matches(&asked, &tag));
    parts.headers.insert(ETAG, tag);
    if known {
        parts.headers.remove(CONTENT_TYPE);
        parts.headers.remove("content-length");
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

/// Weak, because the same answer may be sent compressed or plain.
fn tag(body: &Bytes) -> Option<HeaderValue> {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    HeaderValue::from_str(&format!("W/\"{:016x}\"", hasher.finish())).ok()
}

fn matches(asked: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(asked), Ok(tag)) = (asked.to_str(), tag.to_str()) else {
        return false;
    };
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_string();
    asked.trim() == "*" || asked.split(',').any(|one| opaque(one) == opaque(tag))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_recognised_alone_in_a_list_weak_or_strong() {
        let tag = HeaderValue::from_static("W/\"00ff\"");
        for (asked, expected) in [
            ("W/\"00ff\"", true),
            ("\"00ff\"", true),
            ("\"1\", W/\"00ff\"", true),
            ("*", true),
            ("\"00fe\"", false),
            ("", false),
        ] {
            assert_eq!(matches(&HeaderValue::from_static(asked), &tag), expected, "{asked:?}");
        }
    }
}
