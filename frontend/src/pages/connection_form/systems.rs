//! The choice of the broker system, as cards.

use brokerscope_contract::System;
use brokerscope_contract::api::connections::SystemView;
use leptos::prelude::*;

use super::draft::Draft;
use crate::reactive::derive;

#[component]
pub fn SystemCards(draft: Draft) -> impl IntoView {
    let systems = draft.systems.get_value();
    let cards = systems.iter().map(|view| card(draft, view)).collect_view();
    view! {
        <fieldset class="system-cards">
            <legend>"Which broker?"</legend>
            {cards}
        </fieldset>
    }
}

fn card(draft: Draft, view: &SystemView) -> impl IntoView + use<> {
    let system = view.system;
    let choose = move |_| draft.system.set(Some(system));
    view! {
        <label class="system-card">
            <input
                type="radio"
                name="system"
                value=system.slug()
                prop:checked=derive(move || draft.system.get() == Some(system))
                on:change=choose
            />
            <span class="name">{view.label.clone()}</span>
            <small>{what_is_read(system)}</small>
        </label>
    }
}

/// How the system is reached, in a few words: what a person needs to have at hand.
fn what_is_read(system: System) -> &'static str {
    match system {
        System::Kafka => "needs the addresses of its brokers, and a login if they ask for one",
        System::RabbitMq => "needs the address of its management plugin, and a user with the monitoring tag",
        System::Pulsar => "needs the address of its admin API, and a token if it asks for one",
        System::Nats => "needs the address of a server or of its monitoring port, and a user of the system account",
        System::AwsSqs => "needs regions, and credentials that may read queues, topics and CloudWatch",
        System::GcpPubsub => "needs a project, and credentials that may view Pub/Sub and Monitoring",
    }
}
