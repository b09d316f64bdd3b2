//! The canvas behind the graph: sized to the pixels of the screen, painted at most once per frame.

use brokerscope_figures::layout::Size;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AddEventListenerOptions, CanvasRenderingContext2d, HtmlCanvasElement, WheelEvent};

use super::canvas::Stage;
use super::paint::{Picture, paint};
use super::palette::Palette;
use crate::reactive::effect;
use crate::state::theme::Themed;

#[derive(Debug, Clone, Copy)]
pub struct Screen {
    canvas: NodeRef<html::Canvas>,
    stage: Stage,
    due: StoredValue<bool>,
}

impl Screen {
    /// Paints now and whenever something that is drawn changes.
    pub fn start(canvas: NodeRef<html::Canvas>, stage: Stage) {
        let screen = Screen {
            canvas,
            stage,
            due: StoredValue::new(false),
        };
        let fonts = RwSignal::new(false);
        spawn_local(async move {
            fonts_are_there().await;
            fonts.try_set(true);
        });
        effect(move || {
            fonts.track();
            canvas.track();
            stage.window.track();
            stage.scene.track();
            stage.drawing.track();
            stage.camera.view();
            stage.emphasis();
            if let Some(theme) = use_context::<Themed>() {
                theme.get();
            }
            screen.paint_soon();
        });
    }

    fn paint_soon(self) {
        if self.due.get_value() {
            return;
        }
        self.due.set_value(true);
        request_animation_frame(move || {
            if self.due.try_update_value(|due| *due = false).is_some() {
                untrack(|| self.paint());
            }
        });
    }

    fn paint(self) -> Option<()> {
        let canvas: HtmlCanvasElement = self.canvas.get()?;
        let size = self.stage.window.get();
        let density = window().device_pixel_ratio().max(1.0);
        fit(&canvas, size, density);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        let palette = Palette::read()?;
        let (scene, drawing) = (self.stage.scene.get(), self.stage.drawing.get());
        let picture = Picture {
            scene: &scene,
            drawing: &drawing,
            view: self.stage.camera.view(),
            window: size,
            density,
            emphasis: &self.stage.emphasis(),
        };
        paint(&context, &palette, &picture);
        Some(())
    }
}

/// Gives the canvas the pixels that it covers; setting them also when unchanged would clear it twice.
fn fit(canvas: &HtmlCanvasElement, size: Size, density: f64) {
    let pixels = |length: f64| (length * density).round() as u32;
    let (width, height) = (pixels(size.width), pixels(size.height));
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
}

/// Text is drawn in whatever face is there: once ours has arrived everything is painted again.
async fn fonts_are_there() {
    let fonts = js_sys::Reflect::get(&document(), &"fonts".into()).unwrap_or_default();
    let ready = js_sys::Reflect::get(&fonts, &"ready".into()).unwrap_or_default();
    if let Ok(ready) = ready.dyn_into::<js_sys::Promise>() {
        let _ = JsFuture::from(ready).await;
    }
}

/// Hears the wheel before the page scrolls, which only a listener that says so may prevent.
pub fn listen_to_wheel(place: NodeRef<html::Div>, heard: impl Fn(&WheelEvent) + 'static) {
    let listener = Closure::<dyn Fn(WheelEvent)>::new(move |event: WheelEvent| heard(&event));
    let listener = StoredValue::new_local(listener);
    effect(move || {
        let Some(element) = place.get() else { return };
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        listener.with_value(|listener| {
            let function = listener.as_ref().unchecked_ref();
            let _ =
                element.add_event_listener_with_callback_and_add_event_listener_options("wheel", function, &options);
        });
    });
}
