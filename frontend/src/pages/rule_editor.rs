use leptos::prelude::*;
use brokerscope_contract::rule::RuleId;
#[component]
pub fn RuleEditor(id: Option<RuleId>) -> impl IntoView { let _ = id; }
