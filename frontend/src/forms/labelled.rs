//! An input with its label above, its help and its error below, tied together for whoever listens.

use brokerscope_contract::FieldProblem;
use leptos::prelude::*;

use crate::api::ApiError;
use crate::components::prose;
use crate::reactive::{derive, redrawn};

/// What is wrong with the fields of a form, as the server said; a field's problem goes when the field is changed.
#[derive(Debug, Clone, Copy)]
pub struct Problems(RwSignal<Vec<FieldProblem>>);

impl Problems {
    pub fn none() -> Problems {
        Problems(RwSignal::new(Vec::new()))
    }

    /// Takes over the problems of a refusal. True when there were any.
    pub fn take(self, error: &ApiError) -> bool {
        self.0.set(error.fields().to_vec());
        !error.fields().is_empty()
    }

    pub fn clear(self) {
        self.0.set(Vec::new());
    }

    pub fn of(self, key: &str) -> Option<FieldProblem> {
        self.0
            .with(|problems| problems.iter().find(|problem| problem.field == key).cloned())
    }

    pub fn forget(self, key: &str) {
        if self
            .0
            .with_untracked(|problems| problems.iter().any(|problem| problem.field == key))
        {
            self.0
                .update(|problems| problems.retain(|problem| problem.field != key));
        }
    }

    /// "2 fields are not right yet."; nothing when all are. Tracked.
    pub fn summary(self) -> Option<String> {
        match self.0.with(Vec::len) {
            0 => None,
            1 => Some("One field is not right yet.".into()),
            n => Some(format!("{n} fields are not right yet.")),
        }
    }

    /// Problems with fields that this form does not show; they must be said somewhere all the same.
    pub fn elsewhere(self, shown: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
        self.0.with(|problems| {
            problems
                .iter()
                .filter(|problem| !shown(&problem.field))
                .cloned()
                .collect()
        })
    }

    /// Moves the focus to the first field with a problem, once it is drawn.
    pub fn focus_first(self) {
        request_animation_frame(|| {
            let first = document().query_selector("[aria-invalid=true]").ok().flatten();
            if let Some(first) =
                first.and_then(|element| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(element).ok())
            {
                let _ = first.focus();
            }
        });
    }
}

/// The ids that tie an input to its help and its error: `{id}-help`, `{id}-error`.
#[component]
pub fn Labelled(
    /// The id of the input among `children`.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] help: String,
    #[prop(optional)] required: bool,
    #[prop(into)] problem: Signal<Option<FieldProblem>>,
    #[prop(optional, into)] class: String,
    children: Children,
) -> impl IntoView {
    let help_id = format!("{id}-help");
    let error_id = format!("{id}-error");
    let help = (!help.is_empty()).then(|| view! { <p class="field-help" id=help_id>{help}</p> });
    let optional = (!required).then(|| view! { <span class="optional">"optional"</span> });
    view! {
        <div class=format!("field {class}") class:wrong=derive(move || problem.get().is_some())>
            <label for=id>{label}{optional}</label>
            {children()}
            <p class="field-error" id=error_id role="alert">{redrawn(move || problem.get().map(|problem| prose(&said(problem))).into_any())}</p>
            {help}
        </div>
    }
    .into_any()
}

/// "Host: is empty. Give the name of a host." without the name, which stands above already.
fn said(problem: FieldProblem) -> String {
    let mut detail = problem.detail;
    if let Some(first) = detail.get(..1) {
        let upper = first.to_uppercase();
        detail.replace_range(..1, &upper);
    }
    if !detail.ends_with('.') {
        detail.push('.');
    }
    format!("{detail} {}", problem.remedy)
}
