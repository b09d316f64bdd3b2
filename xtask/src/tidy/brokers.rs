//! Each broker is a folder of the collectors that uses no other one.

use super::Problem;
use super::paths::{goes_through, in_code};
use super::source::Source;

const COLLECTORS: &str = "collectors/src/";

/// Names of the folders, found by their opening file.
fn brokers<'a>(sources: &'a [Source<'_>]) -> Vec<&'a str> {
    let rooms = sources.iter().filter_map(|source| source.path.strip_prefix(COLLECTORS));
    let names = rooms.filter_map(|path| path.strip_suffix("/mod.rs"));
    names.filter(|name| !name.contains('/')).collect()
}

pub fn check(sources: &[Source<'_>]) -> Vec<Problem> {
    let brokers = brokers(sources);
    let mut problems = Vec::new();
    for source in sources {
        let room = source
            .path
            .strip_prefix(COLLECTORS)
            .and_then(|path| path.split('/').next());
        let Some(own) = brokers.iter().find(|name| Some(**name) == room) else {
            continue;
        };
        for (line, path) in in_code(&source.code) {
            let others = brokers.iter().filter(|name| *name != own);
            for other in others.filter(|name| goes_through(&path, &format!("crate::{name}"))) {
                let text = format!("names `{path}`: {own} never uses {other}; what both need lies beside them");
                problems.push(Problem::new(source.path, line, text));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::files::Text;

    #[test]
    fn a_broker_that_uses_another_is_found_and_one_that_uses_what_lies_beside_is_not() {
        let texts = [
            ("collectors/src/aws/mod.rs", "use crate::given;"),
            ("collectors/src/kafka/mod.rs", "use crate::kafka::lag;"),
            (
                "collectors/src/kafka/map/rows.rs",
                "fn f() {\n    crate::aws::ask();\n}",
            ),
            ("collectors/src/lib.rs", "Box::new(crate::aws::Aws)"),
        ];
        let texts = texts.map(|(path, text)| Text {
            path: path.into(),
            text: text.into(),
        });
        let sources: Vec<_> = texts.iter().map(Source::new).collect();
        let found = check(&sources);
        let places: Vec<_> = found
            .iter()
            .map(|problem| (problem.path.as_str(), problem.line))
            .collect();
        assert_eq!(places, [("collectors/src/kafka/map/rows.rs", 2)]);
    }
}
