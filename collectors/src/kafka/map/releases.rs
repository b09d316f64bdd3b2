//! Which release a cluster runs, from the level of the feature `metadata.version`: brokers do not tell their version.

/// The release that introduced this level; a cluster may run a newer one whose upgrade was not finalised.
///
/// The levels are those of Kafka's `MetadataVersion`. Before 3.3 there were none in production.
pub fn of_metadata_version(level: i16) -> Option<&'static str> {
    Some(match level {
        7 => "3.3",
        8 => "3.4",
        9..=11 => "3.5",
        12..=14 => "3.6",
        15..=19 => "3.7",
        20 => "3.8",
        21 => "3.9",
        22..=25 => "4.0",
        26 | 27 => "4.1",
        28.. => "4.2 or newer",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of_metadata_version;

    #[test]
    fn levels_are_those_of_the_releases() {
        for (level, expected) in [
            (0, None),
            (6, None),
            (7, Some("3.3")),
            (21, Some("3.9")),
            (27, Some("4.1")),
        ] {
            assert_eq!(of_metadata_version(level), expected);
        }
    }
}
