//! `GET /systems`: the broker systems that this binary can watch, each with its form and its checks.

use axum::Json;
use brokerscope_contract::api::connections::SystemView;

pub async fn list() -> Json<Vec<SystemView>> {
    let factories = brokerscope_collectors::factories();
    let views = factories.iter().map(|factory| SystemView {
        system: factory.system(),
        label: factory.system().label().to_string(),
        fields: factory.fields(),
        checks: factory.checks(),
    });
    Json(views.collect())
}
