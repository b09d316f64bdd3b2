//! Spans as OTLP in JSON: pure, from a batch of spans to the body of one request.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::span::{Span, Value};

/// The body of `POST /v1/traces`: one resource for each service.
pub fn body(spans: &[Span]) -> Json {
    let mut services: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for span in spans {
        services.entry(span.service).or_default().push(written(span));
    }
    let resource = |(service, spans): (&str, Vec<Json>)| {
        json!({
            "resource": { "attributes": [
                attribute("service.name", &Value::from(service)),
                attribute("service.namespace", &Value::from("demo-shop")),
            ] },
            "scopeSpans": [{ "scope": { "name": "brokerscope-demo" }, "spans": spans }],
        })
    };
    json!({ "resourceSpans": services.into_iter().map(resource).collect::<Vec<_>>() })
}

/// Ids are hexadecimal and 64-bit numbers are strings, as OTLP's JSON has them.
fn written(span: &Span) -> Json {
    let links: Vec<Json> = span
        .links
        .iter()
        .map(|link| json!({ "traceId": format!("{:032x}", link.trace), "spanId": format!("{:016x}", link.span) }))
        .collect();
    let attributes: Vec<Json> = span
        .attributes
        .iter()
        .map(|(key, value)| attribute(key, value))
        .collect();
    let mut written = json!({
        "traceId": format!("{:032x}", span.context.trace),
        "spanId": format!("{:016x}", span.context.span),
        "name": span.name,
        "kind": span.kind as u8,
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": attributes,
        "links": links,
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = json!(format!("{parent:016x}"));
    }
    if let Some(error) = &span.error {
        written["status"] = json!({ "code": 2, "message": error });
    }
    written
}

fn attribute(key: &str, value: &Value) -> Json {
    let value = match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Whole(number) => json!({ "intValue": number.to_string() }),
    };
    json!({ "key": key, "value": value })
}

#[cfg(test)]
mod tests {
    use super::super::{Context, Kind};
    use super::*;

    #[test]
    fn spans_are_grouped_by_service_and_written_as_otlp_has_it() {
        let span = Span {
            service: "payment-service",
            context: Context {
                trace: 0xabc,
                span: 0x12,
            },
            parent: Some(0x11),
            links: vec![Context {
                trace: 0xdef,
                span: 0x9,
            }],
            name: "process payment-requests".into(),
            kind: Kind::Consumer,
            start: 1_700_000_000_000_000_001,
            end: 1_700_000_000_000_000_002,
            attributes: vec![
                ("messaging.system", "kafka".into()),
                ("messaging.kafka.offset", 7.into()),
            ],
            error: Some("down".into()),
        };
        let other = Span {
            service: "order-service",
            parent: None,
            error: None,
            ..span.clone()
        };
        let body = body(&[span.clone(), other, span]);
        assert_eq!(body["resourceSpans"].as_array().unwrap().len(), 2);
        let payment = &body["resourceSpans"][1]["scopeSpans"][0]["spans"];
        assert_eq!(payment.as_array().unwrap().len(), 2);
        assert_eq!(
            payment[0],
            json!({
                "traceId": "00000000000000000000000000000abc",
                "spanId": "0000000000000012",
                "parentSpanId": "0000000000000011",
                "name": "process payment-requests",
                "kind": 5,
                "startTimeUnixNano": "1700000000000000001",
                "endTimeUnixNano": "1700000000000000002",
                "attributes": [
                    { "key": "messaging.system", "value": { "stringValue": "kafka" } },
                    { "key": "messaging.kafka.offset", "value": { "intValue": "7" } },
                ],
                "links": [{ "traceId": "00000000000000000000000000000def", "spanId": "0000000000000009" }],
                "status": { "code": 2, "message": "down" },
            })
        );
        let order = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!((order.get("parentSpanId"), order.get("status")), (None, None));
    }
}
