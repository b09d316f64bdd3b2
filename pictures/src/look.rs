//! Colours, sizes and faces: the page's dark look (`assets/tokens.css`).

use std::sync::LazyLock;

use brokerscope_contract::Severity;
use plotters::style::{FontStyle, RGBColor, register_font};

pub const SURFACE: RGBColor = RGBColor(0x10, 0x15, 0x1e);
pub const GRID: RGBColor = RGBColor(0x22, 0x2c, 0x3b);
pub const AXIS: RGBColor = RGBColor(0x33, 0x41, 0x5a);
pub const TEXT: RGBColor = RGBColor(0xe8, 0xed, 0xf6);
pub const MUTED: RGBColor = RGBColor(0x9a, 0xa7, 0xbd);
pub const LINE: RGBColor = RGBColor(0x5f, 0xb0, 0xff);
pub const CLEAR: RGBColor = RGBColor(0x35, 0xc9, 0xa5);
const WARNING: RGBColor = RGBColor(0xf2, 0xb1, 0x3c);
const CRITICAL: RGBColor = RGBColor(0xff, 0x6f, 0x59);

/// Sizes of letters, in pixels of the picture.
pub const TITLE: f64 = 24.0;
pub const BODY: f64 = 16.0;
pub const SMALL: f64 = 14.0;

/// Under this name both weights are known to the drawing library.
pub const FACE: &str = "inter";

/// Registered once for the process. Faces that cannot be read would show in every test as a missing word.
static FACES: LazyLock<bool> = LazyLock::new(|| {
    let regular = register_font(FACE, FontStyle::Normal, include_bytes!("../fonts/inter-regular.ttf"));
    let bold = register_font(FACE, FontStyle::Bold, include_bytes!("../fonts/inter-semibold.ttf"));
    regular.is_ok() && bold.is_ok()
});

/// Makes the faces known; false when they cannot be read.
pub fn faces() -> bool {
    *FACES
}

pub fn colour_of(severity: Severity) -> RGBColor {
    match severity {
        Severity::Warning => WARNING,
        Severity::Critical => CRITICAL,
    }
}
