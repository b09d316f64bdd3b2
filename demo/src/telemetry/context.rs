//! The context that a message carries: the `traceparent` header of W3C Trace Context.

use std::fmt;

/// Which span of which trace something belongs to. Neither id is ever zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    pub trace: u128,
    pub span: u64,
}

impl Context {
    /// The header's name.
    pub const HEADER: &str = "traceparent";

    /// The beginning of a new trace.
    pub fn root() -> Context {
        Context {
            trace: fastrand::u128(1..),
            span: fastrand::u64(1..),
        }
    }

    /// Another span of the same trace.
    pub fn child(self) -> Context {
        Context {
            trace: self.trace,
            span: fastrand::u64(1..),
        }
    }

    /// Reads version 00, and what a later version would have in common with it.
    pub fn parse(header: &str) -> Option<Context> {
        let mut parts = header.split('-');
        let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let whole = version.len() == 2 && trace.len() == 32 && span.len() == 16 && flags.len() == 2;
        if !whole || version == "ff" || (version == "00" && parts.next().is_some()) {
            return None;
        }
        let hex = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        if ![version, trace, span, flags].into_iter().all(hex) {
            return None;
        }
        let context = Context {
            trace: u128::from_str_radix(trace, 16).ok()?,
            span: u64::from_str_radix(span, 16).ok()?,
        };
        (context.trace != 0 && context.span != 0).then_some(context)
    }
}

/// As the header says it; always sampled.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace, self.span)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_context_survives_its_header(trace in 1..u128::MAX, span in 1..u64::MAX) {
            let context = Context { trace, span };
            prop_assert_eq!(Context::parse(&context.to_string()), Some(context));
        }

        #[test]
        fn any_text_is_read_or_refused(header in "\\PC{0,60}") {
            let _ = Context::parse(&header);
        }
    }

    #[test]
    fn only_well_formed_headers_are_read() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert!(Context::parse(good).is_some());
        for (header, accepted) in [
            (
                "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like",
                true,
            ),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", false),
            ("", false),
        ] {
            assert_eq!(Context::parse(header).is_some(), accepted, "{header}");
        }
    }
}
