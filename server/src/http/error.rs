//! The only place that turns an error into a status and a body: RFC 9457 problem details.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use brokerscope_contract::{FieldProblem, Problem};
use brokerscope_store::StoreError;

use crate::connections::ConnectionError;
use crate::demo::DemoError;
use crate::notify::NotifyError;

/// Why a request was not answered as asked.
#[derive(Debug)]
pub enum ApiError {
    /// The body or the query cannot be read at all.
    Malformed {
        detail: String,
        fields: Vec<FieldProblem>,
    },
    /// It can be read, and asks for something that cannot be.
    Invalid(Vec<FieldProblem>),
    NotFound(&'static str),
    MethodNotAllowed,
    /// Refused by the guard.
    Foreign {
        detail: String,
        remedy: String,
    },
    TooLarge {
        limit_bytes: usize,
    },
    NotJson,
    /// The thing exists and may not be changed from here.
    ReadOnly {
        detail: String,
        remedy: String,
    },
    Busy {
        detail: String,
    },
    DiskFull,
    DemoOff,
    /// The demo could not do it, and this is why.
    DemoFailed(String),
    TooSlow {
        path: String,
    },
    /// Shown to the client as "something went wrong"; logged in full where it is turned into an answer.
    Internal(String),
}

impl ApiError {
    /// One field of the request is wrong.
    pub fn field(field: &str, detail: impl Into<String>, remedy: impl Into<String>) -> ApiError {
        ApiError::Invalid(vec![FieldProblem::new(field, detail, remedy)])
    }

    pub fn problem(self) -> Problem {
        match self {
            ApiError::Malformed { detail, fields } => Problem {
                fields,
                ..problem(
                    StatusCode::BAD_REQUEST,
                    "malformed",
                    "The request cannot be read",
                    detail,
                )
            },
            ApiError::Invalid(fields) => Problem {
                detail: told(&fields),
                fields,
                ..problem(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "invalid_field",
                    "A field is wrong",
                    "",
                )
            },
            ApiError::NotFound(what) => problem(
                StatusCode::NOT_FOUND,
                "not_found",
                "Not found",
                format!("There is no such {what}."),
            ),
            ApiError::MethodNotAllowed => problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Not possible here",
                "This path does not take this method.",
            ),
            ApiError::Foreign { detail, remedy } => Problem {
                remedy: Some(remedy),
                ..problem(StatusCode::FORBIDDEN, "foreign_request", "Refused", detail)
            },
            ApiError::TooLarge { limit_bytes } => problem(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The request is too large",
                format!("A request may have at most {limit_bytes} bytes."),
            ),
            ApiError::NotJson => Problem {
                remedy: Some("Send the body as JSON with content-type: application/json.".to_string()),
                ..problem(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "not_json",
                    "Not JSON",
                    "The body does not say that it is JSON.",
                )
            },
            ApiError::ReadOnly { detail, remedy } => Problem {
                remedy: Some(remedy),
                ..problem(StatusCode::CONFLICT, "read_only", "Cannot be changed here", detail)
            },
            ApiError::Busy { detail } => Problem {
                remedy: Some("Try again in a moment.".to_string()),
                ..problem(StatusCode::TOO_MANY_REQUESTS, "busy", "Too much at once", detail)
            },
            ApiError::DiskFull => Problem {
                remedy: Some("Free some space where the data folder is; nothing has to be restarted.".to_string()),
                ..problem(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "disk_full",
                    "The disk is full",
                    "The change could not be stored because the disk is full.",
                )
            },
            ApiError::DemoOff => Problem {
                remedy: Some("Switch it on on the connections page, or with POST to this address.".to_string()),
                ..problem(
                    StatusCode::NOT_FOUND,
                    "demo_off",
                    "The demo is off",
                    "The demo shop does not run.",
                )
            },
            ApiError::DemoFailed(why) => {
                tracing::warn!(why, "the demo did not do as it was told");
                problem(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "demo_failed",
                    "The demo did not do that",
                    format!("{why}."),
                )
            }
            ApiError::TooSlow { path } => {
                tracing::error!(path, "a request took too long");
                Problem {
                    remedy: Some("Ask for less, or try again when the machine is less busy.".to_string()),
                    ..problem(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "too_slow",
                        "No answer in time",
                        "Brokerscope did not get the answer together in time.",
                    )
                }
            }
            ApiError::Internal(detail) => {
                tracing::error!(detail, "a request failed");
                problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "Something went wrong in Brokerscope",
                    "The log of the server says what.",
                )
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::NotFound(what) => ApiError::NotFound(what),
            StoreError::DiskFull => ApiError::DiskFull,
            StoreError::NameTaken(name) => {
                ApiError::field("name", format!("\"{name}\" is taken already"), "Choose another name.")
            }
            other => ApiError::Internal(other.to_string()),
        }
    }
}

impl From<ConnectionError> for ApiError {
    fn from(error: ConnectionError) -> ApiError {
        match error {
            ConnectionError::Invalid(fields) => ApiError::Invalid(fields),
            ConnectionError::NotFound => ApiError::NotFound("connection"),
            ConnectionError::Declared(_) => ApiError::ReadOnly {
                detail: format!("{error}."),
                remedy: "Change it there, and restart Brokerscope.".to_string(),
            },
            ConnectionError::Demo(_) => ApiError::ReadOnly {
                detail: format!("{error}."),
                remedy: "Switch the demo off to remove it.".to_string(),
            },
            ConnectionError::TooManyTests => ApiError::Busy {
                detail: format!("{error}."),
            },
            ConnectionError::Vault(error) => ApiError::Internal(error.to_string()),
            ConnectionError::Store(error) => error.into(),
        }
    }
}

impl From<DemoError> for ApiError {
    fn from(error: DemoError) -> ApiError {
        match error {
            DemoError::Off => ApiError::DemoOff,
            DemoError::NoSuchFault => ApiError::NotFound("fault"),
            DemoError::Interrupted => ApiError::DemoFailed(error.to_string()),
            DemoError::Shop(error) => ApiError::DemoFailed(error.to_string()),
            DemoError::Connection(error) => error.into(),
            DemoError::Store(error) => error.into(),
        }
    }
}

impl From<NotifyError> for ApiError {
    fn from(error: NotifyError) -> ApiError {
        match error {
            NotifyError::Store(error) => error.into(),
            other => ApiError::Internal(other.to_string()),
        }
    }
}

fn problem(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Problem {
    Problem {
        kind: kind.to_string(),
        title: title.to_string(),
        status: status.as_u16(),
        detail: detail.into(),
        fields: Vec::new(),
        remedy: None,
    }
}

fn told(fields: &[FieldProblem]) -> String {
    let each: Vec<String> = fields
        .iter()
        .map(|field| format!("{}: {}", field.field, field.detail))
        .collect();
    each.join("; ")
}
