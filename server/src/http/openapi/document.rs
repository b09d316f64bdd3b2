//! Puts the OpenAPI 3.1 document together.

use brokerscope_contract::Problem;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::operations::{Operation, Parameter, operations};

pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.full_path()).or_insert_with(|| json!({}));
        path[operation.method] = described(&operation, &mut generator);
    }
    generator.subschema_for::<Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Brokerscope",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0" },
            "description": "Times are milliseconds since 1970 (UTC). A number that is not there comes with the reason \
                why. GET answers carry an ETag. A request that changes something needs the header `x-brokerscope: 1` \
                or a JSON body.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": { "problem": {
                "description": "What is wrong, with the fields at fault and a remedy (RFC 9457)",
                "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    })
}

fn described(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = Vec::new();
    if let Some(parameter) = operation.parameter {
        let schema = match parameter {
            Parameter::Id => json!({ "type": "integer", "format": "int64" }),
            Parameter::Slug => json!({ "type": "string" }),
        };
        parameters.push(json!({ "name": parameter.name(), "in": "path", "required": true, "schema": schema }));
    }
    if let Some(query) = operation.query {
        parameters.extend(parameters_of(&query(generator)));
    }
    let mut answer = json!({ "description": operation.summary });
    if let Some(schema) = operation.answer {
        answer["content"] = json!({ operation.media: { "schema": schema(generator) } });
    }
    let mut described = json!({
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {
            operation.status.to_string(): answer,
            "default": { "$ref": "#/components/responses/problem" },
        },
    });
    if let Some(body) = operation.body {
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": body(generator) } },
        });
    }
    described
}

/// One parameter for each property of a query's type.
fn parameters_of(query: &Schema) -> Vec<Value> {
    let properties = query.get("properties").and_then(Value::as_object);
    let required = query.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        // The parameter itself carries the description.
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({
            "name": name, "in": "query", "required": is_required(name), "schema": schema,
            "description": description.unwrap_or_default(),
        })
    };
    properties.into_iter().flatten().map(parameter).collect()
}
