//! Which topics or groups are watched: names against patterns with `*` and `?`.

/// Include and exclude patterns. An exclusion wins; no inclusion at all includes everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub include: Vec<String>,
    pub exclude: Vec<String>,
}

impl Filter {
    pub fn admits(&self, name: &str) -> bool {
        let matched = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, name));
        (self.include.is_empty() || matched(&self.include)) && !matched(&self.exclude)
    }
}

/// Whether the whole of `name` fits `pattern`: `*` is any run of characters, `?` is one character.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    // The last star seen, and how much of the name it has swallowed so far: the only place to go back to, which
    // keeps hostile patterns at length times length.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    n = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, expected) in [
            ("orders", "orders", true),
            ("orders", "orders.dlq", false),
            ("orders*", "orders.dlq", true),
            ("*.dlq", "orders.dlq", true),
            ("*.dlq", "orders.dlq.old", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("order?", "orders", true),
            ("order?", "order", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("ü*", "übung", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern:?} against {name:?}");
        }
    }

    #[test]
    fn an_exclusion_wins_and_no_inclusion_means_all() {
        let filter = Filter {
            include: vec!["shop.*".into()],
            exclude: vec!["*.internal".into()],
        };
        assert!(filter.admits("shop.orders"));
        assert!(!filter.admits("shop.internal"));
        assert!(!filter.admits("billing.orders"));
        assert!(Filter::default().admits("anything"));
    }
}
