//! What handlers are given from a request: a JSON body, a query, an id; each refuses by naming the field.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use brokerscope_contract::FieldProblem;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// No request of this API comes near this: the largest holds a few certificates.
pub const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// The query of the address.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// The number at the end of a path. Text in its place is an unknown id like any other.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub i64);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            match rejection.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge {
                    limit_bytes: BODY_LIMIT_BYTES,
                },
                _ => malformed("The body ended before it was complete."),
            }
        })?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            let inner = error.into_inner();
            if inner.is_data() {
                ApiError::Invalid(vec![named(&path, &inner.to_string())])
            } else {
                malformed(format!("The body is not JSON: {inner}."))
            }
        })?;
        json.end()
            .map_err(|error| malformed(format!("The body is not JSON: {error}.")))?;
        Ok(Json(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Query<T>, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_pairs(query));
        serde_path_to_error::deserialize(pairs).map(Query).map_err(|error| {
            let path = error.path().to_string();
            let field = named(&path, &error.into_inner().to_string());
            ApiError::Malformed {
                detail: format!("The query cannot be read: {}: {}.", field.field, field.detail),
                fields: vec![field],
            }
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::NotFound("page"))?;
        text.parse().map(Id).map_err(|_| ApiError::NotFound("id"))
    }
}

pub fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.map(|value| value.split(';').next().unwrap_or_default().trim());
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

fn form_pairs(query: &str) -> form_urlencoded::Parse<'_> {
    form_urlencoded::parse(query.as_bytes())
}

fn malformed(detail: impl Into<String>) -> ApiError {
    ApiError::Malformed {
        detail: detail.into(),
        fields: Vec::new(),
    }
}

/// The field that serde complains about. For a missing or unknown one serde's path ends one step too early,
/// and the name is in its message: "missing field `name`".
fn named(path: &str, message: &str) -> FieldProblem {
    let message = message.split(" at line ").next().unwrap_or(message);
    let quoted = ["missing field `", "unknown field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.split('`').next());
    let field = match (path, quoted) {
        (".", Some(name)) => name.to_string(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
        (path, _) => path.to_string(),
    };
    let remedy = match quoted {
        Some(_) if message.starts_with("missing") => "Add it.",
        Some(_) => "Remove it, or correct its name.",
        None => "Correct its value; /api/v1/openapi.json describes it.",
    };
    FieldProblem::new(field, message, remedy)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn the_field_is_named_wherever_serde_hides_it() {
        for (path, message, expected) in [
            (".", "missing field `name` at line 1 column 2", "name"),
            ("scope", "missing field `kind`", "scope.kind"),
            (".", "unknown field `colour`, expected one of `q`, `limit`", "colour"),
            ("colour", "unknown field `colour`, expected `q`", "colour"),
            ("scope.colour", "unknown field `colour`, expected `q`", "scope.colour"),
            ("limit", "invalid digit found in string", "limit"),
        ] {
            assert_eq!(named(path, message).field, expected, "{path} {message}");
        }
    }
}
