//! The table of operations: what each path takes and answers.

use brokerscope_contract::api::alerts::AlertsView;
use brokerscope_contract::api::connections::{ConnectionPatch, ConnectionRequest, ConnectionView, SystemView};
use brokerscope_contract::api::demo::{DemoView, FaultRequest};
use brokerscope_contract::api::entities::{EntityDetail, Rows, RowsQuery};
use brokerscope_contract::api::events::Event;
use brokerscope_contract::api::health::HealthView;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_contract::api::rules::{Preview, PreviewRequest, RuleView};
use brokerscope_contract::api::series::{SeriesAnswer, SeriesQuery};
use brokerscope_contract::api::topology::{Topology, TopologyQuery};
use brokerscope_contract::api::webhook::{Delivery, WebhookRequest, WebhookView};
use brokerscope_contract::{MetricDef, ProbeStep, Rule};
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Describes a type, and puts what it consists of among the shared definitions.
pub type Describe = fn(&mut SchemaGenerator) -> Schema;

pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    /// What follows the path.
    pub parameter: Option<Parameter>,
    /// What follows the parameter.
    pub end: &'static str,
    pub summary: &'static str,
    pub query: Option<Describe>,
    pub body: Option<Describe>,
    pub status: u16,
    pub media: &'static str,
    pub answer: Option<Describe>,
}

/// A part of a path that varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// A number that the store gave.
    Id,
    /// A name that never changes.
    Slug,
}

impl Parameter {
    pub fn name(self) -> &'static str {
        match self {
            Parameter::Id => "id",
            Parameter::Slug => "slug",
        }
    }
}

const JSON: &str = "application/json";

pub fn operations() -> Vec<Operation> {
    vec![
        get(path::OVERVIEW, "What needs a person, in one answer").answers::<Overview>(),
        get(
            path::SYSTEMS,
            "The broker systems that can be watched, with their forms and checks",
        )
        .answers::<Vec<SystemView>>(),
        get(path::METRICS, "Everything that can be measured, with units").answers::<Vec<MetricDef>>(),
        get(path::CONNECTIONS, "The configured brokers, the worst first").answers::<Vec<ConnectionView>>(),
        on("post", path::CONNECTIONS, "Add a connection")
            .takes::<ConnectionRequest>()
            .status(201)
            .answers::<ConnectionView>(),
        get(path::CONNECTIONS, "One connection")
            .id()
            .answers::<ConnectionView>(),
        on(
            "put",
            path::CONNECTIONS,
            "Change a connection; secrets left out keep their value",
        )
        .id()
        .takes::<ConnectionRequest>()
        .answers::<ConnectionView>(),
        on("patch", path::CONNECTIONS, "Pause or resume a connection")
            .id()
            .takes::<ConnectionPatch>()
            .answers::<ConnectionView>(),
        on(
            "delete",
            path::CONNECTIONS,
            "Remove a connection with everything stored about it",
        )
        .id()
        .status(204),
        on(
            "post",
            path::CONNECTION_TEST,
            "Try settings out; one line of JSON per step, as each ends",
        )
        .takes::<ConnectionRequest>()
        .media("application/x-ndjson")
        .answers::<ProbeStep>(),
        get(
            path::DESTINATIONS,
            "Queues, topics, exchanges and streams over all brokers",
        )
        .asks::<RowsQuery>()
        .answers::<Rows>(),
        get(path::SUBSCRIPTIONS, "Consumer groups over all brokers")
            .asks::<RowsQuery>()
            .answers::<Rows>(),
        get(path::ENTITIES, "Everything about one entity")
            .id()
            .answers::<EntityDetail>(),
        get(path::SERIES, "Stored values over time")
            .asks::<SeriesQuery>()
            .answers::<SeriesAnswer>(),
        get(path::TOPOLOGY, "Who sends to what and who reads it")
            .asks::<TopologyQuery>()
            .answers::<Topology>(),
        get(path::HEALTH, "Every health check, with its meaning, remedy and history").answers::<Vec<HealthView>>(),
        get(path::RULES, "Alert thresholds").answers::<Vec<RuleView>>(),
        on("post", path::RULES, "Add a threshold")
            .takes::<Rule>()
            .status(201)
            .answers::<Rule>(),
        on("put", path::RULES, "Change a threshold")
            .id()
            .takes::<Rule>()
            .answers::<Rule>(),
        on("delete", path::RULES, "Remove a threshold").id().status(204),
        on(
            "post",
            path::RULE_PREVIEW,
            "What a threshold would have done over the stored past",
        )
        .takes::<PreviewRequest>()
        .answers::<Preview>(),
        get(path::ALERTS, "What fires now and what fired before").answers::<AlertsView>(),
        get(
            path::ALERTS,
            "The figure around the time in which an alert fired, as a picture",
        )
        .id()
        .picture("/chart.png"),
        get(path::WEBHOOK, "The address that is told about alerts").answers::<WebhookView>(),
        on("put", path::WEBHOOK, "Set the address; an empty one switches it off")
            .takes::<WebhookRequest>()
            .answers::<WebhookView>(),
        on("post", path::WEBHOOK_TEST, "Send a test message to the address").answers::<Delivery>(),
        get(path::DEMO, "The demo shop: its faults, and what became of its orders").answers::<DemoView>(),
        on("post", path::DEMO, "Switch the demo on").answers::<DemoView>(),
        on(
            "delete",
            path::DEMO,
            "Switch the demo off, until somebody switches it on again",
        )
        .status(204),
        on("put", path::DEMO_FAULTS, "Switch a fault of the demo")
            .slug()
            .takes::<FaultRequest>()
            .answers::<DemoView>(),
        on("post", path::DEMO_RESET, "Heal every fault of the demo").answers::<DemoView>(),
        get(path::EVENTS, "Server-sent events named `change`: what to ask for again")
            .media("text/event-stream")
            .answers::<Event>(),
    ]
}

fn get(path: &'static str, summary: &'static str) -> Operation {
    on("get", path, summary)
}

fn on(method: &'static str, path: &'static str, summary: &'static str) -> Operation {
    Operation {
        method,
        path,
        parameter: None,
        end: "",
        summary,
        query: None,
        body: None,
        status: 200,
        media: JSON,
        answer: None,
    }
}

impl Operation {
    fn id(mut self) -> Operation {
        self.parameter = Some(Parameter::Id);
        self
    }

    fn slug(mut self) -> Operation {
        self.parameter = Some(Parameter::Slug);
        self
    }

    fn asks<T: JsonSchema>(mut self) -> Operation {
        // Inlined, because a query's properties become parameters and not one object.
        self.query = Some(|generator| generator.clone().into_root_schema_for::<T>());
        self
    }

    fn takes<T: JsonSchema>(mut self) -> Operation {
        self.body = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    fn answers<T: JsonSchema>(mut self) -> Operation {
        self.answer = Some(SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Answers with a picture, at an address that ends so.
    fn picture(mut self, end: &'static str) -> Operation {
        (self.end, self.media) = (end, "image/png");
        self.answer = Some(|_| schemars::json_schema!({ "type": "string", "format": "binary" }));
        self
    }

    fn status(mut self, status: u16) -> Operation {
        self.status = status;
        self
    }

    fn media(mut self, media: &'static str) -> Operation {
        self.media = media;
        self
    }

    /// The path as OpenAPI writes it.
    pub fn full_path(&self) -> String {
        match self.parameter {
            Some(parameter) => format!("{}/{{{}}}{}", self.path, parameter.name(), self.end),
            None => self.path.to_string(),
        }
    }
}
