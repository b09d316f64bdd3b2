//! The demo shop: switched on and off, with faults.

use brokerscope_contract::api::demo::{DemoView, FaultRequest};
use brokerscope_contract::api::path;

use crate::api::{ApiError, http};

pub async fn switch_on() -> Result<DemoView, ApiError> {
    http::post(path::DEMO, &()).await
}

pub async fn switch_off() -> Result<(), ApiError> {
    http::delete(path::DEMO).await
}

pub async fn set_fault(slug: &str, on: bool) -> Result<DemoView, ApiError> {
    http::put(&format!("{}/{slug}", path::DEMO_FAULTS), &FaultRequest { on }).await
}

pub async fn reset() -> Result<DemoView, ApiError> {
    http::post(path::DEMO_RESET, &()).await
}
