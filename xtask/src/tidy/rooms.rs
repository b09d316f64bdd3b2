//! Doors between the rooms inside a crate: who never names whom, and why.

use super::Problem;
use super::paths::{goes_through, in_code};
use super::source::Source;

/// "In `place` (except ...) none of `paths` is ever named, because ...".
struct Never {
    place: &'static str,
    except: &'static [&'static str],
    paths: &'static [&'static str],
    /// Within `paths`, what may be named all the same.
    but: &'static [&'static str],
    because: &'static str,
}

const NEVERS: &[Never] = &[
    Never {
        place: "server/src",
        except: &[
            "server/src/lib",
            "server/src/main",
            "server/src/app",
            "server/src/command",
        ],
        paths: &["crate::app"],
        but: &[],
        because: "only `app` knows every room, and nobody knows `app`",
    },
    Never {
        place: "server/src/http",
        except: &[],
        paths: &["crate::notify::post", "crate::ingest"],
        but: &[],
        because: "the API shows what is stored; it takes nothing in and sends nothing out",
    },
    Never {
        place: "server/src/live",
        except: &[],
        paths: &[
            "crate::http",
            "crate::ingest",
            "crate::alerts",
            "crate::notify",
            "crate::connections",
            "crate::secrets",
            "brokerscope_collectors::Supervisor",
            "tokio",
        ],
        but: &[],
        because: "the live view is a value: it is fed by ingest and read by the API, and asks nobody",
    },
    Never {
        place: "server/src/alerts",
        except: &[],
        paths: &[
            "crate::http",
            "crate::connections",
            "crate::secrets",
            "brokerscope_collectors",
        ],
        but: &[],
        because: "alerts are judged from what was taken in, whoever looks",
    },
    Never {
        place: "server/src/notify",
        except: &[],
        paths: &[
            "crate::http",
            "crate::live",
            "crate::ingest",
            "crate::connections",
            "brokerscope_collectors",
        ],
        but: &[],
        because: "a notifier is told what to say and where",
    },
    Never {
        place: "server/src/config",
        except: &[],
        paths: &[
            "crate::http",
            "crate::live",
            "brokerscope_store",
            "brokerscope_collectors::kafka",
            "brokerscope_collectors::rabbitmq",
            "tokio",
        ],
        but: &[],
        because: "reading the file asks nobody and changes nothing",
    },
    Never {
        place: "server/src/secrets",
        except: &[],
        paths: &[
            "crate::http",
            "crate::live",
            "crate::connections",
            "brokerscope_store",
            "brokerscope_collectors",
        ],
        but: &[],
        because: "what seals secrets knows nothing of what they are for",
    },
    Never {
        place: "judge",
        except: &[],
        paths: &[
            "tokio",
            "std::fs",
            "std::net",
            "std::time::SystemTime",
            "std::time::Instant",
            "std::thread",
        ],
        but: &[],
        because: "judgement is pure: inputs and `now` are handed in",
    },
    Never {
        place: "figures",
        except: &[],
        paths: &[
            "tokio",
            "std::fs",
            "std::net",
            "std::time::SystemTime",
            "std::time::Instant",
            "std::thread",
        ],
        but: &[],
        because: "figures are arithmetic, in the browser too",
    },
    Never {
        place: "frontend/src/components",
        except: &[],
        paths: &["crate::pages", "crate::shell", "crate::api", "crate::app", "gloo_net"],
        but: &["crate::api::ApiError"],
        because: "components take values and signals, and never fetch",
    },
    Never {
        place: "frontend/src/charts",
        except: &[],
        paths: &[
            "crate::pages",
            "crate::shell",
            "crate::api",
            "crate::app",
            "crate::forms",
            "gloo_net",
        ],
        but: &[],
        because: "charts take values and signals, and never fetch",
    },
    Never {
        place: "frontend/src/forms",
        except: &[],
        paths: &["crate::pages", "crate::shell", "crate::api", "crate::app", "gloo_net"],
        but: &["crate::api::ApiError"],
        because: "form fields take values and signals, and never fetch",
    },
    Never {
        place: "frontend/src/api",
        except: &[],
        paths: &[
            "crate::pages",
            "crate::shell",
            "crate::components",
            "crate::charts",
            "crate::forms",
            "leptos::html",
        ],
        but: &[],
        because: "the API client draws nothing",
    },
    Never {
        place: "frontend/src/state",
        except: &[],
        paths: &[
            "crate::pages",
            "crate::shell",
            "crate::components",
            "crate::charts",
            "crate::forms",
        ],
        but: &[],
        because: "state is read by pages, not the other way round",
    },
    Never {
        place: "frontend/src/pages",
        except: &[],
        paths: &["gloo_net"],
        but: &[],
        because: "pages fetch through `api`",
    },
];

/// Checks the doors of the room that the file is in.
pub fn check(source: &Source) -> Vec<Problem> {
    let nevers: Vec<_> = NEVERS.iter().filter(|never| applies(never, source)).collect();
    if nevers.is_empty() || source.is_test() {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (line, path) in in_code(&source.code) {
        for never in &nevers {
            let passes = |places: &[&str]| places.iter().any(|place| goes_through(&path, place));
            if passes(never.paths) && !passes(never.but) {
                problems.push(Problem::new(
                    source.path,
                    line,
                    format!("names `{path}`: {}", never.because),
                ));
            }
        }
    }
    problems
}

fn applies(never: &Never, source: &Source) -> bool {
    source.is_in(never.place) && !never.except.iter().any(|place| source.is_in(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::files::Text;

    fn problems(path: &str, code: &str) -> usize {
        check(&Source::new(&Text {
            path: path.into(),
            text: code.into(),
        }))
        .len()
    }

    #[test]
    fn a_forbidden_door_is_found_and_an_open_one_is_not() {
        for (path, code, expected) in [
            ("server/src/http/rows.rs", "use crate::ingest::Lag;", 1),
            ("server/src/http/rows.rs", "use crate::live::Lag;", 0),
            ("server/src/ingest.rs", "use crate::{app, live};", 1),
            ("server/src/command/serve.rs", "use crate::app;", 0),
            ("frontend/src/charts/line.rs", "let a = crate::api::get();", 1),
            ("frontend/src/pages/line.rs", "let a = crate::api::get();", 0),
            ("judge/src/rule.rs", "// std::fs::read\nuse std::fmt;", 0),
            ("judge/src/rule.rs", "#[cfg(test)]\nmod tests {\nuse std::fs; }", 0),
        ] {
            assert_eq!(problems(path, code), expected, "{path}: {code}");
        }
    }
}
