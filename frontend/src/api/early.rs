//! Answers that `boot.js` asked for while this program was still loading.

use gloo_net::http::Response;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The answer to this path, once, if the script has asked for it just now and there was one.
pub async fn answer(path: &str) -> Option<Response> {
    let window = web_sys::window()?;
    let take: js_sys::Function = js_sys::Reflect::get(&window, &JsValue::from_str("brokerscopeEarly"))
        .ok()?
        .dyn_into()
        .ok()?;
    let promise: js_sys::Promise = take.call1(&window, &JsValue::from_str(path)).ok()?.dyn_into().ok()?;
    let response: web_sys::Response = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    Some(Response::from(response))
}
