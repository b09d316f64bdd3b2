//! ApiVersions: the table, as clients ask for it.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};

use super::context::Context;
use super::table::{APIS, served};
use crate::wire::{RequestError, write};

pub fn versions(cx: &Context<'_>, request: &ApiVersionsRequest) -> ApiVersionsResponse {
    let names = [&request.client_software_name, &request.client_software_version];
    // Clients say what they are since version 3.
    let is_named = cx.version < 3 || names.into_iter().all(|name| is_fit(name));
    match cx.check() {
        Ok(()) if is_named => response(None),
        Ok(()) => ApiVersionsResponse::default().with_error_code(ResponseError::InvalidRequest.code()),
        Err(error) => response(Some(error)),
    }
}

/// As Kafka wants the names of clients: letters and digits, with dots and dashes between them.
fn is_fit(name: &str) -> bool {
    let ends = |letter: char| letter.is_ascii_alphanumeric();
    name.starts_with(ends) && name.ends_with(ends) && name.chars().all(|letter| ends(letter) || ".-".contains(letter))
}

/// The answer to a client that asked in a version to come: in version 0, which everybody can read.
pub fn unsupported(correlation_id: i32, version: i16) -> Result<Bytes, RequestError> {
    let response = response(Some(ResponseError::UnsupportedVersion));
    write(correlation_id, 0, &response).map_err(|error| RequestError::Answer {
        api: kafka_protocol::messages::ApiKey::ApiVersions,
        version,
        reason: error.to_string(),
    })
}

fn response(error: Option<ResponseError>) -> ApiVersionsResponse {
    let apis = APIS.iter().map(|api| {
        let range = served(api);
        ApiVersion::default()
            .with_api_key(api.key as i16)
            .with_min_version(range.min)
            .with_max_version(range.max)
    });
    ApiVersionsResponse::default()
        .with_error_code(error.map_or(0, |error| error.code()))
        .with_api_keys(apis.collect())
}
