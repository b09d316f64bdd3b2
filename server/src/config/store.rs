//! `[store]`: how long and how much is kept.

use std::time::Duration;

use super::model::StoreConfig;
use super::section::Section;

/// Below this the page's own "last hour" lines and the verdicts would lose what they are made from.
const LEAST_KEPT: Duration = Duration::from_secs(3 * 3_600);
/// Below this there is no room for the tables themselves and one day of a small broker.
const LEAST_SIZE: u64 = 50_000_000;

pub fn read(mut section: Section<'_>) -> StoreConfig {
    let default = StoreConfig::default();
    let keep = kept(&mut section, "keep").unwrap_or(default.keep);
    let keep_summaries = kept(&mut section, "keep_summaries").unwrap_or(default.keep_summaries.max(keep));
    let max_size = section.bytes("max_size").and_then(|size| {
        let enough = *size.get_ref() >= LEAST_SIZE;
        if !enough {
            section.note(
                &size.span(),
                "max_size",
                "is too small to work with",
                "Allow at least \"50 MB\".",
            );
        }
        enough.then(|| size.into_inner())
    });
    section.finish();
    StoreConfig {
        keep,
        keep_summaries,
        max_size,
    }
}

fn kept(section: &mut Section<'_>, key: &'static str) -> Option<Duration> {
    let given = section.duration(key)?;
    if *given.get_ref() < LEAST_KEPT {
        section.note(&given.span(), key, "is too short", "Keep at least \"3h\".");
        return None;
    }
    Some(given.into_inner())
}
