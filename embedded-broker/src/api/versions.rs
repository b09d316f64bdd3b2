//! ApiVersions: the table, as clients ask for it.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiVersionsResponse;
use kafka_protocol::messages::api_versions_response::ApiVersion;

use super::context::Context;
use super::table::{APIS, served};
use crate::wire::{RequestError, write};

pub fn versions(cx: &Context<'_>) -> ApiVersionsResponse {
    let mut response = response(cx.check().err());
    response.throttle_time_ms = 0;
    response
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
