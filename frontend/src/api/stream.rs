//! Answers that arrive line by line while something happens, such as the steps of a connection test.

use futures_util::future::Either;
use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, TextDecodeOptions, TextDecoder};

use crate::api::{ApiError, http};

/// Posts `body` and calls `each` with every line of the newline-delimited answer as it arrives.
/// `stop` ends the reading early (and with it the server's work) when it resolves.
pub async fn post_lines<B: Serialize, T: DeserializeOwned>(
    path: &str,
    body: &B,
    stop: impl Future<Output = ()>,
    mut each: impl FnMut(T),
) -> Result<(), ApiError> {
    let body = serde_json::to_string(body).map_err(garbled)?;
    let response = http::answer(Method::POST, path, Some(body)).await?;
    let Some(stream) = response.body() else {
        return Ok(());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let decoder = TextDecoder::new().map_err(|_| garbled("no text decoder"))?;
    let mut stop = std::pin::pin!(stop);
    let mut rest = String::new();
    loop {
        let next = std::pin::pin!(chunk(&reader, &decoder));
        let text = match futures_util::future::select(stop.as_mut(), next).await {
            Either::Left(_) => {
                let _ = JsFuture::from(reader.cancel()).await;
                return Ok(());
            }
            Either::Right((text, _)) => text?,
        };
        let Some(text) = text else { break };
        rest.push_str(&text);
        while let Some(end) = rest.find('\n') {
            let line: String = rest.drain(..=end).collect();
            read_line(&line, &mut each)?;
        }
    }
    read_line(&rest, &mut each)
}

async fn chunk(reader: &ReadableStreamDefaultReader, decoder: &TextDecoder) -> Result<Option<String>, ApiError> {
    let result = JsFuture::from(reader.read()).await.map_err(|_| ApiError::Unreachable)?;
    let field = |name: &str| js_sys::Reflect::get(&result, &name.into()).unwrap_or_default();
    if field("done").is_truthy() {
        return Ok(None);
    }
    let bytes: js_sys::Uint8Array = field("value").unchecked_into();
    let options = TextDecodeOptions::new();
    options.set_stream(true);
    decoder
        .decode_with_buffer_source_and_options(&bytes, &options)
        .map(Some)
        .map_err(|_| garbled("the answer is not text"))
}

fn read_line<T: DeserializeOwned>(line: &str, each: &mut impl FnMut(T)) -> Result<(), ApiError> {
    let line = line.trim();
    if !line.is_empty() {
        each(serde_json::from_str(line).map_err(garbled)?);
    }
    Ok(())
}

fn garbled(error: impl ToString) -> ApiError {
    ApiError::Garbled(error.to_string())
}
