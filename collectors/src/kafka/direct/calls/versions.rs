//! Which versions of which request the broker takes, and which features the cluster has agreed on.

use std::collections::{BTreeMap, HashMap};

use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

pub struct ApiVersions;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// Lowest and highest version by the request's number.
    pub requests: HashMap<i16, (i16, i16)>,
    /// Level of each feature that the whole cluster has agreed on.
    pub features: BTreeMap<String, i16>,
}

impl Call for ApiVersions {
    const KEY: i16 = 18;
    const VERSIONS: (i16, i16) = (0, 3);
    const FLEXIBLE_FROM: i16 = 3;
    type Answer = Versions;

    fn write(&self, version: i16, request: &mut Writer) {
        if version >= 3 {
            request.string("brokerscope");
            request.string(env!("CARGO_PKG_VERSION"));
        }
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Versions> {
        check(answer.i16()?, None)?;
        let requests = answer.array(|api| {
            let entry = (api.i16()?, (api.i16()?, api.i16()?));
            api.end()?;
            Ok(entry)
        })?;
        if version >= 1 {
            let _throttled_millis = answer.i32()?;
        }
        let mut features = BTreeMap::new();
        answer.tagged(|tag, field| {
            /// FinalizedFeatures
            const FINALIZED: u32 = 2;
            if tag == FINALIZED {
                features.extend(field.array(|feature| {
                    let name = feature.string()?;
                    let level = feature.i16()?;
                    let _lowest = feature.i16()?;
                    feature.end()?;
                    Ok((name, level))
                })?);
            }
            Ok(())
        })?;
        Ok(Versions {
            requests: requests.into_iter().collect(),
            features,
        })
    }
}
